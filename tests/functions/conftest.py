"""A small base, and helpers that write function files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Limits, Sandbox
from logicdistill.types import Function, Manual, Stage

Make = Callable[..., FunctionBase]

FACTS = Stage("facts", "facts", "What is known?", "all", ("n", "text"))
PLAY = Stage("play", "action", "Which fits?", "one", ("n", "text", "facts"))

HONEST = '''def honest(n: int) -> int:
    """Add one.

    Use when: always.
    When: n > 0
    Rules: 1
    >>> honest(1)
    2
    """
    return n + 1
'''


def written(
    name: str,
    body: str = "return n + 1",
    manual: str = "Use when: always.\n    >>> {name}(1)\n    2",
) -> str:
    """Text of a function file with one parameter."""
    docstring = f'"""Do {name}.\n\n    {manual.format(name=name)}\n    """'
    return f"def {name}(n: int) -> int:\n    {docstring}\n    {body}\n"


def raw(
    body: str,
    name: str = "hostile",
    parameters: tuple[str, ...] = ("n",),
    top: str = "",
    when: str | None = None,
) -> Function:
    """A function for the sandbox that neither parser nor gate has checked."""
    source = (
        f"{top}def {name}({', '.join(parameters)}):\n    " + body.replace("\n", "\n    ") + "\n"
    )
    return Function(
        name, "play", source, parameters, Manual("Hostile.", "never.", when), ("hostile",)
    )


@pytest.fixture(scope="session")
def honest() -> Function:
    return parse_function(HONEST, PLAY)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=Limits(seconds=0.2, watchdog=5.0)) as made:
        yield made


@pytest.fixture(scope="session")
def gate() -> Gate:
    return Gate(frozenset({"n", "text", "cells"}), 3, (FACTS, PLAY))


@pytest.fixture(scope="session")
def make_base() -> Callable[..., FunctionBase]:
    def make(*names: str) -> FunctionBase:
        return FunctionBase("small-v1", (FACTS, PLAY)).having(
            parse_function(written(name), PLAY) for name in names
        )

    return make


@pytest.fixture
def store(tmp_path: Path) -> BaseFolder:
    return BaseFolder(tmp_path / "base")


def shown(store: BaseFolder) -> dict[str, str]:
    files = [
        store.path / "base.toml",
        *(file for stage in ("facts", "play") for file in (store.path / stage).glob("*.py")),
    ]
    return {str(file.relative_to(store.path)): file.read_text() for file in files}
