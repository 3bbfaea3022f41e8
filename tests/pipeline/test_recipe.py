"""What makes a run's files anew: another version, other code or weights; and waiting is told."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from logicdistill.pipeline import recipe
from logicdistill.pipeline.recipe import WaitedFor, content_of, made_by
from logicdistill.protocols import Request


@pytest.fixture(autouse=True)
def fresh() -> Any:
    made_by.cache_clear()
    yield
    made_by.cache_clear()


def package(folder: Path) -> Path:
    for name in ("training/fit.py", "cli/main.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("1\n")
    return folder


def test_a_step_is_made_anew_by_another_version_and_by_other_code_that_makes_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = package(tmp_path)
    monkeypatch.setattr(recipe, "_PACKAGE", folder)

    def now() -> str:
        made_by.cache_clear()
        return made_by()

    first = now()
    (folder / "cli" / "main.py").write_text("2\n")
    assert now() == first  # it shows what was made
    (folder / "training" / "fit.py").write_text("2\n")
    second = now()
    monkeypatch.setattr(recipe, "__version__", "9.9")
    assert len({first, second, now()}) == 3


def test_weights_of_the_same_name_with_another_content_are_others(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "README.md").write_text("a")
    before = content_of(tmp_path)
    (tmp_path / "README.md").write_text("b")
    assert content_of(tmp_path) == before
    (tmp_path / "model.safetensors").write_bytes(b"others!")
    assert content_of(tmp_path) != before


class Slow:
    def ask(self, request: Request) -> Any:
        time.sleep(0.05)
        return {}

    def ask_many(self, requests: Any) -> Any:
        time.sleep(0.05)
        return [{}]


def test_the_time_a_teacher_takes_is_told_apart_from_the_time_a_step_takes() -> None:
    waited = WaitedFor(Slow())  # type: ignore[arg-type]
    request = Request("stages", "t", (), {})
    waited.ask(request)
    waited.ask_many([request])
    assert waited.seconds >= 0.1
