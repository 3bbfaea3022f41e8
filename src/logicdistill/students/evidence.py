"""What the facts beside a free text say about the function: naive Bayes over labelled states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

Facts: TypeAlias = tuple[str, ...]

PRIOR_STATES = 2.0
"""Pseudo-count: each function starts as if it had been right in so many states, with facts as
frequent as in all states. So few counted states say little."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts of one stage's labelled states.

    Attributes:
        states: number of states in which each function was right, by its name.
        facts: for each fact the number of those states that showed it, by the function's name.
    """

    states: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, labelled: Iterable[tuple[Facts, str | None]]) -> Evidence:
        """Count facts and right functions; states without facts or without a label are skipped."""
        states, facts = Counter[str](), dict[str, Counter[str]]()
        for found, label in labelled:
            if found and label is not None:
                states[label] += 1
                for fact in found:
                    facts.setdefault(fact, Counter())[label] += 1
        return cls(states, facts)

    def nats(self, asked: Sequence[Facts], names: Sequence[str]) -> npt.NDArray[np.float64]:
        """Sum over the facts of log P(fact | function) / P(fact).

        It is 0 for a function without counted states, and for facts that were never counted.

        Returns:
            Shape (views, functions), for the facts of each view and the functions' names.
        """
        known = dict.fromkeys(fact for facts in asked for fact in facts if fact in self.facts)
        ratios = {fact: self._log_ratios(fact, names) for fact in known}
        nothing = np.zeros(len(names))
        sums = [sum((ratios[fact] for fact in facts if fact in ratios), nothing) for facts in asked]
        return np.array(sums).reshape(-1, len(names))

    def _log_ratios(self, fact: str, names: Sequence[str]) -> npt.NDArray[np.float64]:
        found = self.facts[fact]
        usual = (sum(found.values()) + 1) / (sum(self.states.values()) + 2)
        states = np.array([self.states.get(name, 0) for name in names])
        there = np.array([found.get(name, 0) for name in names])
        return np.asarray(np.log((there + PRIOR_STATES * usual) / (states + PRIOR_STATES) / usual))


_BY_STAGE: TypeAdapter[dict[str, Evidence]] = TypeAdapter(dict[str, Evidence])


def evidence_json(by_stage: Mapping[str, Evidence]) -> bytes:
    """Content of ``evidence.json``."""
    return _BY_STAGE.dump_json(dict(by_stage))


def read_evidence(text: str) -> dict[str, Evidence]:
    """Evidence by stage from ``evidence.json``; ValueError where it has another form."""
    return _BY_STAGE.validate_json(text)
