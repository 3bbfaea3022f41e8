"""Any Gymnasium environment with a rules file as a task.

The file names what is observed and says what counts as success.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import gymnasium
import numpy as np
from gymnasium import spaces
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from logicdistill.errors import TaskError, one_line
from logicdistill.tasks.schema import StateSchema
from logicdistill.types import Change, Json

DIGITS = 6
"""Decimals of an observed float in a state: states read the same on every machine."""

STEPS_LEFT = "steps_left"


class GymnasiumSettings(BaseModel):
    """The settings of a rules file, between its ``+++`` lines (TOML).

    Attributes:
        id: id of the task, with its version.
        env: id of the Gymnasium environment.
        title: one line for listings.
        names: a name for each component of the observation, in order; left out, they are ``x0``,
            ``x1``, ... or a Dict's keys.
        units: units (or a few words) for the names, in their order; the teacher reads them.
        success: ``terminated`` (the environment ended the episode itself) or ``return`` (see
            ``at_least``).
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
        """One step; an episode that ends in the step of its limit counts as ended."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        reward, terminated, truncated = float(reward), bool(terminated), bool(truncated)
        self.elapsed, self.total = self.elapsed + 1, self.total + reward
        success = terminated
        if self.at_least is not None:
            success = (terminated or truncated) and self.total >= self.at_least
        return observation, reward, terminated, truncated, {**info, "success": success}


class GymnasiumTask:
    """A task (see `logicdistill.protocols.Task`) of a Gymnasium environment.

    Observations: Box of one dimension, Discrete, and Dict or Tuple of them. Actions: Box of one
    dimension with finite bounds (a float, or a list of floats where it has several components) and
    Discrete (an int).

    Args:
        settings: see `GymnasiumSettings`.
        rules: the rules, sentence by sentence.

    Raises:
        TaskError: no such environment, an unsupported space, or settings that do not fit it.
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
        self.step_limit = env.spec.max_episode_steps if env.spec is not None else None
        self.actions = env.action_space
        env.close()
        self._check_actions()
        try:
            self._parts = self._named(list(_components(env.observation_space)))
            self.state_schema = self._schema()
            StateSchema(self.state_schema)
        except TaskError as error:
            raise TaskError(f"{self.id}: {error}") from None
        self._neutral = self._nearest_to_zero() if settings.neutral is None else settings.neutral
        if (reason := self.illegal({}, self._neutral)) is not None:
            raise TaskError(f"{self.id}: the neutral action is illegal: {reason}")

    @classmethod
    def from_text(cls, text: str, name: str = "rules") -> GymnasiumTask:
        """A task of a rules file's text: TOML between two ``+++`` lines, then a numbered list.

        Raises:
            TaskError: see the class; also unknown settings.
        """
        parts = re.split(r"^\+\+\+\s*$", text, maxsplit=2, flags=re.MULTILINE)
        if len(parts) != 3 or parts[0].strip():
            raise TaskError(
                f"{name}: begins with settings in TOML between two lines '+++', then the numbered"
                " rules"
            )
        try:
            settings = GymnasiumSettings.model_validate(tomllib.loads(parts[1]))
        except tomllib.TOMLDecodeError as error:
            raise TaskError(f"{name}: settings are not TOML: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise TaskError(f"{name}: setting {where}: {first['msg']}") from None
        rules = re.split(r"^\d+\.\s+", parts[2], flags=re.MULTILINE)[1:]
        return cls(settings, tuple(" ".join(rule.split()) for rule in rules))

    @classmethod
    def from_file(cls, file: Path) -> GymnasiumTask:
        """A task of a rules file; see `from_text`."""
        try:
            return cls.from_text(file.read_text(encoding="utf-8-sig"), file.name)
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
        found = {name: part.of(observation) for name, part in self._parts.items()}
        if self.step_limit is not None:
            assert isinstance(env, SuccessWrapper)
            found[STEPS_LEFT] = self.step_limit - env.elapsed
        return found

    def impossible(self, state: Mapping[str, Json]) -> str | None:
        """Not known."""
        return None

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """An array for a Box, an int for Discrete."""
        if isinstance(self.actions, spaces.Box):
            values = np.array(action, dtype=self.actions.dtype).reshape(self.actions.shape)
            # The nearest float32 of a bound may lie outside it.
            return np.clip(values, self.actions.low, self.actions.high)
        return int(action)

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """A number (or a list of them) inside the action space."""
        lows, highs, whole = self._bounds()
        values = action if isinstance(action, list) else [action]
        if isinstance(action, list) == (len(lows) == 1) or len(values) != len(lows):
            form = "one number" if len(lows) == 1 else f"a list of {len(lows)} numbers"
            return f"{action!r} is not {form}"
        for value, low, high in zip(values, lows, highs, strict=True):
            number = isinstance(value, int if whole else (int, float))
            if not number or isinstance(value, bool) or not low <= value <= high:
                kind = "whole number" if whole else "number"
                return f"{value!r} is not a {kind} from {low:g} to {high:g}"
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
            f"{name.replace('_', ' ')} {f'{value:.3f}' if isinstance(value, float) else value}"
            for name, value in state.items()
        )

    def _named(self, parts: list[_Component]) -> dict[str, _Component]:
        settings = self.settings
        names = settings.names or [part.name for part in parts]
        counts = {len(parts), len(names), len(settings.units or names), len({*names})}
        if len(counts) > 1 or STEPS_LEFT in names:
            raise TaskError(
                f"{settings.env} observes {len(parts)} values; names (each once, and not"
                f" {STEPS_LEFT!r}) and units have to be as many"
            )
        return dict(zip(names, parts, strict=True))

    def _schema(self) -> dict[str, Json]:
        fields: dict[str, dict[str, Json]] = {
            name: {"type": "integer" if part.whole else "number"}
            for name, part in self._parts.items()
        }
        for name, unit in zip(fields, self.settings.units, strict=False):
            if unit:
                fields[name]["description"] = unit
        if self.step_limit is not None:
            fields[STEPS_LEFT] = {"type": "integer", "minimum": 0}
        for name in fields:
            fields[name]["title"] = name.replace("_", " ").title()
        return {
            "title": "State",
            "type": "object",
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        }

    def _check_actions(self) -> None:
        space, env = self.actions, self.settings.env
        if isinstance(space, spaces.Discrete):
            return
        if not isinstance(space, spaces.Box) or len(space.shape) > 1 or space.shape == (0,):
            raise TaskError(
                f"{self.id}: actions of {env} are {space}; supported: Discrete, or Box of one"
                " dimension"
            )
        if not space.is_bounded():
            raise TaskError(
                f"{self.id}: actions of {env} have no finite bounds; wrap it in RescaleAction or"
                " ClipAction"
            )

    def _bounds(self) -> tuple[list[float], list[float], bool]:
        """Lowest and highest value of each component of an action; whether they are whole."""
        space = self.actions
        if isinstance(space, spaces.Discrete):
            return [int(space.start)], [int(space.start + space.n) - 1], True
        assert isinstance(space, spaces.Box)
        lows, highs = (
            [round(float(value), DIGITS) for value in bound.ravel()]
            for bound in (space.low, space.high)
        )
        return lows, highs, bool(np.issubdtype(space.dtype, np.integer))

    def _nearest_to_zero(self) -> Json:
        lows, highs, whole = self._bounds()
        number = int if whole else float
        values = [number(min(max(0, low), high)) for low, high in zip(lows, highs, strict=True)]
        return values[0] if len(values) == 1 else values


