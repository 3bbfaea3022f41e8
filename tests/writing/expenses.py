"""Thirteen lines of code make a small business task with a guarded stage: expense claims."""

from __future__ import annotations

import json
from pathlib import Path

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function
from logicdistill.runs import Run
from logicdistill.tasks.records import RecordTask
from logicdistill.types import Stage

DECIDE = Stage("decide", "action", "Who decides?", mode="guarded")
TASK = """id = "expense-v1"
title = "Who decides an expense claim"
actions = ["approve", "manager", "procurement", "ask"]
fallback = "ask"
"""
RULES = """1. A claim up to 100 is approved.
2. A manager decides other claims.
3. Procurement decides about machines.
"""
CURRENCIES = ("EUR", "EUR", "USD", "GBP")


def right(claim: str, amount: int) -> str:
    if claim == "machine":
        return "procurement"
    return "approve" if amount <= 100 else "manager"


def expense(name: str, when: str, action: str, example: str, more: str = "") -> str:
    """A function file that returns an action; ``example`` gives claim and amount."""
    return (
        f'def {name}(claim: str, amount: int) -> str:\n    """Say {action}.\n\n'
        f"    Use when: {name} fits.\n    When: {when}\n{more}"
        f'    >>> {name}({example})\n    {action!r}\n    """\n    return {action!r}\n'
    )


SOURCES = (
    expense("small", 'claim != "machine" and amount <= 100', "approve", 'claim="taxi", amount=20'),
    expense("large", 'claim != "machine" and amount > 100', "manager", 'claim="hotel", amount=300'),
    expense("machines", 'claim == "machine"', "procurement", 'claim="machine", amount=900'),
)
EURO = expense("euro", 'currency == "EUR"', "approve", 'claim="other", amount=5')
"""A rule that is too broad; its usage example does not show it."""


def make_task(folder: Path) -> Path:
    """The folder of the task, with forty states whose right action is known."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number in range(40):
        claim = ("taxi", "hotel", "meal", "machine")[number * 7 % 4]
        amount = 15 + 37 * number % 400
        state = {"claim": claim, "amount": amount, "currency": CURRENCIES[number // 2 % 4]}
        action = right(claim, amount)
        lines.append(json.dumps({"id": f"c{number:03}", "state": state, "action": action}))
    for name, text in (("task.toml", TASK), ("rules.md", RULES)):
        (folder / name).write_text(text)
    (folder / "states.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def make_run(folder: Path, *sources: str, stage: Stage = DECIDE) -> Path:
    """A run of the task that no model is needed for; by default with its three functions."""
    RecordTask(make_task(folder / "task"))  # it proposes the schema
    Run.create(folder, {"task": "expense-v1"})
    functions = [parse_function(source, stage, "person") for source in sources or SOURCES]
    base = FunctionBase("expense-v1", (stage,)).having(functions)
    BaseFolder(folder / "base").commit(base, [{"op": "admit"}])
    return folder
