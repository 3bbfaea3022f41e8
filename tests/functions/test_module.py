from __future__ import annotations

import ast
import re

import pytest

from logicdistill.errors import GateRefusal, ManualError
from logicdistill.functions.gate import Gate
from logicdistill.functions.module import Part, split_module
from logicdistill.types import Stage

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
    parts = split_module(MODULE).parts
    assert list(parts) == ["near", "plain"]
    body = ast.parse(parts["near"].text).body
    assert [ast.unparse(node) for node in body[:-1]] == [
        "import math, os",
        "Cell = list[int]",
        "Cells = list[Cell]",
        "LIMIT: int = 2",
    ]
    assert parts["plain"].text == "@staticmethod\ndef plain(x: int) -> int:\n    return x\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [("def (", "not valid Python"), ("x = 1\n", "holds no function"), ("\0", "not valid Python")],
)
def test_what_is_no_module_of_functions_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(ManualError, match=said):
        split_module(text, "helpers.py")


STAGE = Stage("desk", "action", "Where?")
GATE = Gate(frozenset({"contents"}), 9, (STAGE,))
CONSTANTS = {
    "a negative number": "C = -5",
    "a sum of numbers": "C = 24 * 60",
    "a final number": "C: Final = 3",
    "nested tuples": "C = (1, (2, -3))",
    "a joined text": 'C = "a" "b"',
    "a list": 'C = ["a"]',
    "a dict": 'C: dict[str, str] = {"a": "b"}',
    "a set": 'C = {"a", "b"}  # of words',
    "a frozen set": 'C = frozenset({"a"})',
    "unpacking": 'C, D = "x", "y"',
    "a sum of lists": 'A = ["a"]\nC = A + ["b"]',
    "a list over lines": 'C = [\n    "a",\n    "b",\n]',
    "a text over lines": 'C = ["""a\n  b"""]',
    "made of a list": "A = [1]\nB = A[0]\nC = B + 1",
}


def module_of(constant: str, uses: str = "C") -> str:
    return f'''from typing import Final

{constant}


def by_desk(contents: str) -> str:
    """Send it by desk.

    Use when: always.
    >>> by_desk(contents="liquid")
    'desk'
    """
    return "desk" if {uses} is not None else "other"
'''


def admitted(part: Part) -> str:
    return GATE.admit(part.text, STAGE, {})[0].name


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("constant", CONSTANTS.values(), ids=CONSTANTS)
def test_a_constant_is_taken_along_whatever_its_form(constant: str, ending: str) -> None:
    module = split_module("\ufeff" + module_of(constant).replace("\n", ending))
    assert not module.refused
    assert admitted(module.parts["by_desk"]) == "by_desk"


def test_a_list_is_made_anew_in_each_call_and_no_call_can_change_another() -> None:
    part = split_module(module_of('C = ["a"]', "C.append(contents)")).parts["by_desk"]
    body = ast.parse(part.text).body
    assert [type(node) for node in body] == [ast.FunctionDef]
    assert 'C = ["a"]' in ast.unparse(body[0]).replace("'", '"')


HELPERS = """

def _is_fragile(contents: str) -> bool:
    return contents in C or _deep(contents, 2)


def _deep(contents: str, levels: int) -> bool:
    return levels > 0 and _deep(contents, levels - 1)
"""


def test_private_helpers_are_put_inside_with_what_they_use() -> None:
    module = split_module(module_of('C = {"lamp"}', "_is_fragile(contents)") + HELPERS)
    assert list(module.parts) == ["by_desk"]
    assert admitted(module.parts["by_desk"]) == "by_desk"
    tree = ast.parse(module.parts["by_desk"].text)
    defined = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert defined == ["by_desk", "_is_fragile", "_deep"]
    assert len(tree.body) == 1


@pytest.mark.parametrize(
    ("constant", "uses", "said"),
    [
        ("C = {}\nC['a'] = 1", "C", r"uses C, which line 4 makes or changes; write its whole"),
        ("C = []\nC.append(1)", "C", r"uses C, which line 4 makes or changes"),
        ("C = []\nfor n in [1]:\n    C += [n]", "C", r"uses C, which line 4 makes or changes"),
        ("C = 1\nC += 1", "C", r"uses C, which line 4 makes or changes"),
        ("class C:\n    pass", "C", r"uses C \(line 3\), a class"),
        ("C: int", "C", r"uses C \(line 3\), which has a type and no value"),
        (
            "def other() -> int:\n    return 1",
            "other()",
            r"calls other \(line 3\).*it _other",
        ),
    ],
)
def test_what_cannot_be_taken_along_is_named_with_its_line_and_the_remedy(
    constant: str, uses: str, said: str
) -> None:
    module = split_module(module_of(constant, uses))
    assert "by_desk" not in module.parts
    assert re.search(f"^by_desk {said}", module.refused["by_desk"])
    assert "\n" not in module.refused["by_desk"]


@pytest.mark.parametrize(
    ("constant", "refused", "lines"),
    [
        ("def by_desk(n: int) -> int:\n    return n", "by_desk", "3 and 7"),
        ("by_desk = 3", "by_desk", "3 and 6"),
        ("class by_desk:\n    pass", "by_desk", "3 and 7"),
        ("def _own() -> int:\n    return 1\n_own = 2", "by_desk", "3 and 5"),
        (
            'def _own() -> int:\n    """One.\n    >>> _own()\n    1\n    """\n' * 2,
            "_own",
            "3 and 8",
        ),
    ],
)
def test_of_two_functions_of_one_name_neither_vanishes_in_silence(
    constant: str, refused: str, lines: str
) -> None:
    module = split_module(module_of(constant, "_own()"))
    assert f"is made on lines {lines}: Python keeps only the last" in module.refused[refused]


def test_lines_in_a_refusal_are_those_of_the_persons_file() -> None:
    text = module_of("C = 3", 'open("a")')
    part = split_module(text).parts["by_desk"]
    with pytest.raises(GateRefusal) as refused:
        admitted(part)
    line = next(n for n, line in enumerate(text.splitlines(), start=1) if "open(" in line)
    said = part.located(str(refused.value))
    assert said == f"by_desk: line {line}: the name 'open' is not allowed"
