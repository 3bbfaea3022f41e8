"""The gate: a function joins the base only if it passes every check; a refusal is one line.

One file, because the checks run in one order, and a refused author reads that order here.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import json
import re
import symtable
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from logicdistill.characters import unsafe
from logicdistill.errors import GateRefusal, ManualError
from logicdistill.functions.helpers import (
    callers,
    helpers_in,
    is_helper,
    linked,
    outside_names,
    signature,
)
from logicdistill.functions.manual import constant_result, parse_definition, parse_function
from logicdistill.functions.sandbox import (
    CONDITION_BUILTINS,
    Limits,
    Sandbox,
    condition_parameters,
    condition_reads,
    node_names,
)
from logicdistill.protocols import Task
from logicdistill.types import (
    ALLOWED_IMPORTS,
    HELPERS,
    Example,
    Function,
    Json,
    Outcome,
    Scope,
    Stage,
    is_device,
    same,
)
from logicdistill.views import example_call

_CLOCK = ("now", "today", "utcnow")
_FORBIDDEN_NAME = re.compile(
    "__.*|breakpoint|compile|delattr|eval|exec|exit|getattr|globals|hasattr|id|input|locals|open"
    "|quit|setattr|vars"
)
_FORBIDDEN_NODES: Mapping[type[ast.AST], str] = {
    ast.Global: "'global'",
    ast.ClassDef: "a class",
    ast.Yield: "'yield'",
    ast.YieldFrom: "'yield from'",
    ast.Await: "'await'",
    ast.AsyncFunctionDef: "'async def'",
}
_COMPREHENSIONS = (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
_CONTAINERS = (ast.List, ast.Dict, ast.Set, ast.Starred)
_STATEFUL = (*_COMPREHENSIONS, *_CONTAINERS, ast.Call, ast.Lambda, ast.NamedExpr)
"""Expressions that may make something that a later call could change."""

LOADING = Limits(seconds=0.1, memory=2 * 2**20)
"""What a file's computed constants may take. They are loaded with every new session of a base."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the gate saw: number of usage examples, and the slowest call in milliseconds."""

    examples: int
    slowest_ms: float

    def to_json(self) -> dict[str, Any]:
        """For the journal."""
        return {"examples": self.examples, "slowest_ms": round(self.slowest_ms, 2)}


