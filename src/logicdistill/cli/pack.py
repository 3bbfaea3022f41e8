"""``logicdistill pack``: a policy in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from logicdistill.cli.output import echo

ERROR_HELP = "Promise of 'decide --max-error' that the file keeps, such as 1% or 0.01."


def pack(
    run: Annotated[Path, Argument(help="A run's folder, made by 'logicdistill run'.")],
    file: Annotated[Path, Argument(help="The file to write, such as claims.policy.")],
    student: Annotated[
        str | None, Option(help="Who selects; by default the run's own student.")
    ] = None,
    max_error: Annotated[str | None, Option(metavar="SHARE", help=ERROR_HELP)] = None,
) -> None:
    """Write a run's policy into one file, which 'decide --run FILE' takes on any machine.

    It holds rules, settings and schema, the functions, the student, versions, and the SHA-256 of
    each; no recorded states, except where functions show them as usage examples. The same policy
    gives the same file. Changes to a packed policy live in memory: change the run, and pack again.
    """
    from logicdistill.cli.decide import share_of
    from logicdistill.policy import Policy

    share = None if max_error is None else share_of(max_error)
    with Policy.load(run, student, max_error=share) as policy:
        sha256 = policy.pack(file)
        what = f"{policy.task.id}, base {policy.base.snapshot}, {policy.parts.student.name}"
    size = file.stat().st_size
    shown = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
    echo(f"{file}: {shown}; {what}; SHA-256 {sha256}")
