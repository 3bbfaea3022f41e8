from __future__ import annotations

import gymnasium.utils.env_checker
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.errors import InvalidStateError, TaskError
from logicdistill.tasks.guess import CHANGES, Guess, GuessEnv
from logicdistill.tasks.schema import check_state
from logicdistill.types import Json


@given(st.integers(2, 10_000), st.integers(0, 2**31))
def test_the_optimal_player_always_finds_the_number_in_time(n: int, seed: int) -> None:
    task, env = Guess(), GuessEnv()
    observation, info = env.reset(seed=seed, options={"n": n})
    done = False
    while not done:
        observation, _, terminated, truncated, info = env.step(
            task.optimal_action(env, task.state(env, observation))
        )
        done = terminated or truncated
    assert info["success"]


def test_the_environment_passes_gymnasiums_checker() -> None:
    gymnasium.utils.env_checker.check_env(GuessEnv(100), skip_render_check=True)


def test_one_number_is_not_a_game() -> None:
    with pytest.raises(TaskError, match="at least 2 numbers"):
        GuessEnv(1)


@pytest.mark.parametrize(
    ("guesses", "answers", "notices", "said"),
    [
        (
            [50, 25],
            ["lower"],
            {},
            r"2 guess\(es\) have 1 answer\(s\); give one answer to each guess",
        ),
        ([50, 50], ["higher", "lower"], {}, "at least 51 and at most 49"),
        ([100], ["higher"], {}, "at least 101 and at most 100"),
        ([50, 25], ["lower", "higher"], {"turned_from": 0}, "at least 51 and at most 24"),
        ([50, 48], ["lower", "higher"], {"even": True}, "the answers leave 49 alone, which is odd"),
    ],
)
def test_a_state_that_contradicts_itself_is_refused_in_one_line(
    guesses: list[int], answers: list[str], notices: dict[str, Json], said: str
) -> None:
    state = {
        "n": 100,
        "guesses": guesses,
        "answers": answers,
        "guesses_left": 3,
        "notices": notices,
    }
    with pytest.raises(InvalidStateError, match=said) as caught:
        check_state(Guess(), state)
    assert "\n" not in str(caught.value)


@given(
    st.data(),
    st.sampled_from([None, *CHANGES]),
    st.integers(0, 3),
    st.integers(2, 300),
    st.integers(0, 2**31),
)
def test_every_state_of_a_game_is_valid_also_after_poor_guesses_and_changed_rules(
    data: st.DataObject, change: str | None, change_at: int, n: int, seed: int
) -> None:
    task = Guess(max_n=300, change=change, change_at=change_at if change else 0)
    env = task.make_env()
    observation, _ = env.reset(seed=seed, options={"n": n})
    done = False
    while not done:
        state = task.state(env, observation)
        assert check_state(task, state) == state
        observation, _, terminated, truncated, _ = env.step(data.draw(st.integers(0, n + 1)))
        done = terminated or truncated
