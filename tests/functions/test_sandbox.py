from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pydantic_monty as monty
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.functions.conftest import raw

from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Limits, ProcessorTime, Sandbox
from logicdistill.types import Function, Outcome, Stage

MEMORY = "MemoryError|TimeoutError"
"""A slow machine reaches the time limit first."""

STOPPED = {
    "endless_loop": ("while True:\n    pass", "TimeoutError"),
    "endless_loop_that_catches_everything": (
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass",
        "TimeoutError",
    ),
    "endless_loop_in_finally": (
        "try:\n    while True:\n        pass\nfinally:\n    while True:\n        pass",
        "TimeoutError",
    ),
    "endless_loop_in_exec": ("exec('while True: pass')", "TimeoutError"),
    "memory_bomb_at_once": ("return [0] * 10**10", MEMORY),
    "memory_bomb_by_steps": ("s = 'x'\nwhile True:\n    s += s", MEMORY),
    "recursion": ("def again(k):\n    return again(k + 1)\nreturn again(0)", "RecursionError"),
    "recursion_that_catches_itself": (
        "def again(k):\n    try:\n        return again(k + 1)\n"
        "    except RecursionError:\n        return again(k)\nreturn again(0)",
        "TimeoutError",
    ),
    "file_read": ("return open('/etc/passwd').read()", "PermissionError"),
    "file_read_by_path": (
        "import pathlib\nreturn pathlib.Path('/etc/passwd').read_text()",
        "PermissionError",
    ),
    "file_write": (
        "with open('/tmp/logicdistill-was-here', 'w') as file:\n    file.write('x')",
        "PermissionError",
    ),
    "network": ("import socket\nreturn 1", "ModuleNotFoundError"),
    "environment": ("import os\nreturn dict(os.environ)", "RuntimeError"),
    "shell": ("import os\nreturn os.system('true')", "AttributeError"),
    "modules": ("import sys\nreturn list(sys.modules)", "AttributeError"),
    "subprocess": ("import subprocess\nreturn 1", "ModuleNotFoundError"),
    "dunder_walk": ("return str(().__class__.__bases__[0].__subclasses__())", "AttributeError"),
    "function_globals": ("def g():\n    pass\nreturn str(g.__globals__)", "AttributeError"),
    "builtins": ("return str(__builtins__)", "NameError"),
    "dunder_import": ("return __import__('os').getcwd()", "NameError"),
    "huge_power": ("return 10**10**8", MEMORY),
    "huge_integer_returned": ("return 10**20000", "ValueError"),
    "large_integer_returned": ("return 10**2000", "ValueError"),
    "huge_output": ("print('x' * 10**7)\nreturn 1", MEMORY),
    "endless_output": ("while True:\n    print('x' * 1000)", "Error"),
    "huge_string_returned": ("return 'x' * (5 * 2**20)", "ValueError: returned more than"),
    "huge_list_returned": ("return [0] * 10**6", MEMORY),
    "huge_key_returned": ("return {'x' * (5 * 2**20): 1}", "ValueError: returned more than"),
    "shared_structure_returned": (
        "x = [0]\nfor i in range(40):\n    x = [x, x]\nreturn x",
        "Error|worker lost",
    ),
    "deep_value_returned": ("x = []\nfor i in range(10000):\n    x = [x]\nreturn x", "Error"),
    "cycle_returned": ("x = []\nx.append(x)\nreturn x", "ValueError"),
    "set_returned": ("return {1}", "TypeError"),
    "function_returned": ("return lambda: 1", "TypeError"),
    "range_returned": ("return range(3)", "TypeError"),
    "module_returned": ("import math\nreturn math", "TypeError"),
    "class_returned": ("return int", "TypeError"),
    "object_returned": ("class A:\n    pass\nreturn A()", "Error"),
    "bytes_returned": ("return b'x'", "TypeError"),
    "nan_returned": ("return float('nan')", "ValueError: returned nan"),
    "infinity_returned": ("return [float('-inf')]", "ValueError: returned -inf"),
    "number_as_key_returned": ("return {1: 2}", "ValueError: returned a dict"),
    "exit": ("raise SystemExit", "SystemExit"),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "huge_message": ("raise ValueError('x' * 10**6)", "ValueError"),
    "deep_source": ("return eval('(' * 100000)", "nested"),
    "deep_json": ("import json\nreturn json.loads('[' * 100000)", "JSONDecodeError"),
    "regular_expression": (
        "import re\nreturn bool(re.match(r'(a*)*\\1b$', 'a' * 5000))",
        "PatternError|TimeoutError",
    ),
}
TAMPERING = {
    "global": "global __fn_honest\n__fn_honest = lambda n: 666\nreturn 1",
    "global_import": "global __fn_honest\nimport math as __fn_honest\nreturn 1",
    "global_condition": "global __fn_0when_honest\n__fn_0when_honest = lambda n: False\nreturn 1",
    "exec": "exec('__fn_honest = lambda n: 666')\nreturn 1",
    "exec_global": "exec('global __fn_honest\\n__fn_honest = lambda n: 666')\nreturn 1",
    "exec_by_another_name": "run = exec\n"
    "run('global __fn_honest\\n__fn_honest = lambda n: 666')\nreturn 1",
    "eval_of_exec": "eval('exec(\"global __fn_honest\\\\n__fn_honest = 666\")')\nreturn 1",
    "locals": "locals()['__fn_honest'] = 666\nreturn 1",
    "import_as": "import math as __fn_honest\nreturn 1",
    "assignment": "__fn_honest = 666\nreturn 1",
    "walrus": "[(__fn_honest := 666) for _ in [1]]\nreturn 1",
    "nested_def": "def honest(n):\n    return 666\n"
    "def __fn_honest(n):\n    return 666\nreturn honest(1)",
    "global_builtin": "global len, Exception\nlen = Exception = 666\nreturn 1",
    "snippet_names": "global __json, __make\n__json = __make = 666\nreturn 1",
    "module_attribute": "import json\njson.dumps = lambda value: '1'\nreturn 1",
    "builtin_attribute": "int.__add__ = lambda a, b: 666\nreturn 1",
}


