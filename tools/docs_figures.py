"""Figures in prose, filled in from the published JSON, so that no sentence says another number.

A file of ``docs/results-sources`` is a section of a page, between the markers of its name. In it
stands ``{{FILE PATH | FORMAT}}``, such as ``{{inputs-guess rows.player=frequent.success |
share}}``: a file of ``docs/results`` or ``docs/measured``, a path of keys, and how the value is
shown, see `FORMATS`. In a path ``KEY=VALUE`` chooses from a list, also ``KEY=VALUE,KEY=VALUE``, and
``*`` takes every item. Elsewhere a page has no figure of its own, see `typed`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from docs_tables import TABLES, right

from logicdistill.report.document import count, number

_FIGURE = re.compile(r"\{\{ *([\w-]+) +([^|}]+?) *\| *([\w-]+) *\}\}")


def _share(value: Mapping[str, Any]) -> str:
    low, high = (100 * end for end in value["ci95"])
    return f"{_percent(value['share'])} ({low:.1f} to {high:.1f}; n = {value['asked']:,})"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _ends(value: Sequence[float]) -> str:
    return " to ".join(f"{100 * end:.1f}" for end in value)


def _between(value: Sequence[float]) -> str:
    return " to ".join(number(end, 3) for end in value)


FORMATS: Mapping[str, Callable[[Any], str]] = {
    "share": _share,
    "percent": _percent,
    "ends": _ends,
    "dash": lambda value: _ends(value).replace(" to ", "-"),
    "of": right,
    "right": lambda value: right(value).partition(" ")[0],
    "count": count,
    "one": lambda value: f"{value:,.1f}",
    "three": lambda value: number(value, 3),
    "text": str,
    "day": lambda value: value[:10],
    "commit": lambda value: value[:9],
    "between": _between,
    **TABLES,
}


def looked_up(figures: Any, path: str) -> list[Any]:
    """The values at a path: one, or every item's behind a ``*``.

    Raises:
        KeyError: there is none.
    """
    values = [figures]
    for part in re.split(r"\.(?!\d)", path):
        if part == "*":
            values = [item for value in values for item in value]
        elif isinstance(values[0], list):
            wanted = dict(pair.split("=", 1) for pair in part.split(","))
            fitting = [
                item
                for item in values[0]
                if all(str(item.get(key)) == value for key, value in wanted.items())
            ]
            if not fitting:
                raise KeyError(part)
            values = fitting[:1]
        else:
            values = [value[part] for value in values]
    return values


def filled_in(text: str, *folders: Path) -> str:
    """The text with its figures.

    Raises:
        SystemExit: a figure is not there; the line names it.
    """

    def shown(match: re.Match[str]) -> str:
        name, path, how = match.groups()
        try:
            file = next(file for folder in folders if (file := folder / f"{name}.json").is_file())
            values = looked_up(json.loads(file.read_text(encoding="utf-8")), path)
            return ", ".join(FORMATS[how](value) for value in values)
        except (StopIteration, KeyError, TypeError, ValueError) as error:
            raise SystemExit(f"{match[0]}: {type(error).__name__} {error}") from None

    return _FIGURE.sub(shown, text)


MEASURED = re.compile(
    r"\d[\d.,]* ?%|\d[\d,]* of (?:the |a )?\d[\d,]*|\d[\d.,]* (?:ms|s|seconds|minutes|MB|GB)\b"
)
"""What reads like a measured figure: a share, so many of so many, a time, a size."""

NOT_MEASURED = (
    "95 %",  # the level of every interval
    *("wins 99 % of a level", "table 3, 99 %"),  # of BabyAI's papers
    "88 to 89 % for imitation",  # of the paper
    *("(a sign test, 10 %)", "a probability of 90 %"),
    "1 % takes at least 230 of them, 2 % 114, 5 % 45",  # of messages, by the binomial test
    *("load in 0.1 s", "may take 0.5 s", "not answer for 3 s", "state (5 s)", "at most 0.1 s"),
    *("(2 % of them)", "Afterwards 30 % of", "1 % or more", "10 s; 10 s", "last 64 MB"),
)
"""Settings, limits, promises and other people's figures; each is taken out where it stands."""


def typed(text: str) -> list[str]:
    """Figures that a page says by itself: outside of code, of sections and of `NOT_MEASURED`."""
    held = r"<!-- ([\w-]+):begin -->.*?<!-- \1:end -->|```.*?```|`[^`\n]*`|\{\{.*?\}\}"
    text = re.sub(held, "", text, flags=re.DOTALL)
    for phrase in NOT_MEASURED:
        text = text.replace(phrase, "")
    return [match[0] for match in MEASURED.finditer(text)]
