"""What the names inside a function hold as it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from logicdistill.functions.manual import parse_function
from logicdistill.functions.noted import MOST_CHARACTERS, noted
from logicdistill.functions.sandbox import Sandbox
from logicdistill.types import HELPERS, Function, Json, Stage

BILL = Stage("bill", "action", "How much?", "first")
RATE = '''
def rate(used: int) -> float:
    """Give the price of a unit.

    >>> rate(used=1)
    0.5
    """
    return 0.5 if used < 10 else 0.25
'''


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as workers:
        yield workers


def function(body: str, helpers: tuple[Function, ...] = ()) -> Function:
    head = 'def bill(used: int, tiers: list[int]) -> float:\n    """Bill.\n\n    Use when: always\n'
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    source = f'{head}    >>> bill(used=0, tiers=[])\n    0.0\n    """\n{lines}'
    return replace(parse_function(source, BILL), helpers=helpers)


def held(sandbox: Sandbox, body: str, used: int = 12, *helpers: Function) -> Mapping[str, str]:
    scope: dict[str, Json] = {"used": used, "tiers": [5, 20], "other": 1}
    return noted(function(body, helpers), scope, sandbox)


def test_the_last_value_of_each_name_is_known_in_every_kind_of_block(sandbox: Sandbox) -> None:
    body = """\
total, left = 0.0, used
for tier in tiers:
    part = min(left, tier)
    left -= part
    if part:
        rest: int = left
    else:
        never = 1
    total += part * 0.5
while left:
    left = 0
try:
    share = 1 / left
except ZeroDivisionError:
    share = 0
return total"""
    assert held(sandbox, body) == {
        "total": "6.0",
        "left": "0",
        "part": "7",
        "rest": "0",
        "share": "0",
    }


def test_what_came_before_a_failure_is_known_and_helpers_are_called(sandbox: Sandbox) -> None:
    body = 'price = rate(used)\nword = {"a": 1}["b"]\nreturn price'
    assert held(sandbox, body, 12, parse_function(RATE, HELPERS)) == {"price": "0.25"}


def test_functions_inside_keep_their_names_and_long_values_are_cut(sandbox: Sandbox) -> None:
    body = """\
noted_0 = "a" * 500
def half(amount: int) -> int:
    inner = amount // 2
    return inner
same = half
return float(half(used))"""
    found = held(sandbox, body)
    assert list(found) == ["noted_0"]
    assert len(found["noted_0"]) == MOST_CHARACTERS
    assert held(sandbox, "return 1.0") == {}