@dataclass(frozen=True, slots=True)
class Gate:
    """Checks function files against a task.

    Attributes:
        fields: names of the state's fields.
        rules: how many rules x has; manuals cite 1..rules.
        stages: the base's stages in order; a stage sees the outputs of the earlier ones.
        illegal: why an action is not allowed in a state, or None; without it any result will do.
        to_allow: how a person allows one, said behind the refusal.
    """

    fields: frozenset[str]
    rules: int
    stages: tuple[Stage, ...]
    illegal: Callable[[Scope, Json], str | None] | None = None
    to_allow: str = ""

    @classmethod
    def of(cls, task: Task, stages: Sequence[Stage]) -> Gate:
        """The gate of a task whose decision has these stages."""
        fields = frozenset(task.state_schema["properties"])
        return cls(fields, len(task.rules), tuple(stages), task.illegal)

    def admit(
        self,
        source: str,
        stage: Stage,
        others: Mapping[str, Function],
        sandbox: Sandbox | None = None,
        origin: str = "teacher",
        told: str | None = None,
    ) -> tuple[Function, Evidence]:
        """Check a function file and run its usage examples.

        What it says of other functions is checked where they join (`check_replaced`).

        Args:
            source: text of the file.
            stage: stage that it is meant for; for a helper `logicdistill.types.HELPERS`.
            others: functions and helpers of the base by name (`FunctionBase.by_name`), without the
                one whose place it takes, if any. It may call the helpers.
            sandbox: where the examples run; replaces its loaded functions. None makes a new one.
            origin: recorded with the function.
            told: the rule, in words, for which it was written; recorded as well.

        Raises:
            GateRefusal: the first problem found, in one line.
        """
        if problem := _character_problem(source):
            raise GateRefusal(problem)
        try:
            function = parse_function(source, stage, origin, told=told)
            function = linked(function, helpers_in(others))
        except ManualError as error:
            raise GateRefusal(str(error)) from None
        for problem in self._problems(function, stage, others):
            raise GateRefusal(f"{function.name[:80]}: {problem}")
        with contextlib.nullcontext(sandbox) if sandbox else Sandbox() as workers:
            evidence = _try(function, workers)
            for problem in self._contract_problems(function, stage, workers):
                raise GateRefusal(f"{function.name}: {problem}")
            return function, evidence

    def check_tried(
        self,
        function: Function,
        stage: Stage,
        scopes: Sequence[Scope],
        keys: Mapping[str, frozenset[str]],
        sandbox: Sandbox,
    ) -> None:
        """Refuse a function that `admit` let pass and that does not fit real results.

        A function without a ``When:`` in a stage where the student selects may fail where it is not
        right; it is refused if it asks for a key everywhere that is not there.

        Args:
            function: the sandbox holds it.
            stage: its stage.
            scopes: example states with the results of the earlier stages.
            keys: by output of a stage of facts, the keys that it gives.
            sandbox: where it runs.

        Raises:
            GateRefusal: the first problem found, in one line.
        """
        for problem in _key_problems(function, keys):
            raise GateRefusal(f"{function.name}: {problem}")
        there = [scope for scope in scopes if set(function.parameters) <= set(scope)]
        holding = there
        if function.manual.when is not None:
            verdicts = list(zip(there, sandbox.conditions(function, there), strict=True))
            for scope, holds in verdicts:
                if holds.error is not None:
                    what = f"its 'When:' cannot be evaluated in the state {_short(scope)}"
                    raise GateRefusal(f"{function.name}: {what}: {holds.error}")
            holding = [scope for scope, holds in verdicts if holds.value is True]
        faults = list[str]()
        for scope, outcome in zip(holding, sandbox.call_many(function, holding), strict=True):
            fault = outcome.error and f"fails: {outcome.error}"
            if not fault and stage.mode == "all" and not isinstance(outcome.value, dict):
                fault = f"gives {outcome.value!r:.150}; a stage of facts takes a dict by name"
            if not fault and stage == self.stages[-1]:
                illegal = self._illegal(scope, outcome.value)
                fault = illegal and f"gives {outcome.value!r:.150}, no allowed action: {illegal}"
            if fault:
                faults.append(f"in the example state {_short(scope)} it {fault}")
        selective = stage.asks and function.manual.when is None
        wrong_key = len(faults) == len(holding) and all("KeyError" in fault for fault in faults)
        if faults and (wrong_key or not selective):
            raise GateRefusal(f"{function.name}: {faults[0]}")

    def scope_names(self, stage: Stage) -> frozenset[str]:
        """Names that a function of this stage may ask for; none for a helper."""
        if stage == HELPERS:
            return frozenset()
        earlier = self.stages[: [other.name for other in self.stages].index(stage.name)]
        return self.fields | {other.output for other in earlier}

    def _problems(
        self, function: Function, stage: Stage, others: Mapping[str, Function]
    ) -> Iterator[str]:
        yield from _name_problems(function, others)
        yield from _code_problems(function)
        yield from _signature_problems(parse_definition(function.source))
        if is_helper(function):
            yield from self._shadowing_problems(function)
        else:
            yield from self._binding_problems(function, stage)
        yield from _example_problems(function)
        yield from self._manual_problems(function, stage, helpers_in(others))
        yield from self._call_problems(function, stage, others)

    def _shadowing_problems(self, helper: Function) -> Iterator[str]:
        outputs = {stage.output: stage.name for stage in self.stages}
        if helper.name in self.fields:
            yield "a field of the state has this name, which a helper would hide; choose another"
        if helper.name in outputs:
            of = f"the result of stage {outputs[helper.name]!r}"
            yield f"{of} has this name, which a helper would hide; choose another"

    def _call_problems(
        self, function: Function, stage: Stage, others: Mapping[str, Function]
    ) -> Iterator[str]:
        """Names that nothing gives: builtins, helpers, what the file binds."""
        helpers = helpers_in(others)
        known = _BUILTINS | helpers.keys() | {function.name}
        for name in sorted(outside_names(function.source) - known):
            if name in others:
                only = "only helpers are called by name; put what both need into a helper"
                yield f"calls {name!r}, a function of stage {others[name].stage!r}; {only}"
            if name in self.scope_names(stage):
                yield f"uses {name!r}, which it has to take as a parameter"
            there = ", ".join(sorted(helpers)) or "none"
            nothing = "no parameter, import, constant or helper has this name"
            yield f"uses {name!r}, but {nothing}; helpers: {there}"
        if circle := [one.name for one in function.called if function.name in _names(one.helpers)]:
            yield f"calls {circle[0]}, which calls it: helpers go in no circle; break it up"

    def _binding_problems(self, function: Function, stage: Stage) -> Iterator[str]:
        visible, parameters = self.scope_names(stage), function.parameters
        if unknown := [name for name in parameters if name not in visible]:
            problem = f"parameter {unknown[0]!r} is no field of the state and no earlier result"
            yield f"{problem}; there are: {', '.join(sorted(visible))}"

    def _contract_problems(
        self, function: Function, stage: Stage, sandbox: Sandbox
    ) -> Iterator[str]:
        """Results that the stage does not take: of the usage examples, or the only result."""
        if is_helper(function):
            return
        shown = [
            (f"usage example {index} gives", example.inputs, example.expected)
            for index, example in enumerate(function.manual.examples, start=1)
            if example.inputs is not None
        ]
        if not shown and not function.parameters:
            if (constant := constant_result(function)) is None:
                outcome = sandbox.call(function, {})
                if outcome.error is not None:
                    yield f"fails: {outcome.error}"
                constant = (outcome.value,)
            shown = [("it gives", {}, constant[0])]
        for says, inputs, result in shown:
            if stage.mode == "all" and not isinstance(result, dict):
                took = "a stage of facts takes a dict of facts by name"
                yield f"{says} {result!r:.150}; {took}, such as {{'days': 3}}"
            if stage == self.stages[-1] and (fault := self._illegal(inputs, result)):
                todo = f"; {self.to_allow}" if self.to_allow else ""
                yield f"{says} {result!r:.150}, which is no allowed action: {fault}{todo}"

    def _illegal(self, inputs: Scope, action: Json) -> str | None:
        try:
            return self.illegal(inputs, action) if self.illegal else None
        except Exception:  # which actions are legal depends on fields that the example lacks
            return None

    def _manual_problems(
        self, function: Function, stage: Stage, helpers: Mapping[str, Function]
    ) -> Iterator[str]:
        manual = function.manual
        if wrong := [number for number in manual.rules if not 1 <= number <= self.rules]:
            allowed = f"the task has rules 1 to {self.rules}"
            later = "a rule that was added later has no number"
            todo = "leave 'Rules:' out and give its words with --rule (in Python rule=...)"
            yield f"cites rule {wrong[0]}; {allowed}, and {later}: {todo}"
        if manual.near_misses and not stage.by_words:
            what = f"has a 'Not:' line, and no student reads words in stage {stage.name!r}"
            yield f"{what}; take it out"
        if both := [text for text in function.texts[1:] if text in manual.near_misses]:
            yield f"{both[0][:80]!r} is a usage example and a near miss ('Not:'); take one out"
        if manual.when is not None:
            yield from _condition_problems(manual.when, self.scope_names(stage) | helpers.keys())
        elif stage.mode == "guarded":
            yield f"conditions decide the stage {stage.name!r}, and it has no 'When:'; add one"

    def check_callers(
        self, helper: Function, functions: Iterable[Function], sandbox: Sandbox
    ) -> list[Function]:
        """Check again what calls a helper that has changed, and return it.

        Args:
            helper: the changed one.
            functions: all functions and helpers of the base, with the changed one among them.
            sandbox: see `admit`.

        Raises:
            GateRefusal: the first that the change breaks, and how.
        """
        every = {function.name: function for function in functions}
        found = callers(helper.name, every.values())
        found.sort(key=lambda one: (not is_helper(one), len(one.called)))  # what is called first
        for caller in found:
            stage = next(one for one in (*self.stages, HELPERS) if one.name == caller.stage)
            others = {name: other for name, other in every.items() if other is not caller}
            try:
                self.admit(caller.source, stage, others, sandbox, caller.origin, caller.told)
            except GateRefusal as error:
                why = str(error).removeprefix(f"{caller.name}: ")
                broken = f"would break {caller.name}, which calls it: {why}"
                raise GateRefusal(f"{helper.name}: {broken}") from None
        return found


