"""Function file to `Function`: the docstring is the user manual, its doctests are the usage examples (the format: docs/functions.md)."""

from __future__ import annotations

import ast
import datetime
import doctest
import json
import re
from collections.abc import Sequence
from typing import Any, cast

from logicdistill.errors import ManualError
from logicdistill.types import Example, Function, Json, Manual, Stage
from logicdistill.views import render_manual, render_view, render_words

MAX_SOURCE_CHARS = 20_000
MAX_NESTING = 100
FIELDS = ("Use when", "When", "Rules", "Replaces", "Expires", "Stage", "Example")
_FIELD = re.compile(rf"^({'|'.join(FIELDS)}):\s*(.*)$")


def parse_function(
    source: str, stage: Stage, origin: str = "teacher", where: str = "function"
) -> Function:
    """Parse one function file.

    Args:
        source: text of the file: imports, aliases and exactly one ``def``.
        stage: stage that the function belongs to; its ``reads`` decide what the views of the examples show.
        origin: who wrote it (``teacher``, ``emergency``, ``person`` ...).
        where: name used in messages.

    Raises:
        ManualError: one line that says what is wrong and what is allowed.
    """
    definition = parse_definition(source, where)
    manual = parse_manual(definition, where)
    views = tuple(
        dict.fromkeys(
            view for example in manual.examples if (view := _example_view(example, stage))
        )
    )
    return Function(
        name=definition.name,
        stage=stage.name,
        source=source if source.endswith("\n") else source + "\n",
        parameters=tuple(
            argument.arg for argument in definition.args.args + definition.args.kwonlyargs
        ),
        manual=manual,
        texts=(_read(definition.name, manual, stage), *views),
        origin=origin,
    )


def _read(name: str, manual: Manual, stage: Stage) -> str:
    """What a student reads of a manual; where it is compared with what people write, the function's name is part of it."""
    said = render_manual(manual)
    return f"{name.replace('_', ' ')}. {said}" if stage.reads_text else said


