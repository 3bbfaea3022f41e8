"""Where functions run: pydantic-monty worker processes without files, network or environment, under limits.

One session holds the whole base. A session that hit a limit or lost its worker is thrown away and the next
call starts a new one: a time limit may stop the interpreter anywhere, so its heap is not trusted afterwards.
"""

from __future__ import annotations

import ast
import math
import textwrap
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pydantic_monty as monty

from logicdistill.types import Function, Json, Outcome, Scope

_SINGLE = "__fn_{name}(**__arguments)"
_BATCH = """\
__results = []
for __arguments in __batch:
    try:
        __results.append([True, __fn_{name}(**__arguments)])
    except Exception as __error:
        __results.append([False, type(__error).__name__ + ": " + str(__error)])
__results"""
_TWICE = """\
__first = __fn_{name}(**__arguments)
__unchanged = __arguments == __pristine
[__first, __fn_{name}(**__again), __unchanged]"""


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
        self._seconds_per_call: dict[str, float] = {}

    def load(self, functions: Iterable[Function]) -> None:
        """Replace what the session holds; effective on the next call."""
        with self._lock:
            self._drop_session()
            self._functions = {function.name: function for function in functions}

    def call(self, name: str, scope: Scope) -> Outcome:
        """Run one function on the names it asks for.

        Args:
            name: a loaded function.
            scope: must hold every parameter of the function.

        Returns:
            The value, or the error in one line. Never raises for what the function does.
        """
        function = self._functions[name]
        arguments = {parameter: scope[parameter] for parameter in function.parameters}
        return self._guarded(_SINGLE.format(name=name), {"__arguments": arguments})

    def call_many(self, name: str, scopes: Sequence[Scope]) -> list[Outcome]:
        """`call` on many scopes; far cheaper than one by one (one round trip for a chunk of them)."""
        if len(scopes) == 1:
            return [self.call(name, scopes[0])]
        outcomes: list[Outcome] = []
        parameters = self._functions[name].parameters
        while len(outcomes) < len(scopes):
            budget = self.limits.seconds / 4 / self._seconds_per_call.get(name, self.limits.seconds / 32)
            chunk = scopes[len(outcomes) : len(outcomes) + max(1, min(512, int(budget)))]
            batch = [{parameter: scope[parameter] for parameter in parameters} for scope in chunk]
            outcomes += self._run_chunk(name, batch)
        return outcomes

    def holds(self, name: str, scopes: Sequence[Scope]) -> list[bool]:
        """Whether the function's ``When:`` holds in each scope; a condition that fails to evaluate does not hold."""
        condition = condition_name(name)
        names = self._functions[name].manual.when
        needed = condition_parameters(names or "")
        bound = [index for index, scope in enumerate(scopes) if needed <= set(scope)]
        result = [False] * len(scopes)
        batch = [{parameter: scopes[index][parameter] for parameter in sorted(needed)} for index in bound]
        for start in range(0, len(batch), 512):
            outcomes = self._run_chunk(condition, batch[start : start + 512])
            for index, outcome in zip(bound[start : start + 512], outcomes, strict=True):
                result[index] = outcome.value is True
        return result

    def call_twice(self, name: str, inputs: Scope) -> tuple[Outcome, bool, bool]:
        """For the gate: the first outcome, whether a second run gave the same, and whether the inputs stayed as they were."""
        code = _TWICE.format(name=name)
        copies = {"__arguments": _copy(inputs), "__again": _copy(inputs), "__pristine": _copy(inputs)}
        outcome = self._guarded(code, copies)
        if outcome.error is not None:
            return outcome, False, False
        first, second, unchanged = outcome.value
        return Outcome(value=first), first == second, unchanged is True

    def check_types(self, source: str, call: str) -> str | None:
        """None, or the type checker's first finding on a function file and a call of it, in one line."""
        checked = self._started().checkout(limits=self._resource_limits(), type_check=True, type_check_format="concise")
        try:
            with checked as session:
                for code in (source, call):
                    session.feed_run(code, print_callback=monty.CollectString(max_bytes=self.limits.output))
        except monty.MontyTypingError as error:
            return error.display().strip().splitlines()[0].partition("error")[2]
        except (monty.MontyError, RuntimeError):
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

    def _run_chunk(self, name: str, batch: list[dict[str, Json]]) -> list[Outcome]:
        started = time.perf_counter()
        whole = self._guarded(_BATCH.format(name=name), {"__batch": batch}, scale=len(batch))
        if whole.error is None:
            # An average that forgets slowly, so that chunks stay well inside the time limit.
            mean = (time.perf_counter() - started) / max(1, len(batch))
            self._seconds_per_call[name] = max(mean, self._seconds_per_call.get(name, mean) * 0.9, 1e-6)
            return [Outcome(value=value) if fine else Outcome(error=value[:300]) for fine, value in whole.value]
        if len(batch) == 1:
            return [whole]
        self._seconds_per_call[name] = self.limits.seconds
        return [self._guarded(_SINGLE.format(name=name), {"__arguments": arguments}) for arguments in batch]

    def _guarded(self, code: str, inputs: dict[str, Any], scale: int = 1) -> Outcome:
        """Run a snippet; a worker that was lost for no fault of the snippet (killed from outside) gets one second try."""
        with self._lock:
            for attempt in (1, 2):
                try:
                    printed = monty.CollectString(max_bytes=self.limits.output)
                    value = self._loaded_session().feed_run(code, inputs=inputs, print_callback=printed)
                    return Outcome(value=json_value(value, self.limits.output * scale))
                except monty.MontyCrashedError as error:
                    self._drop_session()
                    if error.timed_out or attempt == 2:
                        return Outcome(error=f"worker lost: {_one_line(error)}")
                except monty.MontyError as error:
                    line = _one_line(error)
                    if line.startswith(("TimeoutError", "MemoryError", "RecursionError")):
                        self._drop_session()
                    return Outcome(error=line)
                except ValueError as error:
                    return Outcome(error=str(error))
                except (RuntimeError, OSError) as error:
                    self._drop_session()
                    if attempt == 2:
                        return Outcome(error=_one_line(error))
        raise AssertionError("unreachable")

    def _started(self) -> monty.Monty:
        if self._pool is None:
            self._pool = monty.Monty(min_processes=1, max_processes=2, request_timeout=self.limits.watchdog)
            self._pool.__enter__()
        return self._pool

    def _loaded_session(self) -> monty.MontySession:
        if self._session is None:
            session = self._started().checkout(limits=self._resource_limits())
            session.__enter__()
            self._session = session
            session.feed_run("\n".join(loading_code(function) for function in self._functions.values()))
        return self._session

    def _drop_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            try:
                session.__exit__(None, None, None)
            except (monty.MontyError, RuntimeError, OSError):
                pass  # The worker is gone already; the pool starts another one.

    def _resource_limits(self) -> monty.ResourceLimits:
        return monty.ResourceLimits(
            max_feed_duration_secs=self.limits.seconds, max_memory=self.limits.memory, max_recursion_depth=self.limits.recursion
        )


