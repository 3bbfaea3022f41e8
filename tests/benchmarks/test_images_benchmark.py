from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def images(monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("minigrid")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    import images

    return images


def test_a_network_of_two_layers_joins_what_a_linear_head_cannot(images: Any) -> None:
    rows = np.array([[a, b] for a in (0.0, 1.0) for b in (0.0, 1.0)] * 20)
    answers = ["same" if a == b else "different" for a, b in rows]
    assert images.agreeing(images.fitted(rows, answers)(rows), answers)["action"]["share"] < 0.8
    network = images.two_layers(rows, answers)
    assert images.agreeing(network.predict(rows), answers)["action"]["share"] == 1.0
    assert set(images.flat(network)) == {"rounds", "converged"}
    found = images.of_network(network, rows, answers)
    sure = int((network.predict_proba(rows).max(axis=1) >= images.SURE).sum())
    assert found[images.ACTION] == images.share(sure, len(rows))
    assert found[images.WRONG_ACTION]["share"] == 0.0


def test_views_are_imitated_by_what_the_functions_do_in_them(images: Any) -> None:
    from logicdistill.deciding.parts import Parts
    from logicdistill.functions.sandbox import Sandbox
    from logicdistill.retrieval.fused import FusedRetriever
    from logicdistill.students.floor import FirstStudent
    from logicdistill.students.vision import picture_encoder
    from logicdistill.tasks.registry import get_task
    from logicdistill.writing.by_hand import base_by_hand

    symbolic, task = get_task("babyai-goto-obj-symbolic"), get_task("babyai-goto-obj")
    base, refused = base_by_hand(symbolic)
    assert base is not None, refused
    with Sandbox(base.functions) as sandbox:
        parts = Parts(symbolic, base, FusedRetriever(None), FirstStudent(), sandbox, 1)
        states, actions = images.imitated(task, parts, 30)
    assert len(states) == len(actions) == 30
    assert {"left", "right", "forward"} >= {*actions} > {"forward"}
    walk = images.Walk(picture_encoder("pixels"), states)
    whole, cells = walk.whole(states), walk.parts(states)
    assert len(whole) == len(cells) == 30
    again = walk.parts(states[3:4])
    np.testing.assert_allclose(again[0], cells[3], atol=1e-6)
    assert len(np.unique(cells.round(4), axis=0)) > 10


def test_a_disturbed_view_is_counted_turn_by_turn(images: Any) -> None:
    counted = images.Disturbed("darker", lambda positions: [])
    shown = counted._shown({"view": images.picture_value(np.full((8, 8, 3), 100, np.uint8))})
    assert (images.decoded(shown["view"]) == 60).all()
    assert counted.found()["no_result"] == {"asked": 0}


def test_cards_are_read_as_the_state_that_they_show(images: Any) -> None:
    """The table's state from its cards; an ace counts eleven where that does not bust."""
    rows = [["king", *["nothing"] * 5], ["ace", "seven", *["nothing"] * 4]]
    assert images.table_state(rows) == {
        "player_total": 18,
        "dealer_card": 10,
        "usable_ace": True,
    }
    assert images.table_state([rows[0], ["ace", "seven", "five", *["nothing"] * 3]]) == {
        "player_total": 13,
        "dealer_card": 10,
        "usable_ace": False,
    }
    assert images.table_state([rows[0], [None, *rows[1][1:]]]) is None
    assert images.table_state([["nothing"] * 6, rows[1]]) is None


def test_drawn_cells_are_read_where_they_were_never_seen(images: Any, tmp_path: Path) -> None:
    reader = images.Reader(images.PURSUIT, tmp_path)
    draw = images.random.Random(77)
    board = [["wall", "free", "first"], ["evader", "second", "both"]]
    cells = [[images.board_cell(piece, draw) for piece in row] for row in board]
    view = images.picture_value(np.concatenate([np.concatenate(row, axis=1) for row in cells]))
    assert reader.read(view) == board
