"""A report as a value: sections of exhibits (table, charts, command), as Markdown or as HTML."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Point:
    """A value: ``x`` is a category or a number, ``low`` and ``high`` bound ``y``."""

    x: str | float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """What a plot shows, without how it is drawn.

    Attributes:
        kind: ``rows`` and ``bars`` (categories down, values to the right), ``phases`` (categories
            to the right), ``lines`` (numbers to the right), ``matrix`` (each series is a row of
            cells, shaded by ``y`` in [0, 1]).
        title: what it shows, in one line.
        series: points by name.
        value: name of the value with its unit.
        along: name of the other axis.
        limits: of the value axis; None takes them from the points.
        log: axes with a logarithmic scale, a subset of "xy".
        diagonal: draw the line x = y.
    """

    kind: Literal["rows", "bars", "phases", "lines", "matrix"]
    title: str
    series: Mapping[str, Sequence[Point]]
    value: str
    along: str = ""
    limits: tuple[float, float] | None = None
    log: str = ""
    diagonal: bool = False

    @property
    def alternative(self) -> str:
        """The chart in words, for a person who cannot see it."""
        shown = []
        for name, points in self.series.items():
            kept = [points[0], points[-1]] if self.kind == "lines" and len(points) > 2 else points
            shown.append(
                f"{name}: {', '.join(f'{_plain(point.x)} {_plain(point.y)}' for point in kept)}"
            )
        along = f" by {self.along}" if self.along else ""
        return f"{self.title}. {self.value}{along}. {'; '.join(shown)}. The table has all numbers."


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A table of text cells.

    Attributes:
        caption: above it.
        header: of its columns.
        rows: of cells.
        command: makes its figures.
        charts: of the same figures.
        notes: below it.
        left: how many columns, from the left, hold words.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    command: str
    charts: Sequence[Chart] = ()
    notes: Sequence[str] = ()
    left: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """Exhibits under a title."""

    title: str
    intro: str
    exhibits: Sequence[Exhibit]


Row = Mapping[str, Any]
Cell = Callable[[Row], str]
Columns = Mapping[str, Cell]
"""Header to what stands in a row's cell."""


def table(columns: Columns, rows: Sequence[Row]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and rows of an `Exhibit`."""
    return tuple(columns), [tuple(cell(row) for cell in columns.values()) for row in rows]


def cell(key: str, shown: Callable[[Any], str] = str) -> Cell:
    """A column that every row has.

    Args:
        key: of the row.
        shown: the value as text.
    """
    return lambda row: shown(row[key])


def maybe(key: str, shown: Callable[[Any], str] = str) -> Cell:
    """A column that is empty in a row without a value; see `cell`."""
    return lambda row: "" if row.get(key) is None else shown(row[key])


def to_markdown(title: str, intro: str, sections: Sequence[Section]) -> str:
    """The document as Markdown; charts are left out, their numbers stand in the tables."""
    lines = [f"# {title}", "", intro, ""]
    for section in sections:
        lines += [f"## {section.title}", "", section.intro, ""]
        for exhibit in section.exhibits:
            lines += [f"**{exhibit.caption}**", "", markdown_table(exhibit), ""]
            lines += [f"- {note}" for note in exhibit.notes]
            lines += ["", "```", exhibit.command, "```", ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def markdown_table(exhibit: Exhibit) -> str:
    """An exhibit's table alone."""
    rule = ["---"] * exhibit.left + ["---:"] * (len(exhibit.header) - exhibit.left)
    rows = [exhibit.header, rule, *exhibit.rows]
    cells = ([text.replace("|", "&#124;") for text in row] for row in rows)
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def to_html(
    title: str, intro: str, sections: Sequence[Section], draw: Callable[[Chart, str], str] | None
) -> str:
    """The document as one page that needs nothing else: no network, no script.

    Args:
        title: of the page.
        intro: below the title.
        sections: in order.
        draw: a chart, and a prefix for its ids, to an ``<svg>`` element; None leaves charts out.
    """
    links = "".join(
        f'<li><a href="#s{place}">{_inline(section.title)}</a></li>'
        for place, section in enumerate(sections)
    )
    body = [
        f"<h1>{_inline(title)}</h1>",
        f"<p>{_inline(intro)}</p>",
        f"<nav><ul>{links}</ul></nav>",
    ]
    for place, section in enumerate(sections):
        body.append(f'<section id="s{place}"><h2>{_inline(section.title)}</h2>')
        body.append(f"<p>{_inline(section.intro)}</p>")
        body += [
            _html_exhibit(exhibit, f"c{place}-{index}", draw)
            for index, exhibit in enumerate(section.exhibits)
        ]
        body.append("</section>")
    style = (resources.files("logicdistill.report") / "style.css").read_text(encoding="utf-8")
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{style}</style>"
    )
    page = "\n".join(body)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{page}\n</body></html>\n'


def _html_exhibit(exhibit: Exhibit, prefix: str, draw: Callable[[Chart, str], str] | None) -> str:
    parts = [f"<figure><figcaption>{_inline(exhibit.caption)}</figcaption>"]
    for index, chart in enumerate(exhibit.charts if draw else ()):
        picture = draw(chart, f"{prefix}-{index}-") if draw else ""
        words = html.escape(chart.alternative)
        parts.append(f'<div class="chart" role="img" aria-label="{words}">{picture}</div>')
    header = _html_row(exhibit.header, "th", exhibit.left)
    rows = "".join(_html_row(row, "td", exhibit.left) for row in exhibit.rows)
    parts.append(
        f'<div class="wide"><table><thead>{header}</thead><tbody>{rows}</tbody></table></div>'
    )
    if exhibit.notes:
        parts.append(f"<ul>{''.join(f'<li>{_inline(note)}</li>' for note in exhibit.notes)}</ul>")
    parts.append(f"<pre><code>{html.escape(exhibit.command)}</code></pre></figure>")
    return "\n".join(parts)


def _html_row(row: Sequence[str], tag: str, left: int) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    classes = [scope + (' class="w"' if column < left else "") for column in range(len(row))]
    cells = zip(row, classes, strict=True)
    return f"<tr>{''.join(f'<{tag}{name}>{_inline(text)}</{tag}>' for text, name in cells)}</tr>"


def _inline(text: str) -> str:
    escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    return re.sub(r"\[([^\]]+)\]\((https?://[^)\s\"]+)\)", r'<a href="\2">\1</a>', escaped)


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)


def number(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits, thousands separated; empty for None and NaN."""
    if value is None or math.isnan(value):
        return ""
    if value == 0 or abs(value) >= 10**digits:
        return f"{value:,.0f}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(value: int) -> str:
    """A whole number, thousands separated."""
    return f"{value:,}"


def p_value(value: float | None, digits: int = 3) -> str:
    """A p value with so many significant digits; below 1e-6 only that it is. Empty for None."""
    return "< 1e-6" if value is not None and value < 1e-6 else number(value, digits)


def percent(value: float | None) -> str:
    """A share as a percentage; empty for None and NaN."""
    return "" if value is None or math.isnan(value) else f"{value:.1%}"


def interval(bounds: Sequence[float] | None) -> str:
    """The 95 % interval of a share."""
    return f"{bounds[0]:.1%} - {bounds[1]:.1%}" if bounds else ""


def span(bounds: Sequence[float] | None) -> str:
    """The 95 % interval of a mean."""
    return f"{bounds[0]:.4f} to {bounds[1]:.4f}" if bounds else ""
