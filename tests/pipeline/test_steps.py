from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import QUICK, Lines

from logicdistill.errors import GateRefusal
from logicdistill.evaluation.evaluate import time_decisions
from logicdistill.functions.folder import BaseFolder
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.students.encoder import OnnxEmbedder, read_kind


def run_again(folder: Path, **changes: Any) -> tuple[dict[str, Any], dict[str, bool]]:
    """The summary, and for each step whether it was skipped."""
    reporter = Lines()
    summary = RunPipeline(folder, RunSettings("guess", **{**QUICK, **changes}), reporter).run()
    steps = {
        line.split()[0]: "skipped" in line
        for line in reporter.lines
        if line.split()[0] in ("write", "collect", "train", "evaluate")
    }
    return summary, steps


def outcome(folder: Path) -> dict[str, Any]:
    """The summary without what depends on the clock."""
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    del summary["seconds"]
    for row in summary["players"].values():
        del row["decision_ms_p50"], row["decision_ms_p99"]
    return summary


def test_a_run_writes_what_its_format_says(quick_run: Path) -> None:
    summary = json.loads((quick_run / "summary.json").read_text())
    assert set(summary) == {"task", "snapshot", "seconds", "players", "floor"}
    assert set(summary["players"]) == {"ld-encoder", "conditions", "first", "random", "optimum"}
    for name, row in summary["players"].items():
        assert row["episodes"] == 40
        assert row["illegal"] == 0
        assert row["success_ci95"][0] <= row["success"] <= row["success_ci95"][1]
        assert (row["selection_accuracy"] is None) == (name == "optimum")
    assert summary["players"]["optimum"]["success"] == 1.0
    assert set(summary["seconds"]) == {"write", "collect", "train", "evaluate"}
    for file in (
        "run.toml",
        "base/base.toml",
        "examples.jsonl",
        "student/student.toml",
        "results.jsonl",
    ):
        assert (quick_run / file).is_file()
    assert list((quick_run / "replies").glob("*.json"))


