"""Figures in prose, filled in from the published JSON, so that no sentence says another number.

In a source under ``docs/results-sources`` stands ``{{FILE PATH | FORMAT}}``, such as
``{{inputs-guess rows.player=frequent.success | share}}``: the file in ``docs/results``, a path of
keys (``KEY=VALUE`` chooses from a list), and how the value is shown, see `FORMATS`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from logicdistill.report.document import count, number, percent

_FIGURE = re.compile(r"\{\{ *([\w-]+) +([^|}]+?) *\| *(\w+) *\}\}")


def _share(value: Mapping[str, Any]) -> str:
    low, high = (100 * end for end in value["ci95"])
    return f"{100 * value['share']:.1f} % ({low:.0f} to {high:.0f}; n = {value['asked']:,})"


def _between(value: list[float]) -> str:
    return " to ".join(number(end, 3) for end in value)


FORMATS: Mapping[str, Callable[[Any], str]] = {
    "share": _share,
    "percent": percent,
    "count": count,
    "three": lambda value: number(value, 3),
    "text": str,
    "between": _between,
}


def looked_up(figures: Any, path: str) -> Any:
    """The value at a path.

    Raises:
        KeyError: there is none.
    """
    value = figures
    for part in path.split("."):
        if isinstance(value, list):
            key, _, wanted = part.partition("=")
            fitting = [item for item in value if str(item.get(key)) == wanted]
            if not fitting:
                raise KeyError(part)
            value = fitting[0]
        else:
            value = value[part]
    return value


def filled_in(text: str, folder: Path) -> str:
    """The text with its figures.

    Raises:
        SystemExit: a figure is not there; the line names it.
    """

    def shown(match: re.Match[str]) -> str:
        file, path, how = match.groups()
        try:
            figures = json.loads((folder / f"{file}.json").read_text(encoding="utf-8"))
            return FORMATS[how](looked_up(figures, path))
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise SystemExit(f"{match[0]}: {type(error).__name__} {error}") from None

    return _FIGURE.sub(shown, text)