def held(sandbox: Sandbox, name: str) -> Function:
    return sandbox._functions[name]


def assert_honest_is_right(sandbox: Sandbox) -> None:
    assert sandbox.call(held(sandbox, "honest"), {"n": 41}) == Outcome(value=42)
    assert sandbox.holds(held(sandbox, "honest"), [{"n": 1}, {"n": -1}]) == [True, False]


@pytest.mark.parametrize("case", STOPPED)
def test_hostile_code_is_stopped_and_the_next_honest_call_is_right(
    case: str, sandbox: Sandbox, honest: Function
) -> None:
    body, error = STOPPED[case]
    sandbox.load([honest, raw(body)])
    assert_honest_is_right(sandbox)
    outcome = sandbox.call(held(sandbox, "hostile"), {"n": 1})
    assert outcome.value is None
    assert outcome.error is not None
    assert re.search(error, outcome.error)
    assert len(outcome.error) <= 320
    assert outcome.error.isprintable()
    assert_honest_is_right(sandbox)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("case", TAMPERING)
def test_no_function_replaces_another(
    case: str, first: bool, sandbox: Sandbox, honest: Function
) -> None:
    hostile = raw(TAMPERING[case])
    sandbox.load([hostile, honest] if first else [honest, hostile])
    for _ in range(2):
        sandbox.call(held(sandbox, "hostile"), {"n": 1})
        sandbox.call_many(held(sandbox, "hostile"), [{"n": 1}] * 3)
        assert_honest_is_right(sandbox)


