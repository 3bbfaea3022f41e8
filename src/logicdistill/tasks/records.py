"""A folder of rules and recorded states as a task: every state is an episode of one decision."""

from __future__ import annotations

import copy
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from logicdistill.errors import TaskError
from logicdistill.files import digest, write_atomic
from logicdistill.tasks.by_hand import FUNCTIONS, MODULE, STAGES
from logicdistill.tasks.covering import covering
from logicdistill.tasks.record_folder import (
    FILES,
    RULES,
    SCHEMA,
    SETTINGS,
    STATES,
    Record,
    RecordFolder,
    read_folder,
)
from logicdistill.types import Change, Json, same

if TYPE_CHECKING:
    import gymnasium

    from logicdistill.tasks.record_env import RecordEnv

NOTED = 3
"""So many states at most are named in a note."""


class RecordTask:
    """A task (see `logicdistill.protocols.Task`) of a folder: settings, rules and states.

    Attributes:
        folder: the folder; ``schema.json`` is written into it when it is first read.
        records: every state, in the order of the file.
        by_hand: what a person wrote that need not be asked of a teacher.
        fingerprint: hash of rules, schema, actions and states.

    Args:
        folder: with ``task.toml``, ``rules.md``, ``states.jsonl``.
        states: False reads the states only when they are asked for; deciding never does, so it
            needs no ``states.jsonl``.

    Raises:
        TaskError: the first fault, and how many there are.
    """

    def __init__(self, folder: str | Path, *, states: bool = True) -> None:
        self.folder = folder = Path(folder)
        found = _sound(folder, states)
        assert found.settings is not None
        assert found.states is not None
        assert found.actions is not None
        self.rules = found.rules
        if states:
            self.records = found.records
        self._pictures = found.pictures
        self.settings, self._actions, self.by_hand = found.settings, found.actions, found.by_hand
        self.id, self.title = found.settings.id, found.settings.title
        self.state_schema: Mapping[str, Json] = found.states.source
        self.changes: Mapping[str, Change] = {}

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """Every state; raises `TaskError` where ``states.jsonl`` is missing or has a fault."""
        return _sound(self.folder).records

    @property
    def has_states(self) -> bool:
        """Whether the folder has states; a policy decides without them."""
        return (self.folder / STATES).is_file()

    @cached_property
    def episodes(self) -> int:
        """How many test states there are."""
        return len(self.split("test"))

    @cached_property
    def fingerprint(self) -> str:
        """Hash of rules, schema, settings and states."""
        return digest(
            list(self.rules),
            self.state_schema,
            self.settings.model_dump(mode="json"),
            [[r.state, r.split, r.known, r.action, dict(r.choices)] for r in self.records],
        )

    @cached_property
    def _by_state(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = {}
        for record in self.records:
            found.setdefault(_key(record.state), []).append(record)
        return found

    @cached_property
    def _all_known(self) -> bool:
        return all(record.known for record in self.records)

    @cached_property
    def _env(self) -> RecordEnv:
        from logicdistill.tasks.record_env import RecordEnv  # Gymnasium; deciding needs none

        return RecordEnv(self.records)

    def notes(self) -> list[str]:
        """What is allowed and yet likely a mistake in the states, a line each.

        Test states that are training states, and states with several right actions.
        """
        seen = {_key(record.state) for record in self.split("train")}
        again = [record.id for record in self.split("test") if _key(record.state) in seen]
        notes = []
        if again:
            of = f"of {len(self.split('test'))} test states are training states as well"
            notes.append(f"{len(again)} {of}, so figures count them as unseen: {listed(again)}")
        several = []
        for first, *others in self._twins():
            if other := next((r for r in others if not same(r.action, first.action)), None):
                actions = f"{_key(first.action)}, {_key(other.action)}"
                several.append(f"{first.id} and {other.id} ({actions})")
        if several:
            notes.append(
                f"{len(several)} state{'s have' if len(several) > 1 else ' has'} different right"
                f" actions, so no policy gets all right: {listed(several)}"
            )
        return notes

    def _twins(self) -> Iterator[list[Record]]:
        """Records with a right action whose states are equal, where there are several."""
        for records in self._by_state.values():
            known = [record for record in records if record.known]
            if len(known) > 1:
                yield known

    @property
    def action_form(self) -> str:
        """The JSON Schema of an action."""
        return json.dumps(self.settings.allowed, ensure_ascii=False)

    @property
    def fallback_form(self) -> str:
        """The fallback of ``task.toml``."""
        return json.dumps(self.settings.fallback, ensure_ascii=False)

    @property
    def actions(self) -> list[Json]:
        """The actions that ``task.toml`` lists, less the fallback, which needs no function."""
        listed = self.settings.allowed.get("enum", [])
        return [action for action in listed if not same(action, self.settings.fallback)]

    def samples(self, count: int) -> list[dict[str, Json]]:
        """States that a teacher is shown: those of ``task.toml``, or differing training states."""
        if self.settings.samples:
            return list(self.settings.samples)
        return [dict(record.state) for record in covering(self.split("train"), count)]

    def split(self, name: str) -> list[Record]:
        """Records of a split, in order."""
        return [record for record in self.records if record.split == name]

    def logged(self, scope: Mapping[str, Json]) -> list[Record]:
        """Records with a right action for the state that a stage sees."""
        return [record for record in self.recorded(scope) if record.known]

    def recorded(self, scope: Mapping[str, Json]) -> list[Record]:
        """Records of the state that a stage sees."""
        state = {name: scope[name] for name in self.state_schema["properties"]}
        return self._by_state.get(_key(state), [])

    def check_rules(self, folder: Path) -> None:
        """Raise `TaskError` if a run's copy of the task has other rules."""
        if (folder / "rules.md").is_file() and read_folder(folder).rules != self.rules:
            raise TaskError(
                f"{self.folder}/rules.md: the rules are not those that the run {folder.parent} was"
                f" begun with; a result names the rules it had: raise the version in {self.id!r}"
                " (task.toml) and choose another --out"
            )

    def copy_to(self, folder: Path) -> None:
        """Copy the task's files and its recorded replies to a run, so that the run is complete.

        Raises:
            TaskError: see `check_rules`.
            StorageError: the folder cannot be written.
        """
        if folder.resolve() == self.folder.resolve():
            return
        self.check_rules(folder)
        replies = sorted((self.folder / "replies").glob("*.json"))
        hand = self.by_hand
        drawn = (*hand.picture_files, *self._pictures)
        names = (*FILES, STAGES, *hand.files, *hand.helpers, *dict.fromkeys(drawn))
        written = [name for name in names if (self.folder / name).is_file()]
        for old in [
            STAGES,
            MODULE,
            *(f"{FUNCTIONS}/{p}" for p in _python_files(folder / FUNCTIONS)),
        ]:
            if old not in written:
                (folder / old).unlink(missing_ok=True)
        for file in [*(self.folder / name for name in written), *replies]:
            copied, content = folder / file.relative_to(self.folder), file.read_bytes()
            if not copied.is_file() or copied.read_bytes() != content:
                write_atomic(copied, content)

    def packed(self) -> dict[str, bytes]:
        """The files that deciding needs, by name, without a recorded state."""
        settings = self.settings.model_dump(mode="json", exclude_defaults=True)
        settings.pop("samples", None)
        there = [name for name in (RULES, SCHEMA) if (self.folder / name).is_file()]
        files = {name: (self.folder / name).read_bytes() for name in there}
        return {**files, SETTINGS: tomli_w.dumps(settings).encode()}

    def make_env(self) -> RecordEnv:
        """A fresh environment over all records."""
        return copy.copy(self._env)

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> dict[str, Json]:
        """The record's state."""
        return dict(self.records[int(observation)].state)

    def impossible(self, state: Mapping[str, Json]) -> str | None:
        """Not known."""
        return None

    def env_action(self, state: Mapping[str, Json], action: Json) -> Json:
        """The action itself."""
        return action

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """An action that ``task.toml`` allows is legal in every state."""
        faults = self._actions.faults(action)
        return faults[0] if faults else None

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """What ``task.toml`` names."""
        return copy.deepcopy(self.settings.fallback)

    def optimal_action(self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> Json:
        """The right action, where the records give it for every state; otherwise None."""
        from logicdistill.tasks.record_env import RecordEnv

        assert isinstance(env, RecordEnv)
        return env.record.action if self._all_known else None

    def render(self, state: Mapping[str, Json]) -> str:
        """Name and value, a line each."""
        shown = {name: json.dumps(value, ensure_ascii=False) for name, value in state.items()}
        return "\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in shown.items())


def _sound(folder: Path, states: bool = True) -> RecordFolder:
    found = read_folder(folder, states)
    if found.faults:
        more = len(found.faults) - 1
        others = f" (and {more} more: logicdistill check {folder})" if more else ""
        raise TaskError(f"{folder}/{found.faults[0]}{others}")
    return found


def shots(task: RecordTask, count: int | None, seed: int = 0) -> list[Record]:
    """A fixed draw of training states; see `drawn_seeds`."""
    train = task.split("train")
    return [train[index] for index in drawn_seeds(task, count, seed)]


def drawn_seeds(task: RecordTask, count: int | None, seed: int = 0) -> list[int]:
    """The environment's seeds of a fixed draw of training states.

    A larger draw holds the smaller ones. The states alone decide, not their order.

    Args:
        task: the states are those of its training split whose right action is known.
        count: at most so many states of each right action; None takes all.
        seed: of the draw.
    """
    by_action: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for index, record in enumerate(task.split("train")):
        if record.known:
            by_action[_key(record.action)].append((fixed_order(seed, record.state), index))
    return sorted(index for drawn in by_action.values() for _, index in sorted(drawn)[:count])


def fixed_order(seed: Json, value: Json) -> str:
    """Sort key of a random order in which a value's place depends on no other value."""
    return hashlib.sha256(json.dumps([seed, value], sort_keys=True).encode()).hexdigest()


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f", ... and {len(names) - NOTED} more" if len(names) > NOTED else ""
    return ", ".join(names[:NOTED]) + more


def _python_files(folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in folder.glob("**/*.py")]


def _key(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
