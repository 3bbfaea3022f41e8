"""A Python module to function files: each function with what it uses of the module.

Imports, aliases and constants that cannot be changed stand above the function. Other constants and
private functions (``_name``) are put inside it, so that each call has its own. A private function
with a usage example is a helper: a file of its own, which the others call.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from logicdistill.errors import ManualError
from logicdistill.files import plain_text
from logicdistill.functions.gate import allowed_at_top
from logicdistill.functions.helpers import outside_names
from logicdistill.functions.values import UNPARSABLE

_DOCTEST = re.compile(r"^\s*>>> ", re.MULTILINE)
_SAID_LINE = re.compile(r"\bline (\d+)\b")


@dataclass(frozen=True, slots=True)
class Part:
    """A function of a module as a file of its own.

    Attributes:
        text: of the file.
        lines: for each line of ``text`` its line in the module, 0 where it has none.
    """

    text: str
    lines: tuple[int, ...]

    def located(self, message: str) -> str:
        """A message about ``text`` with the lines of the module."""

        def line(said: re.Match[str]) -> str:
            number = int(said[1])
            there = self.lines[number - 1] if 0 < number <= len(self.lines) else 0
            return f"line {there or number}"

        return _SAID_LINE.sub(line, message)


@dataclass(frozen=True, slots=True)
class Module:
    """What `split_module` found.

    Attributes:
        parts: function files by name, in the module's order.
        refused: by name, the functions that cannot stand alone, and why.
        helpers: by name, files of the helpers that the parts and these helpers call.
    """

    parts: dict[str, Part]
    refused: dict[str, str]
    helpers: dict[str, Part] = field(default_factory=dict)


def split_module(source: str, where: str = "module") -> Module:
    """The functions of a module; private ones, classes and what no function uses are left out.

    Raises `ManualError` on what is not Python or has no function; ``where`` begins the message.
    """
    source = plain_text(source)
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ManualError(f"{where}: line {error.lineno}: not valid Python: {error.msg}") from None
    except UNPARSABLE as error:
        raise ManualError(f"{where}: not valid Python: {error}") from None
    definitions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    public = [node for node in definitions if not node.name.startswith("_")]
    if not public:
        private = [f"; {node.name} begins with '_', so it is a helper" for node in definitions[:1]]
        raise ManualError(f"{where}: holds no function at top level{''.join(private)}")
    helpers = {node.name: node for node in definitions if _is_helper(node)}
    splitter, found = _Splitter(source, tree, helpers), Module({}, {})
    for node in public:
        try:
            found.parts[node.name] = splitter.part(node)
        except ManualError as error:
            found.refused[node.name] = str(error)
    waiting = [*found.parts.values()]
    while waiting:
        called = outside_names(waiting.pop().text) & helpers.keys()
        for name in sorted(called - found.helpers.keys() - found.refused.keys()):
            try:
                found.helpers[name] = splitter.part(helpers[name])
                waiting.append(found.helpers[name])
            except ManualError as error:
                found.refused[name] = str(error)
    return found


def _is_helper(node: ast.FunctionDef) -> bool:
    """Whether a private function has what a helper needs: a usage example."""
    documented = _DOCTEST.search(ast.get_docstring(node) or "") is not None
    return documented and node.name.startswith("_")


class _Splitter:
    """Takes a module's functions apart."""

    def __init__(self, source: str, tree: ast.Module, helpers: Collection[str]) -> None:
        self._lines = source.split("\n")
        self._body = tree.body
        self._helpers = helpers

    def part(self, function: ast.FunctionDef) -> Part:
        """The function with what it uses.

        Raises:
            ManualError: it uses what cannot be taken along.
        """
        self._check_alone(function.name)
        needed = self._needed(function)
        above: list[ast.stmt] = []
        inside: list[ast.stmt] = []
        own = set[str]()
        for node in needed:
            movable = isinstance(node, (ast.Import, ast.ImportFrom)) or allowed_at_top(node)
            # What is made of something inside can only be made there.
            if isinstance(node, ast.FunctionDef) or not movable or own & _read(node):
                inside.append(node)
                own |= _bound(node)
            else:
                above.append(node)
        lines = [line for node in above for line in self._text(node)]
        lines += [("", 0), ("", 0)] if lines else []
        lines += self._with(function, inside)
        text = "".join(f"{line}\n" for line, _ in lines)
        return Part(text, tuple(number for _, number in lines))

    def _needed(self, function: ast.FunctionDef) -> list[ast.stmt]:
        """Statements that bind what the function uses, in order, and what these use."""
        kept, waiting, known = set[int](), [(function.name, _read(function))], set[str]()
        while waiting:
            user, names = waiting.pop()
            for name in sorted(names - known):
                known.add(name)
                if name in self._helpers:
                    continue
                for index, node in enumerate(self._body):
                    if node is function or name not in _touched(node):
                        continue
                    self._check(user, name, node)
                    kept.add(index)
                    waiting.append((user, _read(node)))
        return [self._body[index] for index in sorted(kept)]

    def _check_alone(self, name: str) -> None:
        lines = [str(node.lineno) for node in self._body if name in _made(node)]
        if len(lines) > 1:
            only = "Python keeps only the last; give one another name, or take it out"
            raise ManualError(f"{name} is made on lines {' and '.join(lines)}: {only}")

    def _check(self, user: str, name: str, node: ast.stmt) -> None:
        at = f"{name} (line {node.lineno})"
        if isinstance(node, ast.FunctionDef):
            if not name.startswith("_"):
                todo = f"call it _{name} to take it along as a helper, or put it inside"
                raise ManualError(f"{user} calls {at}, which is a function of its own; {todo}")
            if node.decorator_list:
                raise ManualError(f"{user} calls {at}, which has a decorator; leave that out")
            self._check_alone(name)
        elif isinstance(node, (ast.ClassDef, ast.AsyncFunctionDef)):
            kind = "a class" if isinstance(node, ast.ClassDef) else "an async function"
            todo = "take dicts and plain functions instead"
            raise ManualError(f"{user} uses {at}, {kind}, and no function file holds one; {todo}")
        elif name not in _bound(node):
            todo = "write its whole value in one statement, or put that inside the function"
            what = f"{user} uses {name}, which line {node.lineno} makes or changes"
            raise ManualError(f"{what}; {todo}")
        elif isinstance(node, ast.AnnAssign) and node.value is None:
            raise ManualError(f"{user} uses {at}, which has a type and no value; give it one")

    def _with(self, function: ast.FunctionDef, inside: Sequence[ast.stmt]) -> _Lines:
        """The function's lines, these statements put behind its docstring."""
        lines = self._text(function)
        if not inside:
            return lines
        begins = function.body[0]
        documented = ast.get_docstring(function, clean=False) is not None
        at = (begins.end_lineno if documented else begins.lineno - 1) or 0
        first = lines[0][1]
        alone = begins.lineno > function.lineno and (
            not documented or len(function.body) == 1 or function.body[1].lineno > at
        )
        if not alone:
            names = ", ".join(sorted(name for node in inside for name in _bound(node)))
            todo = "give each statement of its body a line of its own"
            raise ManualError(f"{function.name} needs {names} inside; {todo}")
        indent = " " * begins.col_offset
        put: _Lines = []
        for node in inside:
            moved = [(indent + line if line else line, n) for line, n in self._text(node, True)]
            put += [("", 0), *moved, ("", 0)] if isinstance(node, ast.FunctionDef) else moved
        if put[-1] != ("", 0) and documented:
            put.append(("", 0))
        count = at - first + 1
        return [*lines[:count], *put, *lines[count:]]

    def _text(self, node: ast.stmt, moved: bool = False) -> _Lines:
        """The statement's lines with their numbers."""
        first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
        end = node.end_lineno or first
        # A text over several lines would change when it is indented; so would two in one line.
        if (moved and _has_long_text(node)) or node.col_offset or not self._ends_line(node):
            return [(line, first) for line in ast.unparse(node).split("\n")]
        return [(self._lines[number - 1], number) for number in range(first, end + 1)]

    def _ends_line(self, node: ast.stmt) -> bool:
        """Whether no other statement follows in the same line."""
        begins = [other.lineno for other in self._body if other is not node and other.col_offset]
        return node.end_lineno not in begins


