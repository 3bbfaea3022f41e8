"""Episodes: an environment and a player, side by side for many seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from logicdistill.protocols import Task
from logicdistill.types import Decision, Json


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of an episode: the state, what was decided, and the reward that followed."""

    state: dict[str, Json]
    action: Json
    reward: float
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Episode:
    """One played episode.

    Attributes:
        illegal: how many actions were illegal.
        unusable: how many answers were no action at all. The fallback action took their place.
    """

    seed: int
    success: bool
    turns: tuple[Turn, ...]
    illegal: int
    unusable: int = 0

    @property
    def total(self) -> float:
        """Return: the sum of the rewards (undiscounted)."""
        return sum(turn.reward for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Position:
    """An episode in which an action is due: seed, environment, and the state to decide."""

    seed: int
    env: Any
    state: dict[str, Json]


Move: TypeAlias = tuple[Json, Decision | None]
"""An action and, where the player has one, the decision behind it. The action None is no answer."""

Player: TypeAlias = Callable[[Sequence[Position]], list[Move]]
"""One move for each position, in order."""


def play(
    task: Task,
    player: Player,
    seeds: Sequence[int],
    on_turn: Callable[[int, Turn], None] | None = None,
) -> list[Episode]:
    """Play one episode for each seed to its end, all of them side by side: decide, act, observe.

    Args:
        task: whose environment is played.
        player: decides in all running episodes at once.
        seeds: of the environments.
        on_turn: called with the seed and the turn after each step of an episode.
    """
    envs = {seed: task.make_env() for seed in seeds}
    observed = {seed: env.reset(seed=seed)[0] for seed, env in envs.items()}
    turns: dict[int, list[Turn]] = {seed: [] for seed in seeds}
    illegal, unusable = dict.fromkeys(seeds, 0), dict.fromkeys(seeds, 0)
    success = dict.fromkeys(seeds, False)
    running = list(envs)
    while running:
        positions = [
            Position(seed, envs[seed], task.state(envs[seed], observed[seed])) for seed in running
        ]
        running = []
        for position, (action, decision) in zip(positions, player(positions), strict=True):
            seed, env, state = position.seed, position.env, position.state
            if action is None:
                unusable[seed], action = unusable[seed] + 1, task.fallback(state)
            elif task.illegal(state, action) is not None:
                illegal[seed], action = illegal[seed] + 1, task.fallback(state)
            observed[seed], reward, terminated, truncated, info = env.step(
                task.env_action(state, action)
            )
            turns[seed].append(Turn(state, action, float(reward), decision))
            if on_turn is not None:
                on_turn(seed, turns[seed][-1])
            success[seed] = bool(info["success"])
            if not (terminated or truncated):
                running.append(seed)
    return [
        Episode(seed, success[seed], tuple(turns[seed]), illegal[seed], unusable[seed])
        for seed in envs
    ]
