"""The contract of a task, checked by playing it: `check_task` is run over every built-in task and over users' own."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

import gymnasium
from pydantic import ValidationError

from logicdistill.errors import InvalidStateError, TaskError
from logicdistill.protocols import Task
from logicdistill.types import Json

EPISODES = 3
MAX_STEPS = 100_000


def check_task(task: Task) -> None:
    """Hold a task to the contract of `logicdistill.protocols.Task`.

    Raises:
        TaskError: the first breach, in one line: what was found, what the contract asks for.
    """
    _check_words(task)
    for seed in range(EPISODES):
        first = _episode(task, seed)
        if first != _episode(task, seed):
            raise _breach(
                task,
                f"seed {seed} played twice with the same actions gives two different episodes; draw from the env's np_random only",
            )


def _breach(task: Task, what: str) -> TaskError:
    return TaskError(f"{getattr(task, 'id', task)}: {what}")


def _check_words(task: Task) -> None:
    name, _, version = task.id.rpartition("-v")
    if not name or not version.isdigit():
        raise _breach(task, "the id has to carry a version, such as 'pursuit-v1'")
    if not task.rules or any(not rule.strip().endswith((".", "!", "?")) for rule in task.rules):
        raise _breach(
            task, "rules have to be one or more whole sentences; manuals cite them by number"
        )
    if task.state_model.model_config.get("extra") != "forbid":
        raise _breach(
            task,
            "the state model has to refuse unknown fields: model_config = ConfigDict(extra='forbid')",
        )
    if task.changes and "notices" not in task.state_model.model_fields:
        raise _breach(
            task, "a task with changes shows them in its states: notices: dict[str, Json] = {}"
        )
    if task.episodes < 1:
        raise _breach(task, f"episodes is {task.episodes}; at least 1 is needed")


def _episode(task: Task, seed: int) -> list[Json]:
    """Play one episode of fallback and optimal actions in turn, checking each step; what was seen."""
    env = task.make_env()
    observation, info = env.reset(seed=seed)
    seen: list[Json] = []
    for step in range(MAX_STEPS):
        state = _check_state(task, env, observation)
        action = _check_action(task, env, state, step)
        _check_copy(task, env, state)
        observation, reward, terminated, truncated, info = env.step(task.env_action(state, action))
        seen.append([state, action, float(reward)])
        if terminated or truncated:
            break
    else:
        raise _breach(
            task, f"an episode has not ended after {MAX_STEPS} steps; end it with 'truncated'"
        )
    if not isinstance(info.get("success"), bool):
        raise _breach(task, "info['success'] of the last step has to be True or False")
    return seen


def _check_state(task: Task, env: gymnasium.Env[Any, Any], observation: Any) -> Mapping[str, Json]:
    state = task.state(env, observation)
    try:
        same = json.loads(json.dumps(state)) == state
        checked = task.state_model.model_validate(state, strict=True).model_dump(mode="json")
    except (TypeError, ValueError) as error:
        detail = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise _breach(task, f"the state does not fit its model: {detail}") from None
    if not same or checked != state:
        raise _breach(
            task, "a state has to be plain JSON (lists, not tuples) and survive its model unchanged"
        )
    if not isinstance(task.render(state), str) or not task.render(state).strip():
        raise _breach(task, "render has to show the state as text")
    return state


def _check_action(
    task: Task, env: gymnasium.Env[Any, Any], state: Mapping[str, Json], step: int
) -> Json:
    fallback, best = task.fallback(state), task.optimal_action(env, state)
    for name, action in (("fallback", fallback), ("optimal", best)):
        if action is not None and (reason := task.illegal(state, action)) is not None:
            raise _breach(task, f"the {name} action {action!r} is illegal: {reason}")
    unusable: tuple[Json, ...] = (None, "\x00", {"no": "action"}, [], -(10**9))
    for nonsense in unusable:
        if task.illegal(state, nonsense) is None:
            raise _breach(
                task,
                f"illegal() lets {nonsense!r} pass; it has to refuse whatever the environment cannot take",
            )
    return fallback if best is None or step % 3 == 0 else best


def _check_copy(task: Task, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> None:
    try:
        copied = copy.deepcopy(env)
    except Exception as error:
        raise _breach(
            task,
            f"the environment cannot be copied ({error}); trying an action on a copy needs that",
        ) from None
    copied.step(task.env_action(state, task.fallback(state)))


def validate_state(task: Task, state: Mapping[str, Json], where: str = "") -> dict[str, Json]:
    """The state as the task's schema reads it.

    Raises:
        InvalidStateError: which field is wrong and what it takes, in one line.
    """
    if not isinstance(state, Mapping):
        raise InvalidStateError(f"{where}a state is a JSON object; got {type(state).__name__}")
    try:
        return task.state_model.model_validate(dict(state), strict=True).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:
            raise InvalidStateError(
                f"{where}{first.get('ctx', {}).get('error', first['msg'])}"
            ) from None
        field = ".".join(str(part) for part in first["loc"])
        got = "" if first["type"] == "missing" else f"; got {first['input']!r:.80}"
        known = ", ".join(task.state_model.model_fields)
        raise InvalidStateError(
            f"{where}field {field!r}: {first['msg'].lower()}{got}; a state of {task.id} has: {known}"
        ) from None
