"""Episodes: an environment and a player, side by side for many seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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
    """One played episode. The fallback action was taken for ``illegal`` actions and for ``unusable`` answers (no action at all)."""

    seed: int
    success: bool
    turns: tuple[Turn, ...]
    illegal: int
    unusable: int = 0

    @property
    def total(self) -> float:
        """Return: the sum of the rewards (undiscounted)."""
        return sum(turn.reward for turn in self.turns)


Player = Callable[[Sequence[Any], list[dict[str, Json]]], list[tuple[Json, Decision | None]]]
"""Environments and their states to an action each, with the decision behind it where there is one; the action None is no answer."""


def play(
    task: Task,
    player: Player,
    seeds: Sequence[int],
    on_turn: Callable[[int, Turn], None] | None = None,
) -> list[Episode]:
    """Play one episode a seed to its end, all of them side by side: decide, act, observe.

    Args:
        task: whose environment is played.
        player: decides for all running episodes at once.
        seeds: of the environments.
        on_turn: told of each turn with its episode's seed.
    """
    envs = [task.make_env() for _ in seeds]
    observations = [env.reset(seed=seed)[0] for env, seed in zip(envs, seeds, strict=True)]
    turns: list[list[Turn]] = [[] for _ in seeds]
    illegal, unusable, success = [0] * len(seeds), [0] * len(seeds), [False] * len(seeds)
    running = list(range(len(seeds)))
    while running:
        states = [task.state(envs[index], observations[index]) for index in running]
        decided = player([envs[index] for index in running], states)
        going = []
        for index, state, (action, decision) in zip(running, states, decided, strict=True):
            if action is None:
                unusable[index], action = unusable[index] + 1, task.fallback(state)
            elif task.illegal(state, action) is not None:
                illegal[index], action = illegal[index] + 1, task.fallback(state)
            observations[index], reward, terminated, truncated, info = envs[index].step(
                task.env_action(state, action)
            )
            turns[index].append(Turn(state, action, float(reward), decision))
            if on_turn is not None:
                on_turn(seeds[index], turns[index][-1])
            success[index] = bool(info["success"])
            if not (terminated or truncated):
                going.append(index)
        running = going
    return [
        Episode(*parts)
        for parts in zip(seeds, success, map(tuple, turns), illegal, unusable, strict=True)
    ]
