from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from logicdistill.errors import TaskError
from logicdistill.tasks.checker import check_task
from logicdistill.tasks.guess import Guess, GuessEnv


class Lenient(BaseModel):
    n: int


class Forgetful(Guess):
    def state(self, env: Any, observation: Any) -> dict[str, Any]:
        return {key: value for key, value in super().state(env, observation).items() if key != "n"}


class Permissive(Guess):
    def illegal(self, state: Any, action: Any) -> str | None:
        return None


class BadFallback(Guess):
    def fallback(self, state: Any) -> Any:
        return 0


class Tuples(Guess):
    def state(self, env: Any, observation: Any) -> dict[str, Any]:
        found = super().state(env, observation)
        return found | {"guesses": tuple(found["guesses"])}


class Silent(Guess):
    def render(self, state: Any) -> str:
        return ""


class Restless(Guess):
    def make_env(self) -> Any:
        env = GuessEnv(self.max_n)
        Restless.made += 1
        original = env.reset
        shift = Restless.made

        def reset(*, seed: int | None = None, options: Any = None) -> Any:
            return original(seed=(seed or 0) + shift, options=options)

        env.reset = reset  # type: ignore[method-assign]
        return env

    made = 0


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (replace(Guess(), id="guess"), "has to carry a version"),
        (replace(Guess(), rules=()), "one or more whole sentences"),
        (replace(Guess(), rules=("No full stop",)), "one or more whole sentences"),
        (replace(Guess(), state_model=Lenient), "refuse unknown fields"),
        (replace(Guess(), episodes=0), "at least 1 is needed"),
        (Forgetful(), "does not fit its model"),
        (Tuples(), "does not fit its model: Input should be a valid list"),
        (Permissive(), "lets None pass"),
        (BadFallback(), "the fallback action 0 is illegal"),
        (Silent(), "show the state as text"),
        (Restless(), "two different episodes"),
    ],
)
def test_a_breach_of_the_contract_is_named_in_one_line(task: Guess, message: str) -> None:
    with pytest.raises(TaskError, match=message) as caught:
        check_task(task)
    assert "\n" not in str(caught.value)
