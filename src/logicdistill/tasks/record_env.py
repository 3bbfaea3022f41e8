"""Recorded states as an environment of Gymnasium."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import gymnasium
from gymnasium import spaces

from logicdistill.tasks.record_folder import SPLITS, Record, Split
from logicdistill.tasks.seeds import FIRST_TEST_SEED, FIRST_VALIDATION_SEED
from logicdistill.types import Json, same


class RecordEnv(gymnasium.Env[Any, Json]):
    """One state, one action, and the episode is over.

    Seeds walk the splits in the order of the file: training states from 0, validation states from
    `FIRST_VALIDATION_SEED`, test states from `FIRST_TEST_SEED`; a split's first state follows its
    last one. The observation is the record's index.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.observation_space = spaces.Discrete(len(records))
        self.action_space = spaces.Space()
        self._by_split: dict[Split, list[int]] = {split: [] for split in SPLITS}
        for index, record in enumerate(records):
            self._by_split[record.split].append(index)
        self.index = 0

    @property
    def record(self) -> Record:
        """The current one."""
        return self.records[self.index]

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[int, dict[str, Any]]:
        """The state of that seed; without one, a random training state."""
        super().reset(seed=seed)
        if seed is None:
            seed = int(self.np_random.integers(FIRST_VALIDATION_SEED))
        indices, first = self._by_split["train"], 0
        if seed >= FIRST_TEST_SEED:
            indices, first = self._by_split["test"], FIRST_TEST_SEED
        elif seed >= FIRST_VALIDATION_SEED and self._by_split["validation"]:
            indices, first = self._by_split["validation"], FIRST_VALIDATION_SEED
        self.index = indices[(seed - first) % len(indices)]
        return self.index, {"id": self.record.id}

    def step(self, action: Json) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Success is the right action; where none is known, any action."""
        record = self.record
        success = not record.known or same(action, record.action)
        return self.index, float(success), True, False, {"success": success, "known": record.known}

    def __deepcopy__(self, memo: dict[int, Any]) -> RecordEnv:
        return copy.copy(self)  # the records never change