def test_single_decisions_are_timed_as_if_no_view_came_twice(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed, views, timed = OnnxEmbedder.vectors, [], []

    def counting(embedder: OnnxEmbedder, texts: Sequence[str]) -> Any:
        views.extend(texts if len(texts) == 1 else [])  # functions are embedded together
        return embed(embedder, texts)

    def watched(policy: Policy, seeds: range) -> list[float]:
        views.clear()
        times = time_decisions(policy, seeds)
        timed.append((len(times), len(views), len(set(views))))
        return times

    monkeypatch.setattr(OnnxEmbedder, "vectors", counting)
    monkeypatch.setattr("logicdistill.pipeline.results.time_decisions", watched)
    (run_folder / "results.jsonl").unlink()
    run_again(run_folder, episodes=20)
    ((decisions, passes, different),) = (
        counts for counts in timed if counts[1]
    )  # the other players embed nothing
    assert passes > decisions > different


def test_a_second_run_does_nothing_again(run_folder: Path) -> None:
    before = {
        file: file.stat().st_mtime_ns
        for file in run_folder.rglob("*")
        if file.is_file() and file.name not in ("summary.json", ".lock")
    }
    _, steps = run_again(run_folder)
    assert steps == dict.fromkeys(("write", "collect", "train", "evaluate"), True)
    assert before == {file: file.stat().st_mtime_ns for file in before}


def test_a_changed_function_body_redoes_what_reads_it_but_not_the_training(
    run_folder: Path,
) -> None:
    file = run_folder / "base" / "guess" / "halve_above.py"
    file.write_text(
        file.read_text().replace("(guesses[-1] + 1 + known", "(guesses[-1] + 1 + 0 + known")
    )
    summary, steps = run_again(run_folder)
    assert steps == {"write": True, "collect": False, "train": True, "evaluate": False}
    assert BaseFolder(run_folder / "base").journal()[-1]["op"] == "edit"
    assert summary["snapshot"] == BaseFolder(run_folder / "base").load().snapshot


def test_more_episodes_play_only_the_new_ones(run_folder: Path) -> None:
    lines = len((run_folder / "results.jsonl").read_text().splitlines())
    summary, steps = run_again(run_folder, episodes=100)
    assert steps == {"write": True, "collect": True, "train": True, "evaluate": False}
    assert summary["players"]["ld-encoder"]["episodes"] == 100
    assert len((run_folder / "results.jsonl").read_text().splitlines()) > lines


def test_an_edit_that_the_gate_refuses_stops_the_run_and_the_old_base_stays(
    run_folder: Path,
) -> None:
    before = BaseFolder(run_folder / "base").load().snapshot
    file = run_folder / "base" / "guess" / "halve_above.py"
    text = file.read_text()
    file.write_text(text.replace("+ 1 + known", "+ 2 + known"))
    with pytest.raises(GateRefusal, match=r"halve_above.*expects 75 but the function returns 76"):
        run_again(run_folder)
    assert BaseFolder(run_folder / "base").load().snapshot == before
    file.write_text(text)
    assert all(run_again(run_folder)[1].values())


def test_a_changed_manual_trains_again_with_a_function_that_replaces_its_own(
    run_folder: Path,
) -> None:
    file = run_folder / "base" / "guess" / "halve_above.py"
    text = file.read_text()
    file.write_text(
        text.replace(
            "Name the middle of the numbers above", "Choose the middle of the numbers above"
        )
    )
    replacing = (
        text.replace("def halve_above", "def above")
        .replace(">>> halve_above", ">>> above")
        .replace(
            "    Rules:",
            '    When: facts["last_answer"] == "higher"\n    Replaces: halve_above\n    Rules:',
        )
    )
    (file.parent / "above.py").write_text(replacing)
    assert run_again(run_folder)[1] == {
        "write": True,
        "collect": False,
        "train": False,
        "evaluate": False,
    }
    base = BaseFolder(run_folder / "base").load()
    assert base.function("above").manual.replaces == ("halve_above",)
    assert base.function("halve_above").manual.summary.startswith("Choose")


def test_fine_tuning_makes_another_student_and_is_kept(run_folder: Path) -> None:
    changes = {"fine_tune": True, "train_steps": 2, "episodes": 4}
    assert read_kind(run_folder / "student") == "pretrained"
    assert run_again(run_folder, **changes)[1]["train"] is False
    assert read_kind(run_folder / "student") == "fine-tuned"
    assert RunSettings.read(run_folder).fine_tune
    assert all(run_again(run_folder, **changes)[1].values())


def test_a_lost_file_is_made_again(run_folder: Path) -> None:
    (run_folder / "student" / "student.toml").unlink()
    (run_folder / "examples.jsonl").unlink()
    calm = outcome(run_folder)
    skipped = run_again(run_folder)[1]
    # The last bits of a head may differ from process to process; then it is evaluated again.
    assert skipped | {"evaluate": True} == {
        "write": True,
        "collect": False,
        "train": False,
        "evaluate": True,
    }
    assert outcome(run_folder) == calm


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from tests.conftest import QUICK, Lines
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.pipeline.settings import RunSettings
for length in (0.2, 0.6, 2.0, None):
    child = os.fork()
    if not child:
        RunPipeline(Path(sys.argv[1]), RunSettings("guess", **QUICK), Lines()).run()
        os._exit(0)
    if length:
        time.sleep(random.Random(length).uniform(0.5, 1.5) * length)
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    files = Path(sys.argv[1]).glob("replies/*.json")
    print(status, *(f"{file.name}={file.stat().st_mtime_ns}" for file in files))
"""


def test_a_run_killed_at_random_moments_gives_the_same_result_and_asks_nothing_twice(
    quick_run: Path, tmp_path: Path
) -> None:
    """Kill -9, from the first reply to the training."""
    folder, root = tmp_path / "guess", Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", KILLED, str(folder)]
    result = subprocess.run(
        command, check=True, capture_output=True, timeout=120, text=True, cwd=root
    )
    replies: set[str] = set()
    *killed, last = [set(line.split()) for line in result.stdout.splitlines()]
    for words in (*killed, last):
        assert replies <= words
        replies = words - {str(signal.SIGKILL.value), "0"}
    assert "0" in last
    assert str(signal.SIGKILL.value) in killed[0]
    assert outcome(folder) == outcome(quick_run)
