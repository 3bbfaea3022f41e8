from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.functions.conftest import FACTS, PLAY

from logicdistill.errors import BaseError, GateRefusal, ManualError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.diff import diff_bases
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.functions.helpers import callers, outside_names, signature
from logicdistill.functions.lint import copied_logic, missing_actions
from logicdistill.functions.manual import parse_function
from logicdistill.functions.module import split_module
from logicdistill.functions.sandbox import Limits, Sandbox, loading_code
from logicdistill.types import HELPERS, Function, Ran, Stage, stages_fault

ADD = '''Number = int


def plus(a: Number, b: Number) -> Number:
    """Add two numbers.

    Rules: 2
    >>> plus(a=1, b=2)
    3
    """
    return a + b
'''
TWICE = '''def twice(a: int) -> int:
    """Double a number.

    Rules: 3
    >>> twice(2)
    4
    """
    return plus(a, a)
'''
GOOD = '''def {name}(n: int) -> int:
    """Double a number.

    Use when: always.
    When: twice(n) > 2
    Rules: 1
    >>> {name}(2)
    4
    """
    return twice(n)
'''


def base_of(gate: Gate, *sources: tuple[str, Stage]) -> FunctionBase:
    base = FunctionBase("small-v1", (FACTS, PLAY))
    with Sandbox() as sandbox:
        for source, stage in sources:
            base = base.joined(gate.admit(source, stage, base.by_name, sandbox)[0])
    return base


@pytest.fixture(scope="module")
def base(gate: Gate) -> FunctionBase:
    functions = [(GOOD.format(name=name), PLAY) for name in ("double", "redouble")]
    return base_of(gate, (ADD, HELPERS), (TWICE, HELPERS), *functions)


def refusal(
    gate: Gate, source: str, stage: Stage, base: FunctionBase, without: str | None = None
) -> str:
    others = {name: function for name, function in base.by_name.items() if name != without}
    limits = Limits(seconds=5, watchdog=30)  # the type checker is slow on a busy machine
    with Sandbox(limits=limits) as sandbox, pytest.raises(GateRefusal) as caught:
        gate.admit(source, stage, others, sandbox)
    return str(caught.value)


def test_functions_call_helpers_and_their_conditions_do(base: FunctionBase) -> None:
    double, redouble = base.functions
    assert [one.name for one in double.helpers] == ["twice"]
    assert [one.name for one in double.called] == ["plus", "twice"]
    with Sandbox(base.functions) as sandbox:
        for function in (double, redouble):
            assert [one.value for one in sandbox.call_many(function, [{"n": 3}, {"n": 4}])] == [
                6,
                8,
            ]
            assert sandbox.holds(function, [{"n": 1}, {"n": 2}]) == [False, True]
        assert sandbox.call(base.by_name["plus"], {"a": 1, "b": 4}).value == 5


