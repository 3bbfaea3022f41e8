"""Function files: docstring to manual, doctests to usage examples (format: docs/functions.md)."""

from __future__ import annotations

import ast
import contextlib
import datetime
import doctest
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from logicdistill.characters import unsafe
from logicdistill.errors import ManualError, one_line
from logicdistill.files import plain_text
from logicdistill.functions.values import UNPARSABLE, json_value
from logicdistill.types import HELPERS, PICTURES, Example, Function, Json, Manual, Stage
from logicdistill.views import render_manual, render_view, render_words

MAX_SOURCE_CHARS = 20_000
MAX_NESTING = 100
NOWHERE = "function"
"""Where a file is from that nobody names."""

FIELDS = ("Use when", "When", "Rules", "Replaces", "Expires", "Stage", "Example", "Not")
REPEATED = ("Example", "Not")
_OF_CANDIDATES = ("When", "Replaces", "Expires")
"""Fields that say when a stage takes a function; no stage takes a helper."""
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^()\s]+)\)")
"""A link to a picture, as Markdown writes it: words, and where it is."""

_FIELD = re.compile(rf"^({'|'.join(FIELDS)}):\s*(.*)$")
_FIELD_OR_DOCTEST = re.compile(rf"({'|'.join(FIELDS)}):|>>>")
_BEFORE_COLON = re.compile(r"([^\W\d]+(?:[\s_-]+[^\W\d]+)?)\s*:(?!:)")
_MEANT = {name.casefold(): name for name in FIELDS} | {
    **dict.fromkeys(("use if", "used if", "used when", "usewhen"), "Use when"),
    **dict.fromkeys(("expire", "expired", "expiry", "expires at", "expires on"), "Expires"),
    **dict.fromkeys(("replace", "replaced"), "Replaces"),
    "rule": "Rules",
    "stages": "Stage",
    "examples": "Example",
}
"""Fields by what is written for them. A field that is read as prose leaves out a condition."""


def parse_function(
    source: str,
    stage: Stage,
    origin: str = "teacher",
    where: str = NOWHERE,
    told: str | None = None,
) -> Function:
    """Parse one function file.

    Args:
        source: text of the file: imports, aliases and exactly one ``def``.
        stage: stage that the function belongs to; its ``reads`` decide what views show. For a
            helper it is `logicdistill.types.HELPERS`.
        origin: who wrote it (``teacher``, ``emergency``, ``person`` ...).
        where: begins the messages, such as the file's name; by default the function's.
        told: the rule, in words, for which it was written; None for the task's own rules.

    Raises:
        ManualError: what is wrong and what is allowed, in one line.
    """
    source = plain_text(source if source.endswith("\n") else f"{source}\n")
    definition = parse_definition(source, where)
    with _located(definition.name if where == NOWHERE else where):
        manual = _manual(definition, stage)
    name, read = definition.name, render_manual(manual)
    if stage.reads_text:  # the manual is compared with what people write
        read = f"{name.replace('_', ' ')}. {read}"
    render = render_words if stage.reads_text else render_view
    views = [
        (example.picture or example.text or render(stage, example.inputs or {}))
        for example in manual.examples
    ]
    texts = (read, *filter(None, dict.fromkeys(views)))
    arguments = definition.args.args + definition.args.kwonlyargs
    parameters = tuple(argument.arg for argument in arguments)
    return Function(name, stage.name, source, parameters, manual, texts, origin, told)


def parse_definition(source: str, where: str = "function") -> ast.FunctionDef:
    """The single top-level ``def`` of a function file.

    Raises:
        ManualError: too long, not Python, or not exactly one function.
    """
    with _located(where):
        if len(source) > MAX_SOURCE_CHARS:
            allowed = f"at most {MAX_SOURCE_CHARS} are allowed"
            raise ManualError(f"{len(source)} characters; {allowed}: split the function")
        try:
            tree = ast.parse(plain_text(source))
            source.encode()
        except SyntaxError as error:
            raise ManualError(f"line {error.lineno}: not valid Python: {error.msg}") from None
        except UNPARSABLE as error:
            raise ManualError(f"not valid Python: {error}") from None
        if _deeper_than(tree, MAX_NESTING):
            raise ManualError(f"code nested more than {MAX_NESTING} levels deep; write it flatter")
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        definitions = [node for node in tree.body if isinstance(node, kinds)]
        if len(definitions) != 1 or not isinstance(definitions[0], ast.FunctionDef):
            names = ", ".join(node.name for node in definitions) or "none"
            found = f"found {len(definitions)} definitions: {names}"
            found += "; put a helper inside the function that calls it" if definitions else ""
            raise ManualError(f"a file holds exactly one top-level function; {found}")
        return definitions[0]


def parse_stage_name(source: str, where: str = "function") -> str | None:
    """The manual's ``Stage:``, for files outside a base folder; None without one."""
    docstring = ast.get_docstring(parse_definition(source, where)) or ""
    with _located(where):
        return _fields(docstring).get("Stage", [None])[0]


