"""Synthetic functions for the training: random conditions over facts, in words as in manuals."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OPENINGS = ("Use when ", "Use when ", "When ", "If ", "For states where ", "")
ENDINGS = ("", " Do this.", " Choose the next step.", " Take the action that fits.")
_WORDS = (
    "none one two three four many few near far close distant low high left right open closed full "
    "empty small large slow fast weak strong early late light heavy safe dangerous same different "
    "above below inside outside up down alone together blocked free known unknown new old rising "
    "falling equal first last several"
)
EXTRA_VALUES = tuple(_WORDS.split())
"""Values that the collected views may never show; a function added later is often about one."""

EXTRA_SHARE = 0.35  # probability that a term of a synthetic condition has one of them


@dataclass(frozen=True, slots=True)
class Condition:
    """A conjunction: each key must have one of the values beside it."""

    terms: tuple[tuple[str, tuple[str, ...]], ...]

    def holds(self, facts: Mapping[str, str]) -> bool:
        """Whether the facts fulfil every term."""
        return all(facts.get(key) in values for key, values in self.terms)

    def words(self, rng: random.Random, summaries: Sequence[str]) -> str:
        """The condition as a manual would say it, in one of many wordings."""
        terms = list(self.terms)
        rng.shuffle(terms)
        style = rng.randrange(4)
        text = " and ".join(_term(key, values, style) for key, values in terms)
        ending = " " + rng.choice(summaries) if rng.random() < 0.5 else rng.choice(ENDINGS)
        return f"{rng.choice(OPENINGS)}{text}.{ending}"


def _term(key: str, values: tuple[str, ...], style: int) -> str:
    if len(values) > 1 and all(map(_is_number, values)):
        return f"the {key} is between {values[0]} and {values[-1]}"
    if values == ("yes",):
        return f"there is {key}" if style % 2 else key
    if values == ("no",):
        return f"there is no {key}" if style % 2 else f"not {key}"
    value = " or ".join(values)
    styles = f"the {key} is {value}", f"{key}: {value}", f"there is {value} {key}", f"{value} {key}"
    return styles[style]


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()


def parse_view(view: str) -> dict[str, str] | None:
    """Facts of a view as ``render_view`` writes them; None where the view is free text."""
    facts = {key: value for key, _, value in (part.partition(": ") for part in view.split(", "))}
    return facts if all(facts) and all(facts.values()) else None


def view_of(facts: Mapping[str, str]) -> str:
    """A view that shows these facts, as ``render_view`` writes it."""
    return ", ".join(f"{key}: {value}" for key, value in facts.items())


class FactSpace:
    """The facts that a stage's views show; ``known`` are those of collected views."""

    def __init__(self, known: Sequence[Mapping[str, str]]) -> None:
        self.known = known
        self.values: dict[str, list[str]] = {}
        for key, value in dict.fromkeys(pair for facts in known for pair in facts.items()):
            self.values.setdefault(key, []).append(value)
        for values in self.values.values():
            values.sort(key=lambda value: (float(value) if _is_number(value) else 0.0, value))

    def condition(self, rng: random.Random, near: Condition | None = None) -> Condition:
        """A random conjunction of one to three facts, or ``near`` with one value changed."""
        if near is not None:
            changed = dict(near.terms)
            key = rng.choice(sorted(changed))
            changed[key] = (self._other(rng, key, changed[key]),)
            return Condition(tuple(sorted(changed.items())))
        base = rng.choice(self.known)
        keys = [key for key in base if len(self.values[key]) > 1]
        terms: dict[str, tuple[str, ...]] = {}
        for key in rng.sample(keys, min(len(keys), rng.choice((1, 1, 2, 2, 3)))):
            values, value = self.values[key], base[key]
            numeric, terms[key] = all(map(_is_number, values)), (value,)
            if numeric and len(values) > 3:
                high = values.index(value)
                low = rng.randint(max(0, high - len(values) // 3), high)
                terms[key] = tuple(values[low : high + 1])
            elif not numeric and set(values) != {"yes", "no"} and rng.random() < EXTRA_SHARE:
                terms[key] = (rng.choice(EXTRA_VALUES),)
            elif len(values) > 2 and rng.random() < 0.2:
                terms[key] = tuple(sorted({value, rng.choice(values)}))
        return Condition(tuple(sorted(terms.items())))

    def miss(self, rng: random.Random) -> Condition:
        """Facts of a known state, some or all of them, with one or two values that are wrong."""
        base = rng.choice(self.known)
        keys = rng.sample(sorted(base), rng.randint(1, len(base)))
        terms = {key: (base[key],) for key in keys}
        for key in rng.sample(keys, min(len(keys), rng.choice((1, 1, 2)))):
            others = [value for value in self.values[key] if value != base[key]]
            terms[key] = (rng.choice(others if others and rng.random() < 0.3 else EXTRA_VALUES),)
        return Condition(tuple(sorted(terms.items())))

    def satisfying(
        self, rng: random.Random, condition: Condition, miss: bool = False
    ) -> dict[str, str]:
        """Facts of a made-up state where the condition holds, or (``miss``) fails in one term."""
        facts = {
            key: rng.choice(self.values[key]) if rng.random() < 0.5 else value
            for key, value in rng.choice(self.known).items()
        }
        facts |= {key: rng.choice(values) for key, values in condition.terms}
        if miss and condition.terms:
            key, values = rng.choice(condition.terms)
            facts[key] = self._other(rng, key, values)
        return facts

    def _other(self, rng: random.Random, key: str, values: tuple[str, ...]) -> str:
        others = [value for value in self.values[key] if value not in values]
        return rng.choice(others or EXTRA_VALUES)
