"""Where functions run: pydantic-monty worker processes without files, network or environment, under limits.

One session holds the whole base. A session that hit a limit or lost its worker is thrown away and the next
call starts a new one: a time limit may stop the interpreter anywhere, so its heap is not trusted afterwards.
A function that could rebind what others call (`global`, `exec` ...), or that cannot be loaded beside them, never
enters that session: each of its calls gets a fresh one. Clock and random numbers are fixed, and nothing sleeps.
"""

from __future__ import annotations

import ast
import contextlib
import datetime
import functools
import importlib.util
import math
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pydantic_monty as monty

from logicdistill.errors import one_line
from logicdistill.types import Function, Json, Outcome, Scope

_PRELUDE = "import json as __json\n"
_SINGLE = """\
__value = __fn_{name}(**__arguments)
__json.dumps(__value)
__value"""  # A function, a range or a cycle would reach this process as a string; `dumps` refuses them.
_BATCH = """\
__results = []
for __arguments in __batch:
    try:
        __value = __fn_{name}(**__arguments)
        __json.dumps(__value)
        __results.append([True, __value])
    except Exception as __error:
        __results.append([False, type(__error).__name__ + ": " + str(__error)])
__results"""
_TWICE = """\
__first = __fn_{name}(**__arguments)
__unchanged = __arguments == __pristine
__second = __fn_{name}(**__again)
__json.dumps([__first, __second])
[__first, __second, __unchanged]"""
_POLICY = monty.OSPolicy(
    datetime=datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC),
    sleep="zero",
    process_time="zero",
    random_start={"seed": 0},
)
_REBINDING = frozenset({"compile", "eval", "exec", "globals", "locals", "vars"})
_MAX_INTEGER_BITS = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use.

    Attributes:
        seconds: time, by the sandbox's own clock.
        memory: bytes of user data.
        recursion: depth of calls.
        output: bytes that it may print (dropped) and, in JSON terms, return.
        watchdog: seconds after which the worker process is killed from outside.
    """

    seconds: float = 0.5
    memory: int = 32 * 2**20
    recursion: int = 200
    output: int = 2**20
    watchdog: float = 3.0


class Sandbox:
    """Runs the functions of a base; safe to share between threads (calls take turns).

    Args:
        functions: what the session holds; `load` replaces them.
        limits: limits of one call.
    """

    def __init__(self, functions: Iterable[Function] = (), limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._functions = {function.name: function for function in functions}
        self._lock = threading.RLock()
        self._pool: monty.Monty | None = None
        self._session: monty.MontySession | None = None
        self._served = 0
        self._alone = {name for name, function in self._functions.items() if can_rebind(function)}
        self._seconds_per_call: dict[str, float] = {}

    def load(self, functions: Iterable[Function]) -> None:
        """Replace what the session holds; effective on the next call."""
        with self._lock:
            self._drop_session()
            self._functions = {function.name: function for function in functions}
            self._alone = {
                name for name, function in self._functions.items() if can_rebind(function)
            }

    def call(self, function: Function, scope: Scope) -> Outcome:
        """Run one function on the names it asks for.

        Args:
            function: one of the session's; any other (say, of a base that another thread has changed) runs in a session of its own.
            scope: must hold every parameter of the function.

        Returns:
            The value, or the error in one line. Never raises for what the function does.
        """
        return self._single(
            function,
            function.name,
            {parameter: scope[parameter] for parameter in function.parameters},
        )

    def call_many(self, function: Function, scopes: Sequence[Scope]) -> list[Outcome]:
        """`call` on many scopes; far cheaper than one by one (one round trip for a chunk of them)."""
        if len(scopes) == 1:
            return [self.call(function, scopes[0])]
        outcomes: list[Outcome] = []
        while len(outcomes) < len(scopes):
            budget = (
                self.limits.seconds
                / 4
                / self._seconds_per_call.get(function.name, self.limits.seconds / 32)
            )
            chunk = scopes[len(outcomes) : len(outcomes) + max(1, min(512, int(budget)))]
            batch = [
                {parameter: scope[parameter] for parameter in function.parameters}
                for scope in chunk
            ]
            outcomes += self._run_chunk(function, function.name, batch)
        return outcomes

    def holds(self, function: Function, scopes: Sequence[Scope]) -> list[bool]:
        """Whether the function's ``When:`` holds in each scope; a condition that fails to evaluate does not hold."""
        needed = condition_parameters(function.manual.when or "")
        bound = [index for index, scope in enumerate(scopes) if needed <= set(scope)]
        result = [False] * len(scopes)
        batch = [
            {parameter: scopes[index][parameter] for parameter in sorted(needed)} for index in bound
        ]
        for start in range(0, len(batch), 512):
            outcomes = self._run_chunk(
                function, condition_name(function.name), batch[start : start + 512]
            )
            for index, outcome in zip(bound[start : start + 512], outcomes, strict=True):
                result[index] = outcome.value is True
        return result

    def call_twice(self, function: Function, inputs: Scope) -> tuple[Outcome, bool, bool]:
        """For the gate: the first outcome, whether a second run gave the same, and whether the inputs stayed as they were."""
        code = _TWICE.format(name=function.name)
        copies = {
            "__arguments": _copy(inputs),
            "__again": _copy(inputs),
            "__pristine": _copy(inputs),
        }
        raw = self._guarded(function, code, copies)
        if raw.error is not None:
            return raw, False, False
        first, second = (self._checked(value) for value in raw.value[:2])
        return first, first == second, raw.value[2] is True

    def check_types(self, source: str, call: str) -> str | None:
        """None, or the type checker's first finding on a function file and a call of it, in one line."""
        checked = self._started().checkout(
            limits=self._resource_limits(),
            type_check=True,
            type_check_format="concise",
            os_policy=_POLICY,
        )
        try:
            with checked as session:
                for code in (source, call):
                    session.feed_run(
                        code, print_callback=monty.CollectString(max_bytes=self.limits.output)
                    )
        except monty.MontyTypingError as error:
            findings = [
                line.partition("error")[2]
                for line in error.display().splitlines()
                if "error" in line
            ]
            return one_line(findings[0]) if findings else None
        except (monty.MontyError, RuntimeError, OSError, ValueError):
            return None  # Loading or running it failed, which the usage examples report in full.
        return None

    def close(self) -> None:
        """End the worker processes; the next call starts them again."""
        with self._lock:
            self._drop_session()
            if self._pool is not None:
                self._pool.__exit__(None, None, None)
                self._pool = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run_chunk(
        self, function: Function, entry: str, batch: list[dict[str, Json]]
    ) -> list[Outcome]:
        name, started = function.name, time.perf_counter()
        whole = self._guarded(function, _BATCH.format(name=entry), {"__batch": batch})
        if whole.error is None:
            # An average that forgets slowly, so that chunks stay well inside the time limit.
            mean = (time.perf_counter() - started) / max(1, len(batch))
            self._seconds_per_call[name] = max(
                mean, self._seconds_per_call.get(name, mean) * 0.9, 1e-6
            )
            return [
                self._checked(value) if fine is True else Outcome(error=one_line(value))
                for fine, value in whole.value
            ]
        if len(batch) == 1:
            return [whole]
        self._seconds_per_call[name] = self.limits.seconds
        return [self._single(function, entry, arguments) for arguments in batch]

    def _single(self, function: Function, entry: str, arguments: dict[str, Json]) -> Outcome:
        raw = self._guarded(function, _SINGLE.format(name=entry), {"__arguments": arguments})
        return raw if raw.error is not None else self._checked(raw.value)

    def _checked(self, value: Any) -> Outcome:
        try:
            return Outcome(value=json_value(value, self.limits.output))
        except ValueError as error:
            return Outcome(error=str(error))

    def _guarded(self, function: Function, code: str, inputs: dict[str, Any]) -> Outcome:
        """Run a snippet for a function; what it gives is not checked yet.

        One second try is for what is not the snippet's fault: a worker killed from outside, and memory that earlier calls took.
        """
        with self._lock:
            for attempt in (1, 2):
                try:
                    printed = monty.CollectString(max_bytes=self.limits.output)
                    session = self._session_for(function)
                    self._served += 1
                    return Outcome(
                        value=session.feed_run(code, inputs=inputs, print_callback=printed)
                    )
                except monty.MontyCrashedError as error:
                    self._drop_session()
                    if error.timed_out or attempt == 2:
                        return Outcome(error=f"worker lost: {one_line(error)}")
                except monty.MontyError as error:
                    line = one_line(error)
                    second_try = (
                        line.startswith("MemoryError") and self._served > 1 and attempt == 1
                    )
                    if line.startswith(("TimeoutError", "MemoryError", "RecursionError")):
                        self._drop_session()
                    if not second_try:
                        return Outcome(error=line)
                except (ValueError, TypeError, OverflowError) as error:
                    return Outcome(error=f"{type(error).__name__}: {one_line(error)}")
                except (RuntimeError, OSError) as error:
                    self._drop_session()
                    if attempt == 2:
                        return Outcome(error=one_line(error))
                finally:
                    if self._runs_alone(function):
                        self._drop_session()
        raise AssertionError("unreachable")

    def _started(self) -> monty.Monty:
        with self._lock:
            if self._pool is None:
                _remember_missing_telemetry()
                self._pool = monty.Monty(
                    min_processes=1, max_processes=2, request_timeout=self.limits.watchdog
                )
                self._pool.__enter__()
            return self._pool

    def _runs_alone(self, function: Function) -> bool:
        loaded = self._functions.get(function.name)
        return (
            function.name in self._alone
            or loaded is None
            or loaded.content_hash != function.content_hash
        )

    def _session_for(self, function: Function) -> monty.MontySession:
        if self._session is None and not self._runs_alone(function):
            try:
                self._open(self._shared(), together=True)
            except monty.MontyError:
                while not self._open(self._shared(), together=False):
                    pass
        if self._runs_alone(function):
            self._open([function], together=True)
        assert self._session is not None
        return self._session

    def _shared(self) -> list[Function]:
        return [function for name, function in self._functions.items() if name not in self._alone]

    def _open(self, functions: Sequence[Function], together: bool) -> bool:
        """Start a session that holds functions; one that fails to load by itself is put aside to run alone (False: start again)."""
        self._drop_session()
        session = self._started().checkout(limits=self._resource_limits(), os_policy=_POLICY)
        session.__enter__()
        self._session, self._served = session, 0
        if together:
            session.feed_run(_PRELUDE + "\n".join(loading_code(function) for function in functions))
            return True
        session.feed_run(_PRELUDE)
        for function in functions:
            try:
                session.feed_run(loading_code(function))
            except monty.MontyError:
                self._alone.add(function.name)
                return False
        return True

    def _drop_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(
                monty.MontyError, RuntimeError, OSError
            ):  # If the worker is gone, the pool starts another one.
                session.__exit__(None, None, None)

    def _resource_limits(self) -> monty.ResourceLimits:
        return monty.ResourceLimits(
            max_feed_duration_secs=self.limits.seconds,
            max_memory=self.limits.memory,
            max_recursion_depth=self.limits.recursion,
        )


