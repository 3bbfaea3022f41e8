"""The question to a teacher after its functions were run on states with a recorded action."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

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
from logicdistill.types import HELPERS, Function, Json, Stage, same

MOST_CHARACTERS = 4_000
"""Of a state, or of the results of the earlier stages, in a question."""

MOST_OTHERS = 60
"""Functions that are listed without their source."""

_DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)

_USAGE = re.compile(r"^ *>>> .*\n(?:(?! *(?:>>> |\"\"\"|$)| *[A-Z][A-Za-z ]*:).*\n)*", re.MULTILINE)
"""A usage example with its result, up to the next one, a line ``Word:`` or the manual's end."""


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
        inside: what names in the functions at fault hold, as Python text, by function.
    """

    state: Mapping[str, Json]
    earlier: Mapping[str, Json]
    differs: str
    inside: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


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
    brief: Collection[str] = (),
) -> Revision:
    """Ask for corrected functions.

    Args:
        author: asks.
        stages: of the base.
        sources: functions of the base whose files are shown.
        others: those that are shown by name and condition.
        groups: cases by what goes wrong; they are numbered through, from 1.
        figures: how many states are right so far.
        tried: what came of the revision before, or "".
        fixed: names of stages whose functions a person wrote; they stay.
        brief: names of functions whose files are shown without usage examples.

    Raises:
        BaseError: the answer does not fit.
        MissingReplyError, TeacherError: there is no answer.
    """
    by_name = {stage.name: stage for stage in (*stages, HELPERS) if stage.name not in fixed}
    known = {f.name for f in (*sources, *others) if f.stage not in (*fixed, HELPERS.name)}
    number, texts = 0, list[str]()
    for title, cases in groups.items():
        lines, first = [f"### {title}"], number + 1
        for case in cases:
            number += 1
            lines.append(f"State {number}: {_state(case.state, cases[0].state, first)}")
            if case.earlier:
                lines.append(f"Results of the earlier stages: {_cut(dict(case.earlier))}")
            for name, held in case.inside.items():
                values = ", ".join(f"{one} = {value}" for one, value in held.items())
                lines.append(f"Inside {name}: {values}")
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
        f"`{f.stage}/{f.name}`{_by(f, fixed)}\n\n```python\n{source.strip()}\n```"
        for f in sources
        if (source := _USAGE.sub("", f.source) if f.name in brief else f.source)
    ]
    listed = [f"{f.stage}/{f.name}: {f.manual.when or f.manual.use_when}" for f in others]
    more = len(listed) - MOST_OTHERS
    listed = listed[:MOST_OTHERS] + ([f"... and {more} more"] if more > 0 else [])
    request = author.request(
        "revise",
        ReviseReply,
        {
            "stages": _list(map(_describe, (*stages, HELPERS))),
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


def _state(state: Mapping[str, Json], first: Mapping[str, Json], number: int) -> str:
    """A state as JSON, or in what it differs from the first one of its group, which has a number.

    That one is shown whole if it is not too long.
    """
    changed = {name: state[name] for name in state if not same(state[name], first.get(name))}
    told = f"as state {number}, but {_compact(changed)}"
    whole = _compact(dict(state))
    alike = state is not first and state.keys() == first.keys()
    cut = max(len(whole), len(_compact(dict(first)))) > MOST_CHARACTERS
    return told if alike and not cut and len(told) < len(whole) else _cut(dict(state))


def _cut(value: Json) -> str:
    text = _compact(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} ..."


def _by(function: Function, fixed: Collection[str]) -> str:
    return " (a person wrote it; it stays)" if function.stage in fixed else ""
