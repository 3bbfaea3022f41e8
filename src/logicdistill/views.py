"""State and stage to the text that a student reads: one rendering for states, usage examples and training pairs."""

from __future__ import annotations

from collections.abc import Iterable

from logicdistill.types import Example, Function, Json, Manual, Scope, Stage


def render_view(stage: Stage, scope: Scope) -> str:
    """Text view of a scope for one stage: the content of the names that the stage reads, in the order of ``stage.reads``."""
    return _joined(
        _render("text" if name in stage.text else name, scope[name])
        for name in stage.reads
        if name in scope
    )


def render_words(stage: Stage, scope: Scope) -> str:
    """The free text in a view, without the facts beside it."""
    return _joined(
        _render("text", scope[name]) for name in stage.reads if name in stage.text and name in scope
    )


def facts_beside(stage: Stage, scope: Scope) -> tuple[str, ...]:
    """The facts in a view beside its free text, each as the view shows it: ``status: pending``."""
    shown = (
        _facts(name, scope[name])
        for name in stage.reads
        if name not in stage.text and name in scope
    )
    return tuple(dict.fromkeys(fact for facts in shown for fact in facts))


def render_manual(manual: Manual) -> str:
    """Text of a manual as a student reads it: what the function is used for, then what it does."""
    return f"{manual.use_when} {manual.summary}".strip()


def example_line(function: Function, example: Example) -> str:
    """A usage example in one line: a call and its result, or a state in words."""
    if example.text is not None:
        return example.text
    arguments = ", ".join(f"{name}={value!r}" for name, value in (example.inputs or {}).items())
    return f"{function.name}({arguments}) -> {example.expected!r}"


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)


def _render(name: str, value: Json) -> str:
    return ", ".join(_facts(name, value))


def _facts(name: str, value: Json) -> list[str]:
    if isinstance(value, dict):
        # In one order everywhere: a state's facts come in the order of the functions that found them, a usage example's as it was typed.
        return [fact for key in sorted(value, key=str) for fact in _facts(str(key), value[key])]
    return [
        value
        if name == "text" and isinstance(value, str)
        else f"{name.replace('_', ' ')}: {_scalar(value)}"
    ]


def _scalar(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_scalar(item) for item in value)
    return "nothing" if value is None else str(value)
