"""A report as a value: sections of exhibits (table, charts, command), as Markdown or as HTML."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from logicdistill.characters import escaped, escaped_line

_MARKS = re.compile(r"[\\`*_\[\]<>|&]")
"""What may be syntax of Markdown or HTML within a line."""


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
        value: name of the value with its unit; ``along``: name of the other axis.
        limits: of the value axis; None takes them from the points.
        log: axes with a logarithmic scale, a subset of "xy"; ``diagonal``: draw the line x = y.
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
            pairs = (
                f"{at.x if isinstance(at.x, str) else number(at.x)} {number(at.y)}" for at in kept
            )
            shown.append(f"{name}: {', '.join(pairs)}")
        along = f" by {self.along}" if self.along else ""
        return f"{self.title}. {self.value}{along}. {'; '.join(shown)}. The table has all numbers."


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A table of text cells with what belongs to it; all text is Markdown.

    Attributes:
        command: makes the figures.
        charts: of the same figures.
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


def to_markdown(title: str, intro: str, sections: Sequence[Section]) -> str:
    """The document as Markdown; charts are left out, their numbers stand in the tables."""
    parts = [f"# {title}", intro]
    for section in sections:
        parts += [f"## {section.title}", section.intro]
        for exhibit in section.exhibits:
            parts += [f"**{exhibit.caption}**", _below_caption(exhibit)]
    return escaped("\n\n".join(parts) + "\n")


def foreign(text: str) -> str:
    """Text that others wrote, such as a rule, as Markdown that shows it as it is, in one line."""
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", escaped_line(text))


def _below_caption(exhibit: Exhibit) -> str:
    rule = ["---"] * exhibit.left + ["---:"] * (len(exhibit.header) - exhibit.left)
    rows = (exhibit.header, rule, *exhibit.rows)
    cells = ([text.replace("|", "&#124;") for text in row] for row in rows)
    table = "\n".join(f"| {' | '.join(row)} |" for row in cells)
    notes = "\n".join(f"- {note}" for note in exhibit.notes)
    return "\n\n".join(filter(None, (table, notes, f"```\n{exhibit.command}\n```")))


def to_html(
    title: str, intro: str, sections: Sequence[Section], draw: Callable[[Chart, str], str] | None
) -> str:
    """The same Markdown as one page, with charts; it needs nothing else: no network, no script.

    ``draw`` makes an ``<svg>`` element of a chart and a prefix for its ids; None: no charts.
    """
    from markdown_it import MarkdownIt  # the command line starts without it

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    links = "\n".join(f"- [{section.title}](#s{at})" for at, section in enumerate(sections))
    body = [markdown.render(f"# {title}\n\n{intro}"), f"<nav>{markdown.render(links)}</nav>"]
    for at, section in enumerate(sections):
        body.append(f'<section id="s{at}">')
        body.append(markdown.render(f"## {section.title}\n\n{section.intro}"))
        for index, exhibit in enumerate(section.exhibits):
            caption = markdown.renderInline(exhibit.caption)
            body.append(f"<figure><figcaption>{caption}</figcaption>")
            for place, chart in enumerate(exhibit.charts if draw else ()):
                picture = draw(chart, f"c{at}-{index}-{place}-") if draw else ""
                words = html.escape(chart.alternative)
                body.append(f'<div class="chart" role="img" aria-label="{words}">{picture}</div>')
            body.append(f"{markdown.render(_below_caption(exhibit))}</figure>")
        body.append("</section>")
    style = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(escaped_line(title))}</title><style>{style}</style>"
    )
    page = escaped("\n".join(body))
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{page}\n</body></html>\n'


def number(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits, thousands separated; empty for None and NaN."""
    if value is None or math.isnan(value):
        return ""
    if abs(value) >= 10**digits:
        return f"{value:,.0f}"
    return f"{Decimal(f'{value:.{digits - 1}e}').normalize():,f}"


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
