"""``logicdistill replay``: logged decisions taken again, and the chain of a log checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from logicdistill.characters import escaped_line, json_line
from logicdistill.cli.options import AsJson
from logicdistill.cli.output import echo
from logicdistill.errors import TaskError, UnknownNameError

if TYPE_CHECKING:
    from logicdistill.deciding.parts import Parts
    from logicdistill.deciding.replay import Found
    from logicdistill.functions.base import FunctionBase
    from logicdistill.types import Json

QUICK_SECONDS = 2.0
"""A replay that is done by then shows no progress."""

SHOWN_DAMAGED = 5
"""Damaged lines that are printed; ``--json`` names all."""

INTERRUPTED = 130

RUN_HELP = "A run's folder, or a packed policy; by default the folder in which the log lies."
AGAINST_HELP = "'current': what today's rules decide; by default each decision on its own snapshot."


def replay(
    log: Annotated[Path, Argument(help="The log: RUN/decisions.jsonl, or the run's folder.")],
    run: Annotated[Path | None, Option(help=RUN_HELP)] = None,
    against: Annotated[str | None, Option(metavar="WHAT", help=AGAINST_HELP)] = None,
    verify: Annotated[
        bool, Option("--verify", help="Check only that the chain of the log's lines is whole.")
    ] = False,
    limit: Annotated[int, Option(min=0, help="Examples that are shown of each difference.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Take logged decisions again, and say which are others now, and why.

    Each is taken on the snapshot and with the student that it names, at its own time; action,
    confidence, functions, rules and fallback have to be the same. With '--against current' today's
    rules decide, and actions are compared. The exit code is 0 where nothing differs, and 1 where
    something does, a line is damaged, or no decision could be taken again.
    """
    from logicdistill.deciding.log import LOG

    if against not in (None, "current"):
        raise UnknownNameError("--against", str(against), ["current"])
    file = log / LOG if log.is_dir() else log
    if verify:
        if against is not None or run is not None:
            raise TaskError("--verify reads the log alone; leave --run and --against out")
        _verify(file, as_json)
        return
    found, stopped = _replayed(file, run or file.parent, against, limit)
    if as_json:
        echo(json_line(_as_json(found, file, against, stopped)))
    else:
        for line in _told(found, against):
            said = line.lstrip(" ")
            echo(" " * (len(line) - len(said)) + escaped_line(said))
        if stopped:
            echo(f"stopped after {found.lines:,} of {found.total:,} lines", err=True)
    if stopped:
        raise SystemExit(INTERRUPTED)
    unchecked = bool(found.redacted) and not found.replayed
    raise typer.Exit(1 if found.differ or found.damaged or unchecked else 0)


def _replayed(file: Path, run: Path, against: str | None, limit: int) -> tuple[Found, bool]:
    """What was found, and whether Ctrl-C ended it."""
    from logicdistill.cli.terminal import TerminalReporter
    from logicdistill.deciding.log_files import log_files
    from logicdistill.deciding.replay import Deciders, Found, replay, replay_against
    from logicdistill.errors import StorageError
    from logicdistill.policy import Policy

    if not log_files(file):
        raise StorageError(f"cannot read {file}: there is no log of decisions; name its file")
    found, reporter = Found(), TerminalReporter(delay=QUICK_SECONDS)

    def progress(done: int, total: int) -> None:
        reporter.progress("replay", done, total)

    with ExitStack() as opened:
        policies: dict[str | None, Policy] = {}

        def load(student: str | None) -> Parts:
            if student not in policies:
                policy = opened.enter_context(Policy.load(run, student))
                policies[student] = policies[policy.parts.student.name] = policy
            return policies[student].parts

        def base_of(snapshot: str) -> FunctionBase:
            own = policies[None]
            if own.folder is not None:
                return own.folder.load_snapshot(snapshot)
            if snapshot != own.base.snapshot:
                raise UnknownNameError("snapshot", snapshot, [own.base.snapshot])
            return own.base

        try:
            load(None)
            if against == "current":
                replay_against(file, load, found, limit, progress)
            else:
                with Deciders(load, base_of) as deciders:
                    replay(file, deciders, found, limit, progress)
        except KeyboardInterrupt:
            return found, True
    return found, False


def _verify(file: Path, as_json: bool) -> None:
    from logicdistill.deciding.log_files import verify

    found = verify(file)
    if as_json:
        whole = {"whole": found.fault is None, "lines": found.lines, "fault": found.fault}
        echo(json_line({**whole, "unchained": found.unchained, "last": found.last}))
    elif found.fault is None:
        before = f"; the first {found.unchained:,} carry no hash" if found.unchained else ""
        echo(f"whole: {found.lines:,} lines{before}")
        echo(f"last line: {found.last}; kept elsewhere, it shows a cut at the end")
    else:
        echo(f"not whole: {found.fault}")
    if found.fault is not None:
        raise typer.Exit(1)


def _told(found: Found, against: str | None) -> Iterator[str]:
    how = "by today's rules" if against else "each on its own snapshot"
    snapshots = f" ({len(found.snapshots)} snapshots)" if len(found.snapshots) > 1 else ""
    yield (
        f"replayed {found.replayed:,} of {max(found.total, found.lines) - found.open:,} decisions, "
        f"{how}{snapshots}: "
        f"{found.differ:,} {'differs' if found.differ == 1 else 'differ'}"
    )
    if found.redacted:
        nothing = "" if found.replayed else "; nothing was checked"
        yield f"not replayed: {found.redacted:,}, whose states are redacted{nothing}"
    if found.open:
        yield f"not replayed: {found.open:,} answers to open questions, which no function gave"
    for line in found.damaged[:SHOWN_DAMAGED]:
        yield f"not replayed: {line}"
    if (more := len(found.damaged) - SHOWN_DAMAGED) > 0:
        yield f"not replayed: {more:,} more damaged lines; --json names them"
    for what, group in sorted(found.groups.items(), key=lambda item: -item[1].count):
        yield f"{group.count:,} {'now by' if against else 'cause:'} {what}"
        for number, rule in group.rules.items():
            yield f"    rule {number}: {rule}"
        for example in group.examples:
            yield f"  {example['place']}, id {example['id']}"
            for key, (old, new) in example.get("changed", {}).items():
                yield f"    {key}: {_shown(old)} -> {_shown(new)}"
            if "why" in example:
                yield f"    {example['why']}"


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_json(found: Found, file: Path, against: str | None, stopped: bool) -> Mapping[str, Json]:
    groups = [
        {
            "rules" if against else "cause": what,
            "count": group.count,
            **({"cited": {str(n): rule for n, rule in group.rules.items()}} if against else {}),
            "examples": group.examples,
        }
        for what, group in found.groups.items()
    ]
    return {
        "log": str(file),
        "against": against or "own snapshots",
        "lines": found.lines,
        "replayed": found.replayed,
        "differ": found.differ,
        "redacted": found.redacted,
        "open": found.open,
        "damaged": found.damaged,
        "snapshots": dict(found.snapshots),
        "groups": groups,
        "stopped": stopped,
    }
