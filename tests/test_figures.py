"""Figures in prose are those of the published JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent

from docs_figures import NOT_MEASURED, filled_in, typed  # noqa: E402  # from tools/
from docs_tables import (  # noqa: E402
    core_hour,
    oftener_by_imitation,
    sure_and_wrong,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = {
        "rows": [
            {
                "player": "random",
                "size": 2,
                "success": {"asked": 200, "share": 0.025, "ci95": [0.01, 0.06]},
            },
            {"player": "ld", "size": 3, "ms": 1.23456, "range": [0.15, 0.315]},
        ],
        "n": 1200,
    }
    (tmp_path / "games.json").write_text(json.dumps(found))
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("{{games rows.player=random.success | share}}", "2.5 % (1.0 to 6.0; n = 200)"),
        ("{{games rows.player=ld.ms | three}} ms", "1.23 ms"),
        ("${{games rows.player=ld.range | between}}", "$0.15 to 0.315"),
        ("{{ games n | count }} games", "1,200 games"),
        ("{{games rows.player=random,size=2.success.share | percent}}", "2.5 %"),
        ("{{games rows.player=random,size=2.success | of}}", "5 of 200"),
        ("{{games rows.*.size | count}}", "2, 3"),
    ],
)
def test_a_figure_is_looked_up_and_shown(folder: Path, asked: str, shown: str) -> None:
    assert filled_in(asked, folder) == shown


@pytest.mark.parametrize(
    "asked",
    [
        "{{games rows.player=nobody.success | share}}",
        "{{games rows.player=ld.success | share}}",
        "{{games rows.player=random,size=3.success | share}}",
        "{{others n | count}}",
        "{{games n | colour}}",
    ],
)
def test_a_figure_that_is_not_there_is_named(folder: Path, asked: str) -> None:
    with pytest.raises(SystemExit, match=re.escape(asked)):
        filled_in(asked, folder)


@pytest.mark.parametrize(
    "sentence",
    [
        "It is right in 93.1 % of the states.",
        "| returns | 27 of 31 |",
        "295 of the 300 parts",
        "a decision takes 1.4 ms",
        "It trains for 19 minutes.",
        "The environment has 442 MB.",
    ],
)
def test_a_figure_that_a_page_says_by_itself_is_found(sentence: str) -> None:
    assert len(typed(f"# Page\n\n{sentence}\n")) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "Intervals are 95 %.",
        "`--max-error 2%` refuses more.",
        "```\nwrong     4 of 31\n```",
        "{{games rows.player=ld.ms | three}} ms",
        "<!-- evidence:begin -->\n27 of 31\n<!-- evidence:end -->",
        "Fifteen rules, 28 functions, 150 messages.",
    ],
)
def test_settings_code_and_what_is_filled_in_are_no_figures_of_a_page(sentence: str) -> None:
    assert typed(sentence) == []


def test_each_exception_stands_on_a_page() -> None:
    pages = "".join(file.read_text() for file in (ROOT / "docs").rglob("*.md"))
    assert [phrase for phrase in NOT_MEASURED if phrase not in pages] == []


def test_no_part_of_a_published_figure_was_measured_on_little_data() -> None:
    found = json.loads((ROOT / "docs" / "measured" / "images.json").read_text(encoding="utf-8"))
    assert not any(part["quick"] for part in found["parts"].values())


def counted(count: int) -> dict[str, float]:
    return {"asked": 10, "share": count / 10}


def acted(right: int, sure: int, wrong: int) -> dict[str, dict[str, float]]:
    counts = {"action": right, "action_at_0.9": sure, "wrong_action_at_0.9": wrong}
    return {name: counted(count) for name, count in counts.items()}


def test_what_sentences_about_disturbed_pictures_compare_is_computed() -> None:
    parts = {
        "inspection": {
            "ld": acted(10, 9, 0),
            "disturbed": {"darker": acted(9, 4, 0), "noise": acted(3, 1, 0)},
            "floors": {
                "kd, two layers": acted(9, 9, 1)
                | {"darker": acted(9, 8, 1), "noise": acted(5, 7, 3)}
            },
        }
    }
    assert oftener_by_imitation(parts) == "noise"
    said = sure_and_wrong(parts)
    assert said.startswith("0 of 5 (0.0 to ")
    assert " and 4 of 15 (" in said


def test_the_price_of_a_core_hour_is_the_one_that_decisions_were_charged_with() -> None:
    own = 1.614 / 3_600_000 * 0.05 * 1000
    row = {"decision_ms": {"new_p50": 1.614}, "dollars_a_thousand": {"own": own}}
    assert core_hour(row) == "0.05"


Rows = dict[str, dict[str, Any]]

COMPARED: dict[str, Callable[[Rows, Rows], bool]] = {
    "`setfit` is ahead of `logicdistill` in each draw of CLINC150 and in two of BANKING77's three, "
    "and `fine-tuned` in all.": lambda clinc, banking: (
        ahead(clinc, "setfit", "logicdistill") == 3
        and ahead(banking, "setfit", "logicdistill") == 2
        and ahead(clinc, "fine-tuned", "logicdistill") == 3
        and ahead(banking, "fine-tuned", "logicdistill") == 3
    ),
    "They train for half a minute to a minute and a half where `logicdistill` takes seconds.": (
        lambda clinc, banking: all(
            25 < rows[player]["train_seconds"] < 95 and rows["logicdistill"]["train_seconds"] < 10
            for rows in (clinc, banking)
            for player in ("setfit", "fine-tuned")
        )
    ),
    "A decision of `setfit` takes more than three times as long, in torch;": (
        lambda clinc, banking: all(
            rows["setfit"]["ms"] > 3 * rows["logicdistill"]["ms"] for rows in (clinc, banking)
        )
    ),
    "on CLINC150 `setfit` is ahead in two draws and level in one, on BANKING77 `fine-tuned` is "
    "ahead in all three.": lambda clinc, banking: (
        ahead(clinc, "setfit", "fine-tuned") == 2
        and ahead(clinc, "fine-tuned", "setfit") == 0
        and ahead(banking, "fine-tuned", "setfit") == 3
    ),
    "Where two points of what is right in scope may be lost, `fine-tuned` finds the most of what "
    "is out of scope.": lambda clinc, _: (
        max(clinc, key=lambda name: clinc[name].get("oos_recall_at_2", 0.0)) == "fine-tuned"
    ),
    "on two of the three sets that is as well:": lambda *_: (
        [
            round(row["auroc_by_none"] - row["auroc_by_confidence"], 2) > 0
            for row in published("calibration")
        ]
        == [True, False, False]
    ),
    "which helps two of the sets and does a little harm to CLINC150:": lambda *_: all(
        (one["prior"] > one["alone"]) == (row["set"] == "clinc150")
        for row in published("factors")
        for one in row["ece"]
    ),
    "There a manual alone says too little, and the others lose more, with five messages as where "
    "all were trained.": lambda *_: (
        lost("banking77", "5") >= lost("banking77", "trained") > lost("banking77", "0")
        and lost("banking77", "0") > max(lost("clinc150", "0"), lost("clinc150", "5"))
    ),
    "With gate and calibration this took [less than half a second]": lambda *_: all(
        row["ms"] is None or 0 < row["ms"] < 500
        for task in ("clinc150", "banking77")
        for row in published(f"hot-add-{task}")
    ),
}
"""What docs/messages.md says in words of its figures, and whether it is so."""


def published(name: str) -> list[dict[str, Any]]:
    """Rows of a file of docs/measured."""
    rows = json.loads((ROOT / "docs" / "measured" / f"{name}.json").read_text())["rows"]
    assert isinstance(rows, list)
    return rows


def lost(task: str, examples: str) -> float:
    """What the others lose, as a share, when functions with so many usage examples join."""
    [row] = (row for row in published(f"hot-add-{task}") if row["usage_examples"] == examples)
    return float(row["others_before"] - row["others"])


def ahead(rows: Rows, one: str, other: str) -> int:
    """In how many draws."""
    draws = zip(rows[one]["accuracy_by_draw"], rows[other]["accuracy_by_draw"], strict=True)
    return sum(mine > theirs for mine, theirs in draws)


@pytest.mark.parametrize("sentence", COMPARED)
def test_what_a_sentence_compares_is_so(sentence: str) -> None:
    page = " ".join((ROOT / "docs" / "messages.md").read_text().split())
    table = json.loads((ROOT / "docs" / "measured" / "text.json").read_text())["rows"]
    clinc, banking = (
        {row["player"]: row for row in table if row["task"] == task}
        for task in ("clinc150-v1", "banking77-v1")
    )
    assert sentence in page
    assert COMPARED[sentence](clinc, banking)
