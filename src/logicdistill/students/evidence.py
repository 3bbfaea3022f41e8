"""What the facts beside a free text say about the function: how often each was there where a function was right (naive Bayes). No torch."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from logicdistill.types import Json

Facts = tuple[str, ...]

IMAGINED = 2.0
"""States that each function is imagined to have been right in besides, with facts as all functions' states have them: so few states say
little."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts of one stage's labelled states.

    Attributes:
        states: in how many states each function was right, by its name.
        facts: for each fact in how many of them it was there, by the function's name.
    """

    states: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, labelled: Iterable[tuple[Facts, str | None]]) -> Evidence:
        """Counted from facts and the right function; states without facts, or without a right function, say nothing."""
        states, facts = Counter[str](), dict[str, Counter[str]]()
        for found, label in labelled:
            if found and label is not None:
                states[label] += 1
                for fact in found:
                    facts.setdefault(fact, Counter())[label] += 1
        return cls(states, facts)

    def nats(self, asked: Sequence[Facts], names: Sequence[str]) -> npt.NDArray[np.float64]:
        """Sum over the facts of log P(fact | function) / P(fact); 0 for a function that joined later, and for facts never seen.

        Args:
            asked: facts of each view.
            names: of the functions.

        Returns:
            Shape (views, functions).
        """
        distinct = dict.fromkeys(fact for facts in asked for fact in facts if fact in self.facts)
        ratios = {fact: self._ratios(fact, names) for fact in distinct}
        nothing = np.zeros(len(names))
        return np.array(
            [sum((ratios[fact] for fact in facts if fact in ratios), nothing) for facts in asked]
        ).reshape(-1, len(names))

    def to_json(self) -> Json:
        """As `evidence_of` reads it."""
        return {
            "states": dict(self.states),
            "facts": {fact: dict(found) for fact, found in self.facts.items()},
        }

    def _ratios(self, fact: str, names: Sequence[str]) -> npt.NDArray[np.float64]:
        found = self.facts[fact]
        usual = (sum(found.values()) + 1) / (sum(self.states.values()) + 2)
        states = np.array([self.states.get(name, 0) for name in names])
        there = np.array([found.get(name, 0) for name in names])
        return np.asarray(np.log((there + IMAGINED * usual) / (states + IMAGINED) / usual))


def evidence_of(text: str) -> dict[str, Evidence]:
    """Evidence by stage from the text of ``evidence.json``.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: it is no such text.
    """
    return {
        str(stage): Evidence(
            {str(name): int(count) for name, count in found["states"].items()},
            {
                str(fact): {str(name): int(count) for name, count in by_name.items()}
                for fact, by_name in found["facts"].items()
            },
        )
        for stage, found in json.loads(text).items()
    }
