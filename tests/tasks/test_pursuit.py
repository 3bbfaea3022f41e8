from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import gymnasium.utils.env_checker
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicdistill.deciding.episodes import Move, Position, play
from logicdistill.evaluation.evaluate import optimum_player
from logicdistill.tasks.pursuit import Pursuit, PursuitEnv, legal
from logicdistill.tasks.pursuit_board import make_board
from logicdistill.tasks.pursuit_solver import NEVER, Solution, solution
from logicdistill.tasks.registry import get_task

SMALL = ("...", ".#.", "...")


def brute_force(board: tuple[str, ...]) -> dict[tuple[Any, Any, Any], int]:
    """Steps to the capture by plain value iteration, written without the solver's tricks."""
    cells = [(x, y) for y, row in enumerate(board) for x, mark in enumerate(row) if mark == "."]
    near = {a: [b for b in cells if abs(a[0] - b[0]) + abs(a[1] - b[1]) <= 1] for a in cells}
    value = {(p, q, e): 0 if e in (p, q) else NEVER for p in cells for q in cells for e in cells}
    for _ in range(60):
        after = {
            (p, q, e): 0 if e in (p, q) else max(value[p, q, f] for f in near[e])
            for p, q, e in value
        }
        value = {
            (p, q, e): 0
            if e in (p, q)
            else min(NEVER, 1 + min(after[i, j, e] for i in near[p] for j in near[q]))
            for p, q, e in value
        }
    return value


@pytest.mark.parametrize("board", [SMALL, ("....", ".##.", "...."), ("...", "...")])
def test_the_solver_agrees_with_brute_force_on_small_boards(board: tuple[str, ...]) -> None:
    solved = Solution(board)
    for (p, q, e), steps in brute_force(board).items():
        assert solved.steps_at([p, q], e) == steps


def test_the_optimal_player_needs_exactly_the_optimal_number_of_steps_against_this_evader() -> None:
    task = Pursuit(size=7)
    for episode in play(task, optimum_player(task), range(20)):
        assert episode.success
        first = episode.turns[0].state
        solved = solution(tuple(first["board"]))
        assert len(episode.turns) == solved.steps_at(first["pursuers"], first["evader"])


def test_greedy_chasing_clearly_fails_often() -> None:
    """Each pursuer steps along a shortest way to the evader."""

    def chase(board: list[str], start: list[int], goal: list[int]) -> list[int]:
        steps, queue = {tuple(goal): 0}, [tuple(goal)]
        for x, y in queue:
            for i, j in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                if (
                    (i, j) not in steps
                    and 0 <= j < len(board)
                    and 0 <= i < len(board)
                    and board[j][i] == "."
                ):
                    steps[i, j] = steps[x, y] + 1
                    queue.append((i, j))
        x, y = start
        return list(
            min(
                ((x, y), (x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)),
                key=lambda cell: steps.get(cell, 99),
            )
        )

    def player(positions: Sequence[Position]) -> list[Move]:
        return [
            ([chase(state["board"], cell, state["evader"]) for cell in state["pursuers"]], None)
            for state in (position.state for position in positions)
        ]

    episodes = play(Pursuit(size=7), player, range(30))
    assert sum(episode.success for episode in episodes) / len(episodes) < 0.6
    assert sum(episode.illegal for episode in episodes) == 0


@settings(max_examples=15)
@given(st.integers(0, 2**31))
def test_every_board_is_won_by_two_pursuers_and_has_no_dead_end(seed: int) -> None:
    env = PursuitEnv(Pursuit(size=7))
    env.reset(seed=seed)
    state = env.state()
    assert Solution(tuple(state["board"])).always_won
    for y, row in enumerate(state["board"]):
        for x, mark in enumerate(row):
            ways = sum(
                0 <= j < 7 and 0 <= i < 7 and state["board"][j][i] == "."
                for i, j in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1))
            )
            assert mark == "#" or ways >= 2


def test_legal_moves_are_exactly_those_to_the_same_or_a_neighbouring_free_cell() -> None:
    state = {"board": list(SMALL), "pursuers": [[0, 0], [2, 2]], "evader": [2, 0], "steps_left": 5}
    fine = {(0, 0), (1, 0), (0, 1)}
    for x, y in itertools.product(range(-1, 4), repeat=2):
        assert (legal(state, [[x, y], [2, 2]]) is None) == ((x, y) in fine)
    for nonsense in (None, [], [[0, 0]], [[0, 0], [2.0, 2]], [[True, 0], [2, 2]], "no"):
        assert legal(state, nonsense) is not None


@pytest.mark.parametrize("slack", [1.0, 1.5, 2.0])
def test_the_pursuers_have_so_many_times_the_moves_of_exact_play_and_two_more(slack: float) -> None:
    env = get_task("pursuit", slack=slack).make_env()
    for seed in range(5):
        env.reset(seed=seed)
        state = env.get_wrapper_attr("state")()
        fewest = solution(tuple(state["board"])).steps_at(state["pursuers"], state["evader"])
        assert state["steps_left"] == int(slack * fewest) + 2


def test_who_does_not_move_loses_when_the_moves_are_used_up() -> None:
    env = PursuitEnv(Pursuit())
    env.reset(seed=1)
    left = env.state()["steps_left"]
    for number in range(1, left + 1):
        *_, done, over, info = env.step(np.array(env.state()["pursuers"]))
        assert (done, over, info["success"]) == (False, number == left, False)


def test_a_board_has_the_obstacles_that_were_asked_for() -> None:
    for size, density in ((7, 0.18), (9, 0.2), (11, 0.25)):
        board = make_board(np.random.default_rng(0), size, density)
        assert "".join(board).count("#") == round(density * size * size)


def test_the_environment_passes_gymnasiums_checker_and_repeats_with_its_seed() -> None:
    gymnasium.utils.env_checker.check_env(PursuitEnv(Pursuit(size=7)), skip_render_check=True)
    first, second = PursuitEnv(Pursuit()), PursuitEnv(Pursuit())
    for one, other in zip(
        first.reset(seed=3)[0].values(), second.reset(seed=3)[0].values(), strict=True
    ):
        assert np.array_equal(one, other)


def test_the_picture_shows_both_pursuers_and_the_evader() -> None:
    shown = Pursuit().render(
        {"board": list(SMALL), "pursuers": [[0, 0], [2, 2]], "evader": [2, 0], "steps_left": 5}
    )
    assert all(mark in shown for mark in (" 1", " 2", " ◆", "██", "5 steps left"))


@pytest.mark.parametrize(
    "sizes", [{"size": 3}, {"size": 13}, {"density": 0.5}, {"slack": 0.9}, {"slack": 6}]
)
def test_sizes_outside_the_limits_are_refused(sizes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="allowed is"):
        Pursuit(**sizes).make_env()
