"""Players on unseen seeds: success, return, legality, selection accuracy, time of a decision."""

from __future__ import annotations

import functools
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Episode, Move, Player, Position, play
from logicdistill.errors import BaseError
from logicdistill.evaluation.summary import nested
from logicdistill.functions.lint import literal
from logicdistill.policy import Policy
from logicdistill.protocols import Student, Task
from logicdistill.students.floor import RandomStudent
from logicdistill.tasks.record_folder import Record
from logicdistill.tasks.records import RecordTask
from logicdistill.training.labelling import Label, Labeller, Unlabelled
from logicdistill.training.logged import recorded_labeller
from logicdistill.types import Choice, Json, Query, Step

PLAYERS = ("ld-encoder", "conditions", "first", "random", "optimum")
MESSAGE_PLAYERS = ("ld-encoder", "bm25", "random")
"""Players where free text alone is read: no `When:` applies, and all right actions are recorded."""

TIMED_DECISIONS = 300
TIMED_SECONDS = 5.0
"""No further episode is timed after so many decisions, or so many seconds of them."""

FLOOR_SCORED_EVERY = 4
"""Players besides ld-encoder are scored in every fourth episode: a wrong selection costs a call."""

CONFIDENCE_BINS = 10
"""Bins of equal width for the probability that the student gave its choice."""

NONE = "none of these"


class _Watched:
    """A student whose questions are kept, stage by stage, to be scored afterwards."""

    def __init__(self, student: Student) -> None:
        self.name = student.name
        self._student = student
        self.asked: list[Sequence[Query]] = []

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        self.asked.append(queries)
        return self._student.select(queries)


class Scorer:
    """Plays episodes with a policy and scores every selection against its label.

    A selection is right when its outcome equals the labelled function's outcome.

    Args:
        policy: who plays.
        labeller: names the right functions.
    """

    def __init__(self, policy: Policy, labeller: Labeller) -> None:
        self.policy = policy
        self.labeller = labeller

    def episodes(self, seeds: Sequence[int], scored_every: int | None = 1) -> list[dict[str, Json]]:
        """One record an episode.

        Args:
            seeds: of the environments.
            scored_every: selections are scored in the episodes whose seed is a multiple of this;
                None scores none.
        """
        student = self.policy.parts.student
        if isinstance(student, RandomStudent):
            student = RandomStudent(seed=seeds[0])
        watched = _Watched(student)
        parts = self.policy.with_student(watched).parts
        scored: dict[int, list[_Scored]] = {seed: [] for seed in seeds}

        def player(positions: Sequence[Position]) -> list[Move]:
            watched.asked.clear()
            decisions = decide(parts, [position.state for position in positions])
            for queries in filter(None, watched.asked):  # else every decision had ended before
                stage = queries[0].stage.name
                if parts.base.stage(stage).grid:  # equal cells of several states are asked once
                    continue
                steps = [
                    (position.seed, step)
                    for position, decision in zip(positions, decisions, strict=True)
                    for step in decision.trace
                    if step.stage == stage and step.choice is not None  # else nobody was asked
                ]
                kept = [
                    (seed, step, query)
                    for (seed, step), query in zip(steps, queries, strict=True)
                    if scored_every and seed % scored_every == 0
                ]
                labels = self.labeller.labels([query for _, _, query in kept])
                selections = [(*each, label) for each, label in zip(kept, labels, strict=True)]
                for selection, right in zip(selections, self._right(selections), strict=True):
                    seed, step, _, label = selection
                    scored[seed].append((step, label, right))
            return [(decision.action, decision) for decision in decisions]

        played = play(self.policy.task, player, seeds)
        extra = answer_record if isinstance(self.policy.task, RecordTask) else lambda _: {}
        return [
            episode_record(episode) | extra(episode) | _selections_record(scored[episode.seed])
            for episode in played
        ]

    def _right(self, selections: Sequence[tuple[int, Step, Query, Label]]) -> list[bool]:
        """Whether each selection is the labelled function, or has the same outcome."""
        right = [step.function == label for _, step, _, label in selections]
        others: dict[str, list[int]] = {}
        for index, (_, step, _, label) in enumerate(selections):
            if step.function not in (None, label) and isinstance(label, str):
                others.setdefault(label, []).append(index)
        parts = self.policy.parts
        for label, indices in others.items():
            scopes = [selections[index][2].scope for index in indices]
            outcomes = parts.sandbox.call_many(parts.base.function(label), scopes)
            for index, outcome in zip(indices, outcomes, strict=True):
                same = outcome.value == selections[index][1].outcome.value
                right[index] = outcome.error is None and same
        return right


