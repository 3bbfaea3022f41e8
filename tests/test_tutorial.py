"""The tutorial's commands, in its order in an empty folder; and what a run of a folder keeps."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.conftest import Lines
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.errors import MissingReplyError, TaskError
from logicdistill.pipeline.dry_run import dry_run
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.tasks.scaffold import new_task

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "tutorial.md").read_text()
COMMANDS = re.findall(r"^logicdistill .*$", PAGE, flags=re.MULTILINE)
QUICK = ["--set", "jobs=1"]
SHOWN = dict(re.findall(r"`(\S+)`:\n\n```\w+\n(.*?\n)```$", PAGE, flags=re.DOTALL | re.MULTILINE))
MODULE = SHOWN["counter.py"]


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def called(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder in which the tutorial was followed, and what each command printed."""
    folder, said = tmp_path_factory.mktemp("tutorial"), {}
    with inside(folder):
        for name, content in SHOWN.items():
            Path(name).write_text(content)
        for command in COMMANDS:
            words = shlex.split(command)[1:]
            result = called(*words, *(QUICK if words[0] == "run" else []))
            assert result.exit_code == 0, (command, result.output)
            said[command.partition(" ")[2]] = result.stdout + result.stderr
    return folder, said


def actions(printed: str) -> list[Any]:
    """The actions of decisions, one a line."""
    return [json.loads(line)["action"] for line in printed.splitlines()]


def test_every_command_of_the_tutorial_works_in_its_order(
    tutorial: tuple[Path, dict[str, str]],
) -> None:
    _, said = tutorial
    assert len(said) == len(COMMANDS) >= 19
    assert said["check parcels"].startswith(
        "parcels-v1: keeps the contract; 8 rules, 40 states (21 train, 4 validation, 15 test)"
    )
    assert "1 of 15 test states have no right action" in said["run ./parcels"]
    assert "rules that no function cites: none" in said["base coverage --run runs/parcels"]
    assert "7 functions, 0 finding(s)" in said["base check --run runs/parcels"]
    kettle = actions(said["decide --run runs/desk kettle.json"])
    assert kettle == [{"do": "refund", "amount_cents": 3990}]
    claims = said["decide --run runs/expenses --no-trace claims.jsonl"]
    assert actions(claims) == ["manager", "approve"]
    joined = said["base import counter.py --run runs/parcels --stage service --yes"]
    assert "added service/ask_a_person" in joined
    difference = said["base diff previous current --run runs/parcels"]
    assert "1 added, 0 removed, 0 changed" in difference


