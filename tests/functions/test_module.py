from __future__ import annotations

import ast

import pytest

from logicdistill.errors import ManualError
from logicdistill.functions.module import split_module

MODULE = '''"""Helpers."""

from __future__ import annotations

import math, os
from typing import Any as Anything

Cell = list[int]
Cells = list[Cell]
UNUSED = 3
LIMIT: int = 2


class Kept:
    pass


def near(cells: Cells) -> bool:
    """Nearness."""
    return math.hypot(*cells[0]) < LIMIT


@staticmethod
def plain(x: int) -> int:
    return x
'''


def test_each_function_takes_along_what_it_uses_and_nothing_else() -> None:
    files = split_module(MODULE)
    assert list(files) == ["near", "plain"]
    body = ast.parse(files["near"]).body
    assert [ast.unparse(node) for node in body[:-1]] == [
        "import math, os",
        "Cell = list[int]",
        "Cells = list[Cell]",
        "LIMIT: int = 2",
    ]
    assert files["plain"] == "@staticmethod\ndef plain(x: int) -> int:\n    return x\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [("def (", "not valid Python"), ("x = 1\n", "holds no function"), ("\0", "not valid Python")],
)
def test_what_is_no_module_of_functions_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(ManualError, match=said):
        split_module(text, "helpers.py")