def test_a_session_loads_each_helper_once(
    base: FunctionBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = list[str]()

    def counted(function: Function) -> str:
        loaded.append(function.name)
        return loading_code(function)

    monkeypatch.setattr("logicdistill.functions.sandbox.loading_code", counted)
    with Sandbox(base.functions) as sandbox:
        for function in [*base.functions, *base.functions]:
            assert sandbox.call(function, {"n": 3}).value == 6
    assert loaded == ["plus", "twice", "double", "redouble"]


def test_a_function_of_an_older_base_runs_with_the_helpers_that_it_had(
    base: FunctionBase, gate: Gate
) -> None:
    changed = ADD.replace("a + b", "a + b + 1").replace("    3\n", "    4\n")
    new = base.joined(parse_function(changed, HELPERS))
    with Sandbox(new.functions) as sandbox:
        assert sandbox.call(new.by_name["double"], {"n": 3}).value == 7
        assert sandbox.call(base.by_name["double"], {"n": 3}).value == 6
    with Sandbox([base.by_name["double"], new.by_name["redouble"]]) as sandbox:
        assert sandbox.call(base.by_name["double"], {"n": 3}).value == 6
        assert sandbox.call(new.by_name["redouble"], {"n": 3}).value == 7


def test_the_hash_of_a_function_covers_what_it_calls_directly_or_not(base: FunctionBase) -> None:
    new = base.joined(parse_function(ADD.replace("Add two", "Sum up two"), HELPERS))
    old = base.by_name
    for name in ("plus", "twice", "double", "redouble"):
        assert new.by_name[name].content_hash != old[name].content_hash
    assert new.snapshot != base.snapshot
    assert diff_bases(base, new)["changed"].keys() == {"helpers/plus"}


def test_a_base_with_helpers_is_the_same_after_its_manifest_and_its_folder(
    base: FunctionBase, tmp_path: Path
) -> None:
    manifest = json.loads(json.dumps(base.to_manifest()))
    assert FunctionBase.from_manifest(manifest) == base
    store = BaseFolder(tmp_path / "base")
    store.commit(base, [{"op": "init"}])
    assert (tmp_path / "base" / "helpers" / "plus.py").read_text() == ADD
    loaded = store.load()
    assert loaded == base
    assert [one.called for one in loaded.functions] == [one.called for one in base.functions]
    (tmp_path / "base" / "helpers" / "new.py").write_text(ADD)
    assert list(store.edits()) == ["helpers/new.py"]


def test_rules_of_helpers_are_cited_by_the_function_that_calls_them(base: FunctionBase) -> None:
    assert Ran.of(base.by_name["double"]).rules == (1, 2, 3)
    assert base.uncovered_rules(4) == [4]
    alone = base.having([]).joined(
        parse_function(GOOD.format(name="x").replace("twice", "abs"), PLAY)
    )
    assert alone.uncovered_rules(4) == [2, 3, 4]  # nothing calls the helpers


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("When: a > 0", "has no 'When:' line"),
        ("Replaces: twice", "has no 'Replaces:' line"),
        ("Expires: 2030-01-01", "has no 'Expires:' line"),
    ],
)
def test_a_helper_has_no_line_about_when_it_is_taken(
    field: str, said: str, gate: Gate, base: FunctionBase
) -> None:
    assert said in refusal(gate, ADD.replace("Rules: 2", field), HELPERS, base, "plus")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def plus(", "def text(", "a field of the state has this name"),
        ("def plus(", "def action(", "the result of stage 'play' has this name"),
        ("def plus(", "def len(", "this name is Python's"),
        ("def plus(", "def double(", "already has a function of this name in stage 'play'"),
        ("def plus(", "def __plus(", "choose another"),
        ("    3\n", "    4\n", "usage example 1 expects 4 but the function returns 3"),
        ("Rules: 2", "Rules: 9", "cites rule 9"),
        ("a: Number", "a", "give a type to a"),
        ("return a + b", "return open(a)", "the name 'open' is not allowed"),
        ("return a + b", "return n + b", "uses 'n', but no parameter, import"),
        (">>> plus(a=1, b=2)\n    3", "", "no usage example that runs"),
    ],
)
def test_a_helper_passes_the_same_gate(
    old: str, new: str, said: str, gate: Gate, base: FunctionBase
) -> None:
    source = ADD.replace(old, new)
    if old.startswith("def"):
        source = source.replace(">>> plus", f">>> {new.removeprefix('def ').rstrip('(')}")
    assert said in refusal(gate, source, HELPERS, base, "plus")


def test_an_unknown_name_is_refused_with_the_helpers_that_there_are(
    gate: Gate, base: FunctionBase
) -> None:
    source = GOOD.format(name="third").replace("return twice(n)", "return thrice(n)")
    said = refusal(gate, source, PLAY, base)
    assert said.endswith("helper has this name; helpers: plus, twice")
    source = GOOD.format(name="third").replace("return twice(n)", "return double(n)")
    assert "only helpers are called by name" in refusal(gate, source, PLAY, base)
    source = GOOD.format(name="third").replace("return twice(n)", "return twice(len(cells))")
    assert "which it has to take as a parameter" in refusal(gate, source, PLAY, base)


def test_the_types_of_a_call_of_a_helper_are_checked(gate: Gate, base: FunctionBase) -> None:
    source = GOOD.format(name="third").replace("twice(n)\n", 'twice("n") if n > 9 else 4\n')
    assert "type check" in refusal(gate, source, PLAY, base)
    assert signature(base.by_name["plus"]).startswith("def plus(a: int, b: int) -> int:")


def test_a_function_that_changes_its_input_through_a_helper_is_refused(gate: Gate) -> None:
    helper = '''def cut(items: list[int]) -> list[int]:
    """Take the first one off.

    >>> cut(items=[1, 2])
    [2]
    """
    {body}
'''
    cells = '''def shorter(cells: list[int]) -> int:
    """Count all but the first.

    Use when: always.
    >>> shorter(cells=[1, 2])
    1
    """
    return len(cut(cells))
'''
    spoiled = helper.format(body="items.pop(0)\n    return items")
    base = base_of(gate, (helper.format(body="return items[1:]"), HELPERS), (cells, PLAY))
    assert "changes its input" in refusal(gate, spoiled, HELPERS, base, "cut")


def test_helpers_that_call_each_other_in_a_circle_are_refused(
    gate: Gate, base: FunctionBase
) -> None:
    circle = ADD.replace("return a + b", "return twice(a) if a == b else a + b")
    assert "helpers go in no circle" in refusal(gate, circle, HELPERS, base, "plus")
    with pytest.raises(BaseError, match=r"in a circle: \w+ calls \w+ calls \w+"):
        base.joined(parse_function(circle, HELPERS))


def test_a_helper_may_call_itself(gate: Gate) -> None:
    source = '''def product(n: int) -> int:
    """Multiply all numbers up to n.

    >>> product(4)
    24
    """
    return n * product(n - 1) if n else 1
'''
    assert base_of(gate, (source, HELPERS)).helpers[0].helpers == ()


