"""The states that an author sees cover actions, rare values, null, 0 and empty texts."""

from hypothesis import given
from hypothesis import strategies as st

from logicdistill.tasks.covering import MOST_CHARACTERS, covering
from logicdistill.tasks.record_folder import Record
from logicdistill.types import Json


def records(*states: Json, actions: Json = None) -> list[Record]:
    actions = actions or ["a"] * len(states)
    pairs = zip(states, actions, strict=True)
    return [
        Record(f"line {n}", state, "train", action, known=True)
        for n, (state, action) in enumerate(pairs, start=1)
    ]


def test_a_rare_action_is_shown() -> None:
    found = records(*({"x": 1} for _ in range(50)), actions=["a"] * 49 + ["b"])
    assert {record.action for record in covering(found, 2)} == {"a", "b"}


def test_null_zero_empty_and_missing_values_are_shown() -> None:
    usual = [{"note": f"text {n}", "sum": n, "tags": ["t"], "extra": n} for n in range(1, 40)]
    rare = [
        {"note": None, "sum": 50, "tags": ["t"], "extra": 1},
        {"note": "x", "sum": 0, "tags": ["t"], "extra": 2},
        {"note": "", "sum": 51, "tags": ["t"], "extra": 3},
        {"note": "y", "sum": 52, "tags": [], "extra": 4},
        {"note": "z", "sum": 53, "tags": ["t"]},
    ]
    chosen = [record.state for record in covering(records(*usual, *rare), 6)]
    assert all(state in chosen for state in rare)


def test_five_alike_are_not_chosen_where_others_differ() -> None:
    found = records(*({"kind": "a"} for _ in range(10)), *({"kind": kind} for kind in "bcd"))
    assert {record.state["kind"] for record in covering(found, 4)} == set("abcd")


def test_large_states_are_few() -> None:
    found = records(*({"text": "x" * 5_000, "n": n} for n in range(10)))
    size = sum(len(record.state["text"]) for record in covering(found, 8))
    assert size <= MOST_CHARACTERS


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 3))),
    st.integers(1, 5),
)
def test_as_many_as_asked_in_their_order_and_each_once(states: list[Json], count: int) -> None:
    found = records(*states)
    chosen = covering(found, count)
    assert len(chosen) == min(count, len(found))
    places = [found.index(record) for record in chosen]
    assert places == sorted(set(places))