@pytest.mark.parametrize("first", [True, False])
def test_loading_a_function_replaces_no_other(
    first: bool, sandbox: Sandbox, honest: Function
) -> None:
    hostile = raw("return 1", top="exec('global __fn_honest\\n__fn_honest = lambda n: 666')\n")
    sandbox.load([hostile, honest] if first else [honest, hostile])
    assert_honest_is_right(sandbox)
    assert sandbox.call(held(sandbox, "hostile"), {"n": 1}) == Outcome(value=1)
    assert_honest_is_right(sandbox)


def test_a_name_like_that_of_a_condition_replaces_no_condition(
    sandbox: Sandbox, honest: Function
) -> None:
    sandbox.load(
        [honest, raw("return False", name="_when_honest"), raw("return False", name="when_honest")]
    )
    assert_honest_is_right(sandbox)


def test_parameters_named_like_functions_and_snippet_variables_replace_nothing(
    sandbox: Sandbox, honest: Function
) -> None:
    names = ("honest", "__fn_honest", "__batch", "__results", "len")
    sandbox.load(
        [
            honest,
            raw("honest = __fn_honest = __batch = __results = 666\nreturn 1", parameters=names),
        ]
    )
    assert (
        sandbox.call_many(held(sandbox, "hostile"), [dict.fromkeys(names, 1)] * 3)
        == [Outcome(value=1)] * 3
    )
    assert_honest_is_right(sandbox)


def test_two_functions_with_the_same_alias_keep_their_own(sandbox: Sandbox) -> None:
    sandbox.load(
        [
            raw(f"return STEP + n + len({shown!r})", name=shown, top=f"STEP = {shown[-1]}\n")
            for shown in ("add1", "add2")
        ]
    )
    assert [
        sandbox.call(held(sandbox, name), {"n": 0}).value for name in ("add1", "add2", "add1")
    ] == [5, 6, 5]


def test_a_function_that_hoards_memory_takes_none_from_others(
    sandbox: Sandbox, honest: Function
) -> None:
    hoard = raw("KEPT.append('x' * 30_000_000)\nreturn 1", top="KEPT = []\n")
    needy = raw("return len('y' * 20_000_000)", name="needy")
    sandbox.load([honest, hoard, needy])
    assert_honest_is_right(sandbox)
    assert sandbox.call(held(sandbox, "hostile"), {"n": 1}) == Outcome(value=1)
    assert sandbox.call(held(sandbox, "needy"), {"n": 1}) == Outcome(value=20_000_000)
    assert_honest_is_right(sandbox)


@pytest.mark.parametrize(
    "top",
    [
        "del honest\n",
        "raise ValueError('at load')\n",
        "while True:\n    pass\n",
        "BIG = [0] * 10**10\n",
        "'''\n",
        "async def x(): pass\nyield\n",
    ],
)
def test_a_function_that_cannot_be_loaded_fails_alone(
    top: str, sandbox: Sandbox, honest: Function
) -> None:
    sandbox.load([raw("return 1", top=top), honest, raw("return 2", name="other")])
    assert_honest_is_right(sandbox)
    assert sandbox.call(held(sandbox, "hostile"), {"n": 1}).error
    assert sandbox.call(held(sandbox, "other"), {"n": 1}) == Outcome(value=2)
    assert_honest_is_right(sandbox)


def test_functions_too_large_to_be_loaded_together_still_run(sandbox: Sandbox) -> None:
    sandbox.load(
        [
            raw(f"return len(BIG) + {index}", name=f"big{index}", top="BIG = 'x' * 20_000_000\n")
            for index in range(3)
        ]
    )
    assert [sandbox.call(held(sandbox, f"big{index}"), {"n": 1}).value for index in range(3)] == [
        20_000_000,
        20_000_001,
        20_000_002,
    ]


def test_a_broken_condition_spoils_no_other_function(sandbox: Sandbox, honest: Function) -> None:
    sandbox.load(
        [
            raw("return 1", when="n > 1 # a comment"),
            raw("return 1", name="loops", when="[a for a in 'x' * 9999 for b in 'x' * 9999] == n"),
            honest,
        ]
    )
    assert sandbox.holds(held(sandbox, "hostile"), [{"n": 2}, {"n": 0}, {}]) == [True, False, False]
    assert sandbox.holds(held(sandbox, "loops"), [{"n": 2}]) == [False]
    assert_honest_is_right(sandbox)


