"""``run`` and ``compare`` with a live teacher: a server on loopback that replays recordings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import QUICK, TINY, Lines
from tests.live import GUESS, PARCELS, ROOT, ReplayServer, serving, teacher_for
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.compare.all_tasks import compare
from logicdistill.compare.baselines.live import LivePlayer
from logicdistill.compare.players import chosen_players
from logicdistill.errors import LimitReachedError, LogicDistillError, MissingReplyError, TaskError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.folder import BaseFolder
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import shipped_replies

Served = Callable[..., ReplayServer]
SIZES = ["--episodes", "20"]
for pair in (f"encoder={TINY}", "train_episodes=20", "jobs=1"):
    SIZES += ["--set", pair]


@pytest.fixture
def served() -> Iterator[Served]:
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(
            serving(ReplayServer(*arguments, **options))
        )


def called(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_an_interrupted_run_pays_nothing_twice_and_its_folder_goes_on_without_the_teacher(
    served: Served, tmp_path: Path
) -> None:
    server, out = served(GUESS), tmp_path / "live"
    words = [
        "run",
        "guess",
        "--teacher",
        "tiny",
        "--base-url",
        server.url,
        "--out",
        str(out),
        *SIZES,
    ]
    stopped = called(*words, "--set", "teacher.max_calls=3")
    assert isinstance(stopped.exception, LimitReachedError)
    assert "the limit of 3 calls is reached; what was answered is kept" in str(stopped.exception)
    assert "teacher tiny at" in stopped.stderr
    assert len(server.seen) == 3
    done = called(*words, "--set", "teacher.max_calls=100")
    assert done.exit_code == 0, done.output
    assert "written by: tiny at" in done.stderr
    sent = len(server.seen)
    assert f" {sent - 3} calls" in done.stderr.splitlines()[-1]
    assert 4 < sent == server.answered <= 8
    assert Run.open(out).settings["recording"] == "live:tiny"
    again = called("run", "guess", "--out", str(out), *SIZES)
    assert again.exit_code == 0, again.output
    assert "skipped" in again.stderr
    assert len(server.seen) == sent
    with pytest.raises(
        TaskError, match="is a run with recording 'live:tiny', not 'shipped'; choose another --out"
    ):
        RunPipeline(out, RunSettings("guess", recording="shipped"), Lines()).run()


def test_a_folder_without_replies_names_the_flag_and_goes_on_with_it(
    served: Served, tmp_path: Path
) -> None:
    assert called("new", str(tmp_path / "mine"), "--example", "parcels").exit_code == 0
    folder, out = tmp_path / "mine", tmp_path / "run"
    replies = tmp_path / "replies"
    shutil.move(folder / "replies", replies)
    without = called(
        "run", str(folder), "--out", str(out), "--set", f"encoder={TINY}", "--set", "jobs=1"
    )
    assert isinstance(without.exception, MissingReplyError)
    assert "name a live model with --teacher, such as openai:gpt-5-mini" in str(without.exception)
    text = get_task(str(folder)).rules[0]
    server = served(lambda messages: None if text not in str(messages) else '{"stages": []}')
    live = [
        "run",
        str(folder),
        "--out",
        str(out),
        "--teacher",
        "tiny",
        "--base-url",
        server.url,
        "--set",
        "teacher.max_calls=20",
        "--set",
        f"encoder={TINY}",
    ]
    result = called(*live)
    assert "gave no usable answer to 'stages' in 3 tries; last: there is no stage" in str(
        result.exception
    )
    assert len(list((out / "replies" / "unread").iterdir())) == 1  # paid for, and no reply
    assert not (out / "base").exists()
    assert len(server.seen) == 3


def unlabelled(messages: list[dict[str, Any]]) -> str | None:
    """The example's replies without the labels: a run stops before its training."""
    return None if "Which function is right" in str(messages) else PARCELS(messages)