_Lines = list[tuple[str, int]]


def _has_long_text(node: ast.stmt) -> bool:
    texts = (part for part in ast.walk(node) if isinstance(part, (ast.Constant, ast.JoinedStr)))
    return any(text.lineno != text.end_lineno for text in texts)


def _bound(node: ast.stmt) -> set[str]:
    """Names that an import, an assignment or a function binds."""
    match node:
        case ast.ImportFrom(module="__future__"):
            return set()
        case ast.Import(names) | ast.ImportFrom(names=names):
            return {(alias.asname or alias.name).partition(".")[0] for alias in names}
        case ast.Assign(targets):
            return set(_targets(targets))
        case ast.AnnAssign(target=ast.Name(name)) | ast.FunctionDef(name=name):
            return {name}
    return set()


def _targets(targets: Iterable[ast.expr]) -> Iterator[str]:
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id
        elif isinstance(target, (ast.Tuple, ast.List)):
            yield from _targets(target.elts)
        elif isinstance(target, ast.Starred):
            yield from _targets([target.value])


def _made(node: ast.stmt) -> set[str]:
    """Names that the statement binds, a class's too."""
    if isinstance(node, (ast.ClassDef, ast.AsyncFunctionDef)):
        return {node.name}
    return _bound(node)


def _touched(node: ast.stmt) -> set[str]:
    """Names that the statement binds or may change."""
    bound = _made(node)
    if isinstance(node, (ast.ClassDef, ast.AsyncFunctionDef)):
        return bound
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)):
        return bound
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return bound | {name for target in targets for name in _read(target)}
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return set()
    if isinstance(node, ast.If) and _is_main(node.test):
        return set()
    # A loop, a branch, a call: whatever stands in it may be changed by it.
    return _read(node) | {
        part.name
        for part in ast.walk(node)
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }


def _is_main(test: ast.expr) -> bool:
    """Whether it is the usual ``__name__ == "__main__"``, which no import runs."""
    return isinstance(test, ast.Compare) and ast.unparse(test.left) == "__name__"


def _read(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
