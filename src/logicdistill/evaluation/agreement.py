"""Where policies of the same rules decide differently, and under which rules."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.functions.base import FunctionBase
from logicdistill.policy import Policy, Undecided
from logicdistill.tasks.record_folder import Record
from logicdistill.types import Decision, Json, same

SHOWN_GROUPS, SHOWN_STATES, SHOWN_CHARACTERS = 12, 3, 60
"""Most groups, states of a group and characters of an action that a person is shown."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one policy says of a state.

    Attributes:
        action: the decision, or None where there is none.
        rules: numbers of the rules that it cites.
        functions: those that gave the results of the stages.
        why_not: None, or why no function decided: the fallback was taken, or the state is no state.
    """

    action: Json
    rules: tuple[int, ...] = ()
    functions: tuple[str, ...] = ()
    why_not: str | None = None

    def __str__(self) -> str:
        text = self.action if isinstance(self.action, str) else json.dumps(self.action)
        text = text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 3]}..."
        if self.why_not:
            return f"{text} (no function decides)"
        numbers = f"rule{'s' * (len(self.rules) > 1)} {', '.join(map(str, self.rules))}"
        return f"{text} ({numbers if self.rules else 'no rule cited'})"


@dataclass(frozen=True, slots=True)
class Difference:
    """States on which the policies differ in the same way.

    Attributes:
        verdicts: one a policy, of the first of these states.
        states: their ids.
        right: for each policy in how many of them it is right; None where no right action is known.
    """

    verdicts: tuple[Verdict, ...]
    states: tuple[str, ...]
    right: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far policies decide alike.

    Attributes:
        states: how many were decided.
        agreed: in how many all policies take the same action.
        known: how many have a known right action.
        right: of these, how many each policy decides rightly.
        majority: of these, how many the action is right that more than half of the policies take.
        differences: the largest group first.
    """

    states: int
    agreed: int
    known: int
    right: tuple[int, ...]
    majority: int
    differences: tuple[Difference, ...]

    def to_json(self) -> dict[str, Json]:
        """All of it, for a script; shares have a 95 % Wilson interval."""
        interval = list(wilson_interval(self.agreed, self.states)) if self.states else None
        return {**asdict(self), "agreed_interval": interval}

    def lines(self, names: Sequence[str]) -> Iterator[str]:
        """The same for a person; ``names`` are those of the policies."""
        low, high = wilson_interval(self.agreed, self.states)
        bounds = f"{self.agreed / self.states:.1%}, {100 * low:.0f} to {100 * high:.0f}"
        yield f"the same action in {self.agreed:,} of {self.states:,} states ({bounds})"
        if self.known:
            counts = [f"{name} {count:,}" for name, count in zip(names, self.right, strict=True)]
            counts += [f"their majority {self.majority:,}"] if len(names) > 2 else []
            yield f"right of {self.known:,} known: {', '.join(counts)}"
        for found in self.differences[:SHOWN_GROUPS]:
            ids = ", ".join(found.states[:SHOWN_STATES])
            more = len(found.states) - SHOWN_STATES
            yield f"{len(found.states):,} x: {ids}{f' and {more} more' if more > 0 else ''}"
            for index, (name, verdict) in enumerate(zip(names, found.verdicts, strict=True)):
                right = f"; right in {found.right[index]}" if found.right else ""
                yield f"  {name}: {verdict}{right}"
        if rest := self.differences[SHOWN_GROUPS:]:
            count = sum(len(found.states) for found in rest)
            yield f"and {count:,} states in {len(rest)} other ways; --json lists them"


def agreement(policies: Sequence[Policy], records: Sequence[Record]) -> Agreement:
    """Decide the same states with policies of the same rules.

    Args:
        policies: two or more.
        records: the states; the right action counts where it is known.
    """
    states = [record.state for record in records]
    decided = [policy.decide_many(states, on_error="return") for policy in policies]
    verdicts = [tuple(map(_verdict, row)) for row in zip(*decided, strict=True)]
    groups: dict[str, list[int]] = {}
    agreed, right, majority = 0, [0 for _ in policies], 0
    for index, (record, row) in enumerate(zip(records, verdicts, strict=True)):
        if all(_alike(row[0], other) for other in row):
            agreed += 1
        else:
            key = json.dumps([[v.action, v.rules, v.why_not is None] for v in row], sort_keys=True)
            groups.setdefault(key, []).append(index)
        if record.known:
            for place, verdict in enumerate(row):
                right[place] += same(verdict.action, record.action)
            majority += _majority_is_right(row, record)
    found = []
    for indices in sorted(groups.values(), key=lambda group: -len(group)):
        known = [index for index in indices if records[index].known]
        counts = tuple(
            sum(same(verdicts[index][place].action, records[index].action) for index in known)
            for place in range(len(policies))
        )
        ids = tuple(records[index].id for index in indices)
        found.append(Difference(verdicts[indices[0]], ids, counts if known else None))
    known_count = sum(record.known for record in records)
    return Agreement(len(records), agreed, known_count, tuple(right), majority, tuple(found))


def side_by_side(bases: Mapping[str, FunctionBase], rules: Sequence[str]) -> Iterator[str]:
    """Stages and functions of bases with the same rules, and which functions cite each rule."""
    for name, base in bases.items():
        stages = [
            f"{stage.name} ({stage.mode}, {len(base.of_stage(stage.name))})"
            for stage in base.stages
        ]
        yield f"{name}: {len(base.functions)} functions; stages {', '.join(stages)}"
    for number, rule in enumerate(rules, start=1):
        yield f"rule {number}: {rule[:SHOWN_CHARACTERS]}{'...' * (len(rule) > SHOWN_CHARACTERS)}"
        for name, base in bases.items():
            citing = [f.name for f in base.functions if number in f.manual.rules]
            idle = "decides nothing" if number in base.decides_nothing else "no function"
            yield f"  {name}: {', '.join(citing) or idle}"


def _verdict(found: Decision | Undecided) -> Verdict:
    if not isinstance(found, Decision):
        return Verdict(None, why_not=str(found))
    functions = tuple(one.name for step in found.trace for one in step.ran)
    return Verdict(found.action, found.rules, functions, found.fallback)


def _alike(one: Verdict, other: Verdict) -> bool:
    return same(one.action, other.action) and (one.why_not is None) == (other.why_not is None)


def _majority_is_right(row: Sequence[Verdict], record: Record) -> bool:
    votes = Counter(json.dumps(verdict.action, sort_keys=True) for verdict in row)
    [(action, count)] = votes.most_common(1)
    return 2 * count > len(row) and same(json.loads(action), record.action)
