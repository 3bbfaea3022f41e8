"""A run of CLINC150's sample: 150 functions, figures in and out of scope, and no data needed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conftest import TINY, Lines
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.errors import LogicDistillError, TaskError
from logicdistill.files import read_lines
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import constant_result
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.tasks.messages import MESSAGE_TASKS, OUT_OF_SCOPE, package_folder
from logicdistill.training.collect import read_examples

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "data" / "clinc150"
SETTINGS = RunSettings(
    "clinc150", encoder=TINY, data=str(SAMPLE), shots=2, usage_examples=2, jobs=1
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Lines]]:
    """A finished run and what it said, while the cache of data is empty again."""
    folder, said = tmp_path_factory.mktemp("run") / "clinc150", Lines()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        RunPipeline(folder, SETTINGS, said).run()
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("empty")))
        yield folder, said


def test_every_recorded_handler_passes_the_gate_and_shows_the_drawn_messages(
    run: tuple[Path, Lines],
) -> None:
    folder, said = run
    base = BaseFolder(folder / "base").load()
    assert len(base.functions) == sum(line.startswith("admitted") for line in said.lines) == 150
    assert [line for line in said.lines if line.startswith("refused")] == []
    assert all(constant_result(function) == (function.name,) for function in base.functions)
    examples = {
        name: [e.text for e in function.manual.examples if e.text]
        for name, function in base.by_name.items()
    }
    intents = {intent for _, intent in json.loads((SAMPLE / "data_full.json").read_text())["train"]}
    assert {name for name, texts in examples.items() if texts} == intents
    assert {len(texts) for texts in examples.values()} == {0, 2}
    entry = BaseFolder(folder / "base").journal()[0]
    assert entry["hash"] == base.function(entry["function"]).content_hash[:16]


def test_each_drawn_message_is_a_training_example_with_all_functions_as_candidates(
    run: tuple[Path, Lines],
) -> None:
    found = read_examples(run[0] / "examples.jsonl")
    assert sum(example.label is not None for example in found) == 2 * 8
    assert sum(example.label is None for example in found) == 2
    assert {len(example.candidates) for example in found} == {150}
    assert read_lines(run[0] / "disagreements.jsonl") == []


def test_the_summary_has_figures_in_and_out_of_scope_beside_floors(run: tuple[Path, Lines]) -> None:
    summary = json.loads((run[0] / "summary.json").read_text())
    assert list(summary["messages"]) == list(summary["players"]) == ["ld-encoder", "bm25", "random"]
    for name, row in summary["messages"].items():
        assert (row["in_scope"]["messages"], row["out_of_scope"]["messages"]) == (32, 4)
        right = row["in_scope"]["right"] + row["out_of_scope"]["right"]
        assert right / 36 == pytest.approx(summary["players"][name]["success"], abs=1e-6)
        assert 0 <= row["auroc"] <= 1
    assert summary["messages"]["random"]["auroc"] == 0.5
    assert (
        summary["players"]["bm25"]["success"]
        > summary["floor"]["intent"]
        > summary["players"]["random"]["success"]
    )


def test_the_folder_of_a_run_decides_without_the_data(run: tuple[Path, Lines]) -> None:
    with Policy.load(run[0], "bm25") as policy:
        lost, strange = policy.decide_many(
            [{"message": "i lost my card, please report it"}, {"message": "zzzz"}]
        )
    assert (lost.action, lost.fallback) == ("report_lost_card", None)
    assert policy.task.rules[lost.trace[0].rules[0] - 1].startswith("Answer report_lost_card when")
    assert strange.action == OUT_OF_SCOPE
    assert "no function" in (strange.fallback or "")
    played = CliRunner().invoke(
        app, ["play", "clinc150", "--run", str(run[0]), "--student", "bm25"]
    )
    assert played.exit_code == 0, played.output


@pytest.mark.parametrize(
    ("share", "says"),
    [
        ("often", "takes a share such as 1% or 0.01; got 'often'"),
        ("150%", "below 1, such as 0.01; got 1.5"),
        ("1%", "held-out messages"),
    ],
)
def test_an_error_rate_that_cannot_be_promised_is_refused(
    share: str, says: str, run: tuple[Path, Lines]
) -> None:
    result = CliRunner().invoke(
        app,
        ["decide", "--run", str(run[0]), "--max-error", share],
        input='{"message": "i lost my card"}\n',
    )
    assert isinstance(result.exception, LogicDistillError)
    assert says in str(result.exception)
    assert result.output == ""


def test_a_second_run_does_nothing_again_and_another_draw_needs_another_folder(
    run: tuple[Path, Lines],
) -> None:
    again = Lines()
    RunPipeline(run[0], SETTINGS, again).run()
    assert all("skipped" in line for line in again.lines if not line.startswith(("  ", "wrong ")))
    for other in (replace(SETTINGS, shots=None), replace(SETTINGS, usage_examples=3)):
        with pytest.raises(
            TaskError,
            match=r"is a run with (shots|usage_examples) 2, not (all|3); choose another --out",
        ):
            RunPipeline(run[0], other, Lines()).run()


def test_tasks_of_messages_are_listed_without_their_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    listed = CliRunner().invoke(app, ["tasks"])
    assert "clinc150-v1" in listed.stdout
    assert "(150 rules)" in listed.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["clinc150", "--set", f"data={SAMPLE}", "--set", "shots=full"],
            "setting shots is 'full': input should be a valid integer",
        ),
        (["clinc150", "--set", "shots=0"], "setting shots is 0: input should be greater than"),
        (
            ["guess", "--set", "shots=3"],
            "guess-v1 has no recorded states; shots is for tasks that have",
        ),
    ],
)
def test_shots_that_cannot_be_are_refused(
    words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    result = CliRunner().invoke(app, ["run", *words, "--out", str(tmp_path / "run")])
    assert isinstance(result.exception, TaskError)
    assert says in str(result.exception)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", MESSAGE_TASKS)
def test_what_is_shipped_is_what_the_recorded_sentences_say(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")
    from handlers import function_files, read_handlers, rules_text

    handlers, package = (
        read_handlers(ROOT / "recordings" / name),
        package_folder(MESSAGE_TASKS[name]),
    )
    assert (package / "rules.md").read_text() == rules_text(
        (package / "rules.md").read_text().splitlines()[0][2:], handlers
    )
    replies = [json.loads(file.read_text()) for file in (package / "replies").glob("*.json")]
    files = next(
        reply["reply"]["files"] for reply in replies if reply["request"]["kind"] == "functions"
    )
    assert files == function_files(handlers)
    del sys.modules["handlers"]