def test_a_call_that_never_ends_in_a_helper_counts_as_the_call_s_own(base: FunctionBase) -> None:
    endless = ADD.replace("return a + b", "while a:\n        pass\n    return b")
    new = base.joined(parse_function(endless, HELPERS))
    with Sandbox(new.functions) as sandbox:
        error = sandbox.call(new.by_name["double"], {"n": 3}).error
        assert "TimeoutError" in str(error)
        assert sandbox.call(new.by_name["double"], {"n": 0}).value == 0


def test_a_changed_helper_that_breaks_a_caller_is_refused_with_the_caller(
    base: FunctionBase, gate: Gate
) -> None:
    helper = parse_function(ADD.replace("a + b", "a + 2 if b == 2 and a == 1 else 9"), HELPERS)
    new = base.joined(helper)
    with Sandbox() as sandbox, pytest.raises(GateRefusal) as caught:
        gate.check_callers(helper, new.by_name.values(), sandbox)
    assert str(caught.value).startswith("plus: would break twice, which calls it: usage example 1")
    with Sandbox() as sandbox:
        found = gate.check_callers(base.by_name["plus"], base.by_name.values(), sandbox)
    assert [one.name for one in found] == ["twice", "double", "redouble"]


def test_a_base_without_a_helper_that_something_calls_is_refused(base: FunctionBase) -> None:
    assert [one.name for one in callers("twice", base.by_name.values())] == ["double", "redouble"]
    with pytest.raises(BaseError, match="double calls twice, a helper that is gone"):
        base.without(base.by_name["twice"])
    assert base.having([]).without(base.by_name["twice"]).helpers == (base.by_name["plus"],)


def test_helpers_is_no_name_of_a_stage() -> None:
    stage = Stage("Helpers", "action", "?")
    assert "is kept for functions that others call" in str(stages_fault([stage], ["n"]))
    with pytest.raises(BaseError, match="is kept for functions that others call"):
        FunctionBase("small-v1", (stage,))


def test_names_from_outside_are_what_the_file_does_not_bind() -> None:
    source = """import math
from json import dumps as written

Cell = list[int]
LIMIT = 3


def near(cell: Cell, of: "Far") -> dict[str, int]:
    def inner(x: int) -> int:
        return distance(x, LIMIT) + math.floor(x)

    return {written(y): inner(y) for y in cell if (z := y) and z}
"""
    assert outside_names(source) == {"list", "int", "dict", "str", "distance"}
    assert outside_names("def (") == frozenset()


def test_a_private_function_with_an_example_becomes_a_helper_of_its_module() -> None:
    twice = TWICE.replace("twice", "_twice").replace("plus(a, a)", "_plus(a)")
    functions = [GOOD.format(name=name).replace("twice", "_twice") for name in ("one", "two")]
    plus = "def _plus(a: int) -> int:\n    return a + a\n"
    module = split_module("\n\n".join([*functions, twice, plus]))
    assert not module.refused
    assert list(module.helpers) == ["_twice"]
    assert "def _plus" in module.helpers["_twice"].text  # without an example it goes inside
    assert all("def _twice" not in part.text for part in module.parts.values())
    unused = split_module("\n\n".join([GOOD.format(name="one"), twice, plus]))
    assert not unused.helpers


def test_copies_of_the_same_logic_are_a_note(gate: Gate) -> None:
    inner = "def _two(x: int) -> int:\n        return x * 2\n\n    return _two(n)"
    one, two = (
        GOOD.format(name=name).replace("twice(n) > 2", "n > 1").replace("return twice(n)", inner)
        for name in ("one", "two")
    )
    found = copied_logic(base_of(gate, (one, PLAY), (two, PLAY)))
    assert found == ["play/one and play/two both define the same '_two'; make it a helper"]
    assert copied_logic(base_of(gate, (one, PLAY), (two.replace("* 2", "+ x"), PLAY))) == []


def test_an_action_that_only_a_helper_names_is_not_missing(gate: Gate) -> None:
    helper = ADD.replace("return a + b", "return 7 if a > 6 else a + b")
    function = GOOD.format(name="one").replace("twice(n) > 2", "n > 1")
    base = base_of(gate, (helper, HELPERS), (function.replace("twice(n)", "plus(n, n)"), PLAY))
    assert missing_actions(base, [7, 8]) == [8]


def test_an_unusable_file_of_a_helper_is_one_line() -> None:
    with pytest.raises(ManualError, match="a helper has no 'Expires:' line"):
        parse_function(ADD.replace("Rules: 2", "Expires: 2030-01-01"), HELPERS)


def test_the_helper_of_the_page_and_the_function_that_calls_it_pass_the_gate() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "functions.md").read_text()
    section = page.split("## Helpers\n")[1].split("\n## ")[0]
    helper, function = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    stage = Stage("desk", "action", "What now?", "first")
    gate = Gate(frozenset({"kg", "express", "paid"}), 5, (stage,))
    with Sandbox() as sandbox:
        tariff, _ = gate.admit(helper, HELPERS, {}, sandbox)
        charge, evidence = gate.admit(function, stage, {"tariff": tariff}, sandbox)
    assert (charge.rules, evidence.examples) == ((5, 3, 4), 1)