def spoilt(messages: list[dict[str, Any]]) -> str | None:
    """The same, but the gate never admits the function for couriers."""
    text = unlabelled(messages)
    if messages[-1]["content"].rstrip().endswith("with the fault removed."):
        refused = messages[-1]["content"].partition("was refused:\n\n```python\n")[2]
        return json.dumps({"files": [refused.split("```")[0]]})
    return text and text.replace('return \\"courier\\"', 'return \\"parcel\\"')


COURIER = (ROOT / "recordings" / "parcels-v1" / "service" / "by_courier.py").read_text()


def test_a_function_that_was_given_up_and_the_action_it_takes_along_are_named(
    served: Served, tmp_path: Path
) -> None:
    server, folder, out = served(spoilt), tmp_path / "mine", str(tmp_path / "run")
    called("new", str(folder), "--example", "parcels")
    shutil.rmtree(folder / "replies")
    said = called(
        "run",
        str(folder),
        "--out",
        out,
        "--teacher",
        "tiny",
        "--base-url",
        server.url,
        "--set",
        "teacher.max_calls=40",
        "--set",
        "repair_rounds=0",
    ).stderr
    assert (
        'given up: 1\n  note: actions that no function gives: "courier"\n' in said
    )  # it then asks for labels that no reply knows
    shown = called("base", "coverage", "--run", out).stdout
    assert '\nactions that no function gives: "courier"\n' in shown
    assert (
        "\nfunctions that the teacher gave up: service/by_courier: "
        "usage example 1 expects 'courier' but" in shown
    )
    found = json.loads(called("base", "coverage", "--run", out, "--json").stdout)
    assert (found["actions_without_function"], len(found["given_up"])) == (["courier"], 1)
    (tmp_path / "by_courier.py").write_text(COURIER)
    assert (
        called("base", "add", str(tmp_path / "by_courier.py"), "--run", out, "--yes").exit_code == 0
    )
    shown = called("base", "coverage", "--run", out).stdout
    assert (
        "actions that no function gives: none\nfunctions that the teacher gave up: none\n" in shown
    )


def asked(server: ReplayServer, what: str) -> int:
    return sum(what in question for question in server.seen)


def test_a_refused_answer_is_repeated_from_the_store_until_it_is_asked_again(
    served: Served, tmp_path: Path
) -> None:
    server, folder, out = served(spoilt), tmp_path / "mine", tmp_path / "run"
    called("new", str(folder), "--example", "parcels")
    shutil.rmtree(folder / "replies")
    live = [
        "run",
        str(folder),
        "--out",
        str(out),
        "--teacher",
        "tiny",
        "--base-url",
        server.url,
        "--set",
        "teacher.max_calls=40",
        "--set",
        "repair_rounds=0",
        "--set",
        f"encoder={TINY}",
    ]
    called(*live)
    assert (asked(server, "fault removed"), asked(server, "Write the functions of this stage")) == (
        1,
        2,
    )
    assert "given up: 1" in called(*live).stderr
    assert asked(server, "fault removed") == 1
    with Policy.load(out, student="conditions") as policy:
        policy.remove("as_letter")
    server.answer = lambda messages: (
        json.dumps({"files": [COURIER]})
        if "fault removed" in str(messages)
        else unlabelled(messages)
    )
    said = called(*live, "--ask-again").stderr
    assert "ask again 1 answer(s) that led to rejected functions" in said
    assert (asked(server, "fault removed"), asked(server, "Write the functions of this stage")) == (
        2,
        2,
    )
    assert len(list((out / "replies").glob("*.json.aside-1"))) == 1
    base = BaseFolder(out / "base").load()
    assert "by_courier" in base.by_name
    assert "as_letter" not in base.by_name  # a person removed it
    assert "ask again: no answer led to a rejected function" in called(*live, "--ask-again").stderr


