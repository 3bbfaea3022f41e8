"""Who plays what in a comparison: the run, the player, and the change of the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from logicdistill.errors import BaseError
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.sandbox import Sandbox
from logicdistill.policy import Policy
from logicdistill.protocols import Student, Task
from logicdistill.runs import Run
from logicdistill.tasks.registry import get_task, task_of_run
from logicdistill.training.labelling import Labeller
from logicdistill.training.logged import recorded_labeller

CHANGE_AT = 3
"""Step of an episode from which a change of the rules is in force."""

SHORT_EPISODES = ("twentyone",)
"""Tasks whose episodes rarely last so long: there the change is in force from the first step."""


class Phase(StrEnum):
    """What has happened when an episode with a change of the rules is played."""

    NONE = ""  # the comparison itself: the rules do not change
    BEFORE = "before"  # the same episodes, as the first row of a change's table
    DURING = "during"  # the rules change; base and models are the run's own
    AFTER = "after"  # the base was told the new rule
    RETRAINED = "retrained"  # told, and the player was trained again


@dataclass(frozen=True, slots=True)
class Scenario:
    """Who plays what; small, so that any worker process can take it that sees the run's folder.

    Attributes:
        run: the run's folder.
        player: name in `logicdistill.compare.players.ROSTER`.
        snapshot: the function base that is played with.
        key: digest of all that the player consists of; part of each record.
        causal: name or path of the causal model, which one player uses untrained.
        change: change of the rules in the middle of the episodes, or "".
    """

    run: str
    player: str
    snapshot: str
    key: str
    causal: str = "smollm2"
    change: str = ""
    phase: Phase = Phase.NONE

    @property
    def folder(self) -> Path:
        """Where the base of this phase lies, what was collected with it, and retrained models."""
        told = self.phase in (Phase.AFTER, Phase.RETRAINED)
        return Path(self.run, "changes", self.change) if told else Path(self.run)

    @property
    def models(self) -> Path:
        """Where the players' trained models lie."""
        return (self.folder if self.phase is Phase.RETRAINED else Path(self.run)) / "players"

    def task(self, change_at: int | None = None) -> Task:
        """The task, with its change (if any) in force from a step on; None: `CHANGE_AT`."""
        settings = Run.open(Path(self.run)).settings
        if not self.change:
            return task_of_run(Path(self.run), settings)
        name, sizes = str(settings["task"]), settings.get("sizes", {})
        usual = 0 if name.startswith(SHORT_EPISODES) else CHANGE_AT
        at = usual if change_at is None else change_at
        return get_task(name, change=self.change, change_at=at, **sizes)

    def policy(self, student: Student | Callable[[Sandbox], Student]) -> Policy:
        """A policy over this phase's base; it writes nothing into the folder.

        Raises:
            BaseError: the base was changed during the comparison.
        """
        base = BaseFolder(self.folder / "base").load()
        if base.snapshot != self.snapshot:
            raise BaseError(
                f"{self.folder}: the function base was changed during the comparison "
                f"({self.snapshot} -> {base.snapshot}); run again"
            )
        return Policy(self.task(), base, student)

    def labeller(self, policy: Policy) -> Labeller:
        """Names the right functions of a policy's base, with the replies of the run."""
        return recorded_labeller(Path(self.run), policy.parts)
