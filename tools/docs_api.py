"""``docs/api.md``: the public names with their signatures, from the docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import logicdistill
from logicdistill import protocols

GROUPS = {
    "Make and use a policy": ("distill", "Policy", "Decision"),
    "Tasks": ("RecordTask", "GymnasiumTask", "Task", "check_task", "get_task", "register_task"),
    "Parts of your own": ("Student", "register_student", "Retriever", "Teacher"),
}
"""Public names in the order in which one reads."""

METHODS = {
    "Policy": [
        *("load", "decide", "decide_many", "adecide", "adecide_many", "reload", "pack"),
        *("add", "replace", "bring_in", "tell", "remove", "rollback"),
        *("impact", "accept", "close"),
    ],
    "Decision": ["explain"],
    "GymnasiumTask": ["of", "from_file", "from_text"],
}
"""Methods that have an entry; of a protocol all have."""

OPTIONAL = {
    "Student": (
        *("AdaptingStudent", "PromisingStudent", "EmbeddingStudent"),
        *("WideStudent", "PackableStudent", "StudentContext"),
    )
}
"""What the page shows of `logicdistill.protocols` below a public protocol."""

GIVEN = {"Decision"}
"""Classes that a user is given and does not make."""

SECTIONS = ("Args", "Attributes", "Returns", "Raises")
WIDTH = 88


def api_page() -> str:
    """The page."""
    if missing := set(logicdistill.__all__) ^ {name for names in GROUPS.values() for name in names}:
        raise SystemExit(f"not in GROUPS of tools/docs_api.py, or gone: {', '.join(missing)}")
    parts = [
        "# Python API",
        "",
        "Made from the docstrings by `tools/docs.py`. [By example](python.md) it is shorter.",
        "Every error is a `logicdistill.errors.LogicDistillError`; its message is one line.",
        "",
    ]
    for title, names in GROUPS.items():
        links = ", ".join(f"[`{name}`](#{name.lower()})" for name in names)
        parts += [f"- {title}: {links}"]
    for title, names in GROUPS.items():
        parts += ["", f"## {title}"]
        for name in names:
            parts += ["", f"### {name}", "", *_entry(name, getattr(logicdistill, name))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def _entry(name: str, thing: Any) -> Iterator[str]:
    protocol = getattr(thing, "_is_protocol", False)
    if not protocol and name not in GIVEN:
        yield from _code(signature(name, thing))
    yield from docstring(thing)
    if protocol:
        for member in _members(thing):
            yield from _member(member, thing.__dict__[member])
        yield ""
    for other in OPTIONAL.get(name, ()):
        yield f"#### {other}"
        yield ""
        yield from _entry(other, getattr(protocols, other))
    for member in METHODS.get(name, ()):
        yield f"#### {name}.{member}"
        yield ""
        yield from _code(signature(member, getattr(thing, member)))
        yield from docstring(getattr(thing, member))
    own = [key for key, value in vars(thing).items() if isinstance(value, property)]
    if not protocol and own:
        yield from (f"- `{name}.{key}`: {_line(vars(thing)[key])}" for key in own)
        yield ""


def _members(thing: Any) -> list[str]:
    return [name for name, value in vars(thing).items() if name[0] != "_" and value.__doc__]


def _member(name: str, value: Any) -> Iterator[str]:
    shown = name if isinstance(value, property) else signature(name, value)
    shown = re.sub(r"(?<=\() | (?=\))|,(?= \))", "", " ".join(shown.split()))
    yield f"- `{shown}`: {_line(value)}"


def _line(value: Any) -> str:
    """A docstring without its sections, in one line."""
    text = inspect.getdoc(value) or ""
    text = re.split(rf"\n\n(?:{'|'.join(SECTIONS)}):\n", text)[0]
    return _marked(" ".join(text.split()))


def signature(name: str, thing: Callable[..., Any]) -> str:
    """A signature without ``self``; over several lines where it is long."""
    found = inspect.signature(thing)
    shown: list[str] = []
    star = False
    for parameter in found.parameters.values():
        if parameter.name in ("self", "cls"):
            continue
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not star:
            shown.append("*")
            star = True
        star |= parameter.kind is inspect.Parameter.VAR_POSITIONAL
        shown.append(_parameter(parameter))
    result = "" if inspect.isclass(thing) else _type(found.return_annotation, " -> ")
    if found.return_annotation in ("Self", name):
        result = ""
    line = f"{name}({', '.join(shown)}){result}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {one}," for one in shown), f"){result}"])


def _parameter(parameter: inspect.Parameter) -> str:
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    text = f"{stars.get(parameter.kind, '')}{parameter.name}{_type(parameter.annotation, ': ')}"
    if parameter.default is inspect.Parameter.empty:
        return text
    default = parameter.default
    shown = default.__name__ if callable(default) else repr(default).replace("'", '"')
    return f"{text} = {shown}"


def _type(annotation: Any, before: str) -> str:
    return "" if annotation is inspect.Parameter.empty else f"{before}{annotation}"


def _code(text: str) -> list[str]:
    return ["```python", text, "```", ""]


def docstring(thing: Any) -> Iterator[str]:
    """A docstring in Google style as Markdown."""
    section = ""
    items: list[str] = []
    paragraph: list[str] = []

    def flush() -> Iterator[str]:
        if paragraph:
            yield from (_marked(line) for line in paragraph)
            yield ""
        for item in items:
            head, colon, rest = item.partition(": ")
            named = section != "Returns" and colon
            yield f"- `{head}`: {_marked(rest)}" if named else _marked(item)
        if items:
            yield ""
        paragraph.clear()
        items.clear()

    for line in (inspect.getdoc(thing) or "").splitlines():
        if line.rstrip(":") in SECTIONS and line.endswith(":"):
            yield from flush()
            section = line.rstrip(":")
            yield f"**{section}**"
            yield ""
        elif not line.strip():
            yield from flush()
        elif section and line.startswith("    ") and line[4] != " " and section != "Returns":
            items.append(line.strip())
        elif section and items:
            items[-1] += f" {line.strip()}"
        elif section:
            items.append(line.strip())
        else:
            paragraph.append(line)
    yield from flush()


def _marked(text: str) -> str:
    text = text.replace("``", "`")
    return re.sub(r"`logicdistill\.[a-z_.]+\.([A-Za-z_]+)`", r"`\1`", text)