def parse_expiry(text: str, what: str) -> str:
    """A time such as ``2026-12-01T12:00+01:00`` as ISO 8601 in UTC; one without a zone is UTC.

    Raises `ManualError` on another text; ``what`` begins the message.
    """
    try:
        time = datetime.datetime.fromisoformat(text.strip())
        zoned = time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
        return zoned.astimezone(datetime.UTC).isoformat()
    except (ValueError, OverflowError):
        wanted = "a time such as 2026-12-01T12:00 (UTC unless it names a zone)"
        raise ManualError(f"{what} takes {wanted}; got {text[:80]!r}") from None


def with_expiry(source: str, expires: str) -> str:
    """The function file with this ``Expires:`` line instead of any other.

    Args:
        source: text of the file.
        expires: as `parse_expiry` gives it.

    Raises:
        ManualError: no function file, or a docstring into which no line can be written.
    """
    docstring = parse_definition(source).body[0]
    lines, first, end = source.split("\n"), docstring.lineno - 1, docstring.end_lineno or 0
    manual = [line for line in lines[first:end] if not line.strip().startswith("Expires:")]
    fields = (number for number, line in enumerate(manual) if _FIELD_OR_DOCTEST.match(line.strip()))
    at = next(fields, len(manual) - 1)
    indent = " " * docstring.col_offset
    manual.insert(at, f"{indent}Expires: {expires}")
    dated = "\n".join([*lines[:first], *manual, *lines[end:]])
    # A docstring may be written in many ways: what counts is what is read from it afterwards.
    with contextlib.suppress(ManualError):
        said = _fields(ast.get_docstring(parse_definition(dated)) or "").get("Expires", [])
        if said == [expires]:
            return dated
    raise ManualError(
        f"'Expires: {expires}' cannot be written into this manual; "
        'write the docstring between """ and """, and each of its fields on a line of its own'
    )


def with_examples(source: str, texts: Sequence[str]) -> str:
    """The function file with further usage examples in words, before its first doctest.

    Each text `fits_docstring`; those that would make the file too long are left out.
    """
    docstring = cast(ast.Expr, parse_definition(source).body[0]).value
    lines = source.splitlines(keepends=True)
    first, last = docstring.lineno, (docstring.end_lineno or 0) - 1
    indent = " " * docstring.col_offset
    added: list[str] = []
    for text in texts:
        line = f"{indent}Example: {text}\n"
        if len(source) + sum(map(len, [*added, line])) <= MAX_SOURCE_CHARS:
            added.append(line)
    for number in range(first, last + 1):
        if lines[number].lstrip().startswith(">>>"):
            return "".join([*lines[:number], *added, *lines[number:]])
    whole, at = lines[last].encode(), (docstring.end_col_offset or 0) - len(b'"""')
    said, quotes = whole[:at].decode().rstrip(), whole[at:].decode()
    text_line = [f"{said}\n"] if said else []
    return "".join([*lines[:last], *text_line, *added, indent + quotes, *lines[last + 1 :]])


def fits_docstring(text: str) -> bool:
    """Whether a docstring can hold the text unchanged in one line."""
    plain = text.isprintable() and unsafe(text) is None
    return plain and "\\" not in text and '"""' not in text


def constant_result(function: Function) -> tuple[Json] | None:
    """The value that the function always returns, if its body is one ``return`` of a literal."""
    body = parse_definition(function.source).body[1:]  # without the manual
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
        return None
    try:
        return (_json(ast.literal_eval(body[0].value)),)
    except UNPARSABLE:
        return None


@contextlib.contextmanager
def _located(where: str) -> Iterator[None]:
    """Puts ``where`` before the message of a `ManualError`."""
    try:
        yield
    except ManualError as error:
        raise ManualError(f"{where}: {error}") from None


