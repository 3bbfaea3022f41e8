"""The pages' actions that are objects, and their dates, hold."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from logicdistill.functions.gate import Gate
from logicdistill.tasks.record_folder import RecordSettings
from logicdistill.tasks.schema import Schema
from logicdistill.types import Stage

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "functions.md").read_text()


def section(name: str, kind: str) -> str:
    text = PAGE.split(f"## {name}\n")[1].split("\n## ")[0]
    return re.findall(rf"```{kind}\n(.*?)```", text, flags=re.DOTALL)[0]


def test_the_objects_of_the_page_are_allowed_actions_and_others_are_not() -> None:
    settings = RecordSettings.model_validate(
        tomllib.loads(section("Actions that are objects", "toml"))
    )
    faults = Schema(settings.allowed).faults
    assert not faults(settings.fallback)
    assert not faults({"kind": "fine", "amount": 2.5})
    assert faults({"kind": "fine"})
    assert faults({"kind": "fine", "amount": "2"})


def test_the_function_of_the_page_reads_dates_and_passes_the_gate() -> None:
    stage = Stage("decide", "action", "Which?", "one", ("today",))
    gate = Gate(frozenset({"today", "delivered_on"}), 0, (stage,))
    assert gate.admit(section("Dates", "python"), stage, {})[1].examples == 2
