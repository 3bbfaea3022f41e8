"""How a command changes a base: it shows what would change, asks, and puts it into force."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from logicdistill.characters import json_line
from logicdistill.cli.output import echo
from logicdistill.errors import BaseError

if TYPE_CHECKING:
    from logicdistill.functions.base import Proposal
    from logicdistill.policy import Policy, Signed
    from logicdistill.writing.impact import Progress

NOT_APPLIED = 3
"""Exit code where a change was shown and not put into force."""

QUICK_SECONDS = 2.0
"""Deciding that takes longer shows a progress bar."""

YES_HELP = (
    "Do not ask. Where there is no terminal, a change is shown and needs this, or else the exit "
    f"code is {NOT_APPLIED}."
)
Yes = Annotated[bool, Option("--yes", help=YES_HELP)]
NoImpact = Annotated[
    bool, Option("--no-impact", help="Do not show what would change, and do not ask.")
]
Why = Annotated[str | None, Option(metavar="TEXT", help="Why, for the journal.")]
By = Annotated[
    str | None,
    Option("--author", metavar="NAME", help="Who, for the journal; by default git's user.name."),
]


@dataclass(frozen=True, slots=True)
class Changing:
    """What the options of a changing command say."""

    yes: bool
    no_impact: bool
    as_json: bool
    why: str | None
    author: str | None

    def put_into_force(
        self,
        policy: Policy,
        proposal: Proposal,
        done: Iterable[str],
        *,
        ask_always: bool = False,
        discard_edits: bool = False,
    ) -> None:
        """Show a proposal's impact, ask, and put it into force.

        Args:
            policy: whose base changes.
            proposal: for that base.
            done: what is printed once it is in force, before the snapshot.
            ask_always: also where there is no state to show it on.
            discard_edits: whether files that a person edited are restored with the change.

        Raises:
            typer.Exit: it is not in force, with `NOT_APPLIED`.
        """
        same = proposal.old.snapshot == proposal.new.snapshot
        skipped = self.no_impact or same
        found = None if skipped else policy.impact(proposal, progress=_progress())
        shown = found is not None and found.decided > 0
        if found is not None and not self.as_json:
            for line in found.lines():
                echo(line)
        applied = self._agreed() if shown or ask_always else True
        if applied:
            signed: Signed = {}
            if self.author:
                signed["by"] = self.author
            if self.why:
                signed["why"] = self.why
            policy.accept(proposal, discard_edits, **signed)
        if self.as_json:
            about = {
                "applied": applied,
                "entries": list(proposal.entries),
                "refused": dict(proposal.refused),
                "old": proposal.old.snapshot,
                "new": proposal.new.snapshot,
                "impact": found.to_json() if found else None,
            }
            echo(json_line(about, indent=1))
        elif applied:
            for line in done:
                echo(line)
            assert policy.folder is not None
            back = f"base rollback {proposal.old.snapshot} --run {policy.folder.path.parent}"
            again = "" if same else f"; back again: logicdistill {back}"
            echo(f"snapshot {proposal.new.snapshot}{again}")
        if not applied:
            raise typer.Exit(NOT_APPLIED)

    def _agreed(self) -> bool:
        if self.yes:
            return True
        if self.as_json:
            return False
        if not sys.stdin.isatty():
            echo("nothing was changed: --yes puts this into force")
            return False
        if typer.confirm("Apply?"):
            return True
        echo("nothing was changed")
        return False


def policy_that_decides(run: Path) -> Policy:
    """The policy of a run with the student that it was trained for, if it has one.

    A change is shown on states, so they have to be decided as they are in use.
    """
    from logicdistill.policy import Policy

    if run.is_file():
        raise BaseError(f"{run} is a packed policy; change the run, and pack it again")
    trained = any((run / "student").glob("*.toml"))
    return Policy.load(run, student=None if trained else "conditions")


def _progress() -> Progress:
    from logicdistill.cli import terminal

    reporter, started = terminal.TerminalReporter(), time.monotonic()

    def show(done: int, total: int) -> None:
        if time.monotonic() - started >= QUICK_SECONDS:
            reporter.progress("deciding", done, total)

    return show
