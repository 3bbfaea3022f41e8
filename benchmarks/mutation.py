"""Corrupt the functions of the shipped bases a little, and count what the gate refuses, by cause.

nice python benchmarks/mutation.py [--count 200] [--seed 0] [--out mutation.json]

A corruption counts where the file still parses and reads otherwise. "wrong key" renames a text that
the code compares, reads or returns; "wrong type" makes a number a text or a text a number; "wrong
action" returns what is no action, "other action" another one that is; "swapped comparison" turns a
comparison of ``When:``, "swapped comparison in the code" one of the body; "lying doctest" changes
what a usage example says; "off by one" changes a number of the code.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from selecting import write_result

from logicdistill.deciding.parts import utc_now
from logicdistill.errors import GateRefusal, LogicDistillError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Task
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore, shipped_replies
from logicdistill.teacher.write import Author
from logicdistill.types import Function
from logicdistill.writing.base import build_base
from logicdistill.writing.contradictions import first_refused
from logicdistill.writing.states import scopes_by_conditions

TASKS = ("guess", "pursuit", "twentyone", "mountain-car", "pendulum")
_SWAPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def shipped_base(task: Task, folder: Path) -> FunctionBase:
    """The base of the task's shipped recording."""
    author = Author(RecordedTeacher(ReplyStore(folder), [shipped_replies(task.id)]), task)
    return build_base(author, [first_state(task, seed) for seed in range(2)], lambda _: None)[0]


def _body(function: Function) -> ast.FunctionDef:
    body = ast.parse(function.source).body
    return next(node for node in body if isinstance(node, ast.FunctionDef))


def _of_code(
    function: Function, wanted: Callable[[ast.AST], Any], change: Callable[[Any], None]
) -> Iterator[str]:
    """The file once for each wanted place of its code, which `change` changes."""
    definition = _body(function)
    count = sum(bool(wanted(n)) for stmt in definition.body[1:] for n in ast.walk(stmt))
    for index in range(count):
        definition = _body(function)
        nodes = [n for stmt in definition.body[1:] for n in ast.walk(stmt) if wanted(n)]
        change(nodes[index])
        docstring = definition.body[0]
        first, last = docstring.lineno, docstring.end_lineno or 0
        lines = function.source.split("\n")
        # The docstring stays as it was written.
        above = "\n".join(lines[: first - 1])
        code = "\n".join(f"    {part}" for s in definition.body[1:] for part in _lines(s))
        yield f"{above}\n" + "\n".join(lines[first - 1 : last]) + f"\n{code}\n"


def _lines(statement: ast.stmt) -> list[str]:
    return ast.unparse(ast.fix_missing_locations(statement)).split("\n")


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def wrong_key(function: Function) -> Iterator[str]:
    """A text of the code with another letter at its end."""

    def change(node: ast.Constant) -> None:
        node.value = f"{node.value}x"

    return _of_code(function, _is_text, change)


def wrong_type(function: Function) -> Iterator[str]:
    """A number of the code as a text, or the other way round."""

    def change(node: ast.Constant) -> None:
        node.value = 7 if isinstance(node.value, str) else str(node.value)

    return _of_code(function, lambda node: _is_text(node) or _is_number(node), change)


def wrong_action(function: Function) -> Iterator[str]:
    """A return of what is no action: all examples say so, too."""
    returned = {json.dumps(example.expected) for example in function.manual.examples}
    for expected in returned:
        value = json.loads(expected)
        if isinstance(value, str):
            changed = f"{value}x"
            yield function.source.replace(repr(value), repr(changed)).replace(
                json.dumps(value), json.dumps(changed)
            )
        if type(value) is int:

            def change(node: ast.Return) -> None:
                node.value = ast.Constant("no action")

            for text in _of_code(function, lambda node: isinstance(node, ast.Return), change):
                yield text.replace(f"\n    {value}\n", "\n    'no action'\n")


def off_by_one(function: Function) -> Iterator[str]:
    """A number of the code, one more."""

    def change(node: ast.Constant) -> None:
        node.value += 1

    return _of_code(function, _is_number, change)


def swapped_in_code(function: Function) -> Iterator[str]:
    """A comparison of the code turned into its opposite."""
    return _of_code(function, lambda node: isinstance(node, ast.Compare), _swap)


def _swap(node: ast.Compare) -> None:
    node.ops[0] = _SWAPPED[type(node.ops[0])]()


