"""Which branches of a function some states reach: its source is marked, and the copy is run.

The sandbox cannot trace. So each branch of a copy of the source notes its number, and the copy
returns what was noted beside the result. A copy that gives another result than the function is not
believed: the function is then not measured, and the reason is said.

One file, because what marks a branch and what reads the mark have to agree.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from logicdistill.errors import ManualError, one_line
from logicdistill.functions.manual import parse_definition
from logicdistill.functions.sandbox import condition_parameters, node_names
from logicdistill.functions.values import UNPARSABLE
from logicdistill.protocols import Runner
from logicdistill.types import Function, Outcome, Scope, same

CHUNK = 64
"""So many calls are run before it is seen whether a branch is left."""

SHOWN = 60
"""Characters of a branch's code that are shown."""

RUNS = "runs"
_Loop: TypeAlias = ast.For | ast.While
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
_DEFINITIONS = (ast.FunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a function, or a side of its ``When:``.

    Attributes:
        line: of the function's file, from 1.
        code: the statement, such as ``if credits > 0:``.
        does: what it does where the branch is reached, such as ``is true``.
        inside: number of the branch around it; None where there is none.
    """

    line: int
    code: str
    does: str
    inside: int | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """A function with its branches.

    Attributes:
        function: as it is.
        branches: the first is the function itself.
        copy: the function whose branches note that they are reached; None where there are no
            branches, or where no copy can be made.
        why: why no copy can be made, in one line.
    """

    function: Function
    branches: tuple[Branch, ...]
    copy: Function | None = None
    why: str | None = None


@dataclass(slots=True)
class Covered:
    """What was reached in a function.

    Attributes:
        marked: the function with its branches.
        examples: its usage examples.
        states: training states in which it ran.
        by_examples, by_states: numbers of the branches that they reach.
        why: why it was not measured, in one line; its branches then count nowhere.
    """

    marked: Marked
    examples: int
    states: int
    by_examples: set[int] = field(default_factory=set)
    by_states: set[int] = field(default_factory=set)
    why: str | None = None


def marked(function: Function) -> Marked:
    """Find a function's branches, and make the copy that notes which are reached."""
    try:
        parse_definition(function.source)
        tree = ast.parse(function.source)
        definition = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
        entry = Branch(definition.lineno, f"def {function.name}", RUNS)
        marks = _Marks(tree, function.source, entry)
        inner = marks.function(definition, 0)
        if len(marks.branches) == 1:
            return Marked(function, (entry,))
        name = f"_marked_{function.name}"
        tree.body[tree.body.index(definition)] = marks.wrapped(inner, name)
        source = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    except (ManualError, *UNPARSABLE) as error:
        return Marked(function, (Branch(1, f"def {function.name}", RUNS),), why=one_line(error))
    copy = replace(function, name=name, source=source, manual=replace(function.manual, when=None))
    return Marked(function, tuple(marks.branches), copy)


def condition_branches(function: Function) -> tuple[Branch, Branch] | None:
    """The two sides of a function's ``When:``: it holds, and it does not hold."""
    when = function.manual.when
    if when is None:
        return None
    lines = function.source.splitlines()
    found = (at for at, line in enumerate(lines, 1) if re.match(r"\s*When:", line))
    line, code = next(found, 1), _short(f"When: {when}")
    return Branch(line, code, "is true"), Branch(line, code, "is false")


def cover(
    one: Marked, runner: Runner, calls: Sequence[Scope], states: int, scopes: Sequence[Scope] = ()
) -> Covered:
    """Run a function and its copy, and see which branches are reached.

    The calls end where every branch is reached.

    Args:
        one: the function.
        runner: holds the function and its copy.
        calls: different arguments with which it ran in training states.
        states: in how many of them it ran.
        scopes: in which its ``When:`` is asked; see `condition_branches`. Without any, the
            condition counts as no branch.
    """
    function, sides = one.function, condition_branches(one.function) if scopes else None
    shown = [x.inputs for x in function.manual.examples if x.inputs is not None]
    if sides is not None:
        one = replace(one, branches=(*one.branches, *sides))
    found = Covered(one, len(function.manual.examples), states, why=one.why)
    found.by_examples |= {0} if function.manual.examples else set()
    found.by_states |= {0} if states else set()
    if one.copy is not None and one.why is None:
        for kind, given in ((found.by_examples, shown), (found.by_states, calls)):
            found.why = found.why or _run(one, runner, given, kind)
    if sides is not None:
        yes, no = len(one.branches) - 2, len(one.branches) - 1
        needed = condition_parameters(function.manual.when or "")
        bound = [inputs for inputs in shown if needed <= set(inputs)]
        for kind, given in ((found.by_examples, bound), (found.by_states, scopes)):
            verdicts = runner.conditions(function, given)
            kind |= {yes} if any(said.value is True for said in verdicts) else set()
            kind |= {no} if any(said.value is False for said in verdicts) else set()
    return found


def _run(one: Marked, runner: Runner, calls: Sequence[Scope], reached: set[int]) -> str | None:
    """Add the branches that the calls reach; why that cannot be said, or None."""
    assert one.copy is not None
    whole = {at for at, branch in enumerate(one.branches) if not branch.code.startswith("When:")}
    start, size = 0, CHUNK
    while start < len(calls) and not whole <= reached:
        chunk = calls[start : start + size]
        wanted = runner.call_many(one.function, chunk)
        noted = runner.call_many(one.copy, chunk)
        for scope, known, given in zip(chunk, wanted, noted, strict=True):
            if not _agree(known, given):  # a busy machine can hold up one of the two
                known, given = (runner.call_many(f, [scope])[0] for f in (one.function, one.copy))
            if not _agree(known, given):
                return f"its copy that notes branches {_otherwise(known, given)}"
            reached |= _numbers(given) & whole
        start, size = start + size, 8 * CHUNK
    return None


def _numbers(given: Outcome) -> set[int]:
    return set(given.value[1]) if given.error is None else set()


def _agree(known: Outcome, given: Outcome) -> bool:
    """Whether the copy did what the function did. Where both fail, nothing may have been noted."""
    if given.error is not None:
        return known.error is not None
    fine, _, *result = given.value
    if known.error is not None:
        kind, said = str(result[0]).partition("(")[0], result[-1]
        return not fine and one_line(f"{kind}: {said}") == one_line(known.error)
    return bool(fine) and same(known.value, result[0])


def _otherwise(known: Outcome, given: Outcome) -> str:
    """In what the copy differs."""
    gave = given.error or repr(given.value[2])
    return one_line(f"gives {gave:.80}, and the function {known.error or repr(known.value):.80}")


class _Marks(ast.NodeTransformer):
    """Puts a note into each branch of a function's syntax tree.

    Args:
        tree: of the whole file; the names in it are not taken.
        source: its text.
        entry: the branch that is the function itself.
    """

    def __init__(self, tree: ast.Module, source: str, entry: Branch) -> None:
        self.branches = [entry]
        self._lines = source.splitlines()
        self._names = {name for node in ast.walk(tree) for name in node_names(node)}
        self._filled = _filled(tree)
        self._noted, self._inside = self._name("reached"), 0
        self._after: int | None = None  # the branch that what follows the last `if` is in

    def function(self, node: ast.FunctionDef, inside: int) -> ast.FunctionDef:
        """Its body noted; ``inside``: the branch that the body is."""
        node.body = [self._note(inside), *self._block(_undocumented(node.body), inside)]
        return node

    def wrapped(self, inner: ast.FunctionDef, name: str) -> ast.FunctionDef:
        """A function of another name that gives the branches noted beside the result."""
        given, error = self._name("given"), self._name("error")
        text = f"""\
def {name}(**{given}):
    {self._noted} = set()
    try:
        {given} = {inner.name}(**{given})
        return [True, [*{self._noted}], {given}]
    except Exception as {error}:
        return [False, [*{self._noted}], f"{{{error}!r}}", f"{{{error}}}"]
"""
        [outer] = ast.parse(text).body
        assert isinstance(outer, ast.FunctionDef)
        outer.body.insert(1, inner)
        return outer

    # Statements

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function inside."""
        return self.function(node, self._branch(node, f"def {node.name}", "is called"))

    def visit_If(self, node: ast.If) -> ast.AST:
        """``if`` and ``elif``: true and false."""
        after = None
        begins = self._lines[node.lineno - 1].encode()[node.col_offset :].decode()
        word = "elif" if begins.startswith("elif") else "if"
        code = f"{word} {ast.unparse(node.test)}:"
        if isinstance(node.test, ast.Constant):
            node.body, node.orelse = self._block(node.body), self._block(node.orelse)
            self._after = None
            return node
        yes, no = self._branch(node, code, "is true"), self._branch(node, code, "is false")
        if _ends(node.body):
            after = no
        elif _ends(node.orelse):
            after = yes
        node.test = self.visit(node.test)
        node.body = [self._note(yes), *self._block(node.body, yes)]
        node.orelse = [self._note(no), *self._block(node.orelse, no)]
        self._after = after
        return node

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        """The loop has an item, has none, and is gone through to its end."""
        code = f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}:"
        full = _is_full(node.iter, self._filled)
        node.iter = self.visit(node.iter)
        return self._loop(node, code, "has an item", None if full else "has no item")

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        """The body runs, does not run, and the condition ends it."""
        code, constant = f"while {ast.unparse(node.test)}:", isinstance(node.test, ast.Constant)
        full = constant or _is_full(node.test, self._filled)
        node.test = self.visit(node.test)
        return self._loop(node, code, "is entered", None if full else "is not entered", constant)

    def visit_With(self, node: ast.With) -> ast.AST:
        """No branch; only what is inside."""
        node.items = [self.visit(item) for item in node.items]
        node.body = self._block(node.body)
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """Each ``except``."""
        node.body = self._block(node.body)
        for handler in node.handlers:
            code = f"except {ast.unparse(handler.type)}:" if handler.type else "except:"
            at = self._branch(handler, code, "catches an error")
            handler.body = [self._note(at), *self._block(handler.body, at)]
        node.orelse, node.finalbody = self._block(node.orelse), self._block(node.finalbody)
        return node

    def visit_Match(self, node: ast.Match) -> ast.AST:
        """Each ``case``, and that none fits."""
        code = f"match {ast.unparse(node.subject)}:"
        node.subject, open_end = self.visit(node.subject), True
        for case in node.cases:
            guard = f" if {ast.unparse(case.guard)}" if case.guard else ""
            shown = f"case {ast.unparse(case.pattern)}{guard}:"
            at = self._branch(case.pattern, shown, "fits")
            case.guard = self.visit(case.guard) if case.guard else None
            case.body = [self._note(at), *self._block(case.body, at)]
            open_end = open_end and not (guard == "" and _takes_all(case.pattern))
        if open_end:
            at = self._branch(node, code, "has no case that fits")
            node.cases.append(ast.match_case(ast.MatchAs(), None, [self._note(at)]))
        return node

    # Expressions

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """``a if test else b``: true and false."""
        code = ast.unparse(node)
        yes, no = (self._branch(node, code, f"takes the {s} side") for s in ("first", "second"))
        node.test = self.visit(node.test)
        node.body = self._noted_value(yes, node.body)
        node.orelse = self._noted_value(no, node.orelse)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """A lambda's body."""
        at = self._branch(node, ast.unparse(node), "is called")
        node.body = self._noted_value(at, node.body)
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        """See `_comprehension`."""
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        """See `_comprehension`."""
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """See `_comprehension`."""
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        """See `_comprehension`."""
        return self._comprehension(node)

    def _comprehension(self, node: _Comprehension) -> ast.AST:
        """Each ``if`` true and false; without one, that there is an item."""
        whole, conditions = ast.unparse(node), False
        full = all(_is_full(one.iter, self._filled) for one in node.generators)
        for one in node.generators:
            one.iter = self.visit(one.iter)
            for at, test in enumerate(one.ifs):
                conditions, code = True, f"if {ast.unparse(test)} (in {whole})"
                yes = self._branch(test, code, "is true")
                no = self._branch(test, code, "is false")
                sides = [
                    ast.BoolOp(ast.Or(), [self._call(number), ast.Constant(value)])
                    for number, value in ((yes, True), (no, False))
                ]
                one.ifs[at] = ast.IfExp(self.visit(test), *sides)
        if conditions or full:
            for name in ("elt", "key", "value"):
                if hasattr(node, name):
                    setattr(node, name, self.visit(getattr(node, name)))
            return node
        at = self._branch(node, whole, "has an item")
        first, *others = [name for name in ("elt", "key", "value") if hasattr(node, name)]
        setattr(node, first, self._noted_value(at, getattr(node, first)))
        for name in others:
            setattr(node, name, self.visit(getattr(node, name)))
        return node

    # What they share

    def _loop(
        self, node: _Loop, code: str, entered: str, empty: str | None, endless: bool = False
    ) -> list[ast.stmt]:
        flag, leaves = self._name("went"), _leaves(node)
        inside = None if endless else self._branch(node, code, entered)
        outside = None if empty is None else self._branch(node, code, empty)
        end = self._branch(node, code, "runs to its end") if leaves and not endless else None
        body = self._block(node.body, self._inside if inside is None else inside)
        noted = [] if inside is None else [self._note(inside)]
        node.body = [*_parsed(f"{flag} = True"), *noted, *body]
        node.orelse = self._block(node.orelse)
        for number, test in ((end, flag), (outside, f"not {flag}")):
            if number is not None:
                [check] = _parsed(f"if {test}:\n    pass")
                assert isinstance(check, ast.If)
                check.body = [self._note(number)]
                node.orelse.insert(0, check)
        return [*_parsed(f"{flag} = False"), node]

    def _block(self, body: Sequence[ast.stmt], inside: int | None = None) -> list[ast.stmt]:
        """Statements in a row; after an ``if`` that ends the row, the rest is its other side."""
        before, self._inside = self._inside, self._inside if inside is None else inside
        found: list[ast.stmt] = []
        for statement in body:
            made = self.visit(statement)
            found += made if isinstance(made, list) else [made]
            if isinstance(statement, ast.If) and self._after is not None:
                self._inside = self._after
        self._inside = before
        return found

    def _noted_value(self, number: int, value: ast.expr) -> ast.expr:
        """The value; what is in it is in the branch."""
        before, self._inside = self._inside, number
        made = self.visit(value)
        self._inside = before
        return ast.BoolOp(ast.Or(), [self._call(number), made])

    def _branch(
        self, node: ast.stmt | ast.expr | ast.pattern | ast.excepthandler, code: str, does: str
    ) -> int:
        self.branches.append(Branch(node.lineno, _short(code), does, self._inside))
        return len(self.branches) - 1

    def _call(self, number: int) -> ast.expr:
        """An expression that notes a branch; its value is None."""
        return ast.parse(f"{self._noted}.add({number})", mode="eval").body

    def _note(self, number: int) -> ast.stmt:
        return ast.Expr(self._call(number))

    def _name(self, wanted: str) -> str:
        """A name that nothing else in the file has."""
        name = next(n for at in range(10**6) if (n := f"{wanted}_{at}") not in self._names)
        self._names.add(name)
        return name


def _parsed(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def _undocumented(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if said else body


def _short(code: str) -> str:
    return textwrap.shorten(code, SHOWN, placeholder=" ...")


def _ends(body: Sequence[ast.stmt]) -> bool:
    """Whether nothing after these statements, in the same row, is reached from them."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.If):
        return _ends(last.body) and _ends(last.orelse)
    return isinstance(last, (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _leaves(loop: _Loop) -> bool:
    """Whether something in the loop ends it early."""

    def walk(nodes: Iterable[ast.AST], own: bool) -> Iterator[bool]:
        for node in nodes:
            yield isinstance(node, ast.Return) or (own and isinstance(node, ast.Break))
            if not isinstance(node, _DEFINITIONS):
                inner = own and not isinstance(node, (ast.For, ast.While))
                yield from walk(ast.iter_child_nodes(node), inner)

    return any(walk(loop.body, own=True))


def _takes_all(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return any(map(_takes_all, pattern.patterns))
    return isinstance(pattern, ast.MatchAs) and (
        pattern.pattern is None or _takes_all(pattern.pattern)
    )


def _filled(tree: ast.Module) -> Mapping[str, ast.expr]:
    """Names that the file gives a value once, with the value."""
    stored: dict[str, int] = {}
    values: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            stored[node.arg] = stored.get(node.arg, 0) + 1
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            stored[node.id] = stored.get(node.id, 0) + 1
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            values |= {one.id: node.value for one in targets if isinstance(one, ast.Name)}
    return {name: value for name, value in values.items() if stored[name] == 1}


def _is_full(node: ast.expr, filled: Mapping[str, ast.expr], depth: int = 5) -> bool:
    """Whether it surely has an item."""
    if depth == 0:
        return False
    if isinstance(node, ast.Name) and node.id in filled:
        return _is_full(filled[node.id], filled, depth - 1)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return any(not isinstance(item, ast.Starred) for item in node.elts)
    if isinstance(node, ast.Dict):
        return any(key is not None for key in node.keys)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(node.value)
    if isinstance(node, ast.Call) and not node.keywords:
        if isinstance(node.func, ast.Attribute) and not node.args:
            owner = node.func.value
            return node.func.attr in ("items", "keys", "values") and _is_full(
                owner, filled, depth - 1
            )
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called == "range":
            bounds = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            whole = len(bounds) == len(node.args) and all(type(b) is int for b in bounds)
            return whole and len(range(*bounds)) > 0  # type: ignore[arg-type]  # they are ints
        if called in ("enumerate", "sorted", "reversed", "list", "tuple", "set") and node.args:
            return _is_full(node.args[0], filled, depth - 1)
    return False
