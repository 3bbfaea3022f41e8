"""A report as a value: sections of exhibits (a table, perhaps a chart, the command behind them), as Markdown or as one HTML page."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval: ``x`` is a category or a number, ``low`` and ``high`` bound ``y``."""

    x: str | float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """What a plot shows, without how it is drawn.

    Attributes:
        kind: ``rows`` and ``bars`` (categories down, values to the right), ``phases`` (categories to the right), ``lines`` (numbers
            to the right), ``matrix`` (each series is a row of cells, shaded by ``y`` in [0, 1]).
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
        """The chart in words, for who cannot see it; the table below it has all numbers."""
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
    """A table of text cells with its caption, the command that makes it, and perhaps charts and remarks.

    Attributes:
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
    lines = [f"# {title}", "", intro, ""]
    for section in sections:
        lines += [f"## {section.title}", "", section.intro, ""]
        for exhibit in section.exhibits:
            lines += [f"**{exhibit.caption}**", "", markdown_table(exhibit), ""]
            for note in exhibit.notes:
                lines += [f"- {note}"]
            lines += ["", "```", exhibit.command, "```", ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def markdown_table(exhibit: Exhibit) -> str:
    """An exhibit's table alone."""
    rule = ["---"] * exhibit.left + ["---:"] * (len(exhibit.header) - exhibit.left)
    rows = [exhibit.header, rule, *exhibit.rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows
    )


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
    body = [f"<h1>{_inline(title)}</h1>", f"<p>{_inline(intro)}</p>"]
    links = (
        f'<li><a href="#s{position}">{_inline(section.title)}</a></li>'
        for position, section in enumerate(sections)
    )
    body.append(f"<nav><ul>{''.join(links)}</ul></nav>")
    for position, section in enumerate(sections):
        body.append(
            f'<section id="s{position}"><h2>{_inline(section.title)}</h2><p>{_inline(section.intro)}</p>'
        )
        for index, exhibit in enumerate(section.exhibits):
            body.append(f"<figure><figcaption>{_inline(exhibit.caption)}</figcaption>")
            for place, chart in enumerate(exhibit.charts if draw else ()):
                picture = draw(chart, f"c{position}-{index}-{place}-") if draw else ""
                body.append(
                    f'<div class="chart" role="img" aria-label="{html.escape(chart.alternative)}">{picture}</div>'
                )
            body.append(_html_table(exhibit))
            if exhibit.notes:
                body.append(
                    f"<ul>{''.join(f'<li>{_inline(note)}</li>' for note in exhibit.notes)}</ul>"
                )
            body.append(f"<pre><code>{html.escape(exhibit.command)}</code></pre></figure>")
        body.append("</section>")
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
    page = "\n".join(body)
    return f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n<body>\n{page}\n</body></html>\n'


def _html_table(exhibit: Exhibit) -> str:
    def cells(row: Sequence[str], tag: str) -> str:
        scope = ' scope="col"' if tag == "th" else ""
        classes = [
            scope + (' class="w"' if column < exhibit.left else "") for column in range(len(row))
        ]
        return "".join(
            f"<{tag}{name}>{_inline(cell)}</{tag}>" for cell, name in zip(row, classes, strict=True)
        )

    rows = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in exhibit.rows)
    return f'<div class="wide"><table><thead><tr>{cells(exhibit.header, "th")}</tr></thead><tbody>{rows}</tbody></table></div>'


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


STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --page: #ffffff; --faint: #70707033; --code: #7070701a; --link: #0060a0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --page: #17191c; --link: #7cc4f5; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 66rem; margin: 0 auto; padding: 1rem; }
a { color: var(--link); }
nav ul { columns: 18rem; padding-left: 1.2rem; }
h2 { border-top: 1px solid var(--faint); padding-top: 1.5rem; margin-top: 2.5rem; }
figure { margin: 1.5rem 0 2.5rem; }
figcaption { font-weight: 600; margin-bottom: .5rem; }
.chart svg { max-width: 100%; height: auto; display: block; margin-bottom: .5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid var(--faint); vertical-align: top; }
th { vertical-align: bottom; }
td { white-space: nowrap; }
.w { text-align: left; }
code { background: var(--code); padding: 0 .2em; border-radius: 3px; font-size: .92em; }
pre { background: var(--code); padding: .5rem .75rem; overflow-x: auto; font-size: .85rem; border-radius: 4px; }
pre code { background: none; padding: 0; }
"""