def loading_code(function: Function) -> str:
    """Code that loads a function under a name of its own, its imports and aliases hidden inside a maker."""
    maker = f"def __make():\n{textwrap.indent(function.source, '    ')}\n    return {function.name}\n__fn_{function.name} = __make()\n"
    when = function.manual.when
    if when is None:
        return maker
    parameters = ", ".join(sorted(condition_parameters(when)))
    return f"{maker}def __fn_{condition_name(function.name)}({parameters}):\n    return bool({when})\n"


def condition_name(name: str) -> str:
    """Name under which a function's ``When:`` is loaded."""
    return f"_when_{name}"


def condition_parameters(when: str) -> set[str]:
    """Names that a ``When:`` expression asks for: those it reads, less builtins and its own loop variables."""
    tree = ast.parse(when or "False", mode="eval")
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return read - stored - CONDITION_BUILTINS


CONDITION_BUILTINS = frozenset({"abs", "all", "any", "bool", "float", "int", "len", "max", "min", "round", "set", "sorted", "str", "sum"})


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
        if item is None or isinstance(item, (bool, int, str)):
            return item
        if isinstance(item, float):
            if math.isfinite(item):
                return item
            raise ValueError(f"ValueError: returned {item}, which is not a JSON value")
        if isinstance(item, (list, tuple)):
            return [convert(child, depth + 1) for child in item]
        if isinstance(item, dict) and all(isinstance(key, str) for key in item):
            return {key: convert(child, depth + 1) for key, child in item.items()}
        raise ValueError(f"ValueError: returned a {type(item).__name__}, which is not a JSON value")

    return convert(value, 0)


def _copy(inputs: Scope) -> dict[str, Json]:
    copied: dict[str, Json] = json_value(dict(inputs), 2**24)
    return copied


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
