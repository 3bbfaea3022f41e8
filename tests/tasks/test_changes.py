from __future__ import annotations

import itertools
from typing import Any

import gymnasium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicdistill.deciding.episodes import play
from logicdistill.errors import InvalidStateError, TaskError
from logicdistill.evaluation.evaluate import first_state, optimum_player
from logicdistill.tasks.checker import check_task
from logicdistill.tasks.guess import Guess
from logicdistill.tasks.pursuit import BROKEN_STEPS, Pursuit, legal
from logicdistill.tasks.pursuit_board import ground
from logicdistill.tasks.pursuit_solver import Solution
from logicdistill.tasks.registry import get_task, task_ids
from logicdistill.tasks.schema import check_state
from logicdistill.tasks.twentyone import _CARDS, LIMIT, STANDS, _add, hit_value, stick_value

ALL = [(name, change) for name in task_ids() for change in sorted(get_task(name).changes)]
SEEDS = range(100_000, 100_020)


@pytest.mark.parametrize(("name", "change"), ALL)
@pytest.mark.parametrize("at", [0, 2])
def test_a_changed_task_keeps_the_contract_and_its_states_fit_the_schema(
    name: str, change: str, at: int
) -> None:
    task = get_task(name, change=change, change_at=at)
    check_task(task)
    state = first_state(task, 100_000)
    assert check_state(task, state) == state
    assert bool(state["notices"]) == (at == 0)


@pytest.mark.parametrize("name", ["guess-v1", "pursuit-v2", "twentyone-v1"])
def test_every_game_knows_two_changes_and_an_unknown_one_offers_the_nearest(name: str) -> None:
    changes = get_task(name).changes
    assert len(changes) >= 2
    known = min(changes)
    with pytest.raises(TaskError, match=f"did you mean '{known}'"):
        get_task(name, change=known[:-1])
    with pytest.raises(TaskError, match="change_at is -1"):
        get_task(name, change=known, change_at=-1)


@settings(max_examples=8)
@given(st.integers(100_000, 2**31), st.integers(0, 6))
def test_a_closed_cell_is_never_entered_and_two_pursuers_still_win(seed: int, at: int) -> None:
    task = get_task("pursuit", change="closed-region", change_at=at, size=7)
    episode = play(task, optimum_player(task), [seed])[0]
    assert episode.success
    for turn in episode.turns[at:]:
        closed = turn.state["notices"]["closed"]
        assert 1 <= len(closed) <= 3
        assert not any(
            cell in closed for cell in (*turn.state["pursuers"], turn.state["evader"], *turn.action)
        )
        assert Solution(ground(turn.state)).always_won
    assert all(turn.state["notices"] == {} for turn in episode.turns[:at])


def test_stepping_onto_a_closed_cell_is_illegal_and_moves_nobody() -> None:
    state = {
        "board": ["...", "...", "..."],
        "pursuers": [[0, 0], [2, 2]],
        "evader": [2, 0],
        "steps_left": 5,
    }
    assert legal(state, [[0, 1], [2, 2]]) is None
    assert (
        legal({**state, "notices": {"closed": [[0, 1]]}}, [[0, 1], [2, 2]])
        == "pursuer 1: [0, 1] is closed"
    )
    env = Pursuit(size=7, change="closed-region").make_env()
    tried = 0
    for seed in SEEDS:
        env.reset(seed=seed)
        state = env.state()
        for cell in state["notices"]["closed"]:
            for number, (x, y) in enumerate(state["pursuers"]):
                if abs(cell[0] - x) + abs(cell[1] - y) == 1:
                    action = [list(other) for other in state["pursuers"]]
                    action[number] = cell
                    env.reset(seed=seed)
                    assert "is closed" in env.step(action)[4]["illegal"]
                    assert env.state()["pursuers"] == state["pursuers"]
                    tried += 1
    assert tried


@pytest.mark.parametrize("change", ["closed-region", "broken-pursuer"])
def test_a_changed_board_begins_as_the_unchanged_one(change: str) -> None:
    for seed in SEEDS:
        first, other = (
            first_state(get_task("pursuit", size=7), seed),
            first_state(get_task("pursuit", change=change, size=7), seed),
        )
        left = {"steps_left": first["steps_left"]}  # an announcement gives the moves anew
        assert {**other, "notices": {}, **left} == first


def test_a_broken_pursuer_cannot_move_until_it_is_repaired() -> None:
    env = Pursuit(size=7, change="broken-pursuer", change_at=2).make_env()
    shown = []
    for seed in SEEDS:
        env.reset(seed=seed)
        notices = []
        for _ in range(12):
            state = env.state()
            notices.append(state["notices"].get("broken"))
            if state["notices"]:
                number = state["notices"]["broken"] - 1
                x, y = state["pursuers"][number]
                action = [list(cell) for cell in state["pursuers"]]
                action[number] = next(
                    [i, j]
                    for i, j in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1))
                    if is_free(state, i, j)
                )
                assert "is broken" in str(legal(state, action))
                assert get_task("pursuit").optimal_action(env, state) is None
            env.step(state["pursuers"])
        assert notices == [None] * 2 + [notices[2]] * BROKEN_STEPS + [None] * (10 - BROKEN_STEPS)
        shown.append(notices[2])
    assert set(shown) == {1, 2}


def is_free(state: dict[str, Any], x: int, y: int) -> bool:
    board = state["board"]
    return 0 <= y < len(board) and 0 <= x < len(board) and board[y][x] == "."


