"""The gate: a function joins the base only with evidence; each refusal is one line that its author can act on."""

from __future__ import annotations

import ast
import builtins
import json
import re
import symtable
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from logicdistill.errors import GateRefusal, ManualError
from logicdistill.functions.addressed import addressed
from logicdistill.functions.manual import parse_definition, parse_function
from logicdistill.functions.sandbox import CONDITION_BUILTINS, Limits, Sandbox, condition_parameters
from logicdistill.protocols import Task
from logicdistill.types import Example, Function, Stage

ALLOWED_IMPORTS = frozenset(
    {"collections", "functools", "itertools", "json", "math", "re", "typing"}
)
FORBIDDEN_NAMES = frozenset(
    [
        "__import__",
        "breakpoint",
        "compile",
        "delattr",
        "eval",
        "exec",
        "exit",
        "getattr",
        "globals",
        "hasattr",
        "id",
        "input",
        "locals",
        "open",
        "quit",
        "setattr",
        "vars",
    ]
)
_FORBIDDEN_NODES: tuple[tuple[type[ast.AST], str], ...] = (
    (ast.Global, "'global'"),
    (ast.ClassDef, "a class"),
    (ast.Yield, "'yield'"),
    (ast.YieldFrom, "'yield from'"),
    (ast.Await, "'await'"),
    (ast.AsyncFunctionDef, "'async def'"),
)
_STATEFUL = (
    *(
        ast.Call,
        ast.Dict,
        ast.Set,
        ast.List,
        ast.ListComp,
        ast.DictComp,
        ast.SetComp,
        ast.GeneratorExp,
    ),
    *(ast.Lambda, ast.NamedExpr, ast.Starred),
)
RESERVED = frozenset(dir(builtins))
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the gate saw: how many usage examples held, and the slowest call in milliseconds."""

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
        limits: limits of one call.
    """

    fields: frozenset[str]
    rules: int
    stages: tuple[Stage, ...]
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def of(cls, task: Task, stages: Sequence[Stage]) -> Gate:
        """The gate of a task whose decision has these stages."""
        return cls(frozenset(task.state_model.model_fields), len(task.rules), tuple(stages))

    def admit(
        self,
        source: str,
        stage: Stage,
        others: Mapping[str, Function],
        sandbox: Sandbox | None = None,
        origin: str = "teacher",
    ) -> tuple[Function, Evidence]:
        """Check one function file and try it in a sandbox of its own.

        Args:
            source: text of the file.
            stage: stage that it is meant for.
            others: the functions already in the base, by name (less the one that it replaces, if any).
            sandbox: workers to use; its loaded functions are replaced.
            origin: recorded with the function.

        Raises:
            GateRefusal: the first thing that is wrong, in one line.
        """
        try:
            function = parse_function(source, stage, origin)
        except ManualError as error:
            raise GateRefusal(str(error)) from None
        definition = parse_definition(source)
        self._check_static(function, definition, source)
        self._check_binding(function, definition, stage)
        self._check_manual(function, stage, others)
        if sandbox is not None:
            return function, self._try(function, sandbox)
        with Sandbox(limits=self.limits) as fresh:
            return function, self._try(function, fresh)

    def scope_names(self, stage: Stage) -> frozenset[str]:
        """Names that a function of this stage may ask for."""
        earlier = self.stages[: [other.name for other in self.stages].index(stage.name)]
        return self.fields | {other.output for other in earlier}

    def _check_static(self, function: Function, definition: ast.FunctionDef, source: str) -> None:
        name = function.name
        tree = ast.parse(source)
        if name in RESERVED or name.startswith("_"):
            raise GateRefusal(f"{name}: this name is Python's or starts with '_'; choose another")
        if not _NAME.fullmatch(name):
            raise GateRefusal(
                f"{name[:80]}: a name has at most 60 letters (a to z), digits and '_'; choose another"
            )
        try:
            symtable.symtable(source, name, "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise GateRefusal(f"{name}: not valid Python: {error}") from None
        for statement in tree.body:
            if not _allowed_at_top(statement):
                raise GateRefusal(
                    f"{name}: line {getattr(statement, 'lineno', 1)}: at top level only the function, imports and aliases are allowed"
                )
        for node in ast.walk(tree):
            self._check_node(name, node)
        arguments = definition.args
        if (
            arguments.vararg
            or arguments.kwarg
            or arguments.defaults
            or any(arguments.kw_defaults)
            or arguments.posonlyargs
        ):
            raise GateRefusal(
                f"{name}: parameters are bound by name: no defaults, no *args, no **kwargs, no '/'"
            )
        bare = [
            item.arg for item in arguments.args + arguments.kwonlyargs if item.annotation is None
        ]
        if bare or definition.returns is None:
            raise GateRefusal(
                f"{name}: give a type to {', '.join(bare) or 'the result'}; every parameter and the result need one"
            )
        if definition.decorator_list:
            raise GateRefusal(f"{name}: decorators are not allowed")

    @staticmethod
    def _check_node(name: str, node: ast.AST) -> None:
        line = getattr(node, "lineno", 1)
        for kind, shown in _FORBIDDEN_NODES:
            if isinstance(node, kind):
                raise GateRefusal(f"{name}: line {line}: {shown} is not allowed")
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            level = node.level if isinstance(node, ast.ImportFrom) else 0
            modules = (
                [node.module]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
            )
            refused = [item for item in modules if level or item not in ALLOWED_IMPORTS]
            if refused or any(alias.name == "*" for alias in node.names):
                raise GateRefusal(
                    f"{name}: line {line}: import of {refused or '*'} is not allowed; allowed: {', '.join(sorted(ALLOWED_IMPORTS))}"
                )
        for word in _names(node):
            if word in FORBIDDEN_NAMES or word.startswith("__"):
                raise GateRefusal(f"{name}: line {line}: the name {word!r} is not allowed")

    def _check_binding(self, function: Function, definition: ast.FunctionDef, stage: Stage) -> None:
        visible = self.scope_names(stage)
        unknown = [parameter for parameter in function.parameters if parameter not in visible]
        if unknown:
            raise GateRefusal(
                f"{function.name}: parameter {unknown[0]!r} is no field of the state and no earlier result; "
                f"there are: {', '.join(sorted(visible))}"
            )
        for index, example in enumerate(function.manual.examples, start=1):
            if example.inputs is not None and set(example.inputs) != set(function.parameters):
                raise GateRefusal(
                    f"{function.name}: usage example {index} gives {sorted(example.inputs)}; needed: {sorted(function.parameters)}"
                )
        if definition.args.args and not any(
            example.inputs is not None for example in function.manual.examples
        ):
            raise GateRefusal(
                f"{function.name}: the manual has no usage example that runs; add a doctest such as '>>> {function.name}(...)'"
            )

    def _check_manual(
        self, function: Function, stage: Stage, others: Mapping[str, Function]
    ) -> None:
        manual, name = function.manual, function.name
        if name in others:
            raise GateRefusal(
                f"{name}: the base already has a function of this name in stage {others[name].stage!r}; choose another or replace it"
            )
        alike = [other for other in others if other.casefold() == name.casefold()]
        if alike:
            raise GateRefusal(
                f"{name}: differs from {alike[0]!r} in upper and lower case alone; choose another name"
            )
        if words := addressed(manual):
            raise GateRefusal(
                f"{name}: the manual speaks to its reader ({words[:80]!r}); say in which states the function is right, no more"
            )
        wrong = [number for number in manual.rules if not 1 <= number <= self.rules]
        if wrong:
            raise GateRefusal(
                f"{name}: cites rule {wrong[0]}; the task has rules 1 to {self.rules}, and a rule that was told later has no number"
            )
        in_stage = {other.name for other in others.values() if other.stage == stage.name}
        missing = [other for other in manual.replaces if other not in in_stage]
        if missing:
            raise GateRefusal(
                f"{name}: replaces {missing[0]!r}, which is not in stage {stage.name!r}; there are: {', '.join(sorted(in_stage)) or 'none'}"
            )
        if stage.guarded and manual.when is None:
            raise GateRefusal(
                f"{name}: the stage {stage.name!r} is guarded: a function stands only while its 'When:' holds; give it one"
            )
        if manual.when is not None:
            self._check_condition(name, manual.when, self.scope_names(stage))

    def _check_condition(self, name: str, when: str, visible: Collection[str]) -> None:
        unknown = sorted(condition_parameters(when) - set(visible))
        if unknown:
            raise GateRefusal(
                f"{name}: 'When:' uses {unknown[0]!r}; it may use: {', '.join(sorted({*visible, *CONDITION_BUILTINS}))}"
            )
        for node in ast.walk(ast.parse(when, mode="eval")):
            self._check_node(name, node)
            if isinstance(node, (ast.Lambda, ast.NamedExpr)):
                raise GateRefusal(f"{name}: 'When:' has to be a plain expression")

    def _try(self, function: Function, sandbox: Sandbox) -> Evidence:
        examples = [example for example in function.manual.examples if example.inputs is not None]
        arguments = (
            ", ".join(f"{key}={value!r}" for key, value in (examples[0].inputs or {}).items())
            if examples
            else ""
        )
        call = f"{function.name}({arguments})" if examples else ""
        finding = sandbox.check_types(function.source, call)
        if finding:
            raise GateRefusal(f"{function.name}: type check: {finding}")
        sandbox.load([function])
        slowest = 0.0
        for index, example in enumerate(examples, start=1):
            slowest = max(slowest, self._try_example(function, sandbox, index, example))
        return Evidence(len(examples), slowest)

    @staticmethod
    def _try_example(function: Function, sandbox: Sandbox, index: int, example: Example) -> float:
        name, inputs = function.name, example.inputs or {}
        started = time.perf_counter()
        outcome, repeatable, unchanged = sandbox.call_twice(function, inputs)
        elapsed_ms = (time.perf_counter() - started) * 500.0
        if outcome.error is not None:
            raise GateRefusal(f"{name}: usage example {index} fails: {outcome.error}")
        if json.dumps(outcome.value, sort_keys=True) != json.dumps(
            example.expected, sort_keys=True
        ):
            raise GateRefusal(
                f"{name}: usage example {index} expects {example.expected!r} but the function returns {outcome.value!r}"[
                    :400
                ]
            )
        if not unchanged:
            raise GateRefusal(
                f"{name}: usage example {index}: the function changes its input; work on a copy"
            )
        if not repeatable:
            raise GateRefusal(
                f"{name}: usage example {index}: two runs give two results; the function has to be deterministic"
            )
        when = function.manual.when
        if (
            when is not None
            and condition_parameters(when) <= set(inputs)
            and not sandbox.holds(function, [inputs])[0]
        ):
            raise GateRefusal(
                f"{name}: 'When: {when}' does not hold in its own usage example {index}"
            )
        return elapsed_ms


def _allowed_at_top(node: ast.stmt) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return False
    targets, value = (
        (node.targets, node.value) if isinstance(node, ast.Assign) else ([node.target], node.value)
    )
    if not all(isinstance(target, ast.Name) for target in targets):
        return False
    if isinstance(value, (ast.Subscript, ast.Name, ast.Attribute, ast.BinOp)):
        return _keeps_no_state(value)
    return isinstance(value, ast.Constant) or (
        isinstance(value, ast.Tuple) and all(isinstance(e, ast.Constant) for e in value.elts)
    )


def _keeps_no_state(value: ast.AST) -> bool:
    """Whether an alias cannot hold anything that a call could change."""
    return not any(isinstance(part, _STATEFUL) for part in ast.walk(value))


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, (ast.FunctionDef, ast.keyword, ast.arg)):
        name = getattr(node, "name", None) or getattr(node, "arg", None)
        if name:
            yield name
    elif isinstance(node, ast.alias):
        yield node.name
        if node.asname:
            yield node.asname
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name