def test_a_stage_without_any_function_is_asked_again_and_the_others_stay_paid_for(
    served: Served, tmp_path: Path
) -> None:
    def useless(messages: list[dict[str, Any]]) -> str | None:
        text = PARCELS(messages)
        return (
            '{"files": ["print(1)"]}'
            if "by_courier" in str(text) or "fault removed" in str(messages)
            else text
        )

    server, folder, out = served(useless), tmp_path / "mine", tmp_path / "run"
    called("new", str(folder), "--example", "parcels")
    shutil.rmtree(folder / "replies")
    live = [
        "run",
        str(folder),
        "--out",
        str(out),
        "--teacher",
        "tiny",
        "--base-url",
        server.url,
        "--set",
        "teacher.max_calls=40",
        "--set",
        f"encoder={TINY}",
    ]
    for _ in range(2):
        assert "no usable function for stage 'service' after 3 repairs" in str(
            called(*live).exception
        )
    assert (len(server.seen), asked(server, "fault removed")) == (4, 1)
    server.answer = unlabelled
    assert "ask again 2 answer(s)" in called(*live, "--ask-again").stderr
    assert asked(server, "Write the functions of this stage") == 3
    assert len(BaseFolder(out / "base").load().functions) == 7


def test_a_dry_run_sends_and_writes_nothing_and_follows_the_replies_that_are_there(
    served: Served, tmp_path: Path
) -> None:
    server, out = served(GUESS), tmp_path / "dry"
    prices = tmp_path / "prices.toml"
    shutil.copy(ROOT / "src" / "logicdistill" / "report" / "prices.toml", prices)
    words = [
        "run",
        "guess",
        "--teacher",
        "tiny",
        "--base-url",
        server.url,
        "--out",
        str(out),
        "--dry-run",
        *SIZES,
    ]
    first = called(*words, "--set", f"teacher.prices={prices}")
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith(
        "== stages request 1 of 1\n-- system\nYou turn written rules into small Python functions."
    )
    assert '\n-- schema of the answer: {"$defs": {"StageReply": ' in first.stdout
    assert "1 request, about 1," in first.stdout
    assert "by assumed prices; nothing was sent" in first.stdout
    assert not out.exists()
    shipped = shipped_replies("guess-v1").folder
    kinds = {
        file: json.loads(file.read_text())["request"]["kind"] for file in shipped.glob("*.json")
    }
    for wanted, line in [
        ("stages", "== functions request 2 of 3"),
        ("functions", "== label"),
    ]:
        (out / "replies").mkdir(parents=True, exist_ok=True)
        for file, kind in kinds.items():
            if kind == wanted:
                shutil.copy(file, out / "replies" / file.name)
        assert line in called(*words).stdout
    for file in kinds:
        shutil.copy(file, out / "replies" / file.name)
    assert called(*words).stdout == "nothing would be asked: every reply is there already\n"
    assert [item.name for item in out.iterdir()] == ["replies"]
    assert server.seen == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--budget", "2"], "--budget is about a live teacher; name one with --teacher"),
        (["--ask-again"], "--ask-again is about a live teacher; name one with --teacher"),
        (
            ["--ask-again", "--dry-run", "--teacher", "openai:x"],
            "--dry-run writes nothing, so it re-asks no answer",
        ),
        (
            ["--dry-run", "--json", "--teacher", "openai:x"],
            "--json is about a run's results, and --dry-run has none",
        ),
        (
            ["--dry-run"],
            "--dry-run is about a live teacher; name one with --teacher",
        ),
        (["--teacher", "openai:x", "--set", "recording=coarse"], "are two teachers; name one"),
        (
            ["--teacher", "openai:x", "--budget", "-1"],
            "the limit 'budget' is -1.0; give a number above 0",
        ),
    ],
)
def test_options_that_do_not_go_together_are_one_line(
    words: list[str], message: str, tmp_path: Path
) -> None:
    result = called("run", "guess", "--out", str(tmp_path / "run"), *words)
    assert isinstance(result.exception, LogicDistillError)
    assert message in str(result.exception)
    assert not (tmp_path / "run").exists()