def parse_definition(source: str, where: str = "function") -> ast.FunctionDef:
    """The single top-level ``def`` of a function file.

    Raises:
        ManualError: too long, not Python, or not exactly one function.
    """
    if len(source) > MAX_SOURCE_CHARS:
        raise ManualError(
            f"{where}: {len(source)} characters; at most {MAX_SOURCE_CHARS} are allowed: split the function"
        )
    try:
        tree = ast.parse(source)
        source.encode()
    except SyntaxError as error:
        raise ManualError(f"{where}: line {error.lineno}: not valid Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ManualError(f"{where}: not valid Python: {error}") from None
    if _deeper_than(tree, MAX_NESTING):
        raise ManualError(
            f"{where}: code nested more than {MAX_NESTING} levels deep; write it flatter"
        )
    definitions = [
        node
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    ]
    if len(definitions) != 1 or not isinstance(definitions[0], ast.FunctionDef):
        found = ", ".join(node.name for node in definitions) or "none"
        raise ManualError(
            f"{where}: a file holds exactly one top-level function; found {len(definitions)} definitions: {found}"
        )
    return definitions[0]


def _deeper_than(tree: ast.AST, levels: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(levels):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return bool(level)


def parse_stage_name(source: str, where: str = "function") -> str | None:
    """What the optional ``Stage:`` line of the manual says, for files that are not yet in a base folder."""
    return _fields(ast.get_docstring(parse_definition(source, where)) or "", where).get(
        "Stage", [None]
    )[0]


def parse_manual(definition: ast.FunctionDef, where: str) -> Manual:
    """The docstring's fields and doctests."""
    name = definition.name
    docstring = ast.get_docstring(definition)
    if not docstring:
        raise ManualError(
            f"{where}: {name} has no docstring; it is the user manual: add a summary and a 'Use when:' line"
        )
    if not docstring.isprintable() and any(
        (ord(char) < 32 and char not in "\n\t") or 0xD800 <= ord(char) < 0xE000
        for char in docstring
    ):
        raise ManualError(
            f"{where}: the docstring of {name} holds a control character or half a surrogate pair; write plain text"
        )
    fields = _fields(docstring, where)
    use_when = " ".join(fields.get("Use when", []))
    if not use_when:
        raise ManualError(
            f"{where}: {name} has no 'Use when:' line; say in plain words in which states it is right"
        )
    when = " ".join(fields["When"]) if "When" in fields else None
    if when is not None:
        try:
            if _deeper_than(ast.parse(when, mode="eval"), MAX_NESTING):
                raise ValueError
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ManualError(f"{where}: 'When: {when[:200]}' is not a Python expression") from None
    try:
        rules = tuple(
            int(number)
            for number in re.split(r"[,\s]+", " ".join(fields.get("Rules", [])))
            if number
        )
    except ValueError:
        raise ManualError(
            f"{where}: 'Rules:' takes rule numbers such as '2, 4'; got {fields['Rules'][0][:80]!r}"
        ) from None
    replaces = tuple(
        word for word in re.split(r"[,\s]+", " ".join(fields.get("Replaces", []))) if word
    )
    if replaces and when is None:
        raise ManualError(
            f"{where}: {name} has 'Replaces:' without 'When:'; say with 'When:' while it replaces them"
        )
    expires = (
        parse_expiry(fields["Expires"][0], f"{where}: 'Expires:'") if "Expires" in fields else None
    )
    words = tuple(Example(text=text) for text in fields.get("Example", []))
    examples = words + _doctests(docstring, definition, where)
    return Manual(
        docstring.splitlines()[0].strip(), use_when, when, rules, replaces, examples, expires
    )


def parse_expiry(text: str, what: str) -> str:
    """A time as ISO 8601 in UTC; one without a zone is UTC.

    Args:
        text: such as ``2026-12-01T12:00`` or ``2026-12-01T12:00+01:00``.
        what: name used in messages.

    Raises:
        ManualError: not such a time.
    """
    try:
        time = datetime.datetime.fromisoformat(text.strip())
        return (
            time.astimezone(datetime.UTC) if time.tzinfo else time.replace(tzinfo=datetime.UTC)
        ).isoformat()
    except (ValueError, OverflowError):
        raise ManualError(
            f"{what} takes a time such as 2026-12-01T12:00 (UTC unless it names a zone); got {text[:80]!r}"
        ) from None


def with_expiry(source: str, expires: str) -> str:
    """The function file with that ``Expires:`` line in its manual, in place of the one that it may have.

    A file that is no function with a ``Use when:`` line stays as it is: the gate says what is wrong with it.
    """
    try:
        docstring = parse_definition(source).body[0]
    except ManualError:
        return source
    lines, end = source.split("\n"), docstring.end_lineno or docstring.lineno
    manual = [
        line
        for line in lines[docstring.lineno - 1 : end]
        if not line.strip().startswith("Expires:")
    ]
    for number, line in enumerate(manual):
        if line.strip().startswith("Use when:"):
            manual.insert(number, f"{line[: len(line) - len(line.lstrip())]}Expires: {expires}")
            return "\n".join([*lines[: docstring.lineno - 1], *manual, *lines[end:]])
    return source


def _fields(docstring: str, where: str) -> dict[str, list[str]]:
    """Field name to its entries; an indented or plain line after a field continues it, a blank line or doctest ends it."""
    fields: dict[str, list[str]] = {}
    current: str | None = None
    in_doctest = False
    for line in docstring.splitlines()[1:]:
        stripped = line.strip()
        in_doctest = stripped.startswith(">>>") or (in_doctest and bool(stripped))
        match = _FIELD.match(stripped)
        if match and not in_doctest:
            current = match[1]
            if current in fields and current != "Example":
                raise ManualError(f"{where}: the manual has two '{current}:' lines; one is allowed")
            fields.setdefault(current, []).append(match[2].strip())
        elif not stripped or in_doctest:
            current = None
        elif current:
            fields[current][-1] = f"{fields[current][-1]} {stripped}".strip()
    return fields


def _doctests(docstring: str, definition: ast.FunctionDef, where: str) -> tuple[Example, ...]:
    try:
        parsed = doctest.DocTestParser().get_examples(docstring, where)
    except ValueError as error:
        raise ManualError(f"{where}: {' '.join(str(error).split())}") from None
    return tuple(
        _doctest(item.source.strip(), item.want.strip(), definition, where) for item in parsed
    )


def _doctest(call: str, want: str, definition: ast.FunctionDef, where: str) -> Example:
    problem = f"{where}: usage example '{call[:80]}' has to be a call of {definition.name} with literal arguments"
    try:
        expression = ast.parse(call, mode="eval").body
        if not (
            isinstance(expression, ast.Call)
            and isinstance(expression.func, ast.Name)
            and expression.func.id == definition.name
        ):
            raise ManualError(problem)
        names = [argument.arg for argument in definition.args.args]
        inputs: dict[str, Any] = dict(
            zip(names, (ast.literal_eval(item) for item in expression.args), strict=False)
        )
        inputs |= {
            keyword.arg or "": ast.literal_eval(keyword.value) for keyword in expression.keywords
        }
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise ManualError(problem) from None
    if len(inputs) < len(expression.args) + len(expression.keywords):
        raise ManualError(
            f"{where}: usage example '{call[:80]}' gives more arguments than {definition.name} takes, or one twice"
        )
    try:
        expected = ast.literal_eval(want)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise ManualError(
            f"{where}: usage example '{call[:80]}' expects {want[:60]!r}, which is not a Python literal"
        ) from None
    example = Example(inputs=to_json(inputs), expected=to_json(expected))
    if not (_is_json(example.inputs) and _is_json(example.expected)):
        raise ManualError(
            f"{where}: usage example '{call[:80]}' uses a value that JSON does not have (set, bytes, key that is no text, 40 levels ...)"
        )
    return example


def _is_json(value: Any, levels: int = 40) -> bool:
    if isinstance(value, dict):
        return levels > 0 and all(
            isinstance(key, str) and _is_json(key) and _is_json(item, levels - 1)
            for key, item in value.items()
        )
    if isinstance(value, list):
        return levels > 0 and all(_is_json(item, levels - 1) for item in value)
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError):
        return False
    return True


def with_examples(source: str, texts: Sequence[str]) -> str:
    """A function file with further usage examples in words.

    Args:
        source: a function file that parses.
        texts: each `fits_docstring`; those that would make the file too long are left out.

    Returns:
        The file with an ``Example:`` line a text before its first doctest; code and other lines stay as they are.
    """
    docstring = cast(ast.Expr, parse_definition(source).body[0]).value
    lines = source.splitlines(keepends=True)
    inside = range(docstring.lineno, docstring.end_lineno or 0)
    indent = " " * docstring.col_offset
    added: list[str] = []
    for text in texts:
        line = f"{indent}Example: {text}\n"
        if len(source) + sum(map(len, [*added, line])) <= MAX_SOURCE_CHARS:
            added.append(line)
    first = next((number for number in inside if lines[number].lstrip().startswith(">>>")), None)
    if first is not None:
        return "".join([*lines[:first], *added, *lines[first:]])
    last = inside.stop - 1
    whole, at = lines[last].encode(), (docstring.end_col_offset or 0) - len(b'"""')
    said, quotes = whole[:at].decode().rstrip(), whole[at:].decode()
    return "".join(
        [
            *lines[:last],
            f"{said}\n" if said else "",
            *added,
            f"{indent}{quotes}",
            *lines[last + 1 :],
        ]
    )


def fits_docstring(text: str) -> bool:
    """Whether a docstring can hold the text as it is, in one line."""
    return text.isprintable() and "\\" not in text and '"""' not in text


def constant_result(function: Function) -> tuple[Json] | None:
    """The one value that a function returns wherever it is called, if its body says so at once; otherwise None."""
    body = [node for node in parse_definition(function.source).body if not _is_docstring(node)]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
        return None
    try:
        value = to_json(ast.literal_eval(body[0].value))
    except (ValueError, TypeError):
        return None
    return (value,) if _is_json(value) else None


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def to_json(value: Any) -> Json:
    """Tuples become lists, recursively; other values stay (JSON has no tuple)."""
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    return value


def _example_view(example: Example, stage: Stage) -> str:
    if example.text is not None:
        return example.text
    return (render_words if stage.reads_text else render_view)(stage, example.inputs or {})
