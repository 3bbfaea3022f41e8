from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import stamps

TESTS = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(TESTS.parent / "benchmarks"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(stamps, "SCORINGS", tmp_path / "scorings.jsonl")


def test_every_player_is_given_the_same_texts_and_none_is_out_of_scope(tmp_path: Path) -> None:
    import text

    given: list[Any] = []

    def spy(what: Any) -> Any:
        given.append(what)
        return text.nearest(what)

    players = dict(text.PLAYERS)
    data, work = str(TESTS / "data" / "clinc150"), tmp_path / "work"
    work.mkdir()
    text.PLAYERS["nearest"] = spy, None
    try:
        rows = [text.measure("nearest", "clinc150", data, 1, draw, 1, work) for draw in (0, 1)]
    finally:
        text.PLAYERS.clear()
        text.PLAYERS.update(players)
    first, second = given
    intents = {label for _, label in first.train}
    drawn = [label for _, label in first.train[: -2 * len(intents)]]
    assert len(drawn) == len(set(drawn)) > 1  # a message of each intent that the sample has
    assert "out_of_scope" not in intents
    assert json.loads(Path(first.data, "data_full.json").read_text())["oos_train"] == []
    assert first.train != second.train
    assert first.train[len(drawn) :] == second.train[len(drawn) :]  # a doctest and a manual each
    counts = {"messages": len(drawn), "doctests": len(intents), "manuals": len(intents)}
    assert rows[0]["given"] == counts
    scored = [json.loads(line) for line in (tmp_path / "scorings.jsonl").read_text().splitlines()]
    assert [line["draw"] for line in scored] == [0, 1]


def test_a_peers_setting_is_the_shortest_of_the_best_on_validation_and_is_kept(
    tmp_path: Path,
) -> None:
    from text_peers import chosen
    from text_players import Given

    given = Given("t", "", 1, 0, [], [], None, 1, tmp_path / "player")
    trained = list[Any]()

    def train(setting: Any, seen: Any) -> None:
        trained.append(setting["rate"])
        for step in range(1, setting["steps"] + 1):
            seen((setting["rate"], step), step)

    def score(model: Any) -> Any:
        rate, step = model
        yield {"C": 1, "right": rate + step / 1000}

    trials = [({"rate": 5}, (2, 3)), ({"rate": 9}, (2, 4))]
    first = chosen(given, "peer", trials, train, score)
    assert first["setting"] == {"rate": 9, "schedule": 4, "steps": 2, "C": 1, "right": 9.002}
    assert [(one["rate"], one["steps"]) for one in first["tried"]] == [
        (5, 2),
        (5, 3),
        (9, 2),
        (9, 4),
    ]
    assert chosen(given, "peer", trials, train, score) == first
    assert trained == [5, 9]


def test_an_interval_holds_the_draw_as_well_as_the_test_messages() -> None:
    from text import over_draws

    def row(share: float) -> dict[str, Any]:
        figures = {"accuracy": share, "train_seconds": 1.0, "ms": 1.0}
        return {"task": "t", "messages": 1000, "draw": 0, **figures}

    same, apart = over_draws([row(0.9)] * 3), over_draws([row(0.88), row(0.9), row(0.92)])
    assert same["accuracy"] == pytest.approx(apart["accuracy"])
    widths = [made["ci95"][1] - made["ci95"][0] for made in (same, apart)]
    assert widths[0] == pytest.approx(0.037, abs=0.002)
    assert widths[1] > 2 * widths[0]
    assert apart["draws"] == 3


def test_labels_left_out_fit_no_function_and_calibration_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import calibration
    import text_sets

    said = {
        "parcels": ["parcel", "package", "delivery", "shipment", "courier", "postman"],
        "bills": ["bill", "invoice", "charge", "payment", "fee", "refund"],
        "pets": ["dog", "cat", "hamster", "puppy", "kitten", "rabbit"],
        "weather": ["rain", "snow", "sunshine", "storm", "wind", "fog"],
        "food": ["bread", "soup", "pizza", "salad", "cake", "cheese"],
    }
    forms = ("my {}", "about the {}", "the {} again", "where is the {}", "a {} please", "{}",
             "one more {}", "no {} today", "what a {}", "tell me of the {}")  # fmt: skip

    def pairs() -> Any:
        for label, words in said.items():
            yield from ((form.format(word), label) for word in words for form in forms)
        yield from (("my thing", label) for label in said)  # two labels: left out

    monkeypatch.setitem(text_sets.SETS, "bbc", pairs)
    made = text_sets.text_set("bbc")
    assert {text for text, _ in made.train}.isdisjoint(text for text, _ in made.test)
    assert "my thing" not in {text for text, _ in (*made.train, *made.test)}
    assert len(made.train) + len(made.test) == 300
    small = ["--sets", "bbc", "--draws", "1", "--work", str(tmp_path / "work")]
    out = tmp_path / "calibration.json"
    monkeypatch.setattr(sys, "argv", ["calibration.py", *small, "--json", str(out)])
    calibration.main()
    [row] = json.loads(out.read_text())["rows"]
    assert row["n"] == len(made.test)
    assert row["messages"] == 50
    assert row["accuracy"] > 0.6
    assert row["ece_ci95"][0] < row["ece"] < row["ece_ci95"][1] < 0.35
    assert row["auroc_by_none"] > 0.6