def halving(messages: list[dict[str, Any]]) -> str:
    """Plays by halving, but for an opening that is no legal action, or no action at all."""
    state = json.loads(messages[0]["content"].split("State: ")[1].split("\n")[0])
    low, high = 1, state["n"]
    for guess, answer in zip(state["guesses"], state["answers"], strict=True):
        low, high = (guess + 1, high) if answer == "higher" else (low, guess - 1)
    if not state["guesses"]:
        return json.dumps({"action": "let me think"}) if state["n"] % 2 else '{"reason": "none"}'
    return json.dumps({"action": str((low + high) // 2)})


def test_the_large_model_itself_plays_and_its_tokens_and_unusable_answers_are_counted(
    served: Served, quick_run: Path, tmp_path: Path
) -> None:
    server, out = served(halving), tmp_path / "comparison"
    shutil.copytree(quick_run, out / "guess")
    settings = [RunSettings("guess-v1", **QUICK | {"episodes": 100})]

    def compared(**limits: Any) -> dict[str, Any]:
        with teacher_for(server, out / "replies", **limits) as teacher:
            return compare(
                out, settings, Lines(), players=["ld-encoder", "llm"], jobs=1, teacher=teacher
            )["guess-v1"]

    with pytest.raises(LimitReachedError):
        compared(calls=1)
    assert len(server.seen) == 1
    row = compared()["players"]["llm"]
    asked = len(server.seen)
    assert row["episodes"] == 2
    assert row["unusable"] + row["illegal"] >= 2
    assert row["tokens_in_mean"] > 100
    assert row["decision_ms_p50"] > 0
    assert json.loads((out / "summary.json").read_text())["tasks"]["guess-v1"]["command"].endswith(
        f"--teacher tiny at {server.url}"
    )
    assert compared()["players"]["llm"] == row
    assert len(server.seen) == asked == len(list((out / "replies").glob("*.json")))


def test_a_rule_that_is_told_stands_behind_the_tasks_own(served: Served, tmp_path: Path) -> None:
    server, task = served(lambda messages: '{"action": "1"}'), get_task("guess", change="even-only")
    state, before = first_state(task, 0), {**first_state(task, 0), "notices": {}}
    with teacher_for(server, tmp_path, parallel=1) as teacher:
        told = LivePlayer(teacher, task, ["Only even numbers may be named."]).answers(
            [state, before]
        )
        untold = LivePlayer(teacher, task).answers([state])
    assert [answer.action for answer in (*told, *untold)] == [1, 1, 1]
    assert f"\n{len(task.rules) + 1}. Only even numbers may be named.\n" in server.seen[0]
    assert "Only even numbers" not in "".join(server.seen[1:])


def test_under_changed_rules_the_large_model_plays_untold_and_then_told(
    served: Served, quick_run: Path, tmp_path: Path
) -> None:
    server, out, changes = (
        served(lambda messages: '{"action": "2"}'),
        tmp_path / "comparison",
        get_task("guess").changes,
    )
    shutil.copytree(quick_run, out / "guess")
    players, settings = ["ld-encoder", "llm"], [RunSettings("guess-v1", **QUICK | {"episodes": 4})]
    with teacher_for(server, out / "replies") as teacher:
        found = compare(
            out, settings, Lines(), players=players, rule_changes=True, jobs=1, teacher=teacher
        )["guess-v1"]["rule_changes"]
    for name, change in changes.items():
        rows = {row["phase"]: row for row in found[name]["rows"] if row["player"] == "llm"}
        assert list(rows) == ["before", "during", "after"]
        assert all(row["episodes"] == 1 for row in rows.values())
        told = [text for text in server.seen if f"\n6. {change.rule}\n" in text]
        assert told
        assert not any(
            '"notices": {}' in text for text in told
        )  # nobody tells it before it is in force


def test_the_large_model_plays_with_a_teacher_alone() -> None:
    with pytest.raises(
        TaskError, match="the player 'llm' asks a live model; name one with --teacher"
    ):
        chosen_players("llm,random")
    assert "llm" not in chosen_players("all")
    assert "llm" in chosen_players("all", live=True)
    assert chosen_players("random", live=True) == ["ld-encoder", "llm", "random"]
