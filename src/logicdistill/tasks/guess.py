"""``guess-v1``: find a hidden number by "higher" and "lower" answers, in as few guesses as halving needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import gymnasium
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from logicdistill.errors import TaskError
from logicdistill.tasks.changes import by_name, check_change
from logicdistill.types import Change, Json

CHANGES = by_name(
    Change(
        "answers-turned",
        'Answers mean the opposite from now on; the first notices["turned_from"] answers were given before and meant as they were.',
    ),
    Change(
        "even-only",
        'The hidden number is even, and from now on only even numbers may be named: notices["even"] is true.',
    ),
)


class GuessState(BaseModel):
    """What the guesser knows."""

    model_config = ConfigDict(extra="forbid")
    n: int = Field(ge=1, description="the hidden number is one of 1..n")
    guesses: list[int] = Field(description="the guesses so far, in order")
    answers: list[Literal["higher", "lower"]] = Field(
        description="the answer to each guess: the hidden number is higher or lower"
    )
    guesses_left: int = Field(ge=0)
    notices: dict[str, Json] = Field(
        default={}, description="announcements in force: changes of the rules"
    )

    @model_validator(mode="after")
    def _notices_fit(self) -> GuessState:
        turned = self.notices.get("turned_from", 0)
        if type(turned) is not int or turned < 0:
            raise ValueError("notices['turned_from'] is a number of answers: 0 or more")
        if self.notices.get("even", True) is not True or ("even" in self.notices and self.n < 2):
            raise ValueError("notices['even'] is true or not there, and needs n of at least 2")
        return self

    @model_validator(mode="after")
    def _answers_fit(self) -> GuessState:
        if len(self.guesses) != len(self.answers):
            raise ValueError(
                f"{len(self.guesses)} guess(es) have {len(self.answers)} answer(s); give one answer to each guess"
            )
        low, high = self.left()
        if low > high:
            raise ValueError(
                f"the answers contradict each other: the hidden number is at least {low} and at most {high}"
            )
        if "even" in self.notices and low == high and low % 2:
            raise ValueError(
                f"the answers leave {low} alone, which is odd; notices['even'] says that the hidden number is even"
            )
        return self

    def meant(self) -> list[bool]:
        """For each answer whether it means that the hidden number is higher."""
        turned_from = self.notices.get("turned_from", len(self.answers))
        return [
            (answer == "higher") == (index < turned_from)
            for index, answer in enumerate(self.answers)
        ]

    def left(self) -> tuple[int, int]:
        """The lowest and the highest number that the answers leave."""
        low, high = 1, self.n
        for guess, higher in zip(self.guesses, self.meant(), strict=True):
            low, high = (max(low, guess + 1), high) if higher else (low, min(high, guess - 1))
        return low, high


def guess_limit(n: int) -> int:
    """Guesses that always suffice for 1..n: floor(log2 n) + 1."""
    return int(math.log2(n)) + 1


class GuessEnv(gymnasium.Env[dict[str, Any], int]):
    """The game. An episode's n is drawn log-uniformly from 2..max_n, then the number uniformly from 1..n.

    Observation: dict with ``n`` (int), ``last_guess`` (int, 0 before the first), ``last_answer`` (-1 lower, 0 none, 1 higher).
    Action: int in 0..max_n; a number outside 1..n is a guess that cannot hit.
    Reward: 1 on the step that finds the number, else 0.

    Args:
        max_n: largest n.
        change: one of `CHANGES`, or None.
        change_at: number of guesses after which it is in force.
    """

    def __init__(self, max_n: int = 10_000, change: str | None = None, change_at: int = 0) -> None:
        if max_n < 2:
            raise TaskError(f"max_n={max_n}: at least 2 numbers are needed")
        check_change("guess-v1", CHANGES, change, change_at)
        self.max_n, self.change, self.change_at = max_n, change, change_at
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

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Draw n and the hidden number; ``options={"n": ...}`` fixes n."""
        super().reset(seed=seed)
        drawn = int(2 * (self.max_n / 2) ** self.np_random.random())
        self.n = int((options or {}).get("n", min(self.max_n, max(2, drawn))))
        evens = self.change == "even-only"
        self.hidden = (
            2 * int(self.np_random.integers(1, self.n // 2 + 1))
            if evens
            else int(self.np_random.integers(1, self.n + 1))
        )
        self.guesses, self.answers = [], []
        return self._observation(), {"success": False}

    def step(self, action: int) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Answer one guess."""
        guess, notices = int(action), self.notices()
        found = guess == self.hidden and not ("even" in notices and guess % 2)
        self.guesses.append(guess)
        if not found:
            self.answers.append(
                "higher" if (self.hidden > guess) != ("turned_from" in notices) else "lower"
            )
        out_of_guesses = not found and len(self.guesses) >= guess_limit(self.n)
        return self._observation(), float(found), found, out_of_guesses, {"success": found}

    def state(self) -> dict[str, Json]:
        """The state as the policy sees it."""
        left = guess_limit(self.n) - len(self.guesses)
        asked = {"guesses": list(self.guesses), "answers": list(self.answers), "guesses_left": left}
        return {"n": self.n, **asked, "notices": self.notices()}

    def notices(self) -> dict[str, Json]:
        """The announcements in force."""
        if self.change is None or len(self.guesses) < self.change_at:
            return {}
        return {"even": True} if self.change == "even-only" else {"turned_from": self.change_at}

    def _observation(self) -> dict[str, Any]:
        answer = {"higher": 1, "lower": -1}.get(self.answers[-1], 0) if self.answers else 0
        last = self.guesses[-1] if self.guesses else 0
        return {
            "n": np.int64(self.n),
            "last_guess": np.int64(last),
            "last_answer": np.int64(answer),
        }


@dataclass(frozen=True)
class Guess:
    """Task ``guess-v1``.

    Attributes:
        max_n: largest n.
        change: name of one of ``changes`` that the episodes have, or None.
        change_at: number of guesses after which it is in force.
    """

    max_n: int = 10_000
    change: str | None = None
    change_at: int = 0
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
    changes: Mapping[str, Change] = field(default_factory=lambda: CHANGES)

    def __post_init__(self) -> None:
        check_change(self.id, self.changes, self.change, self.change_at)

    def make_env(self) -> gymnasium.Env[Any, Any]:
        """A fresh `GuessEnv`."""
        return GuessEnv(self.max_n, self.change, self.change_at)

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> dict[str, Json]:
        """The whole history, which one observation does not show."""
        game = env.unwrapped
        assert isinstance(game, GuessEnv)
        return game.state()

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """Guesses are ints in both forms."""
        return action

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """A guess has to be a whole number in 1..n, and even where that was announced."""
        if isinstance(action, bool) or not isinstance(action, int):
            return f"{action!r} is not a whole number"
        if not 1 <= action <= state["n"]:
            return f"{action} is not between 1 and {state['n']}"
        return (
            f"{action} is odd; only even numbers may be named now"
            if action % 2 and "even" in state.get("notices", {})
            else None
        )

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """The lowest number that may be named."""
        return 2 if "even" in state.get("notices", {}) else 1

    def optimal_action(
        self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]
    ) -> Json | None:
        """The middle of what is left: no method needs fewer guesses in the worst case (each answer has at most two branches)."""
        known = GuessState.model_validate(dict(state))
        low, high = known.left()
        return (
            2 * (((low + 1) // 2 + high // 2) // 2)
            if "even" in known.notices
            else (low + high) // 2
        )

    def render(self, state: Mapping[str, Json]) -> str:
        """The guesses with their answers."""
        told = [
            f"  {guess:>6}  {answer}"
            for guess, answer in zip(state["guesses"], state["answers"], strict=True)
        ]
        notices = state.get("notices") or {}
        news = ["  only even numbers"] * ("even" in notices)
        news += [f"  answers mean the opposite after the first {notices.get('turned_from')}"] * (
            "turned_from" in notices
        )
        return "\n".join([f"1..{state['n']}, {state['guesses_left']} guesses left", *news, *told])
