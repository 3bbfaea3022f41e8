"""Settings of a run: what ``--set`` takes, what ``run.toml`` keeps, and what neither takes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.conftest import QUICK
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.compare.settings import CompareSettings
from logicdistill.errors import CorruptError, TaskError, UnknownNameError
from logicdistill.pipeline.settings import RunSettings, TeacherSettings, read_pairs, setting_keys


def test_what_set_says_is_kept_by_run_toml(run_folder: Path) -> None:
    pairs = [
        "shots=10",
        "sizes.size=6",
        "teacher.max_calls=20",
        "recording=coarse",
        "data=some/dir",
    ]
    settings = RunSettings.of({"task": "guess-v1", **read_pairs(pairs, RunSettings)})
    limits = TeacherSettings(max_calls=20)
    assert settings == RunSettings(
        "guess-v1", {"size": 6}, shots=10, recording="coarse", data="some/dir", teacher=limits
    )
    assert RunSettings.of(settings.to_toml()) == settings
    assert RunSettings.read(run_folder) == RunSettings("guess-v1", recording="shipped", **QUICK)


@pytest.mark.parametrize(
    ("pair", "error", "says"),
    [
        ("shot=10", UnknownNameError, "unknown setting 'shot'; did you mean 'shots'"),
        ("size=6", UnknownNameError, "unknown setting 'size'; did you mean 'sizes.NAME'"),
        ("teacher.max_call=6", UnknownNameError, "did you mean 'teacher.max_calls'"),
        ("teacher=6", UnknownNameError, "unknown setting 'teacher'"),
        ("task=guess", UnknownNameError, "unknown setting 'task'"),
        ("shots", TaskError, "--set takes KEY=VALUE, such as train_steps=200; got 'shots'"),
        ("shots=full", TaskError, "setting shots is 'full': input should be a valid integer"),
        ("shots=0", TaskError, "setting shots is 0: input should be greater than or equal to 1"),
        ("shots=true", TaskError, "setting shots is True: input should be a valid integer"),
        ("train_episodes=true", TaskError, "setting train_episodes is True: input should be"),
        ("seed=true", TaskError, "setting seed is True: input should be a valid integer"),
        ("label_budget=false", TaskError, "setting label_budget is False: input should be"),
        ("least_right=true", TaskError, "setting least_right is True: input should be a valid num"),
        ("teacher.timeout=true", TaskError, "setting teacher.timeout is True: input should be"),
        ("teacher.timeout=soon", TaskError, "setting teacher.timeout is 'soon': input should be"),
    ],
)
def test_a_setting_that_there_is_not_or_that_does_not_fit_is_one_line(
    pair: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as refused:
        RunSettings.of({"task": "guess", **read_pairs([pair], RunSettings)})
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("pairs", "key"),
    [
        (["seed=1", "seed=2"], "seed"),
        (["seed=1", "shots=2", "seed=1"], "seed"),
        (["sizes.size=6", "sizes.size=7"], "sizes.size"),
        (["teacher.max_calls=6", "teacher.max_calls=7"], "teacher.max_calls"),
    ],
)
def test_a_setting_that_is_given_twice_is_refused(pairs: list[str], key: str) -> None:
    with pytest.raises(TaskError, match=f"^--set gives {key} twice; give it once$"):
        read_pairs(pairs, RunSettings)


@pytest.mark.parametrize(
    ("option", "pair"),
    [(["--fine-tune"], "fine_tune=false"), (["--label-budget", "5"], "label_budget=3")],
)
def test_an_option_and_the_setting_that_it_stands_for_are_not_given_both(
    option: list[str], pair: str, tmp_path: Path
) -> None:
    command = ["run", "guess", "--out", str(tmp_path / "run"), *option, "--set", pair]
    said = f"{option[0]} and --set {pair.split('=')[0]} are one setting; give one"
    assert str(CliRunner().invoke(app, command).exception) == said


def test_true_in_a_run_toml_is_no_number(run_folder: Path) -> None:
    file = run_folder / "run.toml"
    text = file.read_text()
    file.write_text(re.sub(r"(?m)^seed = .*$", "seed = true", text))
    assert file.read_text() != text
    with pytest.raises(CorruptError, match=r"run\.toml: setting seed is True.*correct that line"):
        RunSettings.read(run_folder)


def test_a_run_toml_of_another_format_is_refused(run_folder: Path) -> None:
    file = run_folder / "run.toml"
    file.write_text(f"rounds = 3\n{file.read_text()}")
    with pytest.raises(
        CorruptError, match=r"run\.toml: unknown setting 'rounds'.*correct that line"
    ):
        RunSettings.read(run_folder)


def test_a_second_call_needs_no_settings_and_another_size_needs_another_folder(
    run_folder: Path,
) -> None:
    before = (run_folder / "run.toml").read_bytes()
    command = ["run", "guess", "--out", str(run_folder)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert result.stderr.count("unchanged, skipped") == 4
    assert (run_folder / "run.toml").read_bytes() == before
    shutil.rmtree(run_folder / "replies")
    refused = CliRunner().invoke(app, [*command, "--set", "sizes.max_n=50"])
    assert "is a run with sizes {}, not {'max_n': 50}" in str(refused.exception)


@pytest.mark.parametrize(
    ("command", "kind", "options"), [("run", RunSettings, 12), ("compare", CompareSettings, 8)]
)
def test_help_names_every_setting_and_few_options(
    command: str, kind: type[object], options: int
) -> None:
    said = CliRunner().invoke(app, [command, "--help"]).stdout
    assert [key for key in setting_keys(kind) if key not in said] == []
    assert said.count("\n  --") == options + 1  # and --help
