from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, sys
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.types import Stage

SOURCE = '''def double(n: int) -> int:
    \\"\\"\\"Double a number.

    Use when: in every state.
    When: n > 0
    >>> double(n=2)
    4
    \\"\\"\\"
    return 2 * n
'''
function = parse_function(SOURCE, Stage("s", "o", "?"), "teacher", "double.py")
scopes = [{"n": n} for n in range(-2, 9)]
expected = ([-4, -2, 0, 2, 4, 6, 8, 10, 12, 14, 16], [False] * 3 + [True] * 8)

def results(sandbox):
    values = [outcome.value for outcome in sandbox.call_many(function, scopes)]
    return values, sandbox.holds(function, scopes)

def in_child(work):
    pid = os.fork()
    if pid == 0:
        work()
        sys.exit(0)
    return os.waitpid(pid, 0)[1]

sandbox = Sandbox([function])
assert results(sandbox) == expected
worker = sandbox._session.worker_pid
"""


def runs(code: str) -> None:
    subprocess.run([sys.executable, "-c", SCRIPT + code], check=True, timeout=120)


def test_parent_and_children_of_a_used_sandbox_compute_rightly_and_end() -> None:
    runs("""
def child():
    assert results(sandbox) == expected
    assert in_child(lambda: results(sandbox) == expected or sys.exit(3)) == 0
    assert results(sandbox) == expected
    sandbox.close()

pids = []
for _ in range(2):
    pid = os.fork()
    if pid == 0:
        child()
        sys.exit(0)
    pids.append(pid)
for _ in range(20):
    assert results(sandbox) == expected
assert [os.waitpid(pid, 0)[1] for pid in pids] == [0, 0]
assert sandbox._session.worker_pid == worker  # no child has ended it
""")


def test_a_child_makes_sandboxes_of_its_own_and_loads_other_functions() -> None:
    runs("""
def child():
    with Sandbox([function]) as other:
        assert results(other) == expected
    sandbox.load([])
    assert sandbox.call(function, {"n": 3}).value == 6
    assert sandbox.check_types(SOURCE, "double(n='x')") is not None

assert in_child(child) == 0
assert results(sandbox) == expected
""")


def test_a_child_is_not_held_up_by_a_lock_of_another_thread() -> None:
    runs("""
import threading
held, release = threading.Event(), threading.Event()

def hold():
    with sandbox._lock:
        held.set()
        release.wait()

thread = threading.Thread(target=hold)
thread.start()
held.wait()
assert in_child(lambda: results(sandbox) == expected or sys.exit(3)) == 0
release.set()
thread.join()
""")


def test_a_process_that_is_killed_is_started_again() -> None:
    runs("""
def child():
    assert results(sandbox) == expected
    sandbox._forked._process.kill()
    sandbox._forked._process.wait()
    assert results(sandbox) == expected

assert in_child(child) == 0
""")


def test_where_no_process_starts_the_child_is_told_so() -> None:
    runs("""
from logicdistill.errors import StorageError

def child():
    sys.executable = "/nowhere/python"
    try:
        results(sandbox)
    except StorageError as error:
        assert "fork before the first decision" in str(error), error
    else:
        sys.exit(3)

assert in_child(child) == 0
""")


def test_a_process_that_is_killed_again_and_again_is_an_error_of_each_result() -> None:
    runs("""
from logicdistill.functions import forked

def child():
    forked._CODE = "import os; os.kill(os.getpid(), 9)"
    said = "worker lost: the process that runs functions was killed"
    assert sandbox.call(function, scopes[0]).error == said
    assert [one.error for one in sandbox.conditions(function, scopes)] == [said] * len(scopes)
    assert [one.error for one in sandbox.call_many(function, scopes)] == [said] * len(scopes)

assert in_child(child) == 0
""")


def test_the_process_takes_up_other_functions_and_stays() -> None:
    runs("""
def child():
    assert results(sandbox) == expected
    process = sandbox._forked._process
    other = parse_function(SOURCE.replace("2 * n", "3 * n"), Stage("s", "o", "?"))
    sandbox.load([other])
    assert sandbox.call(other, {"n": 3}).value == 9
    assert sandbox._forked._process is process and process.poll() is None

assert in_child(child) == 0
""")


def test_a_forked_child_has_the_helpers_of_its_functions() -> None:
    runs("""
from logicdistill.functions.base import FunctionBase
from logicdistill.types import HELPERS

stage = Stage("s", "o", "?")
helper = parse_function(SOURCE.replace("double", "half").replace("    When: n > 0\\n", "")
    .replace("2 * n", "n + n"), HELPERS)
caller = parse_function(SOURCE.replace("2 * n", "half(n)").replace("n > 0", "half(n) > 0"), stage)
base = FunctionBase("small-v1", (stage,), (caller,), helpers=(helper,))

def child():
    sandbox.load(base.functions)
    values = [outcome.value for outcome in sandbox.call_many(base.functions[0], scopes)]
    found = values, sandbox.holds(base.functions[0], scopes)
    assert found == expected

assert in_child(child) == 0
""")
