"""A task with a stage of facts and actions that are objects with an amount: refunds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.tasks.records import RecordTask
from logicdistill.types import Stage

FACTS = Stage("facts", "facts", "What is known?", mode="all")
DECIDE = Stage("decide", "action", "What is paid?", mode="first")
TASK = """id = "refunds-v1"
title = "Refunds"
fallback = { do = "ask", amount = 0 }

[actions]
type = "object"
required = ["do", "amount"]
additionalProperties = false

[actions.properties.do]
enum = ["refund", "refuse", "ask"]

[actions.properties.amount]
type = "number"
minimum = 0
"""
RULES = """1. After 30 days nothing is refunded.
2. Of opened goods 80 percent of the price are refunded.
3. Other goods are refunded in full.
"""


def state(number: int) -> dict[str, Any]:
    return {"days": number * 7 % 60, "opened": number % 3 == 0, "price": 10 + 5 * (number % 9)}


def right(of: dict[str, Any]) -> dict[str, Any]:
    if of["days"] > 30:
        return {"do": "refuse", "amount": 0}
    return {"do": "refund", "amount": of["price"] * 8 / 10 if of["opened"] else of["price"]}


def make_task(folder: Path, known: int = 60) -> RecordTask:
    """Sixty states: forty to train, ten to validate, ten to test; the first are known."""
    folder.mkdir(parents=True)
    rows = []
    for number in range(60):
        split = ("train", "train", "validation", "train", "test", "train")[number % 6]
        row = {"id": f"s{number:02}", "state": state(number), "split": split}
        rows.append(row | ({"action": right(row["state"])} if number < known else {}))
    for name, text in (("task.toml", TASK), ("rules.md", RULES)):
        (folder / name).write_text(text)
    (folder / "states.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return RecordTask(folder)


MEASURE = '''def measure(days: int, opened: bool) -> dict[str, bool]:
    """Say whether it is late, and whether the goods are opened.

    Use when: always.
    Rules: 1, 2
    >>> measure(days=31, opened=False)
    {'late': True, 'opened': False}
    """
    return {"late": days > 30, "opened": opened}
'''


def decider(name: str, when: str, result: str, example: str, number: int) -> str:
    """A function file of the last stage; ``example`` is the result for a price of 100."""
    condition = f"    When: {when}\n" if when else ""
    facts = {"late": number == 1, "opened": number == 2}
    return (
        f"def {name}(facts: dict[str, bool], price: float) -> dict[str, str | float]:\n"
        f'    """Pay by rule {number}.\n\n    Use when: rule {number} fits.\n{condition}'
        f"    Rules: {number}\n    >>> {name}(facts={facts}, price=100)\n"
        f'    {example}\n    """\n    return {result}\n'
    )


LATE = decider(
    "late", 'facts["late"]', '{"do": "refuse", "amount": 0}', "{'do': 'refuse', 'amount': 0}", 1
)
WRONG_KEY = LATE.replace('facts["late"]', 'facts["is_late"]').replace("'late':", "'is_late':")
"""A guessed key; its own usage example has it, too. A gate with example states refuses it."""

TURNED = LATE.replace("When: facts", "When: not facts").replace("'late': True", "'late': False")
"""The condition the wrong way round: every state is decided wrongly, and no gate can know."""

OPENED = decider(
    "opened",
    'facts["opened"]',
    '{"do": "refund", "amount": price * 8 / 10}',
    "{'do': 'refund', 'amount': 80.0}",
    2,
)
WRONG_AMOUNT = OPENED.replace("price * 8 / 10", "price * 7 / 10").replace("80.0", "70.0")
FULL = decider(
    "full", "", '{"do": "refund", "amount": price}', "{'do': 'refund', 'amount': 100}", 3
)
SOURCES = (MEASURE, LATE, OPENED, FULL)


def refund_base(*sources: str, origin: str = "teacher") -> FunctionBase:
    """The base of these files; those that take facts are of the last stage."""
    functions = [
        parse_function(source, DECIDE if "facts:" in source else FACTS, origin)
        for source in sources or SOURCES
    ]
    return FunctionBase("refunds-v1", (FACTS, DECIDE)).having(functions)
