"""The question to a teacher after its functions were run on states with a recorded action."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from logicdistill.teacher.write import (
    Author,
    EmergencyFile,
    _compact,
    _describe,
    _fitting,
    _list,
    _unfenced,
)
from logicdistill.types import Function, Json, Stage

MOST_CHARACTERS = 4_000
"""Of a state, or of the results of the earlier stages, in a question."""

MOST_OTHERS = 60
"""Functions that are listed without their source."""

_DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Contradiction(_Reply):
    """A state whose recorded action the rules do not allow, by its number in the question."""

    state: int
    why: str


class ReviseReply(_Reply):
    """Files that are new or replace functions, names of functions that go, and wrong records."""

    files: list[EmergencyFile]
    remove: list[str]
    contradicts: list[Contradiction]


@dataclass(frozen=True, slots=True)
class Case:
    """A state in which the functions do not give the recorded action.

    Attributes:
        earlier: results of the stages before the one that goes wrong, by output.
        differs: what the functions give, and what is recorded, in one line.
    """

    state: Mapping[str, Json]
    earlier: Mapping[str, Json]
    differs: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What a teacher answers.

    Attributes:
        files: name, stage and source of each function that is new or takes another's place.
        remove: names of functions that go.
        contradicts: by number of the case, from 1, why the rules do not allow what is recorded.
    """

    files: tuple[tuple[str, Stage, str], ...]
    remove: tuple[str, ...]
    contradicts: Mapping[int, str]


def ask_revision(
    author: Author,
    stages: Sequence[Stage],
    sources: Sequence[Function],
    others: Sequence[Function],
    groups: Mapping[str, Sequence[Case]],
    figures: str,
    tried: str = "",
    fixed: Collection[str] = (),
) -> Revision:
    """Ask for corrected functions.

    Args:
        author: asks.
        stages: of the base.
        sources: functions of the base that are shown whole.
        others: those that are shown by name and condition.
        groups: cases by what goes wrong; they are numbered through, from 1.
        figures: how many states are right so far.
        tried: what came of the revision before, or "".
        fixed: names of stages whose functions a person wrote; they stay.

    Raises:
        BaseError: the answer does not fit.
        MissingReplyError, TeacherError: there is no answer.
    """
    by_name = {stage.name: stage for stage in stages if stage.name not in fixed}
    known = {f.name for f in (*sources, *others) if f.stage not in fixed}
    number, texts = 0, list[str]()
    for title, cases in groups.items():
        lines = [f"### {title}"]
        for case in cases:
            number += 1
            lines.append(f"State {number}: {_cut(dict(case.state))}")
            if case.earlier:
                lines.append(f"Results of the earlier stages: {_cut(dict(case.earlier))}")
            lines.append(f"Your functions: {case.differs}")
        texts.append("\n".join(lines))

    def fault(reply: ReviseReply) -> str | None:
        for item in reply.files:
            if item.stage not in by_name:
                there = f"there are: {', '.join(by_name)}"
                return f"a function is for stage {item.stage!r}; {there}"
            if not _DEFINED.search(_unfenced(item.file)):
                return f"a file for stage {item.stage!r} holds no function"
        for name in reply.remove:
            if name not in known:
                return f"'remove' names {name!r}; there are: {', '.join(sorted(known))}"
        for wrong in reply.contradicts:
            if not 1 <= wrong.state <= number:
                return f"'contradicts' names state {wrong.state}; there are 1 to {number}"
        return None

    shown = [
        f"`{f.stage}/{f.name}`{_by(f, fixed)}\n\n```python\n{f.source.strip()}\n```"
        for f in sources
    ]
    listed = [f"{f.stage}/{f.name}: {f.manual.when or f.manual.use_when}" for f in others]
    more = len(listed) - MOST_OTHERS
    listed = listed[:MOST_OTHERS] + ([f"... and {more} more"] if more > 0 else [])
    request = author.request(
        "revise",
        ReviseReply,
        {
            "stages": _list(map(_describe, stages)),
            "figures": figures,
            "sources": "\n\n".join(shown) or "(none)",
            "others": _list(listed) or "(none)",
            "cases": "\n\n".join(texts),
            "tried": f"{tried}\n\n" if tried else "",
        },
        check=fault,
    )
    reply = _fitting(request, ReviseReply, author.teacher.ask(request))
    files = [(by_name[item.stage], _unfenced(item.file)) for item in reply.files]
    return Revision(
        tuple((_DEFINED.findall(source)[0], stage, source) for stage, source in files),
        tuple(reply.remove),
        {wrong.state: wrong.why for wrong in reply.contradicts},
    )


def _cut(value: Json) -> str:
    text = _compact(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} ..."


def _by(function: Function, fixed: Collection[str]) -> str:
    return " (a person wrote it; it stays)" if function.stage in fixed else ""
