"""The one way to a terminal for text that others wrote: functions, rules, states, errors, paths."""

from __future__ import annotations

import typer

from logicdistill.characters import escaped


def echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print the text to standard output or error, `escaped`."""
    typer.echo(escaped(text), err=err, nl=nl)
