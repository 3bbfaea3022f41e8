from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from logicdistill.policy import CHUNK, Policy
from logicdistill.training.labelling import UNLABELLED, Labeller


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))


def test_floors_read_nothing_and_exact_match_takes_what_a_usage_example_shows(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import inputs

    out = tmp_path / "inputs.json"
    words = ["--run", str(run_folder), "--episodes", "20", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["inputs.py", *words])
    inputs.main()
    found = json.loads(out.read_text())
    counts, rows = found["inputs"], {row["player"]: row for row in found["rows"]}
    assert counts["test"] >= counts["test_in_training"] >= 5
    assert counts["questions"] > counts["test"]
    assert found["n"] == {"episodes": 20, "distinct inputs": counts["test"]}
    assert rows["right"]["selection"]["share"] == rows["right"]["success"]["share"] == 1.0
    assert rows["optimum"]["success"]["share"] == 1.0
    assert rows["frequent"]["selection"]["share"] < rows["exact"]["selection"]["share"]
    assert rows["exact"]["selection"]["asked"] == counts["test"]
    kept = counts["test"] - counts["test_in_usage_examples"]
    assert rows["exact"]["selection_new"]["asked"] == kept
    monkeypatch.setattr(inputs, "outcome", None)
    inputs.main()
    assert json.loads(out.read_text())["rows"] == found["rows"]


def test_the_same_inputs_are_asked_again_and_those_without_a_label_are_counted(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import selecting

    def asked() -> tuple[list[tuple[str, str]], int]:
        with Policy.load(run_folder, student="first") as policy:
            found, unlabelled = selecting.unseen_questions(policy, run_folder, 2 * CHUNK)
        return [(query.view, label) for query, label in found], unlabelled

    found, unlabelled = asked()
    assert unlabelled == 0
    assert asked() == (found, 0)
    views = [view for view, _ in found]
    rare = min(views, key=views.count)
    known = Labeller.labels
    monkeypatch.setattr(
        Labeller,
        "labels",
        lambda self, queries: [
            UNLABELLED if query.view == rare else label
            for query, label in zip(queries, known(self, queries), strict=True)
        ],
    )
    left, unlabelled = asked()
    assert unlabelled == 1
    assert set(views) - {view for view, _ in left} == {rare}


def test_all_learn_from_the_same_episodes_and_are_paired_on_the_same_seeds(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import equal

    monkeypatch.setattr(equal, "ROUND", 40)
    monkeypatch.setattr(equal, "TREES", 3)
    out = tmp_path / "equal.json"
    words = ["--train-episodes", "2", "--encoder-episodes", "2", "--most", "60"]
    words += ["--trainings", "2"]
    words += ["--episodes", "10", "--run", str(run_folder), "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["equal.py", *words])
    equal.main()
    rows = {row["player"]: row for row in json.loads(out.read_text())["rows"]}
    assert list(rows) == ["ld", "kd-table", "kd-table-legal", "kd-encoder"]
    encoder, trainings = rows["kd-encoder"], rows["kd-encoder"]["trainings"]
    tables = [rows[name] for name in ("ld", "kd-table", "kd-table-legal")]
    assert {len(row["won"]) for row in [*tables, *trainings]} == {10}
    assert rows["kd-table"]["lessons"] == encoder["lessons"] > rows["ld"]["lessons"]
    assert not encoder["flat"]  # the most came first, and the row says so
    assert [[point["examples"] for point in one["curve"]] for one in trainings] == [[48, 96]] * 2


def test_several_trainings_are_one_row_whose_interval_holds_their_spread() -> None:
    from equal import paired, together
    from selecting import share

    def training(won: str, flat: bool = True) -> dict[str, Any]:
        played = {"success": share(won.count("1"), len(won)), "return_mean": 0.0, "steps_mean": 1.0}
        same = {"player": "kd-encoder", "episodes": 3, "lessons": 9, "floor": 0.1, "seconds": 1}
        return same | {"accuracy": 0.5, "flat": flat} | played | {"won": won, "legal": played}

    alike = together([training("1" * 10 + "0" * 30) for _ in range(3)])
    apart = together([training("1" * n + "0" * (40 - n)) for n in (4, 10, 16)])
    assert apart["success"]["share"] == alike["success"]["share"] == 0.25
    assert alike["success"]["ci95"] == share(10, 40)["ci95"]
    assert apart["success"]["ci95"][0] < alike["success"]["ci95"][0]
    assert apart["success"]["ci95"][1] > alike["success"]["ci95"][1]
    assert not together([training("10"), training("01", flat=False)])["flat"]

    ld = {"player": "ld", "episodes": 3, "won": "1" * 40}
    weak, strong = (together([training("1" * n + "0" * (40 - n))]) for n in (4, 38))
    both = together([*weak["trainings"], *strong["trainings"]])
    paired([ld, weak, strong, both])
    assert weak["mcnemar_p"] < strong["mcnemar_p"] == both["mcnemar_p"]


def test_a_median_line_on_the_facts_learns_the_middle_that_few_odd_actions_hide() -> None:
    from equal import Facts, Numbers, agreement, facts_alone
    from sklearn.linear_model import LinearRegression, QuantileRegressor

    rows = [
        {".n": 7.0 * at, ".facts.low": float(at), ".facts.high": float(3 * at)} for at in range(40)
    ]
    labels = [str(2 * at if at % 10 else 900) for at in range(40)]
    some = [facts_alone(row) for row in rows]
    line, median = (
        Facts(Numbers(model, some, labels))
        for model in (LinearRegression(), QuantileRegressor(quantile=0.5, alpha=0.0))
    )
    assert agreement(line, rows, labels) < 0.2
    assert agreement(median, rows, labels) == 0.9


def test_a_rule_that_changed_is_obeyed_and_the_money_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cost

    monkeypatch.setattr(cost, "TASKS", {"by-hand": "expenses"})
    out = tmp_path / "cost.json"
    monkeypatch.setattr(sys, "argv", ["cost.py", "--quick", "--out", str(out)])
    cost.main()
    [row] = json.loads(out.read_text())["rows"]
    assert row["right"]["share"] == 1.0
    assert row["obeying"]["ms_p50"] > 0 < row["decision_ms"]["p50"]
    cheap, dear = row["pays_after"]["hosted"]
    assert 0 < cheap < dear
    assert row["pays_after"]["large model"][0] < row["pays_after"]["large model"][1]


def test_a_control_task_stands_beside_published_agents_with_the_deviation_of_its_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import control

    out = tmp_path / "control-pendulum.json"
    sizes = ["--episodes", "3", "--train-episodes", "2", "--train-steps", "2", "--jobs", "1"]
    monkeypatch.setattr(
        sys,
        "argv",
        [
            "control.py",
            "--task",
            "pendulum",
            *sizes,
            "--runs",
            str(tmp_path / "runs"),
            "--out",
            str(out),
        ],
    )
    control.main()
    found = json.loads(out.read_text())
    player = found["players"]["ld-encoder"]
    low, high = player["return_ci95"]
    sample = (high - low) / 2 / 1.96 * 3**0.5
    assert player["return_std"] == pytest.approx(sample * (2 / 3) ** 0.5, rel=0.01)
    assert found["published"]["ppo"]["episodes"] == 750
