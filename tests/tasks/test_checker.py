from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from logicdistill.errors import TaskError
from logicdistill.tasks.checker import check_task
from logicdistill.tasks.guess import Guess, GuessEnv


class Lenient(Guess):
    state_schema = {**Guess.state_schema, "additionalProperties": True}  # noqa: RUF012


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
        (Lenient(), "no unknown fields"),
        (replace(Guess(), episodes=0), "at least 1 is needed"),
        (Forgetful(), "the environment's state: field 'n' is missing"),
        (Tuples(), "field 'guesses': tuple is no JSON value"),
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
