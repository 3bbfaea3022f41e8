"""Any Gymnasium environment with a rules file as a task."""

from __future__ import annotations

import importlib
import json
import math
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import gymnasium
import numpy as np
import tomli_w
from gymnasium import spaces
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from logicdistill.errors import TaskError, one_line
from logicdistill.files import digest, write_atomic
from logicdistill.tasks.rules import Rules, read_head, read_rules
from logicdistill.tasks.schema import StateSchema
from logicdistill.types import Change, Json

DIGITS = 6
"""Decimals of an observed float in a state: states read the same on every machine."""

STEPS_LEFT = "steps_left"
RULES_FILE = "rules.md"


class GymnasiumSettings(BaseModel):
    """The settings of a rules file, between its ``+++`` lines (TOML).

    Attributes:
        env: id of the Gymnasium environment, such as ``CartPole-v1``; ``myenvs:Lane-v0`` imports
            the module ``myenvs`` that registers it.
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
    at_least: float | None = Field(default=None, strict=True)  # else true would be 1
    episodes: int = Field(default=200, ge=1, strict=True)
    steps: int | None = Field(default=None, ge=1, strict=True)
    neutral: Json = None
    options: dict[str, Json] = {}


class SuccessWrapper(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Counts steps and return, and adds ``info["success"]``."""

    def __init__(self, env: gymnasium.Env[Any, Any], at_least: float | None) -> None:
        super().__init__(env)
        self.at_least, self.elapsed, self.total = at_least, 0, 0.0

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
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

    Attributes:
        text: of the rules file that it was read from, or None.
        folder: where a module that ``env`` names is looked for, beside the usual places.

    Raises:
        TaskError: no such environment, an unsupported space, or settings that do not fit it.
    """

    def __init__(
        self,
        settings: GymnasiumSettings,
        rules: tuple[str, ...],
        text: str | None = None,
        folder: Path | None = None,
    ) -> None:
        self.settings, self.rules, self.text, self.folder = settings, rules, text, folder
        self.changes: Mapping[str, Change] = {}
        self.id, self.title, self.episodes = settings.id, settings.title, settings.episodes
        try:
            self._read_env()
        except TaskError as error:
            raise TaskError(f"{self.id}: {error}") from None

    def _read_env(self) -> None:
        settings = self.settings
        if not self.rules:
            raise TaskError("the rules file has no numbered sentence such as '1. ...'")
        if (settings.success == "return") != (settings.at_least is not None):
            raise TaskError("success = 'return' needs at_least, and 'terminated' has none")
        env = self.make_env()
        self.step_limit = env.spec.max_episode_steps if env.spec is not None else None
        self.actions = env.action_space
        env.close()
        self._bounds = _bounds(self.actions)
        self._whole = bool(np.issubdtype(self.actions.dtype or float, np.integer))
        self._parts = self._named(list(_components(env.observation_space)))
        self.state_schema = self._schema()
        StateSchema(self.state_schema)
        number = int if self._whole else float
        zeros = [number(min(max(0, low), high)) for low, high in self._bounds]
        self._neutral: Json = zeros[0] if len(zeros) == 1 else zeros
        if settings.neutral is not None:
            self._neutral = settings.neutral
        if (reason := self.illegal({}, self._neutral)) is not None:
            raise TaskError(f"the neutral action is illegal: {reason}")

    @classmethod
    def from_text(cls, text: str, name: str = "rules", folder: Path | None = None) -> GymnasiumTask:
        """A task of a rules file's text: TOML between two ``+++`` lines, then the rules.

        Args:
            text: see `logicdistill.tasks.rules` for what is a rule.
            name: of the file, for messages.
            folder: where a module that ``env`` names is looked for, beside the usual places.

        Raises:
            TaskError: see the class; also unknown settings, and the first fault of the rules.
        """
        found = read_rules_file(text)
        if found is None:
            form = "settings in TOML between two lines '+++', then the numbered rules"
            raise TaskError(f"{name}: begins with {form}")
        head, rules = found
        try:
            settings = GymnasiumSettings.model_validate(tomllib.loads(head))
        except tomllib.TOMLDecodeError as error:
            raise TaskError(f"{name}: settings are not TOML: {error}") from None
        except ValidationError as error:
            raise TaskError(f"{name}: {_first(error)}") from None
        if rules.faults:
            fault, more = rules.faults[0], len(rules.faults) - 1
            others = f" (and {more} more: logicdistill check {name})" if more else ""
            line = f":{fault.line}" if fault.line else ""
            raise TaskError(f"{name}{line}: {fault.what}{others}")
        return cls(settings, rules.texts, text, folder)

    @classmethod
    def from_file(cls, file: Path) -> GymnasiumTask:
        """A task of a rules file; see `from_text`. A module may lie beside the file."""
        return cls.from_text(file_text(file), file.name, file.resolve().parent)

    @property
    def fingerprint(self) -> str:
        """Hash of settings and rules."""
        return digest(self.settings.model_dump(mode="json"), list(self.rules))

    def check_rules(self, folder: Path) -> None:
        """Raise `TaskError` if a run's copy of the rules file has other rules."""
        file = folder / RULES_FILE
        if file.is_file():
            found = read_rules_file(file_text(file))
            if found is None or found[1].texts != self.rules:
                raise TaskError(
                    f"{self.id}: the rules are not those that the run {folder.parent} was begun"
                    " with; a result names the rules it had: raise the version in the id and"
                    " choose another --out"
                )

    def copy_to(self, folder: Path) -> None:
        """Copy the rules file to a run, so that the run knows its task.

        Raises:
            TaskError: see `check_rules`.
            StorageError: the folder cannot be written.
        """
        self.check_rules(folder)
        content, file = (self.text or "").encode(), folder / RULES_FILE
        if not file.is_file() or file.read_bytes() != content:
            write_atomic(file, content)

    @classmethod
    def of(
        cls,
        env: gymnasium.Env[Any, Any] | str,
        rules: Sequence[str],
        *,
        id: str,  # noqa: A002  # as the rules file calls it
        title: str = "",
        **settings: Any,
    ) -> GymnasiumTask:
        """A task of an environment and its rules.

        Args:
            env: an environment that ``gymnasium.make`` made, or its id.
            rules: sentence by sentence.
            id: name and version of the task, such as ``lane-v1``.
            title: one line for listings; by default the environment's id.
            settings: further ones of `GymnasiumSettings`, such as ``names`` or ``success``.

        Raises:
            TaskError: see the class; also an environment that ``gymnasium.make`` does not know.
        """
        given = {"id": id, **settings}
        if isinstance(env, str):
            given["env"] = env
        elif (spec := getattr(env, "spec", None)) is not None:
            given = {
                "env": spec.id,
                "options": spec.kwargs,
                "steps": spec.max_episode_steps,
                **given,
            }
        else:
            make = "gymnasium.register(id='Lane-v0', entry_point=Lane), then gymnasium.make it"
            raise TaskError(f"{id}: every episode needs a fresh environment; register this: {make}")
        try:
            found = GymnasiumSettings.model_validate({"title": title or given["env"], **given})
        except ValidationError as error:
            raise TaskError(f"{id}: {_first(error)}") from None
        return cls(found, tuple(rules))

    def kept_in(self, folder: Path) -> GymnasiumTask:
        """This task with a rules file, which a run keeps; modules are looked for in the folder."""
        return GymnasiumTask(self.settings, self.rules, self.to_text(), folder)

    def to_text(self) -> str:
        """The rules file that makes this task; see `from_text`."""
        settings = self.settings.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
        rules = (f"{number}. {rule}" for number, rule in enumerate(self.rules, start=1))
        return "\n".join(["+++", f"{tomli_w.dumps(settings)}+++", "", *rules, ""])

    def make_env(self) -> gymnasium.Env[Any, Any]:
        """A fresh environment with its time limit, wrapped in `SuccessWrapper`.

        Raises:
            TaskError: it cannot be made, whatever its own code raises.
        """
        name, limit, options = self.settings.env, self.settings.steps, self.settings.options
        module, _, registered = name.rpartition(":")
        try:
            if module:
                _import(module, self.folder)
            # None is the environment's own limit.
            env = gymnasium.make(registered, limit, disable_env_checker=True, **options)
        except Exception as error:
            raise TaskError(f"gymnasium cannot make {name!r}: {_why(error, module)}") from None
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
        count, values = len(self._bounds), action if isinstance(action, list) else [action]
        if isinstance(action, list) == (count == 1) or len(values) != count:
            form = "one number" if count == 1 else f"a list of {count} numbers"
            return f"{action!r} is not {form}"
        for value, (low, high) in zip(values, self._bounds, strict=True):
            number = isinstance(value, int if self._whole else (int, float))
            if not number or isinstance(value, bool) or not low <= value <= high:
                kind = "whole number" if self._whole else "number"
                return f"{value!r} is not a {kind} from {low:g} to {high:g}"
        return None

    @property
    def action_form(self) -> str:
        """One number, or a list of them, each with its bounds."""
        kind = "a whole number" if self._whole else "a number"
        each = [f"{kind} from {low:g} to {high:g}" for low, high in self._bounds]
        return each[0] if len(each) == 1 else f"a list of {len(each)}: {', '.join(each)}"

    @property
    def fallback_form(self) -> str:
        """The neutral action."""
        return json.dumps(self._neutral)

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """The neutral action."""
        return list(self._neutral) if isinstance(self._neutral, list) else self._neutral

    def optimal_action(self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> Json:
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
            needed = f"names (each once, and not {STEPS_LEFT!r}) and units have to be as many"
            raise TaskError(f"{settings.env} observes {len(parts)} values; {needed}")
        return dict(zip(names, parts, strict=True))

    def _schema(self) -> dict[str, Json]:
        fields: dict[str, dict[str, Json]] = {}
        units = self.settings.units or [""] * len(self._parts)
        for (name, part), unit in zip(self._parts.items(), units, strict=True):
            described = {"description": unit} if unit else {}
            fields[name] = {"type": "integer" if part.whole else "number"} | described
        if self.step_limit is not None:
            fields[STEPS_LEFT] = {"type": "integer", "minimum": 0}
        for name, field in fields.items():
            field["title"] = name.replace("_", " ").title()
        form = {"title": "State", "type": "object", "properties": fields}
        return {**form, "required": list(fields), "additionalProperties": False}


def _bounds(space: spaces.Space[Any]) -> list[tuple[float, float]]:
    """Lowest and highest value of each component of an action."""
    if isinstance(space, spaces.Discrete):
        return [(int(space.start), int(space.start + space.n) - 1)]
    if not isinstance(space, spaces.Box) or len(space.shape) > 1 or space.shape == (0,):
        raise TaskError(f"actions are {space}; supported: Discrete, or Box of one dimension")
    if not space.is_bounded():
        advice = "wrap the environment in RescaleAction or ClipAction"
        raise TaskError(f"actions, {space}, have no finite bounds; {advice}")
    pairs = zip(space.low.ravel(), space.high.ravel(), strict=True)
    return [(round(float(low), DIGITS), round(float(high), DIGITS)) for low, high in pairs]


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"setting {'.'.join(map(str, first['loc']))}: {first['msg']}"


@dataclass(frozen=True, slots=True)
class _Component:
    """One number of an observation: ``keys`` lead to it through Dicts and Tuples."""

    name: str
    whole: bool
    keys: tuple[Any, ...]
    index: int = 0

    def of(self, observation: Any) -> Json:
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
    elif isinstance(space, spaces.Box) and len(space.shape) <= 1 and math.prod(space.shape) <= 256:
        size, whole = math.prod(space.shape), bool(np.issubdtype(space.dtype, np.integer))
        for index in range(size):
            name = prefix if size == 1 and prefix != "x" else f"{prefix}{index}"
            yield _Component(name, whole, keys, index)
    else:
        known = "Discrete, Box of one dimension (up to 256), Dict and Tuple"
        raise TaskError(f"cannot name the parts of {space}; supported: {known}")


def _import(module: str, folder: Path | None) -> None:
    """Import a module that registers environments; it may lie in the folder or the current one.

    Such a folder stays on the path, behind all others, for worker processes and later imports.
    """
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        top = module.partition(".")[0]
        places = [str(place) for place in (folder, Path.cwd()) if place and _has(place, top)]
        if error.name != top or not places:
            raise
        if places[0] not in sys.path:
            sys.path.append(places[0])
        importlib.invalidate_caches()
        importlib.import_module(module)


def _has(folder: Path, module: str) -> bool:
    return (folder / f"{module}.py").is_file() or (folder / module).is_dir()


def _why(error: Exception, module: str) -> str:
    """What went wrong, and what to do, in one line."""
    if isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0] != "":
        return (
            f"there is no module {module!r} on the path, in the current folder or beside the rules"
            " file; install it, or name its folder in PYTHONPATH"
        )
    if isinstance(error, gymnasium.error.UnregisteredEnv) and not module:
        advice = "write env = 'MODULE:ID' to import the module that registers it"
        return f"{one_line(error)}; {advice}"
    known = isinstance(error, (gymnasium.error.Error, ImportError))
    return one_line(error) if known else f"{type(error).__name__}: {one_line(error)}"


def read_rules_file(text: str) -> tuple[str, Rules] | None:
    """The settings (TOML) and the rules of a rules file; None where it has no settings."""
    parts = read_head(text)
    return (parts[0], read_rules(*parts[1:])) if parts else None


def file_text(file: Path) -> str:
    """The text of a rules file; raises `TaskError` if it cannot be read."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read ({type(error).__name__}); name a rules file in UTF-8"
        raise TaskError(f"{file}: {what}") from None


def shipped_text(name: str) -> str:
    """A rules file that comes with the package, such as ``mountain-car``."""
    file = resources.files("logicdistill.tasks") / "rules" / f"{name}.md"
    return file.read_text(encoding="utf-8")
