from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))


def test_recall_is_counted_where_none_of_these_costs_two_points_of_accuracy() -> None:
    from text_figures import recall_at

    # 100 in scope, 90 right; of the right ones two look more out of scope than the third.
    none = [0.9, 0.8, 0.5] + [0.1] * 97
    best = [True] * 90 + [False] * 10
    outside = [0.95, 0.6, 0.5, 0.05]
    assert recall_at(none + outside, best + [False] * 4, range(100), range(100, 104)) == 0.5


def test_risk_is_the_share_of_wrong_answers_among_the_surest() -> None:
    from text_figures import risk_coverage

    curve = dict(risk_coverage([0.1, 0.9, 0.8, 0.2], [False, True, False, True]))  # type: ignore[arg-type]  # pairs
    assert (curve[0.25], curve[0.5], curve[0.75], curve[1.0]) == (0.0, 0.5, 0.3333, 0.5)


def test_a_player_without_none_of_these_is_judged_by_how_unsure_it_is(tmp_path: Path) -> None:
    from text_figures import Answers, figures, pareto, plot, table

    labels = ["pay", "block", "out_of_scope"]
    bare = figures(Answers(["pay", "block", "pay"], [0.9, 0.8, 0.3]), labels)
    assert bare["auroc"] == 1.0
    assert "oos_recall" not in bare
    full = Answers(
        ["pay", "block", "pay"],
        [0.9, 0.4, 0.3],
        ["pay", "out_of_scope", "pay"],
        [0.1, 0.6, 0.2],
        [0.9, 0.6, 0.3],
    )
    found = figures(full, labels)
    assert (found["selective_accuracy"], found["oos_recall"]) == (0.5, 0.0)
    measured = {
        "accuracy": 1.0,
        "ci95": (0.3, 1.0),
        "train_seconds": 1.0,
        "ms": 1.0,
        "mb_at_rest": 1.0,
    }
    rows: list[dict[str, Any]] = [
        {"task": "t", "shots": shots, "player": "logicdistill"} | measured | found
        for shots in (10, None)
    ]
    assert table(rows).row_count == 2
    plot(rows, tmp_path / "risk.svg")
    assert "all messages" in (tmp_path / "risk.svg").read_text()
    other = {"player": "nearest", "accuracy": 0.5, "ci95": (0.2, 0.8), "train_seconds": 0.5}
    pareto([*rows, rows[0] | other], tmp_path / "pareto.svg")
    assert "nearest" in (tmp_path / "pareto.svg").read_text()


def test_the_calibration_error_spreads_as_it_does_over_new_texts() -> None:
    import numpy as np
    from text_figures import calibration_error, calibration_spread

    dice = np.random.default_rng(1)

    def drawn() -> tuple[list[float], list[bool]]:
        sure = dice.uniform(0.5, 1.0, 400)
        return sure.tolist(), (dice.uniform(size=400) < sure - 0.1).tolist()

    errors = [calibration_error(*drawn(), range(400)) for _ in range(60)]
    assert 0.5 < calibration_spread(*drawn()) / np.std(errors) < 2.0


def test_who_is_right_as_often_as_they_say_has_the_floor_of_the_calibration_error() -> None:
    import numpy as np
    from text_figures import calibration_error, calibration_floor

    dice = np.random.default_rng(1)
    sure = dice.uniform(0.5, 1.0, 400)
    honest = [calibration_error(sure, dice.uniform(size=400) < sure, range(400)) for _ in range(60)]
    floor = calibration_floor(sure.tolist(), 60)
    assert abs(floor - np.mean(honest)) < 0.005
    assert calibration_error(sure, dice.uniform(size=400) < sure - 0.2, range(400)) > 2 * floor
