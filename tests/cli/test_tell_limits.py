"""`base tell` keeps to the limits of a live teacher that `run` has, and says what it cost."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.test_main import logicdistill, mistake
from tests.live import ReplayServer, serving

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.runs import Run

RULE = "From now on only even numbers may be named."


@pytest.fixture
def run(tmp_path: Path, guess_base: FunctionBase) -> Path:
    Run.create(tmp_path / "run", {"task": "guess-v1"})
    BaseFolder(tmp_path / "run" / "base").commit(guess_base, [{"op": "admit"}])
    return tmp_path / "run"


def test_tell_takes_the_limits_of_run_for_one_command_and_ends_with_the_cost(run: Path) -> None:
    with serving(ReplayServer(lambda _: '{"functions": "none"}')) as server:
        words = ["base", "tell", RULE, "--run", str(run), "--teacher", "tiny"]
        words += ["--base-url", server.url]
        assert "no budget can hold: give teacher.max_calls" in mistake(logicdistill(*words))
        result = logicdistill(*words, "--set", "teacher.max_calls=2")
        assert result.returncode == 2
        assert len(server.seen) == 2
    assert "the limit of 2 calls is reached" in result.stderr
    assert "teacher tiny at" in result.stderr
    assert "2 calls" in result.stderr
    assert "teacher" not in Run.open(run).settings  # for this command alone


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "teacher.max_calls=2"], "--set teacher.max_calls=2 is about a live teacher"),
        (["--set", "teacher.max_call=2", "--teacher", "openai:x"], "did you mean"),
        (["--set", "seed=1", "--teacher", "openai:x"], "unknown setting 'seed'"),
    ],
)
def test_a_limit_that_tell_does_not_know_is_one_line(
    words: list[str], message: str, run: Path
) -> None:
    assert message in mistake(logicdistill("base", "tell", RULE, "--run", run, *words))
