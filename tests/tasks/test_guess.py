from __future__ import annotations

import gymnasium.utils.env_checker
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.errors import TaskError
from logicdistill.tasks.guess import Guess, GuessEnv, guess_limit


@given(st.integers(1, 10_000))
def test_the_limit_is_floor_log2_plus_one(n: int) -> None:
    assert 2 ** (guess_limit(n) - 1) <= n < 2 ** guess_limit(n)


@given(st.integers(2, 10_000), st.integers(0, 2**31))
def test_the_optimal_player_always_finds_the_number_in_time(n: int, seed: int) -> None:
    task, env = Guess(), GuessEnv()
    observation, info = env.reset(seed=seed, options={"n": n})
    done = False
    while not done:
        observation, _, terminated, truncated, info = env.step(task.optimal_action(env, task.state(env, observation)))
        done = terminated or truncated
    assert info["success"]


def test_the_environment_passes_gymnasiums_checker() -> None:
    gymnasium.utils.env_checker.check_env(GuessEnv(100), skip_render_check=True)


def test_one_number_is_not_a_game() -> None:
    with pytest.raises(TaskError, match="at least 2 numbers"):
        GuessEnv(1)