_Scored = tuple[Step, Label, bool]
"""A step, the right function of its question, and whether the selection is right."""


def _selections_record(scored: Sequence[_Scored]) -> dict[str, Json]:
    """Selections of an episode; ``confidence`` is [n, right] for each bin of probability."""
    known = [selection for selection in scored if not isinstance(selection[1], Unlabelled)]
    chosen: Counter[tuple[str, ...]] = Counter()
    confidence = [[0, 0] for _ in range(CONFIDENCE_BINS)]
    for step, label, right in known:
        choice = step.choice
        selected = choice.selected if choice else None
        chosen[step.stage, str(label or NONE), selected or NONE] += 1
        if choice:
            sure = choice.ranked[0].probability if selected else choice.none
            counts = confidence[min(int(sure * CONFIDENCE_BINS), CONFIDENCE_BINS - 1)]
            counts[0] += 1
            counts[1] += right
    right_ones = sum(right for _, _, right in known)
    found = {"asked": len(known), "right": right_ones, "unlabelled": len(scored) - len(known)}
    return found | ({"confusion": nested(chosen), "confidence": confidence} if known else {})


def episode_record(episode: Episode) -> dict[str, Json]:
    """One line of ``results.jsonl``; ``refused`` counts results that failed or were illegal."""
    decisions = [turn.decision for turn in episode.turns if turn.decision is not None]
    return {
        "seed": episode.seed,
        "success": episode.success,
        "return": episode.total,
        "steps": len(episode.turns),
        "illegal": episode.illegal,
        "unusable": episode.unusable,
        "fallbacks": sum(decision.fallback is not None for decision in decisions),
        "refused": sum(len(step.failed) for decision in decisions for step in decision.trace),
    }


def answer_record(episode: Episode) -> dict[str, Json]:
    """Of an episode of one decision: the action, and the last probability of "none of these"."""
    turn = episode.turns[-1]
    steps = turn.decision.trace if turn.decision else ()
    none = [step.choice.none for step in steps if step.choice]
    return {"action": turn.action, "none": none[-1] if none else None}


def optimum_player(task: Task) -> Player:
    """The exactly optimal player of a task."""

    def player(positions: Sequence[Position]) -> list[Move]:
        return [(task.optimal_action(at.env, at.state), None) for at in positions]

    return player


def has_optimum(task: Task) -> bool:
    """Whether the task knows its optimum exactly."""
    env = task.make_env()
    observation, _ = env.reset(seed=0)
    return task.optimal_action(env, task.state(env, observation)) is not None


def first_state(task: Task, seed: int) -> dict[str, Json]:
    """The state in which an episode begins."""
    env = task.make_env()
    return task.state(env, env.reset(seed=seed)[0])


@functools.lru_cache(maxsize=8)  # kept between the chunks that one worker process plays
def _loaded(run: str, player: str, key: str) -> Scorer:  # noqa: ARG001  # key: another base
    policy = Policy.load(run, student=player)
    return Scorer(policy, recorded_labeller(Path(run), policy.parts))


