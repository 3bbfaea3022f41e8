"""What a change of the base would change: the same states decided before and after it."""

from __future__ import annotations

import json
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import compress

from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.functions.base import FunctionBase
from logicdistill.tasks.record_folder import Record
from logicdistill.types import Decision, Json, same

BATCH = 64
"""States that are decided at once."""

SHOWN_GROUPS, SHOWN_CHARACTERS = 12, 60
"""Most groups that `Impact.lines` shows, and most characters of an action."""

Progress = Callable[[int, int], None]
"""Is told how many decisions are taken, and how many there are in all."""


@dataclass(frozen=True, slots=True)
class Moved:
    """States whose action would change in the same way.

    Attributes:
        old: the action as it is.
        new: the action as it would be.
        fitted: whether a function fits as it is; otherwise ``old`` is the fallback action.
        fits: whether one would fit.
        states: their ids; those that would be decided wrongly come first.
        known: how many of them have a known right action.
        right_before: how many of these are decided rightly as it is.
        right_after: how many of these would be.
    """

    old: Json
    new: Json
    fitted: bool
    fits: bool
    states: tuple[str, ...]
    known: int
    right_before: int
    right_after: int

    def __str__(self) -> str:
        names, more = ", ".join(self.states[:2]), len(self.states) - 2
        who = f"{names} and {more} more" if more > 0 else names
        old, new = _short(self.old, self.fitted), _short(self.new, self.fits)
        return f"{who}: {old} -> {new}{self._right()}"

    def _right(self) -> str:
        if not self.known:
            return ""
        of = "" if self.known == len(self.states) else f" of {self.known} known"
        before, after = (count or "none" for count in (self.right_before, self.right_after))
        return f"; {before}{of} right before, {after} after"


@dataclass(frozen=True, slots=True)
class Joined:
    """A function or helper that would join or change.

    Attributes:
        name: of the function.
        place: where it would be tried in a stage of mode ``first``, or what would call a helper, in
            words; else None.
        ran: in how many of the decided states it, or what calls it, would give a result.
    """

    name: str
    place: str | None
    ran: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change would change.

    Attributes:
        decided: how many states were decided.
        states: how many states there are; a sample was decided where this is more.
        known: how many of the decided ones have a known right action.
        right_before: how many of these are decided rightly as it is.
        right_after: how many of these would be.
        groups: states whose action would change, the largest group first.
        joined: functions and helpers that would join or change.
    """

    decided: int
    states: int
    known: int
    right_before: int
    right_after: int
    groups: tuple[Moved, ...]
    joined: tuple[Joined, ...] = ()

    @property
    def changed(self) -> int:
        """How many states would be decided otherwise."""
        return sum(len(group.states) for group in self.groups)

    def to_json(self) -> dict[str, Json]:
        """All of it, for a script."""
        return {**asdict(self), "changed": self.changed}

    def lines(self) -> Iterator[str]:
        """The same for a person, a line a group."""
        if not self.decided:
            yield "no recorded or logged states to show the change on"
            yield from (f"{one.name}: {one.place}" for one in self.joined if one.place)
            return
        drawn = f" (a sample of {self.states:,})" if self.states > self.decided else ""
        right = ""
        if self.known:
            of = "" if self.known == self.decided else f" of {self.known:,} known"
            right = f"; right{of}: {self.right_before:,} before, {self.right_after:,} after"
        changed = f"{self.changed:,}" if self.changed else "none"
        yield f"would change {changed} of {self.decided:,} states{drawn}{right}"
        yield from (f"  {group}" for group in self.groups[:SHOWN_GROUPS])
        if rest := self.groups[SHOWN_GROUPS:]:
            count = sum(len(group.states) for group in rest)
            yield f"  and {count:,} states in {len(rest)} other ways; --json lists them"
        for function in self.joined:
            place = f"{function.place}; " if function.place else ""
            ran = f"{function.ran:,}" if function.ran else "none"
            yield f"{function.name}: {place}runs in {ran} of {self.decided:,} states"

    def __str__(self) -> str:
        return "\n".join(self.lines())


def impact(
    before: Parts,
    after: Parts,
    records: Sequence[Record],
    states: int,
    progress: Progress | None = None,
) -> Impact:
    """Decide states with a base and with another one.

    Args:
        before: with the base as it is.
        after: with the base as it would be.
        records: the states that are decided.
        states: how many there are, of which ``records`` may be a sample.
        progress: is called after each batch.
    """
    moved: dict[str, list[tuple[Record, Decision, Decision]]] = {}
    ran = Counter[str]()
    known = [record for record in records if record.known]
    right_before = right_after = 0
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        taken = [record.state for record in batch]
        for found in zip(batch, decide(before, taken), decide(after, taken), strict=True):
            record, old, new = found
            right_before += _right(record, old)
            right_after += _right(record, new)
            ran.update(_at_work(after.base, new))
            fitted, fits = old.fallback is None, new.fallback is None
            if not same(old.action, new.action) or fitted != fits:
                key = json.dumps([old.action, new.action, fitted, fits], sort_keys=True)
                moved.setdefault(key, []).append(found)
        if progress is not None:
            progress(min(start + BATCH, len(records)), len(records))
    groups = sorted(map(_group, moved.values()), key=lambda group: -len(group.states))
    joined = tuple(
        Joined(function.name, after.base.place(function), ran[function.name])
        for function in after.base.by_name.values()
        if function not in before.base.by_name.values()
    )
    counts = len(records), states, len(known), right_before, right_after
    return Impact(*counts, groups=tuple(groups), joined=joined)


def _at_work(base: FunctionBase, decision: Decision) -> set[str]:
    """Names of the functions that gave a result, and of the helpers that they call."""
    functions = [base.by_name[one.name] for step in decision.trace for one in step.ran]
    return {one.name for function in functions for one in (function, *function.called)}


def _group(found: Sequence[tuple[Record, Decision, Decision]]) -> Moved:
    wrong = [item[0].known and not _right(item[0], item[2]) for item in found]
    _, old, new = found[0]
    ids = [record.id for record, _, _ in found]
    return Moved(
        old=old.action,
        new=new.action,
        fitted=old.fallback is None,
        fits=new.fallback is None,
        states=(*compress(ids, wrong), *compress(ids, map(operator.not_, wrong))),
        known=sum(record.known for record, _, _ in found),
        right_before=sum(_right(record, old) for record, old, _ in found),
        right_after=sum(_right(record, new) for record, _, new in found),
    )


def _right(record: Record, decision: Decision) -> bool:
    return record.known and same(record.action, decision.action)


def _short(action: Json, fits: bool) -> str:
    text = action if isinstance(action, str) else json.dumps(action, ensure_ascii=False)
    cut = text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 3]}..."
    shown = "".join(letter if letter.isprintable() else " " for letter in cut)
    return shown if fits else f"{shown} (no function fits)"