def _deeper_than(tree: ast.AST, levels: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(levels):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return bool(level)


def _manual(definition: ast.FunctionDef, stage: Stage) -> Manual:
    """The docstring as a manual; where no student reads it, it needs no ``Use when:``."""
    name, docstring, read = definition.name, ast.get_docstring(definition), stage.mode != "all"
    if not docstring:
        more = " and a 'Use when:' line" if read else ""
        add = f"it is the manual: add a summary{more}"
        raise ManualError(f"{name} has no docstring; {add}")
    if found := unsafe(docstring):
        what = f"{found[1]}, a control character or one that is not seen"
        raise ManualError(f"the docstring of {name} holds {what}; write plain text")
    fields = _fields(docstring)
    if wrong := [name for name in _OF_CANDIDATES if name in fields and stage == HELPERS]:
        why = "functions call it, and no stage selects it"
        raise ManualError(f"a helper has no '{wrong[0]}:' line: {why}; take the line out")
    use_when, rules, replaces = (fields.get(x, [""])[0] for x in ("Use when", "Rules", "Replaces"))
    if read and not use_when:
        raise ManualError(f"{name} has no 'Use when:' line; say in plain words when it is right")
    when = _condition(fields["When"][0]) if "When" in fields else None
    expires = parse_expiry(fields["Expires"][0], "'Expires:'") if "Expires" in fields else None
    try:
        numbers = tuple(int(number) for number in rules.replace(",", " ").split())
    except ValueError:
        raise ManualError(f"'Rules:' takes numbers such as '2, 4'; got {rules[:80]!r}") from None
    if replaces and when is None:
        raise ManualError(f"{name} has 'Replaces:' without 'When:'; add when it replaces them")
    summary, replaced = docstring.splitlines()[0].strip(), replaces.replace(",", " ").split()
    in_words = [_in_words(text, stage) for text in fields.get("Example", [])]
    examples = (*in_words, *_doctests(docstring, definition))
    near_misses = tuple(dict.fromkeys(fields.get("Not", [])))
    if "" in near_misses:
        raise ManualError(f"{name} has an empty 'Not:' line; write a sentence that nearly fits")
    return Manual(summary, use_when, when, numbers, tuple(replaced), examples, expires, near_misses)


def _in_words(text: str, stage: Stage) -> Example:
    """A usage example in words, or a picture: ``![a scratch](pictures/3f2a91c0d2e4b7aa.png)``."""
    link = PICTURE.fullmatch(text)
    if link is None:
        return Example(text=text)
    if not stage.pictures:
        what = f"usage example {text[:80]!r} is a picture"
        raise ManualError(f"{what}, and stage {stage.name!r} reads none; take it out")
    return Example(picture=link[2].removeprefix(f"{PICTURES}/"))


def _fields(docstring: str) -> dict[str, list[str]]:
    """Field name to its entries. Further lines continue a field, up to a blank line or doctest."""
    fields: dict[str, list[str]] = {}
    current, in_doctest = None, False
    for number, line in enumerate(map(str.strip, docstring.splitlines())):
        in_doctest = line.startswith(">>>") or (in_doctest and bool(line))
        match = _FIELD.match(line)
        if number == 0 and match:
            first = f"the docstring's first line is '{match[1]}:'"
            raise ManualError(f"{first}; write there what the function does, and fields below it")
        if not match and not in_doctest:
            _check_prose(line)
        if match and not in_doctest:
            current = match[1]
            if current in fields and current not in REPEATED:
                raise ManualError(f"the manual has two '{current}:' lines; one is allowed")
            fields.setdefault(current, []).append(match[2].strip())
        elif not line or in_doctest:
            current = None
        elif current:
            fields[current][-1] = f"{fields[current][-1]} {line}".strip()
    return fields


def _check_prose(line: str) -> None:
    """Raises `ManualError` where a line nearly begins like a field."""
    if said := _BEFORE_COLON.match(line):
        meant = _MEANT.get(" ".join(re.split(r"[\s_-]+", said[1].casefold())))
        # "Examples:" alone is a heading of usage examples, in the style of Google.
        if meant and (meant != "Example" or said[0] != line):
            raise ManualError(f"{said[0][:40]!r} is no field; did you mean '{meant}:'?")


def _condition(when: str) -> str:
    with contextlib.suppress(*UNPARSABLE):
        if not _deeper_than(ast.parse(when, mode="eval"), MAX_NESTING):
            return when
    raise ManualError(f"'When: {when[:200]}' is not a Python expression")


def _doctests(docstring: str, definition: ast.FunctionDef) -> list[Example]:
    try:
        parsed = doctest.DocTestParser().get_examples(docstring, definition.name)
    except ValueError as error:
        raise ManualError(one_line(error)) from None
    return [_doctest(item.source.strip(), item.want.strip(), definition) for item in parsed]


def _doctest(call: str, want: str, definition: ast.FunctionDef) -> Example:
    name, shown = definition.name, f"usage example '{call[:80]}'"
    try:
        expression = ast.parse(call, mode="eval").body
        if not isinstance(expression, ast.Call) or ast.unparse(expression.func) != name:
            raise ValueError
        parameters = (argument.arg for argument in definition.args.args)
        arguments = dict(zip(parameters, expression.args, strict=False))
        arguments |= {keyword.arg or "": keyword.value for keyword in expression.keywords}
        inputs = {parameter: ast.literal_eval(value) for parameter, value in arguments.items()}
    except UNPARSABLE:
        raise ManualError(f"{shown} must be a call of {name} with literal arguments") from None
    if len(inputs) < len(expression.args) + len(expression.keywords):
        raise ManualError(f"{shown} gives more arguments than {name} takes, or one twice")
    try:
        expected = ast.literal_eval(want)
    except UNPARSABLE:
        raise ManualError(f"{shown} expects {want[:60]!r}, which is not a Python literal") from None
    try:
        return Example(inputs=_json(inputs), expected=_json(expected))
    except ValueError:
        unknown = "that JSON does not have (such as a set, bytes, NaN, or a key that is no text)"
        raise ManualError(f"{shown} uses a value {unknown} or nests too deep") from None


def _json(value: Any) -> Json:
    """The value as JSON; a `ValueError` where it is none, such as half a surrogate pair."""
    found = json_value(value, MAX_SOURCE_CHARS * 10)
    json.dumps(found, ensure_ascii=False).encode()
    return found