def test_sleep_takes_no_time(sandbox: Sandbox) -> None:
    sandbox.load(
        [
            raw("import time\ntime.sleep(60)\nreturn n"),
            raw("import asyncio\nasyncio.run(asyncio.sleep(60))\nreturn n", name="waits"),
        ]
    )
    started = time.monotonic()
    assert (
        sandbox.call(held(sandbox, "hostile"), {"n": 1})
        == sandbox.call(held(sandbox, "waits"), {"n": 1})
        == Outcome(value=1)
    )
    assert time.monotonic() - started < 30  # of the 60 that it asks for


def test_clock_and_random_numbers_are_the_same_in_every_session(honest: Function) -> None:
    source = (
        "import datetime, random, time\nreturn [random.random(), time.time(), "
        "str(datetime.datetime.now()), hash('a'), list({'b', 'a'})]"
    )
    seen = set()
    for _ in range(2):
        with Sandbox([raw(source), honest]) as fresh:
            seen.add(json.dumps(fresh.call(held(fresh, "hostile"), {"n": 1}).value))
    assert len(seen) == 1


def test_a_message_cannot_drive_the_terminal(sandbox: Sandbox) -> None:
    sandbox.load([raw("raise ValueError('\\x1b[2J\\x07a\\nb\\u202e')")])
    for outcome in [
        sandbox.call(held(sandbox, "hostile"), {"n": 1}),
        *sandbox.call_many(held(sandbox, "hostile"), [{"n": 1}] * 2),
    ]:
        assert outcome == Outcome(error="ValueError: [2J a b")


def test_a_string_over_several_lines_keeps_its_content(sandbox: Sandbox) -> None:
    source = (
        'TEXT = """a\n  b\n\nc"""\ndef spoken(n: int) -> list[str]:\n'
        '    return [TEXT, f"""x\ny{n}""", "e\\\nf", "\u2028"]\n'
    )
    namespace: dict[str, object] = {}
    exec(source, namespace)
    sandbox.load([Function("spoken", "play", source, ("n",), raw("pass").manual, ("spoken",))])
    assert sandbox.call(held(sandbox, "spoken"), {"n": 1}).value == namespace["spoken"](1)  # type: ignore[operator]


def test_worker_killed_from_outside_loses_no_call(sandbox: Sandbox, honest: Function) -> None:
    sandbox.load([honest])
    for count in range(5):
        assert_honest_is_right(sandbox)
        os.kill(sandbox._session.worker_pid, signal.SIGKILL)
        if count % 2:
            time.sleep(0.05)
        assert sandbox.call_many(held(sandbox, "honest"), [{"n": n} for n in range(50)]) == [
            Outcome(value=n + 1) for n in range(50)
        ]


def test_worker_that_is_stuck_is_replaced_and_the_call_is_right(honest: Function) -> None:
    with Sandbox([honest], Limits(seconds=0.2, watchdog=1.0)) as sandbox:
        assert_honest_is_right(sandbox)
        worker = psutil.Process(sandbox._session.worker_pid)
        worker.suspend()
        while worker.status() != psutil.STATUS_STOPPED:
            time.sleep(0.001)
        assert_honest_is_right(sandbox)
        assert sandbox._session.worker_pid != worker.pid


@pytest.mark.skipif(sys.platform != "linux", reason="processor time is known on Linux alone")
def test_a_worker_that_waits_for_a_processor_is_not_taken_for_a_slow_function() -> None:
    busy = raw("for i in range(30_000):\n    n += i % 2\nreturn n")
    with Sandbox([busy], Limits(seconds=0.3)) as sandbox:
        assert sandbox.call(busy, {"n": 1}) == Outcome(value=15_001)
        worker = psutil.Process(sandbox._session.worker_pid)
        with ThreadPoolExecutor(1) as other:
            answer = other.submit(sandbox.call, busy, {"n": 1})
            time.sleep(0.002)
            worker.suspend()
            time.sleep(0.5)
            worker.resume()
            assert answer.result() == Outcome(value=15_001)


