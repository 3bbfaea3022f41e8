"""Charts as SVG elements; text and axes take the page's colour, light or dark.

Series have a colour of Okabe and Ito's palette (jfly.uni-koeln.de/color, 2008) and a marker, line
style or hatch of their own, so that colour is never the only cue.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from logicdistill.report.document import Chart, Point, number
from logicdistill.report.sections import FLOORS

INK = "#0a0b0c"
"""Drawn in this colour, written as ``currentColor``."""

GREY = "#808080"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D1F")
MARKERS = ("o", "D", "s", "^", "v", "P", "X", "<", ">", "h", "*", "p", "d", "8")
LINES: tuple[str, ...] = ("-", "--", "-.", ":")
HATCHES = ("", "//", "xx", "||", "\\\\", "--", "++")
KNOWN = (
    *("ld-encoder", "kd-encoder", "ld-causal", "kd-causal", "cot-kd", "call-causal", "zero-shot"),
    *("kd-encoder-legal", "kd-causal-legal", *FLOORS),
)
"""Players whose look is the same in every chart; what is not trained is grey."""

WIDTH = 8.6
MAX_TICKS = 12
MAX_JOINED = 6
"""Players whose phases are joined by lines; more of them would be a tangle."""
SETTINGS: Any = {  # matplotlib types each key by name
    "svg.fonttype": "none",
    "svg.hashsalt": "logicdistill",
    "hatch.linewidth": 0.6,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), INK),
    **dict.fromkeys(("xtick.color", "ytick.color"), INK),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right"), False),
}


def draw(chart: Chart, prefix: str = "") -> str:
    """A chart as an ``<svg>`` element; its ids begin with the prefix."""
    out, no_metadata = io.StringIO(), dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context(SETTINGS):
        made = figure(chart)
        made.savefig(out, format="svg", transparent=True, bbox_inches="tight", metadata=no_metadata)
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r"font-family: [^;]*, sans-serif", "font-family: 'DejaVu Sans', sans-serif", svg)
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}", svg)


def figure(chart: Chart) -> Figure:
    """A chart as matplotlib's figure."""
    series, rows = len(chart.series), max(map(len, chart.series.values()), default=1)
    drawer, height = {
        "lines": (_curves, 3.6),
        "phases": (_curves, 3.6 if series <= MAX_JOINED else 4.6),
        "matrix": (_matrix, 1.0 + 0.42 * series),
    }.get(chart.kind, (_rows, 0.9 + 0.2 * rows * max(1.4, 0.8 * series)))
    made = Figure(figsize=(WIDTH, height))
    axes = made.add_subplot()
    axes.set_title(chart.title, fontsize=10.5, loc="left")
    drawer(axes, chart)
    if chart.kind != "matrix":
        axes.grid(axis="x" if drawer is _rows else "y", color=INK, alpha=0.15, linewidth=0.8)
        axes.set_axisbelow(True)
        if series > 1:
            axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=9)
    return made


def _look(name: str, position: int) -> int:
    return KNOWN.index(name) if name in KNOWN else position


def _colour(name: str, position: int) -> str:
    model = name.removesuffix("-legal")
    return GREY if name in FLOORS else COLOURS[_look(model, position) % len(COLOURS)]


def _categories(chart: Chart) -> list[str]:
    return list(dict.fromkeys(str(point.x) for points in chart.series.values() for point in points))


def _errors(points: Sequence[Point]) -> list[list[float]] | None:
    low = [0.0 if at.low is None else max(0.0, at.y - at.low) for at in points]
    high = [0.0 if at.high is None else max(0.0, at.high - at.y) for at in points]
    return None if all(at.low is None for at in points) else [low, high]