def test_every_output_that_the_tutorial_shows_comes(tutorial: tuple[Path, dict[str, str]]) -> None:
    """Each block of output is of the last command above it, or of the folder's faults.

    How many messages are read wrongly may differ by one from machine to machine.
    """
    _, said = tutorial
    looked_at = 0
    for found in re.finditer(r"^```text\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE):
        command = re.findall(r"^logicdistill (.*)$", PAGE[: found.start()], flags=re.MULTILINE)[-1]
        if "; correct it, or ..." in found[1]:
            continue
        for line in found[1].splitlines():
            one = re.sub(
                r"(?<=^wrong {5})[1-9]",
                lambda count: f"[{int(count[0]) - 1}-{int(count[0]) + 1}]",
                re.escape(line).replace("\\ ", " "),
            )
            assert re.search(one, said[command], flags=re.MULTILINE), (command, line)
            looked_at += 1
    assert looked_at >= 12


def test_a_rule_by_hand_changes_what_it_says_and_goes_again(
    tutorial: tuple[Path, dict[str, str]],
) -> None:
    folder, said = tutorial
    (add,) = (text for command, text in said.items() if command.startswith("base add large.py"))
    assert "laptop: manager -> refuse" in add
    (back,) = (text for command, text in said.items() if command.startswith("base rollback"))
    assert "laptop: refuse -> manager" in back
    with Policy.load(folder / "runs" / "expenses") as policy:
        assert policy.parts.student.name == "conditions"
        assert policy.decide({"amount_eur": 1240, "days_ago": 10, "receipt": True}).action == (
            "manager"
        )


def test_a_run_of_a_folder_is_complete_without_it(
    tutorial: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    run = Path(shutil.copytree(tutorial[0] / "runs" / "parcels", tmp_path / "elsewhere"))
    with Policy.load(run, student="conditions") as policy:
        assert policy.task.id == "parcels-v1"
        state = {
            "weight_kg": 0.2,
            "longest_cm": 20,
            "contents": "battery",
            "country": "abroad",
            "declared": True,
            "express": False,
        }
        assert policy.decide(state).action == "desk"
    summary: dict[str, Any] = json.loads((run / "summary.json").read_text())
    assert summary["right_actions"] == {"known": 14, "states": 15}
    assert summary["players"]["ld-encoder"]["episodes"] == 15
    assert summary["players"]["ld-encoder"]["illegal"] == 0


def test_wrong_validation_states_are_named_and_can_be_decided_again_and_test_states_stay_unseen(
    tutorial: tuple[Path, dict[str, str]],
) -> None:
    folder, said = tutorial
    run = folder / "runs" / "desk"
    wrong = [json.loads(line) for line in (run / "wrong.jsonl").read_text().splitlines()]
    assert wrong
    summary: dict[str, Any] = json.loads((run / "summary.json").read_text())
    judged = summary["validation"]
    assert (judged["wrong"], judged["known"]) == (len(wrong), 31)
    action, right = (json.dumps(wrong[0][key], sort_keys=True) for key in ("action", "right"))
    first = f"{wrong[0]['id']} ({action}; right: {right})"
    line = f"wrong     {len(wrong)} of 31 validation states with a right action: {first}"
    assert line in said["run ./desk"]
    assert f"wrong     {summary['wrong']} of 31 test states" in said["run ./desk"]
    assert not (run / "wrong-test.jsonl").exists()
    again = actions(said["decide --run runs/desk runs/desk/wrong.jsonl"])
    assert again == [item["action"] for item in wrong]


def test_import_names_what_the_gate_refuses_and_diff_shows_what_joined(
    tutorial: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    run = Path(shutil.copytree(tutorial[0] / "runs" / "parcels", tmp_path / "run"))
    before = json.loads(called("base", "list", "--run", str(run), "--json").stdout)["snapshot"]
    (tmp_path / "more.py").write_text(
        MODULE.replace("ask_a_person", "ask_again")
        + "\n\ndef bare(contents):\n    return contents\n"
    )
    result = called(
        "base",
        "import",
        str(tmp_path / "more.py"),
        "--run",
        str(run),
        "--stage",
        "service",
        "--yes",
    )
    assert result.exit_code == 1
    assert "added service/ask_again" in result.stdout
    assert re.search(r"^refused bare: .*docstring", result.stdout, flags=re.MULTILINE)
    shown = called("base", "diff", before[:8], "--run", str(run)).stdout
    assert "+ service/ask_again" in shown
    assert '+   COUNTER = "desk"' in shown
    assert "1 added, 0 removed, 0 changed" in shown
    assert json.loads(
        called("base", "diff", before, "current", "--run", str(run), "--json").stdout
    )["added"] == ["service/ask_again"]


def test_check_names_every_fault_of_a_folder_with_exit_code_2(tmp_path: Path) -> None:
    new_task(tmp_path / "post", "parcels")
    states = tmp_path / "post" / "states.jsonl"
    states.write_text(states.read_text().replace('"freight"', '"fright"'))
    wrong = [
        number
        for number, line in enumerate(states.read_text().splitlines(), start=1)
        if "fright" in line
    ]
    result = called("check", str(tmp_path / "post"))
    assert result.exit_code == 2
    assert [
        int(line.split("states.jsonl:")[1].split(":")[0])
        for line in result.stdout.splitlines()
        if not line.startswith("note: ")
    ] == wrong
    found = json.loads(called("check", str(tmp_path / "post"), "--json").stdout)
    assert [(fault["file"], fault["line"]) for fault in found["faults"]] == [
        ("states.jsonl", line) for line in wrong
    ]
    assert called("check", "guess").stdout.startswith("guess-v1: keeps the contract")


def rerun(run: Path, folder: Path, **settings: Any) -> dict[str, str]:
    lines = Lines()
    RunPipeline(run, RunSettings(str(folder), train_episodes=21, jobs=1, **settings), lines).run()
    return {line.split()[0]: line for line in lines.lines}


def test_a_contradiction_in_the_log_is_printed_and_kept(
    tutorial: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    run = Path(shutil.copytree(tutorial[0] / "runs" / "parcels", tmp_path / "run"))
    folder = tmp_path / "parcels"
    shutil.copytree(tutorial[0] / "parcels", folder)
    rows = [json.loads(line) for line in (folder / "states.jsonl").read_text().splitlines()]
    with Policy.load(run, "first") as policy:
        policy.remove("ask_a_person")  # The recorded labels know nothing of it.
        wrong = next(record for record in policy.task.split("train") if record.action == "desk")  # type: ignore[attr-defined]
    for row in rows:
        if row["id"] == wrong.id:
            row["action"] = "letter"
    (folder / "states.jsonl").write_text("\n".join(map(json.dumps, rows)))
    said = rerun(run, folder)
    assert "skipped" in said["write"]
    assert "skipped" not in said["collect"]
    assert (
        f"{wrong.id}: recorded 'letter', but the 'When:' of to_the_desk holds"
        in said["disagreement:"]
    )
    kept = [json.loads(line) for line in (run / "disagreements.jsonl").read_text().splitlines()]
    assert [item["id"] for item in kept] == [wrong.id]


def test_a_function_without_a_condition_that_joined_stops_a_run_until_it_has_one(
    tutorial: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    run = Path(shutil.copytree(tutorial[0] / "runs" / "parcels", tmp_path / "run"))
    with pytest.raises(MissingReplyError, match="give it a 'When:'"):
        rerun(run, tutorial[0] / "parcels")
    told = called("base", "tell", "Nothing is sent on Sundays.", "--run", str(run)).exception
    assert (
        "nobody has recorded an answer to this new rule: name a live model with --teacher"
        in str(told)
    )
    file = run / "base" / "service" / "ask_a_person.py"
    file.write_text(
        file.read_text().replace(
            "    Rules: 1\n",
            "    When: contents == 'liquid' and country == 'abroad' and not declared\n"
            "    Rules: 1\n",
        )
    )
    assert "skipped" not in rerun(run, tutorial[0] / "parcels")["train"]


def test_other_rules_under_the_same_version_and_repeated_test_states_are_refused(
    tutorial: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    folder = tmp_path / "parcels"
    shutil.copytree(tutorial[0] / "parcels", folder)
    with pytest.raises(TaskError, match="15 test states; 16 episodes"):
        rerun(tmp_path / "new", folder, episodes=16)
    (folder / "rules.md").write_text((folder / "rules.md").read_text().replace("30 kg", "40 kg"))
    run = tutorial[0] / "runs" / "parcels"
    with pytest.raises(TaskError, match="raise the version") as refused:
        rerun(run, folder)
    dry = RunSettings(str(folder), train_episodes=21, recording=Run.open(run).settings["recording"])
    with pytest.raises(TaskError) as also:
        list(dry_run(run, dry, Lines(), None))
    assert str(also.value) == str(refused.value)
