"""The test states of a record task that were decided wrongly, by name: a share of success says how many, but not which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from logicdistill.functions.lint import literal
from logicdistill.runs import write_lines
from logicdistill.tasks.record_folder import Record
from logicdistill.types import Json

SHOWN = 5
"""Wrong states that are printed; their file holds all."""


def name_wrong(played: Sequence[Mapping[str, Json]], tested: Sequence[Record], file: Path, say: Callable[[str], None]) -> dict[str, Json]:
    """Write the wrong states down and name the first ones, where there are right actions.

    Args:
        played: see `wrong_states`.
        tested: see `wrong_states`.
        file: for all wrong states, in the run's folder.
        say: told the line.

    Returns:
        For the summary: ``right_actions`` (how many test states have one) and ``wrong``, the ids.
    """
    wrong, known = wrong_states(played, tested), sum(record.known for record in tested)
    write_lines(file, wrong)
    if known:
        say(wrong_line(wrong, known, file))
    return {"right_actions": {"known": known, "states": len(tested)}, "wrong": [item["id"] for item in wrong]}


def wrong_states(played: Sequence[Mapping[str, Json]], tested: Sequence[Record]) -> list[dict[str, Json]]:
    """What one player decided otherwise than the records.

    Args:
        played: a record a test state, in the order of ``tested``, with its ``action`` and ``success``.
        tested: test states, some of them with their right actions.

    Returns:
        ``{"id", "state", "action", "right"}`` each, which ``logicdistill decide`` takes as a line.
    """
    return [
        {"id": record.id, "state": record.state, "action": answer["action"], "right": record.action}
        for record, answer in zip(tested, played, strict=True)
        if record.known and not answer["success"]
    ]


def wrong_line(wrong: Sequence[Mapping[str, Json]], known: int, file: Path) -> str:
    """The first wrong states in one line, and how to look at them.

    Args:
        wrong: see `wrong_states`.
        known: test states that have a right action.
        file: where all wrong states lie, in the run's folder.
    """
    head = f"wrong     {len(wrong)} of {known} test states with a right action"
    if not wrong:
        return head
    named = [f"{item['id']} ({literal(item['action'])}; right: {literal(item['right'])})" for item in wrong[:SHOWN]]
    more = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return f"{head}: {', '.join(named)}{more}; why: logicdistill decide --run {file.parent} {file}"
