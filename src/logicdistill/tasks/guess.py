"""``guess-v1``: find a hidden number by "higher" and "lower" answers, in as few guesses as halving needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import gymnasium
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from logicdistill.errors import TaskError
from logicdistill.types import Json


class GuessState(BaseModel):
    """What the guesser knows."""

    model_config = ConfigDict(extra="forbid")
    n: int = Field(ge=1, description="the hidden number is one of 1..n")
    guesses: list[int] = Field(description="the guesses so far, in order")
    answers: list[Literal["higher", "lower"]] = Field(description="the answer to each guess: the hidden number is higher or lower")
    guesses_left: int = Field(ge=0)


def guess_limit(n: int) -> int:
    """Guesses that always suffice for 1..n: floor(log2 n) + 1."""
    return int(math.log2(n)) + 1


class GuessEnv(gymnasium.Env[dict[str, Any], int]):
    """The game. An episode's n is drawn log-uniformly from 2..max_n, then the number uniformly from 1..n.

    Observation: dict with ``n`` (int), ``last_guess`` (int, 0 before the first), ``last_answer`` (-1 lower, 0 none, 1 higher).
    Action: int in 0..max_n; a number outside 1..n is a guess that cannot hit.
    Reward: 1 on the step that finds the number, else 0.
    """

    def __init__(self, max_n: int = 10_000) -> None:
        if max_n < 2:
            raise TaskError(f"max_n={max_n}: at least 2 numbers are needed")
        self.max_n = max_n
        self.observation_space = gymnasium.spaces.Dict(
            {
                "n": gymnasium.spaces.Discrete(max_n + 1),
                "last_guess": gymnasium.spaces.Discrete(max_n + 1),
                "last_answer": gymnasium.spaces.Discrete(3, start=-1),
            }
        )
        self.action_space = gymnasium.spaces.Discrete(max_n + 1)  # type: ignore[assignment]  # Discrete is Space[np.int64]
        self.n = self.hidden = 2
        self.guesses: list[int] = []
        self.answers: list[str] = []

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Draw n and the hidden number; ``options={"n": ...}`` fixes n."""
        super().reset(seed=seed)
        drawn = int(2 * (self.max_n / 2) ** self.np_random.random())
        self.n = int((options or {}).get("n", min(self.max_n, max(2, drawn))))
        self.hidden = int(self.np_random.integers(1, self.n + 1))
        self.guesses, self.answers = [], []
        return self._observation(), {"success": False}

    def step(self, action: int) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Answer one guess."""
        guess = int(action)
        found = guess == self.hidden
        self.guesses.append(guess)
        if not found:
            self.answers.append("higher" if self.hidden > guess else "lower")
        out_of_guesses = not found and len(self.guesses) >= guess_limit(self.n)
        return self._observation(), float(found), found, out_of_guesses, {"success": found}

    def state(self) -> dict[str, Json]:
        """The state as the policy sees it."""
        left = guess_limit(self.n) - len(self.guesses)
        return {"n": self.n, "guesses": list(self.guesses), "answers": list(self.answers), "guesses_left": left}

    def _observation(self) -> dict[str, Any]:
        answer = {"higher": 1, "lower": -1}.get(self.answers[-1], 0) if self.answers else 0
        last = self.guesses[-1] if self.guesses else 0
        return {"n": np.int64(self.n), "last_guess": np.int64(last), "last_answer": np.int64(answer)}


@dataclass(frozen=True)
class Guess:
    """Task ``guess-v1``.

    Attributes:
        max_n: largest n.
    """

    max_n: int = 10_000
    id: str = "guess-v1"
    title: str = "find a number by higher/lower answers"
    rules: tuple[str, ...] = (
        "A whole number between 1 and n is hidden; n is known.",
        "Each turn you name one whole number between 1 and n.",
        "If it is the hidden number, you have won.",
        "Otherwise you are told whether the hidden number is higher or lower than your guess.",
        "You have as many guesses as n has binary digits; when they are used up, you have lost.",
    )
    state_model: type[BaseModel] = GuessState
    episodes: int = 1_000

    def make_env(self) -> gymnasium.Env[Any, Any]:
        """A fresh `GuessEnv`."""
        return GuessEnv(self.max_n)

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> dict[str, Json]:
        """The whole history, which one observation does not show."""
        game = env.unwrapped
        assert isinstance(game, GuessEnv)
        return game.state()

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """Guesses are ints in both forms."""
        return action

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """A guess has to be a whole number in 1..n."""
        if isinstance(action, bool) or not isinstance(action, int):
            return f"{action!r} is not a whole number"
        return None if 1 <= action <= state["n"] else f"{action} is not between 1 and {state['n']}"

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """The number 1."""
        return 1

    def optimal_action(self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> Json | None:
        """The middle of what is left: no method needs fewer guesses in the worst case (each answer has at most two branches)."""
        low, high = 1, state["n"]
        for guess, answer in zip(state["guesses"], state["answers"], strict=True):
            low, high = (max(low, guess + 1), high) if answer == "higher" else (low, min(high, guess - 1))
        return (low + high) // 2

    def render(self, state: Mapping[str, Json]) -> str:
        """The guesses with their answers."""
        told = [f"  {guess:>6}  {answer}" for guess, answer in zip(state["guesses"], state["answers"], strict=True)]
        return "\n".join([f"1..{state['n']}, {state['guesses_left']} guesses left", *told])
