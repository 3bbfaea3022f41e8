"""``docs/results.md`` from ``docs/results/*.json`` alone, and what is published there."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from logicdistill.report.break_even import read_costs
from logicdistill.report.document import to_markdown
from logicdistill.report.report import Results, read_measures, read_results

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))
from measured import KINDS

GAMES = ("pursuit", "guess", "twentyone")
LARGEST = 400_000
"""Bytes; a larger file of figures does not belong into the repository."""

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
    return to_markdown("Results", INTRO.read_text(encoding="utf-8").rstrip(), found.sections())


def adopt(folder: Path, into: Path) -> Iterator[str]:
    """Publish a comparison's (or a run's) summaries and measures; yields their names."""
    results = read_results(folder, read_costs(), KINDS)
    into.mkdir(parents=True, exist_ok=True)
    for task, summary in results.tasks.items():
        name = task.rpartition("-v")[0]
        yield _write(into / f"{name}.json", summary)
    for found in results.measures.get("break-even", ()):
        yield _write(into / f"break-even-{str(found['task']).rpartition('-v')[0]}.json", found)
    for file in sorted((folder / "measures").glob("*.json")):
        if any(f"{file.stem}-".startswith(f"{kind}-") for kind in KINDS):
            if file.stat().st_size > LARGEST:
                yield f"{file.name} left out: {file.stat().st_size:,} bytes"
                continue
            shutil.copyfile(file, into / file.name)
            yield file.name


def _write(file: Path, content: Mapping[str, Any]) -> str:
    file.write_text(json.dumps(content, indent=1) + "\n")
    return file.name
