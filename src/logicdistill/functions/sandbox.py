"""Where functions run: pydantic-monty workers without files, network or environment, under limits.

One session holds the whole base. After a limit or a lost worker it is dropped and the next call
starts a new one: a time limit may stop the interpreter anywhere, so its memory is not trusted.
A function that could rebind names of others (`global`, `exec` ...), or that does not load beside
them, gets a new session for each call. Clock and random numbers are fixed, and nothing sleeps.

One file, because every call has to go through the same limits.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import datetime
import functools
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import pydantic_monty as monty

from logicdistill.errors import one_line
from logicdistill.forks import Lock, in_child, leave_to_parent
from logicdistill.functions.forked import ForkedLost, ForkedSandbox
from logicdistill.functions.helpers import condition_helpers, expression_names
from logicdistill.functions.signals import signals_kept
from logicdistill.functions.values import UNPARSABLE, json_value
from logicdistill.types import Function, Json, Outcome, Scope

_PRELUDE = "import json as __json\n"
_SINGLE = """\
__value = __fn_{name}(**__arguments)
__json.dumps(__value)
__value"""  # `dumps` refuses functions, ranges and cycles, which would arrive here as strings.
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
_MAX_BATCH = 512
LOADS = 3
_TYPES = ("bool", "float", "int", "set", "str")
_FUNCTIONS = ("abs", "all", "any", "len", "max", "min", "round", "sorted", "sum")
CONDITION_BUILTINS = frozenset(_TYPES + _FUNCTIONS)
"""Builtins that a ``When:`` may use."""


Result = TypeVar("Result")
Given = ParamSpec("Given")

_started_in: int | None = None
"""The process in which monty's runtime has started; it does not survive a fork."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one call.

    Attributes:
        seconds: processor time. A call that a busy machine held up is tried once more, and may
            then wait until the watchdog; where the system tells no processor time, it is not.
        memory: bytes of the function's data.
        recursion: depth of calls.
        output: bytes that it may print (and are dropped), and return as JSON.
        watchdog: seconds after which the worker process is killed from outside.
    """

    seconds: float = 0.5
    memory: int = 32 * 2**20
    recursion: int = 200
    output: int = 2**20
    watchdog: float = 3.0


PATIENT = Limits(watchdog=20.0)
"""While functions are written or judged, nobody waits, and the machine may be busy."""


def _in_own_process(
    method: Callable[Concatenate[Sandbox, Given], Result],
) -> Callable[Concatenate[Sandbox, Given], Result]:
    """The method, asked of a process of its own in a forked child whose parent has used monty."""

    @functools.wraps(method)
    def run(self: Sandbox, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        if _started_in in (None, os.getpid()):
            return method(self, *args, **kwargs)
        try:
            return cast(Result, self._asked().ask(method.__name__, *args, **kwargs))
        except ForkedLost as error:
            outcome = Outcome(error=f"worker lost: {error}")
            if method.__name__ == "call":
                return cast(Result, outcome)
            if method.__name__ in ("call_many", "conditions"):
                return cast(Result, [outcome for _ in cast(Sequence[Scope], args[1])])
            raise

    return run


class ProcessorTime:
    """Seconds of processor time that a process has used since this object was made.

    Without a process, or where the system does not tell, they are unknown.
    """

    def __init__(self, pid: int | None = None) -> None:
        # How Linux numbers the clock of a process: clock_getcpuclockid(3).
        self._clock = (~pid << 3) | 2 if pid is not None and sys.platform == "linux" else None
        self._start = self._read()

    def under(self, seconds: float) -> bool:
        """Whether they are known and fewer."""
        used = self._used()
        return used is not None and used < seconds

    def over(self, seconds: float) -> bool:
        """Whether they are known and more."""
        used = self._used()
        return used is not None and used > seconds

    def _used(self) -> float | None:
        now = self._read()
        return None if now is None or self._start is None else now - self._start

    def _read(self) -> float | None:
        try:
            return None if self._clock is None else time.clock_gettime(self._clock)
        except OSError:  # The process is gone.
            return None


class Sandbox(contextlib.AbstractContextManager["Sandbox"]):
    """Runs the functions of a base. Threads may share it: calls take turns.

    Args:
        functions: those of the session, each from its first call on; `load` replaces them.
        limits: limits of one call.
    """

    def __init__(self, functions: Iterable[Function] = (), limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._lock = Lock()
        self._forked: ForkedSandbox | None = None
        self._pool: monty.Monty | None = None
        self._session: monty.MontySession | None = None
        self._loaded: set[str] = set()
        self._calls_in_session = 0
        self._seconds_per_call: dict[str, float] = {}
        in_child(self._leave_to_parent)
        self.load(functions)

    def load(self, functions: Iterable[Function]) -> None:
        """Replace the session's functions, from the next call on."""
        with self._lock:
            self._drop_session()
            self._functions = {function.name: function for function in functions}
            if self._forked is not None:
                self._forked.load(tuple(self._functions.values()))
            hashes = {name: function.content_hash for name, function in self._functions.items()}
            for function in self._functions.values():
                for helper in function.called:
                    hashes.setdefault(helper.name, helper.content_hash)
            self._alone = {
                name
                for name, function in self._functions.items()
                if _can_rebind(function.manual.when or "")
                or any(
                    _can_rebind(one.source) or hashes[one.name] != one.content_hash
                    for one in (function, *function.called)
                )
            }

    @_in_own_process
    def call(self, function: Function, scope: Scope) -> Outcome:
        """Run one function; the scope holds every parameter of it.

        A function that is not loaded (such as of a base that another thread has changed) runs in a
        session of its own.
        """
        return self._single(function, function.name, _picked(scope, function.parameters))

    @_in_own_process
    def call_many(self, function: Function, scopes: Sequence[Scope]) -> list[Outcome]:
        """`call` on many scopes, in few round trips to the worker."""
        if len(scopes) == 1:
            return [self.call(function, scopes[0])]
        outcomes: list[Outcome] = []
        while len(outcomes) < len(scopes):
            expected = self._seconds_per_call.get(function.name, self.limits.seconds / 32)
            size = max(1, min(_MAX_BATCH, int(self.limits.seconds / 4 / expected)))
            chunk = scopes[len(outcomes) : len(outcomes) + size]
            batch = [_picked(scope, function.parameters) for scope in chunk]
            outcomes += self._run_batch(function, function.name, batch)
        return outcomes

    @_in_own_process
    def holds(self, function: Function, scopes: Sequence[Scope]) -> list[bool]:
        """Whether the function's ``When:`` holds in each scope; False if it does not evaluate."""
        return [outcome.value is True for outcome in self.conditions(function, scopes)]

    @_in_own_process
    def conditions(self, function: Function, scopes: Sequence[Scope]) -> list[Outcome]:
        """For each scope whether the function's ``When:`` holds, or why it cannot be evaluated.

        Where the scope lacks a name that it reads, it cannot be evaluated.
        """
        needed, entry = condition_reads(function), condition_name(function)
        lacking = [min(needed - set(scope), default=None) for scope in scopes]
        bound = [name is None for name in lacking]
        picked = [_picked(scope, needed) for scope in compress(scopes, bound)]
        outcomes: list[Outcome] = []
        for start in range(0, len(picked), _MAX_BATCH):
            outcomes += self._run_batch(function, entry, picked[start : start + _MAX_BATCH])
        results = iter(outcomes)
        return [
            next(results)
            if name is None
            else Outcome(error=f"it reads {name!r}, which is not there")
            for name in lacking
        ]

    @_in_own_process
    def call_twice(self, function: Function, inputs: Scope) -> tuple[Outcome, bool, bool]:
        """Run a function twice on the same inputs, for the gate.

        Returns:
            The first outcome, whether the second is the same, whether the inputs are unchanged.
        """
        names = ("__arguments", "__again", "__pristine")
        copies = {name: copy.deepcopy(dict(inputs)) for name in names}
        raw = self._run(function, _TWICE.format(name=function.name), copies)
        if raw.error is not None:
            return raw, False, False
        first, second = (self._checked(value) for value in raw.value[:2])
        return first, first == second, raw.value[2] is True

    @_in_own_process
    def loading_fault(self, function: Function, limits: Limits) -> str | None:
        """Why a function file does not load within the limits; None if one of `LOADS` tries does.

        A busy machine can hold up one try.
        """
        fault = None
        for _ in range(LOADS):
            try:
                with self._new_session(limits) as session:
                    for one in _with_helpers([function]):
                        session.feed_run(loading_code(one))
                return None
            except (monty.MontyError, RuntimeError, OSError, ValueError) as error:
                fault = one_line(error)
        return fault

    @_in_own_process
    def check_types(self, source: str, call: str, helpers: Sequence[str] = ()) -> str | None:
        """The type checker's first finding on a function file and a call of it, or None.

        ``helpers`` are their `logicdistill.functions.helpers.signature`.
        """
        # In one piece: a name that begins with '_' is not seen in the next one.
        code, fault = "\n".join([source, *helpers, call]), None
        for _ in range(LOADS):
            try:
                with (
                    signals_kept(),
                    self._new_session(
                        self.limits, type_check=True, type_check_format="concise"
                    ) as session,
                ):
                    printed = monty.CollectString(max_bytes=self.limits.output)
                    session.feed_run(code, print_callback=printed)
                return None
            except monty.MontyTypingError as error:
                findings = [line for line in error.display().splitlines() if "error" in line]
                return one_line(findings[0].partition("error")[2]) if findings else None
            except (monty.MontyCrashedError, RuntimeError, OSError) as error:
                fault = f"the types cannot be checked: {one_line(error)}"
            except (monty.MontyError, ValueError):
                return None  # It ran and failed; the usage examples report that in full.
        return fault

    def close(self) -> None:
        """End the worker processes; the next call starts new ones."""
        with self._lock:
            self._drop_session()
            if self._pool is not None:
                self._pool.__exit__(None, None, None)
                self._pool = None
            if self._forked is not None:
                self._forked.close()

    def _asked(self) -> ForkedSandbox:
        with self._lock:
            if self._forked is None:
                self._forked = ForkedSandbox(
                    type(self), tuple(self._functions.values()), self.limits
                )
            return self._forked

    def _leave_to_parent(self) -> None:
        """In a forked child: the workers and their pipes stay the parent's."""
        for one in (self._session, self._pool):
            if one is not None:
                leave_to_parent(one)
        self._session, self._pool, self._forked = None, None, None

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run_batch(
        self, function: Function, entry: str, batch: list[dict[str, Json]]
    ) -> list[Outcome]:
        name, started = function.name, time.perf_counter()
        whole = self._run(function, _BATCH.format(name=entry), {"__batch": batch})
        if whole.error is None:
            # Decays slowly, so that batches stay well inside the time limit.
            mean = (time.perf_counter() - started) / max(1, len(batch))
            before = self._seconds_per_call.get(name, mean)
            self._seconds_per_call[name] = max(mean, before * 0.9, 1e-6)
            return [
                self._checked(value) if fine is True else Outcome(error=one_line(value))
                for fine, value in whole.value
            ]
        if len(batch) == 1:
            return [whole]
        self._seconds_per_call[name] = self.limits.seconds
        return [self._single(function, entry, arguments) for arguments in batch]

    def _single(self, function: Function, entry: str, arguments: dict[str, Json]) -> Outcome:
        raw = self._run(function, _SINGLE.format(name=entry), {"__arguments": arguments})
        return raw if raw.error is not None else self._checked(raw.value)

    def _checked(self, value: Any) -> Outcome:
        try:
            return Outcome(value=json_value(value, self.limits.output))
        except ValueError as error:
            return Outcome(error=str(error))

    def _run(self, function: Function, code: str, inputs: dict[str, Any]) -> Outcome:
        """Run a snippet for a function; its value is not checked yet.

        Tried twice where it may not be at fault: the worker was killed, also for its time, since a
        busy machine holds up an honest call; it waited for a processor; or earlier calls took the
        memory.
        """
        with self._lock, signals_kept():
            for last in (False, True):
                meter = ProcessorTime()
                try:
                    printed = monty.CollectString(max_bytes=self.limits.output)
                    if self._session is None or self._runs_alone(function):
                        self._open(self._waiting if last else self.limits)
                    session = self._session
                    assert session is not None
                    self._calls_in_session += 1
                    meter = ProcessorTime(session.worker_pid)
                    self._load_into(session, function)
                    value = session.feed_run(code, inputs=inputs, print_callback=printed)
                    if last and meter.over(self.limits.seconds):
                        return Outcome(error=f"TimeoutError: more than {self.limits.seconds:g} s")
                    return Outcome(value=value)
                except monty.MontyCrashedError as error:
                    self._drop_session()
                    if last:
                        return Outcome(error=f"worker lost: {one_line(error)}")
                except monty.MontyError as error:
                    line, first_call = one_line(error), self._calls_in_session <= 1
                    if line.startswith(("TimeoutError", "MemoryError", "RecursionError")):
                        self._drop_session()
                    innocent = line.startswith("MemoryError") and not first_call
                    if line.startswith("TimeoutError"):
                        innocent = meter.under(self.limits.seconds / 2)
                    if last or not innocent:
                        return Outcome(error=line)
                except (ValueError, TypeError, OverflowError) as error:
                    return Outcome(error=f"{type(error).__name__}: {one_line(error)}")
                except (RuntimeError, OSError) as error:
                    self._drop_session()
                    if last:
                        return Outcome(error=one_line(error))
                finally:
                    if last or self._runs_alone(function):
                        self._drop_session()
        raise AssertionError("unreachable")

    @property
    def _waiting(self) -> Limits:
        """The limits of a second try: a busy machine may hold it up nearly until the watchdog."""
        seconds = max(self.limits.seconds, self.limits.watchdog * 0.8)
        return replace(self.limits, seconds=seconds)

    def _new_session(self, allowed: Limits, **options: Any) -> monty.MontySession:
        with self._lock:
            if self._pool is None:
                global _started_in
                if _started_in not in (None, os.getpid()):
                    raise RuntimeError("monty does not start in a forked process")
                _started_in = os.getpid()
                watchdog = self.limits.watchdog
                self._pool = monty.Monty(min_processes=1, max_processes=2, request_timeout=watchdog)
                self._pool.__enter__()
            pool = self._pool
        resources = monty.ResourceLimits(
            max_feed_duration_secs=allowed.seconds,
            max_memory=allowed.memory,
            max_recursion_depth=allowed.recursion,
        )
        return pool.checkout(limits=resources, os_policy=_POLICY, **options)

    def _runs_alone(self, function: Function) -> bool:
        loaded = self._functions.get(function.name)
        if function.name in self._alone or loaded is None:
            return True
        return loaded.content_hash != function.content_hash

    def _open(self, limits: Limits) -> None:
        """Start a session; each function is loaded into it at its first call."""
        self._drop_session()
        self._session, self._loaded, self._calls_in_session = self._new_session(limits), set(), 0
        self._session.__enter__()
        self._session.feed_run(_PRELUDE)

    def _load_into(self, session: monty.MontySession, function: Function) -> None:
        """Load a function, and helpers that it calls, unless the session has them."""
        if function.name in self._loaded:
            return
        for unit in _with_helpers([function]):
            if unit.name not in self._loaded:
                session.feed_run(loading_code(unit))
                self._loaded.add(unit.name)

    def _drop_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            # If the worker is gone, the pool starts another one.
            with contextlib.suppress(monty.MontyError, RuntimeError, OSError):
                session.__exit__(None, None, None)