def play_chunk(
    run: str, snapshot: str, made_of: Mapping[str, str], seeds: Sequence[int]
) -> list[dict[str, Json]]:
    """Records of some episodes of some `PLAYERS`.

    Args:
        run: the run's folder.
        snapshot: the function base that is evaluated.
        made_of: players with the digest of their parts, which each record keeps.
        seeds: of the environments.

    Raises:
        BaseError: the run's base was changed meanwhile.
    """
    found = []
    for player, key in made_of.items():
        scorer = _loaded(run, "first" if player == "optimum" else player, key)
        task, base = scorer.policy.task, scorer.policy.base
        if base.snapshot != snapshot:
            raise BaseError(
                f"{run}: the function base was changed during the evaluation "
                f"({snapshot} -> {base.snapshot}); run again"
            )
        if player == "optimum":
            records = [episode_record(game) for game in play(task, optimum_player(task), seeds)]
        else:
            every = 1 if player == "ld-encoder" else FLOOR_SCORED_EVERY
            records = scorer.episodes(seeds, every)
        found += [{"player": player, "key": key, **record} for record in records]
    return found


def time_player(task: Task, player: Player, seeds: Sequence[int]) -> list[float]:
    """Milliseconds of single decisions on states met in play; the first one is not counted."""
    times: list[float] = []

    def timed(positions: Sequence[Position]) -> list[Move]:
        started = time.perf_counter()
        decided = player(positions)
        times.append(round((time.perf_counter() - started) * 1000, 3))
        return decided

    for seed in seeds:
        play(task, timed, [seed])
        if len(times) > TIMED_DECISIONS or sum(times[1:]) > 1000 * TIMED_SECONDS:
            break
    return times[1 : TIMED_DECISIONS + 1]


def time_decisions(policy: Policy, seeds: Sequence[int]) -> list[float]:
    """Milliseconds of a policy's single decisions, state check included; see `time_player`.

    Published figures come from a student that keeps no view (see
    `logicdistill.deciding.students.make_student`): states repeat in play.
    """

    def player(positions: Sequence[Position]) -> list[Move]:
        decision = policy.decide(positions[0].state)
        return [(decision.action, decision)]

    return time_player(policy.task, player, seeds)


def frequent_action(known: Sequence[Record], tested: Sequence[Record]) -> dict[str, Json] | None:
    """What always taking the most frequent action of the training states would be right in.

    Returns:
        ``{"action", "success"}`` over the test states with a right action; None without any.
    """
    counts = Counter(literal(record.action) for record in known if record.known)
    right = [literal(record.action) for record in tested if record.known]
    if not counts or not right:
        return None
    usual = max(sorted(counts), key=counts.__getitem__)
    return {"action": json.loads(usual), "success": round(right.count(usual) / len(right), 6)}


SHOWN = 5
"""Wrong states that are printed; their file holds all."""

RIGHT_ACTION = " with a right action"


def wrong_states(played: Sequence[Json], states: Sequence[Record]) -> list[dict[str, Json]]:
    """The states in which a player's action is not the recorded one.

    Args:
        played: records with ``action`` and ``success``, in the order of ``states``.
        states: those without a right action are never wrong.

    Returns:
        Lines of which ``logicdistill decide`` takes the states.
    """
    return [
        {"id": record.id, "state": record.state, "action": answer["action"], "right": record.action}
        for record, answer in zip(states, played, strict=True)
        if record.known and not answer["success"]
    ]


def wrong_line(wrong: Sequence[Mapping[str, Json]], known: int, split: str, file: Path) -> str:
    """The first wrong states in a line, with both actions and the command that shows why.

    Args:
        wrong: from `wrong_states`.
        known: how many states of the split have a right action.
        split: names it.
        file: holds all of them, in the run's folder.
    """
    named = [
        f"{item['id']} ({literal(item['action'])}; right: {literal(item['right'])})"
        for item in wrong[:SHOWN]
    ]
    more = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    why = f"why: logicdistill decide --run {file.parent} {file}"
    line = f"wrong     {len(wrong)} of {known} {split} states{RIGHT_ACTION}"
    return f"{line}: {', '.join(named)}{more}; {why}" if wrong else line
