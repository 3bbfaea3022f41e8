"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RunFolder = Annotated[
    Path, typer.Option("--run", help="A run's folder, made by 'logicdistill run'.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