def can_rebind(function: Function) -> bool:
    """Whether the source could reach names outside the function: then it must not share a session with others."""
    return _reaches_out(function.source) or _reaches_out(function.manual.when or "")


@functools.lru_cache(maxsize=4096)
def _reaches_out(source: str) -> bool:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            return True
        names = [
            getattr(node, key, None) for key in ("id", "attr", "arg", "name", "asname", "rest")
        ]
        if any(
            isinstance(name, str) and (name in _REBINDING or name.startswith("__"))
            for name in names
        ):
            return True
    return False


def loading_code(function: Function) -> str:
    """Code that loads a function under a name of its own, its imports and aliases hidden inside a maker."""
    maker = f"def __make():\n{_indented(function.source)}\n    return {function.name}\n__fn_{function.name} = __make()\n"
    when = function.manual.when
    if when is None:
        return maker
    parameters = ", ".join(sorted(condition_parameters(when)))
    return f"{maker}def __fn_{condition_name(function.name)}({parameters}):\n    return bool(\n{when}\n)\n"


def _indented(source: str) -> str:
    """The source as a function's body: every line indented, less those that continue a string."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        inside: set[int] = set()
    else:
        strings = (
            node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.Constant)
        )
        inside = {
            line
            for node in strings
            for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
        }
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(
        line if number in inside else f"    {line}" for number, line in enumerate(lines, start=1)
    )


def condition_name(name: str) -> str:
    """Name under which a function's ``When:`` is loaded; no function can have it, for it starts with a digit."""
    return f"0when_{name}"


