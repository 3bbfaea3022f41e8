from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from logicdistill.errors import TaskError
from logicdistill.students.causal import read_settings
from logicdistill.students.language import LanguageModel
from logicdistill.training.causal import CausalRecipe, Pair, fit_text

PAIRS = [
    Pair(f"light: {light}\nAction:", f" {action}\n")
    for light, action in (("green", "go"), ("red", "wait"), ("amber", "slow"))
]
RECIPE = CausalRecipe(layers=None, learning_rate=1e-2)


def test_text_that_was_trained_is_written_and_training_goes_on_from_a_folder(
    tiny_causal: Path, tmp_path: Path
) -> None:
    first = fit_text(PAIRS, PAIRS, str(tiny_causal), tmp_path / "first", 600, recipe=RECIPE)
    assert first["accuracy"] == 1.0
    assert [point["examples"] for point in first["curve"]] == [150, 300, 450, 600]
    assert first["seconds"] >= first["curve"][-1]["seconds"] > first["curve"][0]["seconds"]
    name, scoring = read_settings(tmp_path / "first")
    assert (name, scoring) == (str(tiny_causal), None)
    model = LanguageModel(name, tmp_path / "first")
    assert [written.text for written in model.write([pair.prompt for pair in PAIRS], 8)] == [
        "go",
        "wait",
        "slow",
    ]
    again = fit_text(
        PAIRS,
        PAIRS,
        name,
        tmp_path / "again",
        60,
        start=tmp_path / "first",
        recipe=replace(RECIPE, learning_rate=1e-6),
    )
    assert (
        again["curve"][0]["accuracy"] == 1.0
    )  # what was learnt is where the second training begins
    assert again["examples"] == 60


def test_the_same_examples_shown_give_the_same_student(tiny_causal: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        fit_text(PAIRS, PAIRS, str(tiny_causal), tmp_path / name, 9, seed=3, recipe=RECIPE)
    one, two = (
        (tmp_path / name / "adapter_model.safetensors").read_bytes() for name in ("one", "two")
    )
    assert one == two


def test_the_kept_checkpoint_is_the_best_of_the_curve(tiny_causal: Path, tmp_path: Path) -> None:
    record = fit_text(PAIRS, PAIRS, str(tiny_causal), tmp_path, 60, recipe=RECIPE)
    assert record["accuracy"] == max(point["accuracy"] for point in record["curve"])
    model = LanguageModel(str(tiny_causal), tmp_path)
    written = model.write([pair.prompt for pair in PAIRS], 8)
    right = sum(
        found.text == pair.completion.strip() for found, pair in zip(written, PAIRS, strict=True)
    )
    assert right / len(PAIRS) == pytest.approx(record["accuracy"], abs=1e-3)


def test_training_without_examples_or_that_shows_none_is_refused_in_one_line(
    tiny_causal: Path, tmp_path: Path
) -> None:
    for pairs, shown, said in (([], 1, "collect"), (PAIRS, 0, "above 0")):
        with pytest.raises(TaskError, match=said):
            fit_text(pairs, PAIRS, str(tiny_causal), tmp_path, shown)