def swapped_in_when(function: Function) -> Iterator[str]:
    """A comparison of ``When:`` turned into its opposite."""
    when = function.manual.when
    if when is None:
        return
    count = sum(isinstance(node, ast.Compare) for node in ast.walk(ast.parse(when)))
    for index in range(count):
        tree = ast.parse(when, mode="eval")
        _swap([node for node in ast.walk(tree) if isinstance(node, ast.Compare)][index])
        lines = function.source.split("\n")
        at = next(n for n, line in enumerate(lines) if line.strip().startswith("When:"))
        end = at + 1
        while lines[end].strip() and not lines[end].strip().startswith(_FIELDS):
            end += 1
        lines[at:end] = [f"    When: {ast.unparse(tree)}"]
        yield "\n".join(lines)


_FIELDS = ("Use when:", "Rules:", "Replaces:", "Expires:", "Stage:", "Example:", ">>>", '"""')


def lying_doctest(function: Function) -> Iterator[str]:
    """A usage example that says another result."""
    lines = function.source.split("\n")
    for index, line in enumerate(lines[:-1]):
        if not line.strip().startswith(">>>"):
            continue
        try:
            value = ast.literal_eval(lines[index + 1].strip())
        except (ValueError, SyntaxError):
            continue
        yield "\n".join([*lines[: index + 1], f"    {_other(value)!r}", *lines[index + 2 :]])


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"{value}x"
        case list():
            return [*value, 1]
        case dict():
            return {**value, "x": 1}
    return 1


KINDS: dict[str, Callable[[Function], Iterator[str]]] = {
    "wrong key": wrong_key,
    "wrong type": wrong_type,
    "wrong action": wrong_action,
    "swapped comparison in 'When:'": swapped_in_when,
    "swapped comparison in the code": swapped_in_code,
    "lying doctest": lying_doctest,
    "off by one": off_by_one,
}


def corruptions(base: FunctionBase) -> Iterator[tuple[str, Function, str]]:
    """Each kind of corruption of each function, once for each place."""
    for function in base.functions:
        stage = base.stage(function.stage)
        sound = ast.dump(ast.parse(function.source))
        for kind, make in KINDS.items():
            if kind == "wrong action" and stage is not base.stages[-1]:
                continue
            for text in make(function):
                try:
                    if ast.dump(ast.parse(text)) != sound:
                        parse_function(text, stage)
                        yield kind, function, text
                except (SyntaxError, LogicDistillError):
                    continue


def refusal(
    task: Task, base: FunctionBase, function: Function, text: str, sandbox: Sandbox
) -> str | None:
    """Why the corrupted function does not take the place of the sound one; None where it does."""
    stage = base.stage(function.stage)
    others = {name: one for name, one in base.by_name.items() if one is not function}
    try:
        found, _ = Gate.of(task, base.stages).admit(text, stage, others, sandbox)
        new = base.having([*others.values(), replace(found, origin=function.origin)])
        scopes = scopes_by_conditions(task, sandbox)
        joined = new.function(function.name)
        if why := first_refused(new, [joined], sandbox, utc_now(), scopes):
            return str(why[1])
    except (GateRefusal, LogicDistillError) as error:
        return str(error)
    return None


def _changed(before: str, after: str) -> list[str]:
    """The first line that reads otherwise, as it was and as it is."""
    trees = (ast.unparse(ast.parse(text)).split("\n") for text in (before, after))
    pairs = ((a.strip(), b.strip()) for a, b in zip(*trees, strict=False) if a != b)
    return list(next(pairs, ()))


def main() -> int:
    """Count, and print each corruption that passes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    dice, found = random.Random(options.seed), []
    with tempfile.TemporaryDirectory() as folder:
        for name in TASKS:
            task = get_task(name)
            base = shipped_base(task, Path(folder) / name)
            found += [(task, base, *corruption) for corruption in corruptions(base)]
    by_kind = defaultdict(list)
    for item in found:
        by_kind[item[2]].append(item)
    each = -(-options.count // len(by_kind))
    drawn = [x for kind in by_kind.values() for x in dice.sample(kind, min(each, len(kind)))]
    left = [item for item in found if item not in drawn]
    drawn += dice.sample(left, max(0, min(len(left), options.count - len(drawn))))
    drawn = drawn[: options.count]
    causes: dict[str, dict[str, Any]] = {}
    with Sandbox() as sandbox:
        for task, base, kind, function, text in drawn:
            row = causes.setdefault(kind, {"tried": 0, "refused": 0, "passed": []})
            row["tried"] += 1
            if refusal(task, base, function, text, sandbox):
                row["refused"] += 1
            else:
                where = f"{task.id} {function.stage}/{function.name}"
                row["passed"].append([where, *_changed(function.source, text)])
    refused = sum(row["refused"] for row in causes.values())
    result = {
        "corruptions": len(drawn),
        "refused": refused,
        "share": round(refused / len(drawn), 4),
        "causes": causes,
    }
    print(json.dumps(result, indent=1))
    if options.out:
        write_result(options.out, result, {"corruptions": len(drawn)})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