@functools.lru_cache(maxsize=4096)
def _can_rebind(source: str) -> bool:
    """Whether it could rebind names outside its function, which then runs alone."""
    try:
        tree = ast.parse(source)
    except UNPARSABLE:
        return True
    return any(
        isinstance(node, ast.Global)
        or any(name in _REBINDING or name.startswith("__") for name in node_names(node))
        for node in ast.walk(tree)
    )


def node_names(node: ast.AST) -> Iterator[str]:
    """Names that a syntax node reads, binds or imports, without those of its children."""
    for key in ("id", "attr", "arg", "name", "asname", "rest"):
        name = getattr(node, key, None)
        if isinstance(name, str):
            yield name


def _with_helpers(functions: Iterable[Function]) -> list[Function]:
    """The functions behind the helpers that they call, each once."""
    found: dict[str, Function] = {}
    for function in functions:
        for one in (*function.called, function):
            found.setdefault(one.name, one)
    return list(found.values())


def loading_code(function: Function) -> str:
    """Code that loads a function under a name of its own; a maker hides its imports and aliases.

    The helpers that it calls are loaded before.
    """
    named = (helper.name for helper in function.helpers)
    maker = (
        f"def __make():\n{_bindings(named)}{_indented(function.source)}\n"
        f"    return {function.name}\n"
        f"__fn_{function.name} = __make()\n"
    )
    when = function.manual.when
    if when is None:
        return maker
    head = f"{condition_name(function)}({', '.join(sorted(condition_reads(function)))})"
    bindings = _bindings(condition_helpers(function))
    return f"{maker}def __fn_{head}:\n{bindings}    return bool(\n{when}\n)\n"


def _bindings(helpers: Iterable[str]) -> str:
    return "".join(f"    {name} = __fn_{name}\n" for name in helpers)


def _indented(source: str) -> str:
    """The source as a function's body: indents every line except those that continue a string."""
    inside: set[int] = set()
    with contextlib.suppress(*UNPARSABLE):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.JoinedStr | ast.Constant):
                inside |= {*range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)}
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(
        line if number in inside else f"    {line}" for number, line in enumerate(lines, start=1)
    )


def condition_name(function: Function) -> str:
    """Name of a function's loaded ``When:``; starts with a digit, so no function can have it."""
    return f"0when_{function.name}"


def condition_parameters(when: str) -> frozenset[str]:
    """Names that a ``When:`` expression reads, without builtins and its own loop variables."""
    return expression_names(when) - CONDITION_BUILTINS


def condition_reads(function: Function) -> frozenset[str]:
    """Names that a function's ``When:`` takes from the scope: all but builtins and helpers."""
    named = condition_parameters(function.manual.when or "")
    return named - {helper.name for helper in function.helpers}


def _picked(scope: Scope, names: Iterable[str]) -> dict[str, Json]:
    return {name: scope[name] for name in names}
