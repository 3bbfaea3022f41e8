"""A player that is loaded: it plays seeds, and its single decisions are timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from logicdistill.baselines.llm import LivePlayer
from logicdistill.episodes import Player, play
from logicdistill.evaluation.evaluate import TIMED_DECISIONS, TIMED_SECONDS, episode_record
from logicdistill.protocols import Task
from logicdistill.teacher.live import LiveTeacher
from logicdistill.types import Decision, Json


@dataclass(frozen=True, slots=True)
class Seat:
    """A loaded player (an agent of the evaluation, with its model in memory).

    Attributes:
        play: one record an episode, for the given seeds.
        time: milliseconds of single decisions, nothing kept from one to the next.
        close: frees what it holds.
    """

    play: Callable[[Sequence[int]], list[dict[str, Json]]]
    time: Callable[[Sequence[int]], list[float]]
    close: Callable[[], None]


def time_player(task: Task, player: Player, seeds: Sequence[int]) -> list[float]:
    """Milliseconds of a player's single decisions on states met in play, one after the other; the first one is not counted."""
    times: list[float] = []

    def timed(envs: Sequence[Any], states: list[dict[str, Json]]) -> Any:
        started = time.perf_counter()
        decided = player(envs, states)
        times.append(round((time.perf_counter() - started) * 1000, 3))
        return decided

    for seed in seeds:
        play(task, timed, [seed])
        if len(times) > TIMED_DECISIONS or sum(times) > 1000 * TIMED_SECONDS:
            break
    return times[1 : TIMED_DECISIONS + 1]


def live_seat(task: Task, teacher: LiveTeacher, told: Sequence[str]) -> Seat:
    """The large model itself, within the teacher's limits.

    Args:
        task: what is played.
        teacher: who is asked; what it answered before is not asked again.
        told: rules that it is told beside the task's own once they are in force.
    """
    player = LivePlayer(teacher, task, told)
    times: list[float] = []

    def records(seeds: Sequence[int]) -> list[dict[str, Json]]:
        costs: dict[int, list[int]] = {}

        def counted(envs: Sequence[Any], states: list[dict[str, Json]]) -> list[tuple[Json, Decision | None]]:
            answers = player.answers(states)
            for env, answer in zip(envs, answers, strict=True):
                cost = costs.setdefault(id(env), [0, 0])
                cost[0], cost[1] = cost[0] + answer.tokens_in, cost[1] + answer.tokens_out
                times.append(answer.milliseconds)
            return [(answer.action, None) for answer in answers]

        played = play(task, counted, seeds)
        return [
            episode_record(episode) | {"tokens_in": cost[0], "tokens_out": cost[1]}
            for episode, cost in zip(played, costs.values(), strict=True)
        ]

    def timed(seeds: Sequence[int]) -> list[float]:
        """As they were when the answers came: a stored answer says nothing of the time."""
        del times[:]
        records(seeds)
        return times[:TIMED_DECISIONS]

    return Seat(records, timed, lambda: None)
