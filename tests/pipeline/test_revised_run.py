"""Runs whose functions are judged by recorded actions: corrected, stopped, or kept from sending."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Lines
from tests.writing.refunds import (
    FULL,
    LATE,
    MEASURE,
    OPENED,
    SOURCES,
    TURNED,
    make_task,
    refund_base,
)

from logicdistill.errors import BaseError
from logicdistill.functions.folder import BaseFolder
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.protocols import Request

STAGES = [
    {"name": "facts", "output": "facts", "question": "What is known?", "mode": "all", "reads": []},
    {
        "name": "decide",
        "output": "action",
        "question": "What is paid?",
        "mode": "first",
        "reads": [],
    },
]


class Writing:
    """A teacher who turns one condition round, and corrects it."""

    def __init__(self) -> None:
        self.kinds = list[str]()

    def ask(self, request: Request) -> Any:
        self.kinds.append(request.kind)
        if request.kind == "stages":
            return {"stages": STAGES}
        if request.kind == "revise":
            return {
                "files": [{"stage": "decide", "file": LATE}],
                "remove": [],
                "contradicts": [],
            }
        facts = "Write the functions of this stage:\n\nfacts" in request.messages[-1][1]
        return {"files": [MEASURE] if facts else [TURNED, OPENED, FULL]}


def run(task: Path, out: Path, teacher: Any = None, **settings: Any) -> list[str]:
    said = Lines()
    recording = {"recording": "live:fake"} if teacher else {}
    given = RunSettings(str(task), jobs=1, **recording, **settings)
    RunPipeline(out, given, said, teacher).run()
    return said.lines


def test_a_run_corrects_its_functions_and_its_journal_says_why(tmp_path: Path) -> None:
    make_task(tmp_path / "task")
    teacher, out = Writing(), tmp_path / "run"
    lines = run(tmp_path / "task", out, teacher)
    told = "round 1: 40 of 40 training states right (was 0), validation 10 of 10 (was 0)"
    assert told in lines
    assert BaseFolder(out / "base").load().functions == refund_base().functions
    entry = BaseFolder(out / "base").journal()[-1]
    assert (entry["op"], entry["function"], entry["why"]) == ("revise", "late", told)
    assert teacher.kinds == ["stages", "functions", "functions", "revise"]
    again = run(tmp_path / "task", out, teacher)
    assert len(teacher.kinds) == 4
    assert not any("judge" in line for line in again)


def test_recorded_actions_stay_here_and_too_few_right_ones_end_the_run_in_one_line(
    tmp_path: Path,
) -> None:
    make_task(tmp_path / "task")
    teacher, out = Writing(), tmp_path / "run"
    with pytest.raises(BaseError) as stopped:
        run(tmp_path / "task", out, teacher, send_actions=False)
    assert teacher.kinds == ["stages", "functions", "functions"]
    said = str(stopped.value)
    assert said.startswith(
        "the functions decide 0 of 40 training states rightly, and least_right is 0.5: s00: "
        "decide/late gives "
    )
    assert said.endswith("or go on with --set least_right=0")
    assert "\n" not in said
    file = out / "wrong-training.jsonl"
    assert f"all are in {file}" in said
    assert len(file.read_text().splitlines()) == 40
    kept = out / "base" / "decide" / "late.py"
    kept.write_text(LATE)
    lines = run(tmp_path / "task", out, send_actions=False, recording="live:fake")
    assert "base      1 edited file(s) passed the gate" in "\n".join(lines)
    assert file.read_text() == ""


def by_hand(folder: Path, *sources: str, known: int = 60) -> Path:
    make_task(folder, known)
    for source in sources:
        stage = "decide" if "facts:" in source else "facts"
        name = source.split("(")[0].removeprefix("def ")
        (folder / "functions" / stage).mkdir(parents=True, exist_ok=True)
        (folder / "functions" / stage / f"{name}.py").write_text(source)
    (folder / "stages.toml").write_text(
        '[[stages]]\nname = "facts"\nmode = "all"\n\n'
        '[[stages]]\nname = "decide"\nmode = "first"\norder = ["late", "opened", "full"]\n'
    )
    return folder


def test_a_persons_functions_are_held_to_the_share_and_no_teacher_is_asked(tmp_path: Path) -> None:
    task = by_hand(tmp_path / "task", MEASURE, TURNED, OPENED, FULL)
    teacher = Writing()
    with pytest.raises(BaseError, match="decide 0 of 40 training states rightly"):
        run(task, tmp_path / "run", teacher)
    assert teacher.kinds == []
    lines = run(task, tmp_path / "run", teacher, least_right=0)
    share = "judge     0 of 40 training states are decided rightly; the others: "
    assert any(line.startswith(share) for line in lines)
    assert sum(line.startswith("  disagreement: ") for line in lines) == 5


def test_a_few_known_states_stop_no_run(tmp_path: Path) -> None:
    task = by_hand(tmp_path / "task", MEASURE, TURNED, OPENED, FULL, known=9)
    lines = run(task, tmp_path / "run")
    assert any(line.startswith("judge     0 of 6 training states") for line in lines)


def test_a_state_that_the_teacher_contradicts_says_so_in_the_file(tmp_path: Path) -> None:
    task = tmp_path / "task"
    make_task(task)
    rows = [json.loads(line) for line in (task / "states.jsonl").read_text().splitlines()]
    rows[0]["action"] = {"do": "refuse", "amount": 0}
    (task / "states.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    class Contradicting(Writing):
        def ask(self, request: Request) -> Any:
            if request.kind == "revise":
                says = [{"state": 1, "why": "It is early."}]
                return {"files": [], "remove": [], "contradicts": says}
            found = super().ask(request)
            if "files" in found and len(found["files"]) == 3:
                return {"files": list(SOURCES[1:])}
            return found

    lines = run(task, tmp_path / "run", Contradicting())
    assert "judge     39 of 40 training states are decided rightly; the others: " in "\n".join(
        lines
    )
    [line] = map(json.loads, (tmp_path / "run" / "wrong-training.jsonl").read_text().splitlines())
    assert (line["id"], line["contradicted"]) == ("s00", "It is early.")
    assert line["says"].startswith("s00: decide/opened gives ")
