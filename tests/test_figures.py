"""Figures in prose are those of the published JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

from docs_figures import filled_in  # noqa: E402  # from tools/


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = {
        "rows": [
            {"player": "random", "success": {"asked": 200, "share": 0.025, "ci95": [0.01, 0.06]}},
            {"player": "ld", "ms": 1.23456, "range": [0.15, 0.315]},
        ],
        "n": 1200,
    }
    (tmp_path / "games.json").write_text(json.dumps(found))
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("{{games rows.player=random.success | share}}", "2.5 % (1 to 6; n = 200)"),
        ("{{games rows.player=ld.ms | three}} ms", "1.23 ms"),
        ("${{games rows.player=ld.range | between}}", "$0.15 to 0.315"),
        ("{{ games n | count }} games", "1,200 games"),
    ],
)
def test_a_figure_is_looked_up_and_shown(folder: Path, asked: str, shown: str) -> None:
    assert filled_in(asked, folder) == shown


@pytest.mark.parametrize(
    "asked",
    [
        "{{games rows.player=nobody.success | share}}",
        "{{games rows.player=ld.success | share}}",
        "{{others n | count}}",
        "{{games n | colour}}",
    ],
)
def test_a_figure_that_is_not_there_is_named(folder: Path, asked: str) -> None:
    with pytest.raises(SystemExit, match=re.escape(asked)):
        filled_in(asked, folder)


@pytest.mark.parametrize("page", ["intro", "cost"])
def test_a_page_of_claims_types_no_measured_share_by_hand(page: str) -> None:
    source = (ROOT / "docs" / "results-sources" / f"{page}.md").read_text()
    typed = re.sub(r"\{\{.*?\}\}", "", source)
    assert len(re.findall(r"\{\{.*?\}\}", source)) > 8
    assert set(re.findall(r"[\d.]+(?: to [\d.]+)? %", typed)) <= {"95 %", "65 to 94 %"}