@dataclass(frozen=True, slots=True)
class _Component:
    """One number of an observation.

    Attributes:
        name: in a state.
        whole: whether it is a whole number.
        keys: where it stands in the Dicts and Tuples.
        index: its place among the numbers that stand there.
    """

    name: str
    whole: bool
    keys: tuple[Any, ...]
    index: int = 0

    def of(self, observation: Any) -> Json:
        """Its value, a float to `DIGITS` decimals."""
        for key in self.keys:
            observation = observation[key]
        value = np.ravel(observation)[self.index]
        return int(value) if self.whole else round(float(value), DIGITS)


def _components(space: Any, prefix: str = "x", keys: tuple[Any, ...] = ()) -> Iterator[_Component]:
    """The numbers of an observation, in the order of the space."""
    if isinstance(space, spaces.Dict):
        for key, inner in space.spaces.items():
            yield from _components(inner, str(key), (*keys, key))
    elif isinstance(space, spaces.Tuple):
        for index, inner in enumerate(space.spaces):
            yield from _components(inner, f"{prefix}{index}", (*keys, index))
    elif isinstance(space, spaces.Discrete):
        yield _Component(prefix, True, keys)
    elif (
        isinstance(space, spaces.Box)
        and len(space.shape) <= 1
        and (size := math.prod(space.shape)) <= 256
    ):
        whole = bool(np.issubdtype(space.dtype, np.integer))
        for index in range(size):
            name = prefix if size == 1 and prefix != "x" else f"{prefix}{index}"
            yield _Component(name, whole, keys, index)
    else:
        raise TaskError(
            f"cannot name the parts of {space}; supported: Discrete, Box of one dimension (up to"
            " 256), Dict and Tuple"
        )


def shipped_task(name: str) -> GymnasiumTask:
    """A task whose rules file comes with the package, such as ``mountain-car``."""
    file = resources.files("logicdistill.tasks") / "rules" / f"{name}.md"
    return GymnasiumTask.from_text(file.read_text(encoding="utf-8"), name)
