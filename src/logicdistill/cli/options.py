"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

RunFolder = Annotated[Path, Option(help="A run's folder, made by 'logicdistill run'.")]
AsJson = Annotated[bool, Option("--json", help="Print JSON instead of text.")]