def check_replaced(function: Function, functions: Iterable[Function]) -> None:
    """Refuse a function whose ``Replaces:`` names what is not in its stage, or goes in a circle.

    Functions that join together may name each other in any order, so this is a check of the set
    that they join: ``functions``, all functions of the base.

    Raises:
        GateRefusal: the first name that is not there, and those that are; or the circle.
    """
    others = {f.name: f for f in functions if f.stage == function.stage and f.name != function.name}
    if missing := [name for name in function.manual.replaces if name not in others]:
        there = ", ".join(sorted(others)) or "none"
        problem = f"replaces {missing[0]!r}, which is not in stage {function.stage!r}"
        raise GateRefusal(f"{function.name}: {problem}; there are: {there}")
    waiting, visited = list(function.manual.replaces), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in visited and name in others:
            visited.add(name)
            waiting += others[name].manual.replaces
            if function.name in others[name].manual.replaces:
                raise GateRefusal(
                    f"{function.name}: 'Replaces:' goes in a circle with {name}, so neither goes "
                    "before the other; take one of the two names out"
                )


def _key_problems(function: Function, keys: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Keys that a usage example gives to facts which no function gives."""
    for index, example in enumerate(function.manual.examples, start=1):
        for name, value in (example.inputs or {}).items():
            if name in keys and isinstance(value, dict) and (made_up := {*value} - keys[name]):
                there = ", ".join(sorted(keys[name])) or "none"
                what = f"usage example {index} gives {name!r} the key {min(made_up)!r}"
                yield f"{what}, which no earlier function gives; there are: {there}"


def _short(scope: Scope) -> str:
    """A scope as JSON, cut."""
    text = json.dumps(dict(scope), ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}..."


def _character_problem(source: str) -> str | None:
    """A character in the file that a reviewer would not see, or that would mislead one."""
    if (found := unsafe(source)) is None:
        return None
    line, name, written = found
    return (
        f"line {line}: holds {name}, which a reader does not see; take it out, or, where a text "
        f"has to hold it, write it as {written}"
    )


def _names(functions: Iterable[Function]) -> set[str]:
    return {function.name for function in functions}


def _example_problems(function: Function) -> Iterator[str]:
    parameters = function.parameters
    inputs = [example.inputs for example in function.manual.examples]
    for index, given in enumerate(inputs, start=1):
        if given is not None and set(given) != set(parameters):
            yield f"usage example {index} gives {sorted(given)}; needed: {sorted(parameters)}"
    if (parameters or is_helper(function)) and all(given is None for given in inputs):
        add = f"add a doctest such as '>>> {function.name}(...)'"
        yield f"the manual has no usage example that runs; {add}"


def _name_problems(function: Function, others: Mapping[str, Function]) -> Iterator[str]:
    name = function.name
    plain = name.removeprefix("_") if is_helper(function) else name
    if name in _BUILTINS or plain.startswith("_"):
        yield "this name is Python's or starts with '_'; choose another"
    if is_device(name):
        yield "this name is a device's on Windows, where no file can have it; choose another"
    if not _NAME.fullmatch(plain):
        yield "a name has at most 60 letters (a to z), digits and '_'; choose another"
    if name in others:
        where = f"in stage {others[name].stage!r}"
        put = f"put this one in its place ('base replace {name} FILE', 'Policy.replace')"
        yield f"the base already has a function of this name {where}; choose another name, or {put}"
    if alike := [other for other in others if other.casefold() == name.casefold()]:
        yield f"differs from {alike[0]!r} only in upper and lower case; choose another name"


def _code_problems(function: Function) -> Iterator[str]:
    try:
        symtable.symtable(function.source, function.name, "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield f"not valid Python: {error}"
    tree = ast.parse(function.source)
    for statement in tree.body:
        if not allowed_at_top(statement):
            allowed = "only the function, imports and aliases are allowed"
            yield f"line {statement.lineno}: at top level {allowed}"
    for node in ast.walk(tree):
        yield from _node_problems(node)


def _signature_problems(definition: ast.FunctionDef) -> Iterator[str]:
    args = definition.args
    if args.vararg or args.kwarg or args.defaults or any(args.kw_defaults) or args.posonlyargs:
        yield "parameters are bound by name: no defaults, no *args, no **kwargs, no '/'"
    bare = [item.arg for item in args.args + args.kwonlyargs if item.annotation is None]
    if bare or definition.returns is None:
        untyped = ", ".join(bare) or "the result"
        yield f"give a type to {untyped}; every parameter and the result need one"
    if definition.decorator_list:
        yield "decorators are not allowed"


def _condition_problems(when: str, visible: frozenset[str]) -> Iterator[str]:
    if unknown := sorted(condition_parameters(when) - visible):
        allowed = ", ".join(sorted(visible | CONDITION_BUILTINS))
        yield f"'When:' uses {unknown[0]!r}; it may use: {allowed}"
    for node in ast.walk(ast.parse(when, mode="eval")):
        yield from _node_problems(node)
        if isinstance(node, (ast.Lambda, ast.NamedExpr)):
            yield "'When:' must be a plain expression, without lambda and ':='"


def _node_problems(node: ast.AST) -> Iterator[str]:
    line = getattr(node, "lineno", 1)
    if type(node) in _FORBIDDEN_NODES:
        yield f"line {line}: {_FORBIDDEN_NODES[type(node)]} is not allowed"
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        modules = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and modules != ["*"]:
            modules = ["." * node.level + (node.module or "")]
        if refused := [name for name in modules if name not in ALLOWED_IMPORTS]:
            allowed = ", ".join(ALLOWED_IMPORTS)
            yield f"line {line}: import of {refused} is not allowed; allowed: {allowed}"
    if isinstance(node, ast.Attribute) and node.attr in _CLOCK:
        yield f"line {line}: '.{node.attr}' reads the clock; take the date from the state"
    for name in node_names(node):
        if _FORBIDDEN_NAME.fullmatch(name):
            yield f"line {line}: the name {name!r} is not allowed"


def allowed_at_top(node: ast.stmt) -> bool:
    """Whether it is a function, an import, a docstring, or an alias or constant without state."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return isinstance(node, (ast.FunctionDef, ast.Import, ast.ImportFrom))
    targets, value = node.targets if isinstance(node, ast.Assign) else [node.target], node.value
    if not all(isinstance(target, ast.Name) for target in targets):
        return False
    return value is not None and not any(isinstance(part, _STATEFUL) for part in ast.walk(value))


def _computes_constants(function: Function) -> bool:
    """Whether loading the file does more than to read values."""
    top = (node for node in ast.parse(function.source).body if not isinstance(node, ast.Expr))
    return any(
        isinstance(part, ast.BinOp)
        for node in top
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for part in ast.walk(node)
    )


def _try(function: Function, sandbox: Sandbox) -> Evidence:
    examples = [example for example in function.manual.examples if example.inputs is not None]
    call = example_call(function, examples[0]) if examples else ""
    seen = _types_are_seen(function, examples[0].inputs or {} if examples else {})
    helpers = [signature(helper) for helper in function.helpers]
    if not seen and (finding := sandbox.check_types(function.source, call, helpers)):
        raise GateRefusal(f"{function.name}: type check: {finding}")
    if _computes_constants(function) and (fault := sandbox.loading_fault(function, LOADING)):
        most = f"{LOADING.seconds:g} s and {LOADING.memory // 2**20} MiB"
        raise GateRefusal(
            f"{function.name}: its constants take more than {most} to load ({fault}); "
            "write the values down, or compute them inside the function"
        )
    sandbox.load([function])
    slowest_ms = 0.0
    for index, example in enumerate(examples, start=1):
        started = time.perf_counter()
        tried = sandbox.call_twice(function, example.inputs or {})
        slowest_ms = max(slowest_ms, (time.perf_counter() - started) * 1000 / 2)
        if problem := _example_problem(function, example, tried, sandbox):
            raise GateRefusal(f"{function.name}: usage example {index} {problem}")
    return Evidence(len(examples), slowest_ms)


def _types_are_seen(function: Function, inputs: Mapping[str, Any]) -> bool:
    """Whether types are right at sight: texts go in, and one literal text comes out.

    A handler of a message is like that. The type checker takes as long as all else in the gate.
    """
    definition, every = parse_definition(function.source), ast.parse(function.source).body
    given, result = definition.args, constant_result(function)
    hints = [*(argument.annotation for argument in given.args), definition.returns]
    others = (given.posonlyargs, given.kwonlyargs, given.vararg, given.kwarg, given.defaults)
    return (
        len(every) == 1
        and not any((*others, definition.decorator_list))
        and all(isinstance(hint, ast.Name) and hint.id == "str" for hint in hints)
        and result is not None
        and isinstance(result[0], str)
        and set(inputs) in (set(), {argument.arg for argument in given.args})
        and all(isinstance(value, str) for value in inputs.values())
    )


def _example_problem(
    function: Function, example: Example, tried: tuple[Outcome, bool, bool], sandbox: Sandbox
) -> str | None:
    inputs, when = example.inputs or {}, function.manual.when
    outcome, repeatable, unchanged = tried
    if outcome.error is not None:
        return f"fails: {outcome.error}"
    # As JSON values, 4 and 4.0 are one number: a field of whole numbers is a `float` all the same.
    if not same(example.expected, outcome.value):
        return f"expects {example.expected!r:.150} but the function returns {outcome.value!r:.150}"
    if not unchanged:
        return "shows that the function changes its input; work on a copy"
    if not repeatable:
        return "gives two results in two runs; the function must be deterministic"
    checked = when is not None and condition_reads(function) <= set(inputs)
    if checked and not sandbox.holds(function, [inputs])[0]:
        return f"contradicts 'When: {when:.150}', which does not hold there"
    return None
