from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))


def test_a_selector_is_measured_in_every_task_and_a_second_start_trains_nothing(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import generalise

    out = tmp_path / "generalise.json"
    arguments = [
        "--runs",
        str(run_folder),
        "--episodes",
        "4",
        "--steps-a-stage",
        "1",
        "--out",
        str(out),
    ]
    monkeypatch.setattr(sys, "argv", ["generalise.py", *arguments])
    generalise.main()
    found = json.loads(out.read_text())
    rows = {row["selector"]: row for row in found["rows"]}
    assert list(rows) == ["guess-v1", "all", "untrained", "first", "random", "frequent"]
    assert rows["guess-v1"]["trained_on_it"]
    assert not rows["untrained"]["trained_on_it"]
    for row in rows.values():
        assert row["success"]["asked"] == 4
        assert row["selection"]["all"]["asked"] == sum(
            figures["asked"] for name, figures in row["selection"].items() if name != "all"
        )
    assert (
        rows["frequent"]["selection"]["all"]["share"] > rows["random"]["selection"]["all"]["share"]
    )
    monkeypatch.setattr(generalise, "fine_tune", None)
    generalise.main()
    assert json.loads(out.read_text())["rows"] == found["rows"]


def test_two_tasks_are_trained_together_without_mixing_their_stages(run_folder: Path) -> None:
    from generalise import together

    stages, functions, examples = together([run_folder, run_folder])
    assert (
        {stage.name for stage in stages}
        == {function.stage for function in functions}
        == {example.stage for example in examples}
    )
    assert {stage.name for stage in stages} == {"guess-v1.guess"}


def test_a_learner_is_measured_by_states_and_by_episodes_and_others_join(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import few_examples
    from selecting import Cells

    out = tmp_path / "few.json"
    sizes = [
        "--states",
        "0",
        "--train-episodes",
        "2",
        "--episodes",
        "4",
        "--steps",
        "1",
        "--kd-states",
        "0",
        "6",
        "--kd-seconds",
        "0.5",
    ]
    monkeypatch.setattr(
        sys, "argv", ["few_examples.py", "--run", str(run_folder), *sizes, "--out", str(out)]
    )
    few_examples.main()
    none, played, kd = json.loads(out.read_text())["rows"]
    assert none["states"] == 0 < played["states"]
    assert (
        none["new_views"]["asked"]
        == none["selection"]["all"]["asked"]
        > played["new_views"]["asked"]
    )
    assert (kd["curve"], kd["count"], kd["states"], kd["success"]["asked"]) == (
        "kd by states, draw 0",
        6,
        6,
        4,
    )
    rows = few_examples.measure(
        {"another": ((1, 2), lambda count: {"success": count})}, Cells(out, "another")
    )
    assert rows == [
        {"curve": "another", "count": 1, "success": 1},
        {"curve": "another", "count": 2, "success": 2},
    ]


def test_counts_double_up_to_all() -> None:
    from few_examples import doubling

    assert [doubling(most) for most in (0, 1, 8, 11)] == [
        [0],
        [0, 1],
        [0, 1, 2, 4, 8],
        [0, 1, 2, 4, 8, 11],
    ]


def test_a_function_that_was_left_out_is_not_trained_again_after_an_interruption(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import lofo

    out = tmp_path / "lofo.json"
    arguments = ["--run", str(run_folder), "--episodes", "3", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["lofo.py", *arguments, "--functions", "halve_above"])
    lofo.main()
    row = json.loads(out.read_text())["rows"][0]
    assert row["function"] == "guess/halve_above"
    assert row["states"] > 0
    assert row["before"] == 0.0  # what is not in the base cannot be chosen
    monkeypatch.setattr(lofo, "fine_tune", None)
    lofo.main()
    assert json.loads(out.read_text())["rows"] == [row]


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
