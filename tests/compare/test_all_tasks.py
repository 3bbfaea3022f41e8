from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import QUICK, TINY, Lines
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.compare.all_tasks import compare
from logicdistill.compare.baselines.text import MAX_TOKENS
from logicdistill.compare.players import ROSTER, chosen_players
from logicdistill.errors import TaskError, UnknownNameError
from logicdistill.pipeline.settings import RunSettings
from logicdistill.tasks.guess import CHANGES
from logicdistill.types import Json

PLAYERS = ("ld-encoder", "kd-encoder", "kd-encoder-legal", "random", "optimum")
EPISODES = 8
CHANGE = "even-only"
"""One change of the rules is enough."""


def compared(
    out: Path, reporter: Lines | None = None, episodes: int = EPISODES, **options: Any
) -> dict[str, Json]:
    options = {"players": PLAYERS, "train_examples": 64, "jobs": 1, "rule_changes": True, **options}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logicdistill.compare.baselines.teaching.VALIDATION_EPISODES", 2)
        one = {CHANGE: CHANGES[CHANGE]}
        patch.setattr("logicdistill.tasks.guess.CHANGES", one)
        patch.setattr("logicdistill.tasks.guess.Guess.changes", one)
        return compare(
            out,
            [RunSettings("guess-v1", **QUICK | {"episodes": episodes})],
            reporter or Lines(),
            **options,
        )["guess-v1"]


@pytest.fixture(scope="module")
def made(quick_run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Json]]:
    """A comparison with changed rules; tests copy it before they change it."""
    out = tmp_path_factory.mktemp("comparison")
    shutil.copytree(quick_run, out / "guess")
    return out, compared(out)


@pytest.fixture
def copy(made: tuple[Path, dict[str, Json]], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "copy"))


def share_of(name: str, episodes: float) -> int:
    return max(1, round(episodes * ROSTER[name].share))


def lines_of(file: Path) -> list[dict[str, Json]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def unchanged_rules(out: Path) -> list[dict[str, Json]]:
    return [line for line in lines_of(out / "results.jsonl") if not line["change"]]


def test_every_player_plays_the_same_seeds_in_the_shared_format(
    made: tuple[Path, dict[str, Json]],
) -> None:
    out, summary = made
    assert list(summary["players"]) == list(PLAYERS)
    rows = [row for row in lines_of(out / "results.jsonl") if not row["phase"]]
    for name in PLAYERS:
        assert [row["seed"] for row in rows if row["player"] == name] == list(
            range(1_000_000, 1_000_000 + share_of(name, EPISODES))
        )
        assert (summary["players"][name]["mcnemar_p"] is None) == (name == "ld-encoder")
    order = [
        (row["task"], row["change"], row["phase"], row["player"], row["seed"])
        for row in lines_of(out / "results.jsonl")
    ]
    assert order == sorted(order)
    assert not any("key" in row or "times_ms" in row for row in rows)
    assert json.loads((out / "summary.json").read_text())["tasks"]["guess-v1"] == summary
    training = summary["players"]["kd-encoder"]["training"]
    assert training["accuracy"] == max(point["accuracy"] for point in training["curve"])
    assert training["examples"] == 64
    assert training["seconds"] > 0


def test_regret_is_what_exact_play_returns_more_on_the_episodes_that_a_player_played(
    made: tuple[Path, dict[str, Json]],
) -> None:
    out, summary = made
    returns = {
        (row["player"], row["seed"]): row["return"]
        for row in lines_of(out / "results.jsonl")
        if not row["phase"]
    }
    for name in PLAYERS:
        lost = [
            returns["optimum", seed] - value
            for (player, seed), value in returns.items()
            if player == name
        ]
        assert summary["players"][name]["regret_mean"] == pytest.approx(
            sum(lost) / len(lost), abs=1e-6
        )


def test_a_legal_only_imitator_never_breaks_a_rule_and_a_plain_one_pays_for_it(
    made: tuple[Path, dict[str, Json]],
) -> None:
    rows = lines_of(made[0] / "results.jsonl")
    assert sum(row["illegal"] for row in rows if row["player"] == "kd-encoder-legal") == 0
    assert sum(row["illegal"] for row in rows if row["player"] == "kd-encoder") > 0


def test_under_a_changed_rule_ld_is_told_and_kd_is_trained_again(
    made: tuple[Path, dict[str, Json]],
) -> None:
    out, summary = made
    assert set(summary["rule_changes"]) == {CHANGE}
    for change, found in summary["rule_changes"].items():
        rows = {(row["player"], row["phase"]): row for row in found["rows"]}
        assert {phase for player, phase in rows if player == "ld-encoder"} == {
            "before",
            "during",
            "after",
        }
        assert {phase for player, phase in rows if player == "kd-encoder"} == {
            "before",
            "during",
            "retrained",
        }
        assert {key: row["episodes"] for key, row in rows.items()} == {
            key: share_of(key[0], EPISODES / 2) for key in rows
        }
        assert rows["optimum", "during"]["success"] == 1.0
        told, again = rows["ld-encoder", "after"], rows["kd-encoder", "retrained"]
        assert told["tell_to_decision_ms"] > 0
        assert again["retrain_seconds"] > 0
        taught = lines_of(out / "guess" / "changes" / change / "actions.jsonl")
        assert again["new_decisions"] == len(taught)
        assert any(lesson["state"]["notices"] for lesson in taught)
    assert found["rule"]


def test_before_a_change_the_games_are_those_of_the_comparison(
    made: tuple[Path, dict[str, Json]],
) -> None:
    rows = lines_of(made[0] / "results.jsonl")
    main = {(row["player"], row["seed"]): row for row in rows if not row["phase"]}
    before = [row for row in rows if row["phase"] == "before"]
    assert before
    for row in before:
        assert {**row, "phase": "", "change": ""} == main[row["player"], row["seed"]]


def test_the_runs_own_base_is_not_told(made: tuple[Path, dict[str, Json]]) -> None:
    out, summary = made
    heads = [out / "guess" / "base", *(out / "guess" / "changes").glob("*/base")]
    snapshots = [lines_of(folder / "journal.jsonl")[-1]["snapshot"] for folder in heads]
    assert snapshots[0] == summary["snapshot"]
    assert len(set(snapshots)) == 2


def test_a_second_comparison_by_the_command_line_does_nothing_and_says_the_same(
    copy: Path, made: tuple[Path, dict[str, Json]], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = {CHANGE: CHANGES[CHANGE]}
    monkeypatch.setattr("logicdistill.tasks.guess.CHANGES", one)
    monkeypatch.setattr("logicdistill.tasks.guess.Guess.changes", one)
    before = (copy / "results.jsonl").read_bytes()
    pairs = ("train_episodes=20", f"encoder={TINY}", "train_examples=64", "jobs=1")
    settings = [word for pair in pairs for word in ("--set", pair)]
    options = ["--players", ",".join(PLAYERS), "--episodes", str(EPISODES), "--rule-changes"]
    words = ["compare", "guess", "--out", str(copy), *options, *settings]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0
    assert json.loads((copy / "summary.json").read_text())["tasks"]["guess-v1"] == made[1]
    assert (copy / "results.jsonl").read_bytes() == before
    steps = [line for line in result.stderr.splitlines() if "setting:" not in line]
    assert steps
    assert all("skipped" in line for line in steps)
    assert "kd-encoder-legal" in result.stdout


def test_two_processes_and_a_log_that_was_cut_off_give_the_same_results(copy: Path) -> None:
    before, log = unchanged_rules(copy), (copy / "plays.jsonl")
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:10]) + lines[10][:9])  # the writer died in the middle of a line
    compared(copy, jobs=2, rule_changes=False)
    assert lines_of(copy / "results.jsonl") == before


