from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from logicdistill.baselines.actions import Directions, Verbatim, coder_for

CELL = st.tuples(st.integers(1, 8), st.integers(1, 8)).map(list)
STEP = st.sampled_from([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)])


@given(st.lists(CELL, min_size=1, max_size=3), st.data())
def test_a_move_in_directions_comes_back_as_the_same_cells(pieces: list[list[int]], data: st.DataObject) -> None:
    steps = data.draw(st.lists(STEP, min_size=len(pieces), max_size=len(pieces)))
    action = [[cell[0] + step[0], cell[1] + step[1]] for cell, step in zip(pieces, steps, strict=True)]
    coder, state = Directions("pursuers"), {"pursuers": pieces}
    assert coder.decode(state, coder.encode(state, action)) == action


@given(st.recursive(st.integers() | st.text() | st.booleans(), lambda inner: st.lists(inner, max_size=3), max_leaves=5))
def test_any_json_action_comes_back_verbatim(action: object) -> None:
    assert Verbatim().decode({}, Verbatim().encode({}, action)) == action


def test_the_same_direction_is_the_same_label_wherever_a_piece_stands() -> None:
    coder = coder_for("pursuit-v1")
    labels = {coder.encode({"pursuers": [[x, 2], [3, x]]}, [[x + 1, 2], [3, x - 1]]) for x in range(1, 6)}
    assert labels == {"right up"}
