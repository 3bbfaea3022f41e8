from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import QUICK, Lines

from logicdistill.compare import compare_task
from logicdistill.pipeline import RunSettings

pytestmark = pytest.mark.xdist_group("trained")


def test_every_player_has_the_same_seeds_and_a_second_comparison_does_nothing_and_says_the_same(run_folder: Path) -> None:
    settings = RunSettings("guess", **QUICK)
    first = compare_task(run_folder, settings, Lines(), kd_seconds=2, jobs=1)
    assert {row["episodes"] for row in first["players"].values()} == {QUICK["episodes"]}
    file, model = run_folder / "kd" / "results.jsonl", run_folder / "kd" / "model.pt"
    before = file.read_bytes(), model.stat().st_mtime_ns
    assert {json.loads(line)["seed"] for line in before[0].splitlines()} == set(range(1_000_000, 1_000_000 + QUICK["episodes"]))
    assert 0 <= first["players"]["kd-encoder"]["mcnemar_p"] <= 1

    reporter = Lines()
    assert compare_task(run_folder, settings, reporter, kd_seconds=2, jobs=1) == first
    assert (file.read_bytes(), model.stat().st_mtime_ns) == before
    assert all("skipped" in line for line in reporter.lines)


def test_a_lost_record_of_kd_is_played_again_alone(run_folder: Path) -> None:
    settings = RunSettings("guess", **QUICK)
    first = compare_task(run_folder, settings, Lines(), kd_seconds=2, jobs=1)
    file = run_folder / "kd" / "results.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-1]) + lines[-1][:7])  # the writer died in the middle of a line
    assert compare_task(run_folder, settings, Lines(), kd_seconds=2, jobs=1) == first
    assert sorted(file.read_text().splitlines(keepends=True)) == sorted(lines)