def test_a_function_that_computes_too_long_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endless = raw("while True:\n    n += 1")
    # As on an idle machine: a busy one may hold up this call, too, and it is then tried again.
    monkeypatch.setattr(ProcessorTime, "under", lambda self, seconds: False)
    with Sandbox([endless], Limits(seconds=0.2, watchdog=60)) as sandbox:
        started = time.monotonic()
        outcome = sandbox.call(endless, {"n": 1})
        assert (outcome.error or "").startswith("TimeoutError")
        assert time.monotonic() - started < 40, "a second try takes 48"


def test_more_functions_than_the_memory_holds_are_loaded_as_they_are_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    functions = [raw(f"return n + {i}", f"add_{i}") for i in range(400)]
    opened = []
    open_session = Sandbox._open

    def counted(self: Sandbox, *given: Any) -> Any:
        opened.append(1)
        return open_session(self, *given)

    monkeypatch.setattr(Sandbox, "_open", counted)
    with Sandbox(functions, Limits(memory=300_000)) as sandbox:
        for number in (*range(0, 400, 7), *range(399, 0, -3), 0, 399, 0):
            assert sandbox.call(functions[number], {"n": 1}) == Outcome(value=1 + number)
    assert 2 <= len(opened) <= 12


def test_a_closed_sandbox_starts_again(sandbox: Sandbox, honest: Function) -> None:
    sandbox.load([honest])
    for _ in range(2):
        assert_honest_is_right(sandbox)
        sandbox.close()


BAD_ITEM = """\
if n == 3:
    while True:
        pass
if n == 5:
    return [0] * 10**10
if n == 7:
    raise ValueError("seven")
if n == 9:
    return {1}
if n == 11:
    return "x" * (3 * 2**20)
if n == 13:
    raise SystemExit
if n == 15:
    return float("nan")
return n + 1"""


def test_a_bad_item_spoils_no_other_item_of_a_batch(sandbox: Sandbox, honest: Function) -> None:
    sandbox.load([honest, raw(BAD_ITEM)])
    outcomes = sandbox.call_many(held(sandbox, "hostile"), [{"n": n} for n in range(40)])
    bad = {
        3: "TimeoutError",
        5: "MemoryError",
        7: "seven",
        9: "TypeError",
        11: "returned more",
        13: "SystemExit",
        15: "nan",
    }
    for n, outcome in enumerate(outcomes):
        if n in bad:
            assert bad[n] in (outcome.error or "")
        else:
            assert outcome == Outcome(value=n + 1)
    assert_honest_is_right(sandbox)


def test_a_batch_gives_the_same_outcome_as_single_calls(sandbox: Sandbox) -> None:
    sandbox.load([raw(BAD_ITEM)])
    scopes = [{"n": n} for n in (0, 7, 9, 11, 15, 2)]
    assert sandbox.call_many(held(sandbox, "hostile"), scopes) == [
        sandbox.call(held(sandbox, "hostile"), scope) for scope in scopes
    ]


def test_a_bad_scope_spoils_no_other_condition(sandbox: Sandbox) -> None:
    sandbox.load(
        [
            raw(
                "return 1",
                when="len([a for a in 'x' * 9999 for b in 'x' * 9999]) > 0 if n == 3 "
                "else n > 3 and 1 / (n - 7) != 0",
            )
        ]
    )
    scopes = [{"n": n} for n in range(10)] + [{"m": 1}, {"n": "text"}]
    assert sandbox.holds(held(sandbox, "hostile"), scopes) == [
        n > 3 and n != 7 for n in range(10)
    ] + [False, False]


