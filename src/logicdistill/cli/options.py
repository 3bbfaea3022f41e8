"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

RunFolder = Annotated[Path, Option(help="A run's folder, made by 'logicdistill run'.")]
AsJson = Annotated[bool, Option("--json", help="Print JSON instead of text.")]

_REDACT = "Log without this field of a state: a name, or a JSON pointer; may be repeated."
_HASH = "Log a salted hash in the place of this field; may be repeated."
_ROTATE = "Log into a new file when one would become larger; closed ones get a number."
_CHAIN = "Log with the hash of the line before in each line; 'replay --verify' checks them."
LogRedact = Annotated[list[str] | None, Option("--log-redact", metavar="FIELD", help=_REDACT)]
LogHash = Annotated[list[str] | None, Option("--log-hash", metavar="FIELD", help=_HASH)]
LogRotate = Annotated[int | None, Option("--log-rotate", metavar="BYTES", min=1, help=_ROTATE)]
_PICTURES = "Log pictures whole; by default a digest and a thumbnail of each are logged."
LogChain = Annotated[bool, Option("--log-chain", help=_CHAIN)]
LogPictures = Annotated[bool, Option("--log-pictures", help=_PICTURES)]
