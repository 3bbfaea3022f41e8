"""What a run is made with, and where it says what it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from logicdistill.protocols import Task
from logicdistill.seeds import FIRST_VALIDATION_SEED
from logicdistill.tasks.records import RecordTask
from logicdistill.training.collect import USAGE_EXAMPLES
from logicdistill.types import Json

TRAIN_EPISODES = 300


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a run is made with; stored in ``run.toml``.

    Attributes:
        task: id or name of a built-in task, or the folder of a record task.
        sizes: the task's own parameters.
        episodes: evaluation episodes a player; None takes the task's default.
        train_episodes: episodes played to collect examples.
        seed: of the training.
        encoder: name or path of the model that is fine-tuned.
        train_steps: steps of fine-tuning; None takes the recipe's number.
        recording: whose replies are the teacher's: a recording's name, or ``live:`` and a model's; None takes the one that the folder
            was begun with, or the shipped one.
        data: folder with the data of a task of messages; None fetches them.
        shots: training states of each right action of a record task; None takes all.
        usage_examples: training states that become usage examples of each function, where a state is free text alone.
    """

    task: str
    sizes: Mapping[str, Json] = field(default_factory=dict)
    episodes: int | None = None
    train_episodes: int = TRAIN_EPISODES
    seed: int = 0
    encoder: str = "minilm"
    train_steps: int | None = None
    recording: str | None = None
    data: str | None = None
    shots: int | None = None
    usage_examples: int = USAGE_EXAMPLES


def training_episodes(task: Task) -> int:
    """Training episodes by default: every training state of a record task, 300 of an environment."""
    if isinstance(task, RecordTask):
        return min(FIRST_VALIDATION_SEED, len(task.split("train")))
    return TRAIN_EPISODES


class Reporter(Protocol):
    """Where a run says what it does."""

    def line(self, text: str) -> None:
        """Something that happened."""

    def progress(self, step: str, done: int, total: int) -> None:
        """How far a step is."""
