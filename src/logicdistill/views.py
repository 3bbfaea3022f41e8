"""The text that a student reads: of states, usage examples and training pairs alike."""

from __future__ import annotations

from collections.abc import Iterable

from logicdistill.pictures import described
from logicdistill.types import Example, Function, Json, Manual, Scope, Stage


def render_view(stage: Stage, scope: Scope) -> str:
    """Text view of a scope: what the stage reads, in the order of ``stage.reads``."""
    shown = [name for name in stage.reads if name in scope]
    return _joined(
        [f"{name}: {described(scope[name])}"]
        if name in stage.pictures and isinstance(scope[name], str)
        else _facts("text" if name in stage.text else name, scope[name])
        for name in shown
    )


def render_words(stage: Stage, scope: Scope) -> str:
    """A view's free text, without the facts."""
    said = [name for name in stage.reads if name in stage.text and name in scope]
    return _joined(_facts("text", scope[name]) for name in said)


def facts_beside(stage: Stage, scope: Scope) -> tuple[str, ...]:
    """A view's facts without the free text, each as the view shows it: ``status: pending``."""
    seen = (*stage.text, *stage.pictures)
    shown = [name for name in stage.reads if name not in seen and name in scope]
    return tuple(dict.fromkeys(fact for name in shown for fact in _facts(name, scope[name])))


def render_manual(manual: Manual) -> str:
    """A manual as a student reads it: when to use the function, then what it does."""
    return f"{manual.use_when} {manual.summary}".strip()


def example_call(function: Function, example: Example) -> str:
    """A usage example's call, such as ``halve(n=8)``."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in (example.inputs or {}).items())
    return f"{function.name}({arguments})"


def example_line(function: Function, example: Example) -> str:
    """A usage example in one line: a call and its result, or a state in words."""
    if example.picture is not None:
        return f"picture {example.picture}"
    if example.text is not None:
        return example.text
    return f"{example_call(function, example)} -> {example.expected!r}"


def _joined(facts: Iterable[list[str]]) -> str:
    return ", ".join(filter(None, map(", ".join, facts)))


def _facts(name: str, value: Json) -> list[str]:
    if isinstance(value, dict):
        # Sorted, because states and usage examples list their facts in different orders.
        return [fact for key in sorted(value, key=str) for fact in _facts(str(key), value[key])]
    if name == "text" and isinstance(value, str):
        return [value]
    return [f"{name.replace('_', ' ')}: {_scalar(value)}"]


def _scalar(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_scalar(item) for item in value)
    return "nothing" if value is None else str(value)
