"""``guess-v1``: find a hidden number by "higher" and "lower" answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import gymnasium
import numpy as np
from gymnasium.spaces import Dict, Discrete
from pydantic import BaseModel, ConfigDict, Field

from logicdistill.errors import TaskError
from logicdistill.tasks.checker import check_change
from logicdistill.tasks.gymnasium_task import shipped_text
from logicdistill.tasks.rules import numbered
from logicdistill.types import Change, Json

_RULES = {
    "answers-turned": 'Answers mean the opposite from now on; the first notices["turned_from"]'
    " answers were given before and meant as they were.",
    "even-only": "The hidden number is even, and from now on only even numbers may be named:"
    ' notices["even"] is true.',
}
CHANGES = {name: Change(name, rule) for name, rule in _RULES.items()}


class GuessState(BaseModel):
    """What the guesser knows."""

    model_config = ConfigDict(extra="forbid")
    n: int = Field(ge=1, description="the hidden number is one of 1..n")
    guesses: list[int] = Field(description="the guesses so far, in order")
    answers: list[Literal["higher", "lower"]] = Field(
        description="the answer to each guess: the hidden number is higher or lower"
    )
    guesses_left: int = Field(ge=0)
    notices: dict[str, Json] = Field({}, description="announcements in force: changes of the rules")


def numbers_left(state: Mapping[str, Json]) -> tuple[int, int]:
    """The lowest and the highest number that the answers leave."""
    low, high = 1, state["n"]
    turned_from = state.get("notices", {}).get("turned_from", len(state["answers"]))
    for index, (guess, answer) in enumerate(zip(state["guesses"], state["answers"], strict=True)):
        if (answer == "higher") == (index < turned_from):
            low = max(low, guess + 1)
        else:
            high = min(high, guess - 1)
    return low, high


class GuessEnv(gymnasium.Env[dict[str, Any], int]):
    """The game: n is drawn log-uniformly from 2..max_n, then the hidden number uniformly from 1..n.

    Observation: dict with ``n`` (int), ``last_guess`` (int, 0 before the first) and ``last_answer``
    (-1 lower, 0 none, 1 higher). Action: int in 0..max_n; a number outside 1..n cannot hit.
    Reward: 1 on the step that finds the number, else 0. The arguments are those of `Guess`.
    """

    def __init__(self, max_n: int = 10_000, change: str | None = None, change_at: int = 0) -> None:
        if max_n < 2:
            raise TaskError(f"max_n={max_n}: at least 2 numbers are needed")
        check_change("guess-v1", CHANGES, change, change_at)
        self.max_n, self.change, self.change_at = max_n, change, change_at
        numbers, answers = Discrete(max_n + 1), Discrete(3, start=-1)
        self.observation_space = Dict(n=numbers, last_guess=numbers, last_answer=answers)
        self.action_space = numbers  # type: ignore[assignment]  # Discrete is Space[np.int64]

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Draw n and the hidden number; ``options={"n": ...}`` fixes n."""
        super().reset(seed=seed)
        drawn = int(2 * (self.max_n / 2) ** self.np_random.random())
        self.n = int((options or {}).get("n", min(self.max_n, max(2, drawn))))
        step = 2 if self.change == "even-only" else 1
        self.hidden = step * int(self.np_random.integers(1, self.n // step + 1))
        self.guesses: list[int] = []
        self.answers: list[str] = []
        return self._observation(), {"success": False}

    def step(self, action: int) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Answer one guess."""
        guess, notices = int(action), self.notices()
        found = guess == self.hidden and not ("even" in notices and guess % 2)
        self.guesses.append(guess)
        if not found:
            higher = (self.hidden > guess) != ("turned_from" in notices)
            self.answers.append("higher" if higher else "lower")
        out_of_guesses = not found and len(self.guesses) >= self.n.bit_length()
        return self._observation(), float(found), found, out_of_guesses, {"success": found}

    def state(self) -> dict[str, Json]:
        """The state as the policy sees it."""
        return {
            "n": self.n,
            "guesses": list(self.guesses),
            "answers": list(self.answers),
            "guesses_left": self.n.bit_length() - len(self.guesses),
            "notices": self.notices(),
        }

    def notices(self) -> dict[str, Json]:
        """The announcements in force."""
        if self.change is None or len(self.guesses) < self.change_at:
            return {}
        return {"even": True} if self.change == "even-only" else {"turned_from": self.change_at}

    def _observation(self) -> dict[str, Any]:
        answer = {"higher": 1, "lower": -1}[self.answers[-1]] if self.answers else 0
        guess = self.guesses[-1] if self.guesses else 0
        shown = {"n": self.n, "last_guess": guess, "last_answer": answer}
        return {name: np.int64(value) for name, value in shown.items()}


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
    rules: tuple[str, ...] = field(default_factory=lambda: numbered(shipped_text("guess")))
    episodes: int = 1_000
    state_schema: ClassVar[Mapping[str, Json]] = GuessState.model_json_schema()
    changes: ClassVar[Mapping[str, Change]] = CHANGES

    def make_env(self) -> gymnasium.Env[Any, Any]:
        """A fresh `GuessEnv`."""
        return GuessEnv(self.max_n, self.change, self.change_at)

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> Json:
        """The whole history, which one observation does not show."""
        return env.get_wrapper_attr("state")()

    def impossible(self, state: Mapping[str, Json]) -> str | None:
        """Answers that contradict each other, or a notice of another form."""
        guesses, answers, notices = state["guesses"], state["answers"], state["notices"]
        turned = notices.get("turned_from", 0)
        if type(turned) is not int or turned < 0:
            return "notices['turned_from'] is a number of answers: 0 or more"
        if notices.get("even", True) is not True or ("even" in notices and state["n"] < 2):
            return "notices['even'] is true or not there, and needs n of at least 2"
        if (asked := len(guesses)) != (told := len(answers)):
            return f"{asked} guess(es) have {told} answer(s); give one answer to each guess"
        low, high = numbers_left(state)
        if low > high:
            return f"the answers contradict: the number is at least {low} and at most {high}"
        if "even" in notices and low == high and low % 2:
            return f"the answers leave {low} alone, which is odd; notices['even'] says even"
        return None

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """A guess is an int in both forms."""
        return action

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """A guess has to be a whole number in 1..n, and even where that was announced."""
        if isinstance(action, bool) or not isinstance(action, int):
            return f"{action!r} is not a whole number"
        if not 1 <= action <= state["n"]:
            return f"{action} is not between 1 and {state['n']}"
        if action % 2 and "even" in state.get("notices", {}):
            return f"{action} is odd; only even numbers may be named now"
        return None

    @property
    def action_form(self) -> str:
        """See `logicdistill.protocols.Task`."""
        return "a whole number from 1 to `n`"

    @property
    def fallback_form(self) -> str:
        """See `logicdistill.protocols.Task`."""
        return "the lowest number that may be named"

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """The lowest number that may be named."""
        return 2 if "even" in state.get("notices", {}) else 1

    def optimal_action(self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> Json:
        """The middle of what is left: an answer halves the numbers at best."""
        low, high = numbers_left(state)
        if "even" in state.get("notices", {}):
            return 2 * (((low + 1) // 2 + high // 2) // 2)
        return (low + high) // 2

    def render(self, state: Mapping[str, Json]) -> str:
        """The guesses with their answers."""
        lines = [f"1..{state['n']}, {state['guesses_left']} guesses left"]
        notices = state.get("notices", {})
        if "even" in notices:
            lines.append("  only even numbers")
        if "turned_from" in notices:
            lines.append(f"  answers mean the opposite after the first {notices['turned_from']}")
        pairs = zip(state["guesses"], state["answers"], strict=True)
        return "\n".join(lines + [f"  {guess:>6}  {answer}" for guess, answer in pairs])
