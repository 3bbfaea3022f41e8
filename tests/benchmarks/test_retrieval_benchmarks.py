from __future__ import annotations

import itertools
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))


def test_generated_manuals_are_distinct_and_a_smaller_base_is_the_beginning_of_a_larger_one() -> (
    None
):
    from manuals import function, parts, product_name

    large = [function(number, made) for number, made in enumerate(itertools.islice(parts(), 3000))]
    assert large[:100] == [
        function(number, made) for number, made in enumerate(itertools.islice(parts(), 100))
    ]
    assert len({item.texts for item in large}) == len({item.name for item in large}) == 3000
    assert len({product_name(number) for number in range(50_000)}) == 50_000


def test_derived_vectors_are_near_those_of_their_own_manuals_and_as_dense() -> None:
    from manuals import SLOTS, Derived, density, parts

    rng = np.random.default_rng(0)
    made = list(itertools.islice(parts(), 2000))
    effects = [rng.normal(size=(len(slot), 32)) for slot in SLOTS]
    rows = np.stack(
        [
            sum(effect[index] for effect, index in zip(effects, item.slots, strict=True))
            for item in made
        ]
    )
    rows = (rows + rng.normal(size=rows.shape)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    derived = Derived(made[:1000], rows[:1000]).vectors(made[1000:], seed=0)
    np.testing.assert_allclose(np.linalg.norm(derived, axis=1), 1, atol=1e-5)
    assert float(np.median(np.sum(derived * rows[1000:], axis=1))) > 0.7
    assert density(derived)["tenth"] == pytest.approx(density(rows[1000:])["tenth"], abs=0.08)


def test_a_growing_index_is_measured_and_a_second_start_measures_nothing_again(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import retrieval

    monkeypatch.setattr(retrieval, "INDEXED", 100)
    monkeypatch.setattr(retrieval, "ADDED", 3)
    shutil.copytree(run_folder / "student", tmp_path / "encoder")
    out, picture = tmp_path / "retrieval.json", tmp_path / "retrieval.svg"
    arguments = [
        "--folder",
        str(tmp_path),
        "--sizes",
        "20",
        "200",
        "--embedded",
        "100",
        "--queries",
        "4",
    ]
    monkeypatch.setattr(
        sys, "argv", ["retrieval.py", *arguments, "--json", str(out), "--plot", str(picture)]
    )
    retrieval.main()
    found = json.loads(out.read_text())
    assert [(row["functions"], row["how"]) for row in found["rows"]] == [
        (20, "one by one"),
        (200, "one by one"),
        (200, "index"),
    ]
    for row in found["rows"]:
        assert row["dense_recall"] >= 0.95
        assert row["search_ms"]["cpu_p50"] > 0 < row["query_ms"]["cpu_p50"]
    assert found["rows"][-1]["disk_mb"] > 0
    assert picture.read_text().count("<svg") == 1
    monkeypatch.setattr(retrieval, "measure", None)
    retrieval.main()
    assert json.loads(out.read_text())["rows"] == found["rows"]
