from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from logicdistill.compare.baselines.actions import ActionCoder, Directions, coder_for, state_text

CELL = st.tuples(st.integers(1, 8), st.integers(1, 8)).map(list)
STEP = st.sampled_from([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)])


@given(st.lists(CELL, min_size=1, max_size=3), st.data())
def test_a_move_in_directions_comes_back_as_the_same_cells(
    pieces: list[list[int]], data: st.DataObject
) -> None:
    steps = data.draw(st.lists(STEP, min_size=len(pieces), max_size=len(pieces)))
    action = [
        [cell[0] + step[0], cell[1] + step[1]] for cell, step in zip(pieces, steps, strict=True)
    ]
    coder, state = Directions(), {"pursuers": pieces}
    assert coder.decode(state, coder.encode(state, action)) == action


@given(
    st.recursive(
        st.integers() | st.text('aé"\\ ') | st.booleans(),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=5,
    )
)
def test_any_json_action_comes_back_verbatim(action: object) -> None:
    assert ActionCoder().decode({}, ActionCoder().encode({}, action)) == action


def test_the_same_direction_is_the_same_label_wherever_a_piece_stands() -> None:
    coder = coder_for("pursuit-v2")
    labels = {
        coder.encode({"pursuers": [[x, 2], [3, x]]}, [[x + 1, 2], [3, x - 1]]) for x in range(1, 6)
    }
    assert labels == {"right up"}


def test_a_grid_in_words_shows_each_cell_as_a_token() -> None:
    text = state_text({"board": ["..#", "..."], "evader": [2, 1], "answers": ["higher"]})
    assert text == "board: . . # . . ., evader: 2 1, answers: higher"


STATE = {
    "board": ["..#", "...", "..."],
    "pursuers": [[1, 0], [0, 2]],
    "evader": [2, 2],
    "steps_left": 9,
    "notices": {},
}


def test_pursuit_in_words_says_where_the_evader_is_what_is_blocked_and_what_was_announced() -> None:
    coder = coder_for("pursuit-v2")
    text = coder.text(STATE, {"facts": {"distance": "near"}})
    assert (
        text == "near first 1 right 2 down blocked right up second 2 right blocked left down "
        "evader blocked right down"
    )
    told = coder.text({**STATE, "notices": {"closed": [[1, 1]]}}, {})
    assert "first 1 right 2 down blocked right up closed down" in told
    assert coder.text({**STATE, "notices": {"broken": 2}}, {}).endswith("broken: 2")


def test_other_states_show_every_field_and_the_facts() -> None:
    text = coder_for("guess-v1").text(
        {"n": 100, "guesses": [50]}, {"known": {"low": 51, "high": 100}}
    )
    assert text == "high: 100, low: 51, n: 100, guesses: 50"