@pytest.mark.parametrize("change", ["answers-turned", "even-only"])
@pytest.mark.parametrize("at", [0, 1, 3])
def test_the_optimal_guesser_finds_the_number_in_time_under_the_changed_rules(
    change: str, at: int
) -> None:
    task = get_task("guess", change=change, change_at=at)
    assert all(
        episode.success for episode in play(task, optimum_player(task), range(100_000, 100_200))
    )


def test_answers_mean_the_opposite_from_the_change_on() -> None:
    env = Guess(change="answers-turned", change_at=1).make_env()
    env.reset(seed=1, options={"n": 100})
    env.unwrapped.hidden = 60  # type: ignore[attr-defined]
    for _ in range(2):
        env.step(50)
    assert env.unwrapped.state()["answers"] == ["higher", "lower"]  # type: ignore[attr-defined]
    assert env.unwrapped.state()["notices"] == {"turned_from": 1}  # type: ignore[attr-defined]


def test_odd_numbers_are_refused_once_only_even_ones_may_be_named() -> None:
    task = get_task("guess", change="even-only")
    state = first_state(task, 100_000)
    assert [task.illegal(state, action) is None for action in (1, 2)] == [False, True]
    assert task.fallback(state) == 2
    hidden = set()
    for seed in SEEDS:
        env = task.make_env()
        env.reset(seed=seed)
        hidden.add(env.unwrapped.hidden % 2)  # type: ignore[attr-defined]
    assert hidden == {0}


def expected_return(limit: int = LIMIT, stands: int = STANDS) -> float:
    """Of the optimal play over all deals, with these rules from the start."""
    value = 0.0
    for (first, one), (second, two) in itertools.product(_CARDS, repeat=2):
        total, soft = _add(*_add(0, False, first, limit), second, limit)
        for dealer, three in _CARDS:
            rules = (dealer, limit, stands)
            best = max(stick_value(total, *rules), hit_value(total, soft, *rules))
            value += one * two * three * best
    return value


@pytest.mark.parametrize(
    ("change", "rules"), [("higher-limit", {"limit": 23}), ("timid-dealer", {"stands": 14})]
)
def test_the_expected_return_of_a_changed_game_agrees_with_play(
    change: str, rules: dict[str, int]
) -> None:
    task = get_task("twentyone", change=change)
    returns = [
        episode.total
        for start in range(100_000, 103_000, 500)
        for episode in play(task, optimum_player(task), range(start, start + 500))
    ]
    assert sum(returns) / len(returns) == pytest.approx(
        expected_return(**rules), abs=0.055
    )  # 3 standard errors of 3000 hands


@pytest.mark.parametrize("change", ["higher-limit", "timid-dealer"])
def test_before_the_change_the_cards_and_results_are_those_of_blackjack(change: str) -> None:
    plain, changed = (
        gymnasium.make("Blackjack-v1", natural=False, sab=False),
        get_task("twentyone", change=change, change_at=99).make_env(),
    )
    for seed in range(200):
        assert plain.reset(seed=seed)[0] == changed.reset(seed=seed)[0]
        done = False
        while not done:
            action = int(plain.unwrapped._get_obs()[0] < (13 if seed % 2 else 18))  # type: ignore[attr-defined]
            one, other = plain.step(action), changed.step(action)
            assert one[:4] == other[:4]
            done = one[2]


def test_a_dealer_and_a_player_may_reach_the_higher_limit() -> None:
    env = get_task("twentyone", change="higher-limit").make_env()
    for hands, reward in (
        (([10, 6, 7], [10, 7]), 1.0),
        (([10, 10], [10, 5, 7]), -1.0),
        (([1, 10, 2], [10, 10]), 1.0),
    ):
        env.reset(seed=0)
        env.unwrapped.player, env.unwrapped.dealer = [list(hand) for hand in hands]  # type: ignore[attr-defined]
        assert env.step(0)[1] == reward


def test_a_timid_dealer_stops_at_fourteen() -> None:
    env = get_task("twentyone", change="timid-dealer").make_env()
    env.reset(seed=0)
    env.unwrapped.player, env.unwrapped.dealer = [10, 5], [10, 4]  # type: ignore[attr-defined]
    assert env.step(0)[1] == 1.0


def test_a_sum_above_the_limit_in_force_is_no_state() -> None:
    task, state = get_task("twentyone"), {"player_total": 22, "dealer_card": 5, "usable_ace": False}
    assert check_state(task, {**state, "notices": {"limit": 23}})["player_total"] == 22
    with pytest.raises(InvalidStateError, match="allowed is up to 21"):
        check_state(task, state)


@pytest.mark.parametrize("change", ["closed-region", "broken-pursuer"])
def test_an_announcement_gives_the_pursuers_their_moves_anew(change: str) -> None:
    env = Pursuit(size=7, change=change, change_at=2).make_env()
    spare = 2 + (BROKEN_STEPS if change == "broken-pursuer" else 0)
    given = []
    for seed in SEEDS:
        env.reset(seed=seed)
        before = env.state()["steps_left"]
        for _ in range(2):
            env.step(env.state()["pursuers"])
        state = env.state()
        fewest = Solution(ground(state)).steps_at(state["pursuers"], state["evader"])
        assert state["notices"]
        assert state["steps_left"] == 2 * fewest + spare
        given.append(state["steps_left"] - (before - 2))
    assert any(given)
