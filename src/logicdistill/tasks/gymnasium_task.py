"""Any Gymnasium environment with a rules file as a task: names for what is observed, and what counts as success."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import gymnasium
import numpy as np
from gymnasium import spaces
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from logicdistill.errors import TaskError, one_line
from logicdistill.tasks.changes import check_change
from logicdistill.types import Change, Json

DIGITS = 6
"""Decimals of an observed float in a state, so that a state reads the same on every machine."""


class GymnasiumSettings(BaseModel):
    """The settings of a rules file, between its ``+++`` lines (TOML).

    Attributes:
        id: id of the task, with its version.
        env: id of the Gymnasium environment.
        title: one line for listings.
        names: a name for each component of the observation, in order; left out, they are ``x0``, ``x1``, ... or a Dict's keys.
        units: units (or a few words) for the names, in their order; goes into the schema that the teacher reads.
        success: ``terminated`` (the environment ended the episode itself) or ``return`` (see ``at_least``).
        at_least: the undiscounted return that counts as success.
        episodes: evaluation episodes by default.
        steps: step limit; left out, the environment's own.
        neutral: the fallback action; left out, the action nearest to zero.
        options: keyword arguments of ``gymnasium.make``.
    """

    model_config = ConfigDict(extra="forbid")
    id: str
    env: str
    title: str
    names: list[str] = []
    units: list[str] = []
    success: Literal["terminated", "return"] = "terminated"
    at_least: float | None = None
    episodes: int = Field(default=200, ge=1)
    steps: int | None = Field(default=None, ge=1)
    neutral: Json = None
    options: dict[str, Json] = {}


class SuccessWrapper(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Counts steps and return, and adds ``info["success"]``."""

    def __init__(self, env: gymnasium.Env[Any, Any], at_least: float | None) -> None:
        super().__init__(env)
        self.at_least, self.elapsed, self.total = at_least, 0, 0.0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        self.elapsed, self.total = 0, 0.0
        observation, info = self.env.reset(seed=seed, options=options)
        return observation, {**info, "success": False}

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """One step; an episode that was cut off in the step in which it ended counts as ended."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.elapsed, self.total = self.elapsed + 1, self.total + float(reward)
        reached = (
            bool(terminated)
            if self.at_least is None
            else bool(terminated or truncated) and self.total >= self.at_least
        )
        return (
            observation,
            float(reward),
            bool(terminated),
            bool(truncated),
            {**info, "success": reached},
        )


class GymnasiumTask:
    """A task (see `logicdistill.protocols.Task`) of a Gymnasium environment.

    Observations: Box of one dimension, Discrete, and flat Dict or Tuple of them. Actions: Box of one dimension with finite
    bounds (a float, or a list of floats where it has several components) and Discrete (an int).

    Args:
        settings: see `GymnasiumSettings`.
        rules: the rules, sentence by sentence.

    Raises:
        TaskError: no such environment, a space that is not supported, or settings that do not fit it.
    """

    def __init__(self, settings: GymnasiumSettings, rules: tuple[str, ...]) -> None:
        self.settings, self.rules = settings, rules
        self.changes: Mapping[str, Change] = {}
        self.id, self.title, self.episodes = settings.id, settings.title, settings.episodes
        if not rules:
            raise TaskError(f"{self.id}: the rules file has no numbered sentence such as '1. ...'")
        if (settings.success == "return") != (settings.at_least is not None):
            raise TaskError(
                f"{self.id}: success = 'return' needs at_least, and 'terminated' has none"
            )
        env = self.make_env()
        spec = env.spec
        self.step_limit = spec.max_episode_steps if spec is not None else None
        self.actions = env.action_space
        self._check_actions()
        found = _components(self.id, env.observation_space)
        env.close()
        names = settings.names or [name for name, _ in found]
        if (
            len(names) != len(found)
            or len(set(names)) != len(names)
            or (settings.units and len(settings.units) != len(names))
        ):
            raise TaskError(
                f"{self.id}: {settings.env} observes {len(found)} values; names (each once) and units have to be as many"
            )
        if bad := [
            name
            for name in names
            if not name.isidentifier() or name.startswith("_") or name == "steps_left"
        ]:
            raise TaskError(
                f"{self.id}: {bad[0]!r} cannot name a part of the state; use a plain identifier other than steps_left"
            )
        units = settings.units or [""] * len(names)
        fields: dict[str, Any] = {
            name: (
                int if whole else float,
                Field(description=unit or None, allow_inf_nan=None if whole else False),
            )
            for name, unit, (_, whole) in zip(names, units, found, strict=True)
        }
        if self.step_limit is not None:
            fields["steps_left"] = (int, Field(ge=0))
        self._names, self._whole = tuple(names), tuple(whole for _, whole in found)
        self.state_model: type[BaseModel] = create_model(
            "State", __config__=ConfigDict(extra="forbid"), **fields
        )
        self._neutral = self._nearest_to_zero() if settings.neutral is None else settings.neutral
        if (reason := self.illegal({}, self._neutral)) is not None:
            raise TaskError(f"{self.id}: the neutral action is illegal: {reason}")

    @classmethod
    def from_text(cls, text: str, name: str = "rules") -> GymnasiumTask:
        """A task of a rules file's text: settings in TOML between two ``+++`` lines, then the rules as a numbered list.

        Raises:
            TaskError: see the class; also settings that are not understood.
        """
        parts = re.split(r"^\+\+\+\s*$", text, maxsplit=2, flags=re.MULTILINE)
        if len(parts) != 3 or parts[0].strip():
            raise TaskError(
                f"{name}: begins with settings in TOML between two lines '+++', then the numbered rules"
            )
        try:
            settings = GymnasiumSettings.model_validate(tomllib.loads(parts[1]))
        except tomllib.TOMLDecodeError as error:
            raise TaskError(f"{name}: settings are not TOML: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            raise TaskError(
                f"{name}: setting {'.'.join(map(str, first['loc']))}: {first['msg']}"
            ) from None
        return cls(
            settings,
            tuple(
                " ".join(rule.split())
                for rule in re.split(r"^\d+\.\s+", parts[2], flags=re.MULTILINE)[1:]
            ),
        )

    @classmethod
    def from_file(cls, file: Path) -> GymnasiumTask:
        """A task of a rules file; see `from_text`."""
        try:
            return cls.from_text(file.read_text(encoding="utf-8"), file.name)
        except (OSError, UnicodeDecodeError) as error:
            raise TaskError(
                f"{file}: cannot be read ({error.__class__.__name__}); name a rules file in UTF-8"
            ) from None

    def make_env(self) -> gymnasium.Env[Any, Any]:
        """A fresh environment with its time limit, wrapped in `SuccessWrapper`."""
        limit = {} if self.settings.steps is None else {"max_episode_steps": self.settings.steps}
        try:
            env = gymnasium.make(
                self.settings.env, disable_env_checker=True, **limit, **self.settings.options
            )
        except (gymnasium.error.Error, ImportError, TypeError) as error:
            raise TaskError(
                f"{self.id}: gymnasium cannot make {self.settings.env!r}: {one_line(error)}"
            ) from None
        return SuccessWrapper(env, self.settings.at_least)

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> dict[str, Json]:
        """The observation by names, floats to `DIGITS` decimals, and the steps that are left."""
        values = _flat(observation)
        found: dict[str, Json] = {
            name: int(value) if whole else round(float(value), DIGITS)
            for name, whole, value in zip(self._names, self._whole, values, strict=True)
        }
        if self.step_limit is not None:
            assert isinstance(env, SuccessWrapper)
            found["steps_left"] = self.step_limit - env.elapsed
        return found

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """An array for a Box, an int for Discrete."""
        if isinstance(self.actions, spaces.Box):
            # The nearest float32 of a bound may lie outside it.
            return np.clip(
                np.array(action, dtype=self.actions.dtype).reshape(self.actions.shape),
                self.actions.low,
                self.actions.high,
            )
        return int(action)

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """A number (or a list of them) inside the action space."""
        if isinstance(self.actions, spaces.Discrete):
            first, last = int(self.actions.start), int(self.actions.start + self.actions.n) - 1
            if (
                isinstance(action, bool)
                or not isinstance(action, int)
                or not first <= action <= last
            ):
                return f"{action!r} is not a whole number from {first} to {last}"
            return None
        lows, highs, whole = *self._bounds(), self._whole_actions()
        values = action if isinstance(action, list) else [action]
        if isinstance(action, list) == (len(lows) == 1) or len(values) != len(lows):
            return f"{action!r} is not {'one number' if len(lows) == 1 else f'a list of {len(lows)} numbers'}"
        for value, low, high in zip(values, lows, highs, strict=True):
            if (
                isinstance(value, bool)
                or not isinstance(value, int if whole else (int, float))
                or not low <= value <= high
            ):
                return (
                    f"{value!r} is not a {'whole ' if whole else ''}number from {low:g} to {high:g}"
                )
        return None

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """The neutral action."""
        return list(self._neutral) if isinstance(self._neutral, list) else self._neutral

    def optimal_action(
        self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]
    ) -> Json | None:
        """Not known."""
        return None

    def render(self, state: Mapping[str, Json]) -> str:
        """Name and value in one line."""
        return ", ".join(
            f"{name.replace('_', ' ')} {value:.3f}"
            if isinstance(value, float)
            else f"{name.replace('_', ' ')} {value}"
            for name, value in state.items()
        )

    def _check_actions(self) -> None:
        space = self.actions
        if isinstance(space, spaces.Discrete):
            return
        if not isinstance(space, spaces.Box) or len(space.shape) > 1 or space.shape == (0,):
            raise TaskError(
                f"{self.id}: actions of {self.settings.env} are {space}; supported: Discrete, or Box of one dimension"
            )
        if not space.is_bounded():
            raise TaskError(
                f"{self.id}: actions of {self.settings.env} have no finite bounds; wrap it in RescaleAction or ClipAction"
            )

    def _bounds(self) -> tuple[list[float], list[float]]:
        assert isinstance(self.actions, spaces.Box)
        return [round(float(x), DIGITS) for x in self.actions.low.ravel()], [
            round(float(x), DIGITS) for x in self.actions.high.ravel()
        ]

    def _whole_actions(self) -> bool:
        return bool(np.issubdtype(self.actions.dtype, np.integer))

    def _nearest_to_zero(self) -> Json:
        if isinstance(self.actions, spaces.Discrete):
            return int(
                min(max(0, int(self.actions.start)), int(self.actions.start + self.actions.n) - 1)
            )
        number = int if self._whole_actions() else float
        lows, highs = self._bounds()
        values = [number(min(max(0.0, low), high)) for low, high in zip(lows, highs, strict=True)]
        return values[0] if len(values) == 1 else values


def _components(task: str, space: Any, prefix: str = "x") -> list[tuple[str, bool]]:
    """Name of each component in the order of `_flat`, and whether it is a whole number."""
    if isinstance(space, spaces.Dict):
        return [
            part
            for key, inner in space.spaces.items()
            for part in _components(task, inner, str(key))
        ]
    if isinstance(space, spaces.Tuple):
        return [
            part
            for index, inner in enumerate(space.spaces)
            for part in _components(task, inner, f"{prefix}{index}")
        ]
    if isinstance(space, spaces.Discrete):
        return [(prefix, True)]
    if isinstance(space, spaces.Box) and len(space.shape) <= 1 and math.prod(space.shape) <= 256:
        whole, size = bool(np.issubdtype(space.dtype, np.integer)), math.prod(space.shape)
        return [
            (prefix if size == 1 and prefix != "x" else f"{prefix}{index}", whole)
            for index in range(size)
        ]
    raise TaskError(
        f"{task}: cannot name the parts of {space}; supported: Discrete, Box of one dimension (up to 256), flat Dict and Tuple"
    )


def _flat(observation: Any) -> list[Any]:
    if isinstance(observation, Mapping):
        return [value for inner in observation.values() for value in _flat(inner)]
    if isinstance(observation, tuple):
        return [value for inner in observation for value in _flat(inner)]
    return list(np.ravel(observation))


def shipped_task(name: str, change: str | None = None, change_at: int = 0) -> GymnasiumTask:
    """A task of a rules file that comes with the package, such as ``mountain-car``; such a task knows no changes of its rules.

    Raises:
        TaskError: a change was asked for.
    """
    check_change(name, {}, change, change_at)
    return GymnasiumTask.from_text(
        (resources.files("logicdistill.tasks") / "rules" / f"{name}.md").read_text(
            encoding="utf-8"
        ),
        name,
    )