def test_the_workers_of_a_dask_cluster_give_the_same_results(copy: Path) -> None:
    distributed = pytest.importorskip("distributed")
    from logicdistill.bulk.cluster import workers

    players = ("ld-encoder", "random")
    before = [line for line in unchanged_rules(copy) if line["player"] in players]
    (copy / "plays.jsonl").unlink()
    options = {
        "n_workers": 1,
        "threads_per_worker": 1,
        "dashboard_address": None,
        "host": "127.0.0.1",
    }
    with distributed.LocalCluster(**options) as cluster, workers(cluster.scheduler_address):
        compared(copy, jobs=-1, rule_changes=False, players=players)
    assert lines_of(copy / "results.jsonl") == before


def test_causal_players_are_trained_play_and_are_counted(
    tmp_path: Path, quick_run: Path, tiny_causal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MAX_TOKENS, "cot-kd", 16)
    shutil.copytree(quick_run, tmp_path / "guess")
    players = (
        "ld-encoder",
        "ld-causal",
        "kd-causal",
        "kd-causal-legal",
        "cot-kd",
        "call-causal",
        "zero-shot",
    )
    summary = compared(
        tmp_path, players=players, train_examples=2, causal=str(tiny_causal), episodes=4
    )
    rows = summary["players"]
    assert [
        rows[name]["episodes"] for name in ("ld-encoder", "ld-causal", "kd-causal", "cot-kd")
    ] == [4, 2, 1, 1]
    for name in players[2:]:
        assert min(rows[name]["tokens_in_mean"], rows[name]["tokens_out_mean"]) > 0
    assert rows["zero-shot"]["unusable"] > 0  # an untrained random model writes no action
    assert rows["kd-causal-legal"]["illegal"] == rows["kd-causal-legal"]["unusable"] == 0
    changed = {
        (row["player"], row["phase"])
        for row in summary["rule_changes"]["even-only"]["rows"]
        if row["phase"] != "before"
    }
    assert changed == {
        *(
            (name, phase)
            for name in ("ld-encoder", "ld-causal", "call-causal")
            for phase in ("during", "after")
        ),
        *(
            (name, phase)
            for name in ("kd-causal", "kd-causal-legal")
            for phase in ("during", "retrained")
        ),
    }


def test_players_by_name_with_ld_among_them_and_an_unknown_one_offers_the_nearest() -> None:
    assert chosen_players("optimum, first") == ["ld-encoder", "first", "optimum"]
    assert chosen_players("all") == [name for name, entry in ROSTER.items() if not entry.live]
    with pytest.raises(UnknownNameError, match="did you mean 'kd-encoder'"):
        chosen_players("kd-encodr")


def test_nothing_to_be_shown_in_training_and_no_processes_are_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    for wrong in ({"train_examples": 0}, {"jobs": 0}):
        with pytest.raises(TaskError):
            compared(tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()
