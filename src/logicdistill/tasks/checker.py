"""The contract of a task, checked by playing it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from logicdistill.errors import InvalidStateError, TaskError, UnknownNameError
from logicdistill.protocols import Task
from logicdistill.tasks.labels import incomplete
from logicdistill.tasks.schema import check_state, state_schema
from logicdistill.types import Change, Json

if TYPE_CHECKING:
    import gymnasium

EPISODES = 3
MAX_STEPS = 100_000
NONSENSE: tuple[Json, ...] = (None, "\x00", {"no": "action"}, [], -(10**9))
"""What no task takes for an action."""


def check_task(task: Task) -> None:
    """Hold a task to the contract of `logicdistill.protocols.Task`.

    Raises:
        TaskError: the first breach, in one line: what was found, what the contract asks for.
    """
    try:
        _check_words(task)
        for seed in range(EPISODES):
            if _episode(task, seed) != _episode(task, seed):
                what = (
                    f"seed {seed} played twice with the same actions gives two different episodes"
                )
                raise TaskError(f"{what}; draw from the env's np_random only")
    except (TaskError, InvalidStateError) as error:
        raise TaskError(f"{getattr(task, 'id', task)}: {error}") from None


def check_change(task: str, changes: Mapping[str, Change], name: str | None, at: int) -> None:
    """Raise `TaskError` for an unknown change (the nearest name is offered) or a step below 0."""
    if name is not None and name not in changes:
        raise TaskError(str(UnknownNameError(f"change of {task}", name, changes)))
    if isinstance(at, bool) or not isinstance(at, int) or at < 0:
        needed = "the episode step from which the change is in force: 0 or more"
        raise TaskError(f"change_at is {at!r}; it is {needed}")


def _check_words(task: Task) -> None:
    name, _, version = task.id.rpartition("-v")
    if not name or not version.isdigit():
        raise TaskError("the id has to carry a version, such as 'pursuit-v2'")
    if not task.rules or incomplete(task.rules):
        raise TaskError("rules have to be one or more whole sentences; manuals cite them by number")
    if task.changes and "notices" not in state_schema(task).names:
        needed = "the schema needs a field 'notices', an object"
        raise TaskError(f"a task with changes shows them in its states: {needed}")
    for name in ("action_form", "fallback_form"):
        if not isinstance(form := getattr(task, name, None), str) or not form.strip():
            raise TaskError(f"{name} is {form!r}; it tells a teacher in words or as JSON Schema")
    if task.episodes < 1:
        raise TaskError(f"episodes is {task.episodes}; at least 1 is needed")


def _episode(task: Task, seed: int) -> list[Json]:
    """State, action and reward of each step of an episode of fallback and optimal actions."""
    env = task.make_env()
    observation, info = env.reset(seed=seed)
    seen: list[Json] = []
    for step in range(MAX_STEPS):
        state = task.state(env, observation)
        _check_state(task, state)
        action = _check_action(task, env, state, step)
        if step == 0:
            _check_copy(task, env, state)
        observation, reward, terminated, truncated, info = env.step(task.env_action(state, action))
        seen.append([state, action, float(reward)])
        if terminated or truncated:
            break
    else:
        raise TaskError(f"an episode is longer than {MAX_STEPS} steps; end it with 'truncated'")
    if not isinstance(info.get("success"), bool):
        raise TaskError("info['success'] of the last step has to be True or False")
    return seen


def _check_state(task: Task, state: Mapping[str, Json]) -> None:
    checked = check_state(task, state, "the environment's state: ")
    if checked != state:
        raise TaskError("the environment's state has to hold every field, also those with defaults")
    if not isinstance(task.render(state), str) or not task.render(state).strip():
        raise TaskError("render has to show the state as text")


def _check_action(
    task: Task, env: gymnasium.Env[Any, Any], state: Mapping[str, Json], step: int
) -> Json:
    fallback, best = task.fallback(state), task.optimal_action(env, state)
    for name, action in (("fallback", fallback), ("optimal", best)):
        if action is not None and (reason := task.illegal(state, action)) is not None:
            raise TaskError(f"the {name} action {action!r} is illegal: {reason}")
    for value in NONSENSE:
        if task.illegal(state, value) is None:
            needed = "it has to refuse what the environment cannot take"
            raise TaskError(f"illegal() lets {value!r} pass; {needed}")
    return fallback if best is None or step % 3 == 0 else best


def _check_copy(task: Task, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> None:
    try:
        copied = copy.deepcopy(env)
    except Exception as error:
        why = "trying an action on a copy needs that"
        raise TaskError(f"the environment cannot be copied ({error}); {why}") from None
    copied.step(task.env_action(state, task.fallback(state)))