def condition_parameters(when: str) -> set[str]:
    """Names that a ``When:`` expression asks for: those it reads, less builtins and its own loop variables."""
    tree = ast.parse(when or "False", mode="eval")
    stored = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    read = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return read - stored - CONDITION_BUILTINS


CONDITION_BUILTINS = frozenset(
    {
        "abs",
        "all",
        "any",
        "bool",
        "float",
        "int",
        "len",
        "max",
        "min",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
    }
)


def _remember_missing_telemetry() -> None:
    """Make a failing import quick.

    pydantic-monty looks for the optional ``opentelemetry`` at every call; where it is not installed, Python searches the whole
    path each time, 0.3 ms of a call of 0.5 ms. None in ``sys.modules`` is Python's own mark for "not there".
    """
    if "opentelemetry" not in sys.modules and importlib.util.find_spec("opentelemetry") is None:
        sys.modules["opentelemetry"] = None  # type: ignore[assignment]  # see above


def json_value(value: Any, limit: int) -> Json:
    """The value in JSON terms (tuples as lists).

    Raises:
        ValueError: it has no JSON form, or is larger than ``limit`` bytes.
    """
    left = limit

    def convert(item: Any, depth: int) -> Json:
        nonlocal left
        left -= 8 + (len(item) if isinstance(item, str) else 0)
        if left < 0 or depth > 50:
            raise ValueError(f"ValueError: returned more than {limit} bytes or 50 levels")
        if item is None or isinstance(item, (bool, str)):
            return item
        if isinstance(item, int):
            if item.bit_length() > _MAX_INTEGER_BITS:
                raise ValueError(
                    f"ValueError: returned an integer of {item.bit_length()} bits; at most {_MAX_INTEGER_BITS} are allowed"
                )
            return item
        if isinstance(item, float):
            if math.isfinite(item):
                return item
            raise ValueError(f"ValueError: returned {item}, which is not a JSON value")
        if isinstance(item, (list, tuple)):
            return [convert(child, depth + 1) for child in item]
        if isinstance(item, dict) and all(isinstance(key, str) for key in item):
            left -= sum(map(len, item))
            return {key: convert(child, depth + 1) for key, child in item.items()}
        raise ValueError(f"ValueError: returned a {type(item).__name__}, which is not a JSON value")

    return convert(value, 0)


def _copy(inputs: Scope) -> dict[str, Json]:
    copied: dict[str, Json] = json_value(dict(inputs), 2**24)
    return copied