def test_a_value_that_the_sandbox_cannot_take_is_an_outcome(
    sandbox: Sandbox, honest: Function
) -> None:
    sandbox.load([honest])
    for value in ("\ud800", object(), threading.Lock(), 10**20000):
        sandbox.call(held(sandbox, "honest"), {"n": value})
        assert_honest_is_right(sandbox)


def test_threads_share_a_sandbox(sandbox: Sandbox, honest: Function) -> None:
    sandbox.load(
        [
            honest,
            raw("while n == 0:\n    pass\nreturn n"),
            raw("global x\nx = n\nreturn x", name="alone"),
        ]
    )

    def work(index: int) -> bool:
        if index == 5:
            return "TimeoutError" in (sandbox.call(held(sandbox, "hostile"), {"n": 0}).error or "")
        if index % 7 == 0:
            return sandbox.call(held(sandbox, "alone"), {"n": index}).value == index
        if index % 2:
            return sandbox.call(held(sandbox, "honest"), {"n": index}).value == index + 1
        return [
            outcome.value
            for outcome in sandbox.call_many(held(sandbox, "hostile"), [{"n": index + 1}] * 3)
        ] == [index + 1] * 3

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(80)))


def test_threads_start_one_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    pools, make = [], monty.Monty

    def counted(**options: Any) -> monty.Monty:
        pools.append(make(**options))
        return pools[-1]

    monkeypatch.setattr(monty, "Monty", counted)
    with Sandbox() as fresh, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: fresh.check_types("1", "1"), range(8)))
    assert len(pools) == 1


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=15,
)


@pytest.fixture(scope="module")
def echo() -> Sandbox:
    return Sandbox([raw("return n")], Limits(seconds=0.5))


@given(values=st.lists(json_values, min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_json_value_passes_unchanged(echo: Sandbox, values: list[object]) -> None:
    outcomes = echo.call_many(held(echo, "hostile"), [{"n": value} for value in values])
    assert json.dumps([outcome.value for outcome in outcomes]) == json.dumps(values)
    assert all(outcome.error is None for outcome in outcomes)


@given(body=st.text(alphabet="abn01()[]{}:=+-*/ \n'\"\\#@.,_", max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_source_breaks_the_sandbox(body: str, sandbox: Sandbox, honest: Function) -> None:
    sandbox.load([raw("return n", top=body + "\n"), honest])
    sandbox.call(held(sandbox, "hostile"), {"n": 1})
    assert sandbox.call(held(sandbox, "honest"), {"n": 1}) == Outcome(value=2)


def test_the_type_checker_reports_its_first_finding_in_one_line(sandbox: Sandbox) -> None:
    finding = sandbox.check_types("def f(n: int) -> int:\n    return 'a'\n", "f(n=1)")
    assert finding is not None
    assert "\n" not in finding
    assert "return" in finding
    assert sandbox.check_types("def f(n: int) -> int:\n    return n\n", "f(n=1)") is None
    assert sandbox.check_types("while True:\n    pass\n", "f(n=1)") is None


def test_the_honest_function_of_this_file_passes_its_own_parser(honest: Function) -> None:
    assert (
        parse_function(honest.source, Stage("play", "action", "?")).content_hash
        == honest.content_hash
    )


@pytest.mark.parametrize("scopes", [1, 3])
def test_a_function_that_another_thread_removed_or_replaced_runs_as_it_was(
    scopes: int, honest: Function
) -> None:
    other = raw("return 666", name=honest.name, when="n < 0")
    with Sandbox([honest]) as fresh:
        for functions in ([], [other]):
            fresh.load(functions)
            assert fresh.call_many(honest, [{"n": 1}] * scopes) == [Outcome(value=2)] * scopes
            assert fresh.holds(honest, [{"n": 1}] * scopes) == [True] * scopes
        assert fresh.call_many(other, [{"n": 1}] * scopes) == [Outcome(value=666)] * scopes
        assert fresh.holds(other, [{"n": 1}] * scopes) == [False] * scopes
