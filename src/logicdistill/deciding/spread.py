"""Probabilities of actions and functions: one decision, taken again with other candidates."""

from __future__ import annotations

import heapq
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.protocols import Student
from logicdistill.types import Candidate, Choice, Decision, Json, Query, Step, same

LEAST = 0.01
"""A candidate below this probability is not tried, unless the decision itself chose it."""

MOST_BRANCHES = 32
"""At most so many decisions are taken again, the most probable first."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the probability of a decision goes.

    Attributes:
        actions: pairs of action and probability, the most probable first.
        functions: by stage, the probability with which each function gave its result.
        rest: what is left: "none of these", functions that fail, and what was not tried.
    """

    actions: tuple[tuple[Json, float], ...]
    functions: Mapping[str, Mapping[str, float]]
    rest: float

    def of(self, action: Json) -> float:
        """The probability of an action; 0 for one that no branch gives."""
        return sum(share for other, share in self.actions if same(action, other))


class _Forced:
    """A student that answers some stages as it is told, and asks the real one elsewhere."""

    def __init__(self, student: Student, answers: Mapping[str, Choice]) -> None:
        self.name, self._student, self._answers = student.name, student, answers

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`; a forced answer ranks its candidate alone."""
        asked = [query for query in queries if query.stage.name not in self._answers]
        found = iter(self._student.select(asked) if asked else ())
        return [self._answers.get(query.stage.name) or next(found) for query in queries]


def spread(parts: Parts, state: Mapping[str, Json], decision: Decision) -> Spread:
    """The probability of each action that some choice of candidates gives.

    The probability of a branch is the product of its candidates' calibrated probabilities. Nothing
    is decided again where no candidate but the chosen one has a share.

    Args:
        parts: those that decided; their base has the decision's snapshot.
        state: fits the task's schema.
        decision: of this state.
    """
    actions = dict[str, tuple[Json, float]]()
    functions = dict[str, dict[str, float]]()
    number, again = itertools.count(), 0
    heap: list[tuple[float, int, dict[str, Choice], Decision | None]]
    heap = [(-math.prod(step.sure for step in decision.trace), next(number), {}, decision)]
    while heap:
        negative, _, answers, known = heapq.heappop(heap)
        weight = -negative
        if known is None:
            if again == MOST_BRANCHES:
                continue
            again += 1
            known = decide(replace(parts, student=_Forced(parts.student, answers)), [state])[0]
        step = next((one for one in known.trace if _is_open(one, answers)), None)
        if step is not None:
            for choice, share, taken in _branches(step, known):
                told = {**answers, step.stage: choice}
                heapq.heappush(heap, (-weight * share, next(number), told, taken))
            continue
        for one in known.trace:
            if one.function is not None:
                shares = functions.setdefault(one.stage, {})
                shares[one.function] = shares.get(one.function, 0.0) + weight
        if known.fallback is None:
            key = json.dumps(known.action, sort_keys=True)
            _, before = actions.get(key, (None, 0.0))
            actions[key] = known.action, before + weight
    ordered = tuple(sorted(actions.values(), key=lambda pair: -pair[1]))
    rest = 1.0 - sum(share for _, share in ordered)
    return Spread(ordered, functions, rest if rest > 1e-9 else 0.0)


def _is_open(step: Step, answers: Mapping[str, Choice]) -> bool:
    """Whether a student chose here, and its answer was not fixed before."""
    choice = step.choice
    return choice is not None and step.stage not in answers and choice != _alone(step.function)


def _alone(name: str | None) -> Choice:
    return Choice(()) if name is None else Choice((Candidate(name, 1.0),))


def _branches(step: Step, known: Decision) -> list[tuple[Choice, float, Decision | None]]:
    """Answers to try in a stage, their shares, and the decision where it is taken already."""
    assert step.choice is not None
    found: list[tuple[Choice, float, Decision | None]] = [
        (_alone(one.name), one.probability, known if one.name == step.function else None)
        for one in step.choice.ranked
        if one.probability >= LEAST or one.name == step.function
    ]
    if step.function is None and known.fallback is None:
        # The decision went on without this stage.
        found.append((step.choice, step.choice.none, known))
    return found
