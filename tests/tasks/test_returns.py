"""A returns desk: exact rules in order, beside one stage that reads words (tests/data/returns)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from logicdistill.files import read_lines
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.sandbox import Sandbox
from logicdistill.tasks.records import RecordTask
from logicdistill.types import Json, Stage

FOLDER = Path(__file__).resolve().parents[1] / "data" / "returns"
STAGES = tomllib.loads((FOLDER / "stages.toml").read_text())["stages"]
ORDER: list[str] = STAGES[-1]["functions"]


@pytest.fixture(scope="module")
def task() -> RecordTask:
    return RecordTask(FOLDER)


@pytest.fixture(scope="module")
def base(task: RecordTask) -> FunctionBase:
    """Every function, as the gate admits it; conditions decide the last stage."""
    stages = tuple(
        Stage(
            *(item["name"], item["output"], item["question"]),
            mode="all" if item["mode"] == "all" else "one",
            reads=tuple(item.get("reads", ())),
            text=tuple(item.get("text", ())),
            guarded=item["mode"] == "first",
        )
        for item in STAGES
    )
    gate, functions = Gate.of(task, stages), []
    with Sandbox() as sandbox:
        for stage in stages:
            for file in sorted((FOLDER / "functions" / stage.name).glob("*.py")):
                known = {function.name: function for function in functions}
                functions.append(gate.admit(file.read_text(), stage, known, sandbox, "person")[0])
    return FunctionBase(task.id, stages).having(functions)


@pytest.fixture(scope="module")
def sandbox(base: FunctionBase) -> Iterator[Sandbox]:
    with Sandbox(base.functions) as found:
        yield found


def test_every_rule_has_a_function_and_every_function_passes_the_gate(
    task: RecordTask, base: FunctionBase
) -> None:
    assert len(base.functions) == 28
    assert base.uncovered_rules(len(task.rules)) == []
    assert {function.name for function in base.of_stage("ruling")} == set(ORDER)


def test_the_first_rule_that_holds_gives_every_recorded_action_to_the_cent(
    task: RecordTask, base: FunctionBase, sandbox: Sandbox
) -> None:
    intents = {line["id"]: line["intent"] for line in read_lines(FOLDER / "labels.jsonl")}
    assert len(task.records) == len(intents) == 150
    decided: dict[str, Json] = {}
    for record in task.records:
        scope = dict(record.state) | {"facts": {}, "intent": intents[record.id]}
        for function in base.of_stage("facts"):
            if set(function.parameters) <= set(scope):
                scope["facts"] |= sandbox.call(function, scope).value
        holding = (name for name in ORDER if sandbox.holds(base.function(name), [scope])[0])
        first = next(holding, None) if scope["intent"] else None
        found = sandbox.call(base.function(first), scope).value if first else None
        decided[record.id] = found or task.fallback(record.state)
    wrong = {r.id: decided[r.id] for r in task.records if decided[r.id] != r.action}
    assert json.dumps(wrong) == "{}"
