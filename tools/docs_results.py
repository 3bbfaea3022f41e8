"""``docs/results.md`` from ``docs/results/*.json`` alone, and what is published there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docs_figures import filled_in

from logicdistill.errors import TaskError
from logicdistill.files import write_atomic
from logicdistill.report.break_even import read_costs
from logicdistill.report.document import Exhibit, Section, to_markdown
from logicdistill.report.report import Results, read_measures, read_results

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))
from measured import KINDS
from stamps import KEYS, faults

GAMES = ("pursuit", "guess", "twentyone")
LARGEST = 400_000
"""Bytes; a larger file of figures does not belong into the repository."""

MEASURED = (
    *("babyai", "calibration", "factors", "hot-add-banking77", "hot-add-clinc150", "images"),
    *("mutation", "open-questions", "retail", "retrieval", "rulearena", "text", "told-words"),
    "told-words-chosen",
)
"""Measures that are published in ``docs/measured``, for pages of their own."""

DRAWN = ("pareto", "retrieval", "risk-coverage")
"""Pictures beside them."""

LEFT_OUT = {
    *("Success", "Return and regret", "Illegal and unusable answers", "Training", "Selections"),
    "What a decision costs",
}
"""Sections of a comparison that "What selecting takes" and the equal terms say better."""

INTRO = Path(__file__).resolve().parent.parent / "docs" / "results-sources" / "intro.md"


def results_page(folder: Path) -> str:
    """The page for the published figures in a folder."""
    files = [folder / f"{game}.json" for game in GAMES if (folder / f"{game}.json").is_file()]
    summaries = [json.loads(file.read_text()) for file in files]
    tasks = {
        summary["task"]: {
            "command": f"logicdistill run {file.stem} --out runs/{file.stem}",
            **summary,
        }
        for file, summary in zip(files, summaries, strict=True)
    }
    found = Results(tasks, read_measures(folder, KINDS), "logicdistill report runs/results", KINDS)
    shown = [section for section in found.sections() if section.title not in LEFT_OUT]
    shown.sort(key=lambda section: section.title != "What selecting takes")
    intro = filled_in(INTRO.read_text(encoding="utf-8").rstrip(), folder)
    return to_markdown("Results", intro, [*shown, origins(folder)])


def origins(folder: Path) -> Section:
    """Where each published figure comes from, by its stamp."""
    exhibits = []
    for place in (folder, folder.parent / "measured"):
        rows = []
        for file in sorted(place.glob("*.json")):
            figures = json.loads(file.read_text())
            cores = str(figures.get("machine", {}).get("cores", ""))
            n = ", ".join(f"{count:,} {what}" for what, count in (figures.get("n") or {}).items())
            made = ", ".join(dict.fromkeys(commit[:9] for commit in _commits(figures)))
            date = str(figures.get("date", ""))[:10]
            rows.append((file.name, made, date, cores, n, str(figures.get("draws", ""))))
        header = ("figures", "commits", "date", "cores", "n", "draws")
        title = f"Stamps of `docs/{place.name}`"
        exhibits.append(Exhibit(title, header, rows, "python tools/results.py", left=5))
    intro = (
        "The commit of the code, the day, the cores, what a figure stands on, and over how many"
        " draws. Where rows were made at other commits, the first one wrote the file and the others"
        " follow. The file itself has package versions, the CPU's flags and the command."
    )
    return Section("Where each figure comes from", intro, exhibits)


def _commits(figures: Any) -> Iterator[str]:
    """The commit of a file's stamp, then those of its rows."""
    if isinstance(figures, dict):
        if commit := figures.get("commit"):
            yield commit
        figures = list(figures.values())
    for value in figures if isinstance(figures, list) else ():
        yield from _commits(value)


def adopt(folder: Path, into: Path) -> Iterator[str]:
    """Publish the summaries and measures of ``make results``, those that are there; their names.

    What belongs to pages of its own goes into ``measured`` beside the folder.

    A comparison has the stamp that ``tools/results.py`` wrote beside it.

    Raises:
        TaskError: a figure does not say where it comes from.
    """
    steps = folder / "steps.json"
    made = json.loads(steps.read_text()).get("compare", {}) if steps.is_file() else {}
    made = {key: made[key] for key in KEYS if key in made}
    into.mkdir(parents=True, exist_ok=True)
    compared = (folder / "summary.json").is_file()
    tasks = read_results(folder, read_costs(), KINDS).tasks if compared else {}
    for task, summary in tasks.items():
        name = task.rpartition("-v")[0]
        n = {"episodes": max(row["episodes"] for row in summary["players"].values())}
        yield _write(into / f"{name}.json", made | {**summary, "n": n, "draws": 1})
    beside = into.parent / "measured"
    for file in sorted((folder / "measures").iterdir()) if (folder / "measures").is_dir() else ():
        shown = any(f"{file.stem}-".startswith(f"{kind}-") for kind in (*KINDS, "cost"))
        if file.suffix == ".svg" and file.stem in DRAWN:
            write_atomic(beside / file.name, file.read_text(encoding="utf-8"))
            yield file.name
        elif file.suffix == ".json" and (shown or file.stem in MEASURED):
            if file.stat().st_size > LARGEST:
                yield f"{file.name} left out: {file.stat().st_size:,} bytes"
                continue
            place = into if shown else beside
            yield _write(place / file.name, json.loads(file.read_text()))


def unstamped(*folders: Path) -> Iterator[str]:
    """One line for each published figure that does not say where it comes from."""
    for folder in folders:
        for file in sorted(folder.glob("*.json")):
            for fault in faults(json.loads(file.read_text())):
                yield f"{folder.name}/{file.name} {fault}"


def _write(file: Path, content: Mapping[str, Any]) -> str:
    if found := faults(content):
        raise TaskError(f"{file.name} {found[0]}; measure it with python tools/results.py")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(file, json.dumps(content, indent=1) + "\n")
    return file.name