def _rows(axes: Axes, chart: Chart) -> None:
    """Categories down, values to the right; in a single series each category has its own look."""
    names, series = _categories(chart), len(chart.series)
    thickness = 0.72 / series
    for position, (name, points) in enumerate(chart.series.items()):
        for index, point in enumerate(points):
            shown = name if series > 1 else str(point.x)
            place = names.index(str(point.x)) + (position - (series - 1) / 2) * thickness
            look, colour = _look(shown, position), _colour(shown, position)
            label, errors = name if index == 0 else None, _errors([point])
            if chart.kind == "bars":
                hatch = HATCHES[look % len(HATCHES)]
                style: dict[str, Any] = {"hatch": hatch, "edgecolor": INK, "linewidth": 0.6}
                style |= {"xerr": errors, "ecolor": INK, "color": colour, "label": label}
                axes.barh(place, point.y, thickness * 0.9, capsize=3, **style)
            else:
                marker = MARKERS[look % len(MARKERS)]
                style = {"fmt": marker, "color": colour, "label": label}
                axes.errorbar(point.y, place, xerr=errors, capsize=3, **style)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    if "x" in chart.log:
        axes.set_xscale("log")
        _plain_ticks(axes.xaxis)
    axes.set_xlabel(chart.value)
    axes.set_ylabel(chart.along)
    if chart.limits:
        axes.set_xlim(*chart.limits)


def _curves(axes: Axes, chart: Chart) -> None:
    """Values up; phases or numbers to the right."""
    phases, names, series = chart.kind == "phases", _categories(chart), len(chart.series)
    joined = not phases or series <= MAX_JOINED
    if chart.diagonal:
        axes.plot((0, 1), (0, 1), color=INK, alpha=0.5, linewidth=1, linestyle=":")
    for position, (name, points) in enumerate(chart.series.items()):
        look = _look(name, position)
        aside = (position - (series - 1) / 2) * min(0.1, 0.8 / series)
        axes.errorbar(
            [names.index(str(at.x)) + aside if phases else float(at.x) for at in points],
            [point.y for point in points],
            yerr=_errors(points),
            color=_colour(name, position),
            marker=MARKERS[look % len(MARKERS)],
            linestyle=LINES[look % len(LINES)] if joined else "",
            linewidth=1.0 if phases else 1.4,
            # Smaller and smaller: where lines coincide, all of them are seen.
            markersize=6.0 if phases else max(4.0, 8 - 1.5 * position),
            capsize=3,
            label=name,
        )
    if phases:
        axes.set_xticks(range(len(names)), names)
        axes.set_xlim(-0.5, len(names) - 0.5)
    else:
        axes.set_xlabel(chart.along)
    if "x" in chart.log:
        places = sorted({float(at.x) for points in chart.series.values() for at in points})
        axes.set_xscale("symlog" if places[0] <= 0 else "log")
        axes.set_xticks(places[:: math.ceil(len(places) / MAX_TICKS)])
        _plain_ticks(axes.xaxis, placed=True)
    if "y" in chart.log:
        axes.set_yscale("log")
        _plain_ticks(axes.yaxis)
    axes.set_ylabel(chart.value)
    if chart.limits:
        margin = 0.03 * (chart.limits[1] - chart.limits[0])
        axes.set_ylim(chart.limits[0] - margin, chart.limits[1] + margin)


def _plain_ticks(axis: Axis, placed: bool = False) -> None:
    if not placed:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=MAX_TICKS))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def _matrix(axes: Axes, chart: Chart) -> None:
    columns, rows = _categories(chart), list(chart.series)
    for row, points in enumerate(chart.series.values()):
        for point in points:
            column, shade = columns.index(str(point.x)), 0.62 * min(1.0, max(0.0, point.y))
            corner = (column - 0.5, row - 0.5)
            axes.add_patch(Rectangle(corner, 1, 1, facecolor=COLOURS[0], alpha=shade))
            axes.text(column, row, f"{point.y:.0%}", ha="center", va="center", fontsize=9)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    turned = max(map(len, columns), default=0) * len(columns) > 90
    turn: dict[str, Any] = {"rotation": 30, "ha": "right"} if turned else {}
    axes.set_xticks(range(len(columns)), columns, **turn)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel(chart.along)
    axes.set_ylabel(chart.value)
    axes.tick_params(length=0)
