"""Where imitation gets in pursuit: what an imitator sees, its lessons, and who gathers them.

    python benchmarks/imitation.py --run runs/pursuit [--train-episodes 30 300] --out FILE

A lesson is a state with the teacher's action, each state once. Its games are played by the teacher,
with some functions chosen at random (``teacher``), or by the imitator as it is so far, the teacher
saying what was right (``imitator``: DAgger, Ross et al. 2011); both have as many lessons.

What it sees, and how it learns:

- ``fields``, ``fields and facts``: the state's fields and, in the second, what the base's facts
  stages say; a forest for each pursuer's direction.
- ``board``, ``board and steps``: the board as planes and, in the second, how far each cell is from
  each piece; a convolution net (`board_net`), trained in rounds.
- ``distances``, ``room``, ``flights``: each joint move by what comes of it (`joint_moves`), also
  beside the best move in the state; ``flights alone`` without that. Boosted trees say how likely
  each is the teacher's. They grow until validation states gain no more, or to `MOST_TREES`.

The most likely legal move is played. McNemar's exact test pairs each row with LD, the run's
student, on the same seeds. ``agrees``: the teacher's move on validation states. ``as good``: one
after which exact play captures as soon or sooner, for often several moves are equally good.
``best`` has for each look the row with the most validation games won.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from board_net import Fitting
from equal import FLAT, FLAT_ROUNDS, MAX_LABELS, VALIDATION, Forest, row_of
from inputs import outcome
from joint_moves import described, joint_moves
from selecting import TOGETHER, Cells, share, student_digest, write_result
from sklearn.ensemble import HistGradientBoostingClassifier

from logicdistill.compare.baselines.actions import coder_for
from logicdistill.compare.baselines.teaching import TeacherStep, collect_actions, facts_of
from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Player, Position, play
from logicdistill.deciding.parts import Parts
from logicdistill.evaluation.evaluate import optimum_player
from logicdistill.evaluation.metrics import mcnemar
from logicdistill.files import digest
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.tasks.pursuit_solver import solution
from logicdistill.tasks.seeds import FIRST_VALIDATION_SEED, training_seeds, validation_seeds
from logicdistill.training.collect import EXPLORED_SHARE, LabelStudent, read_examples
from logicdistill.training.labelling import Labeller
from logicdistill.training.logged import recorded_labeller
from logicdistill.types import Json

EPISODES = (3, 10, 30, 100, 300, 1_000)
RANGES: Mapping[str, tuple[int, int, int]] = {
    "distances": (3, 3_000, 300),
    "room": (3, 1_000, 300),
    "flights": (3, 1_000, 0),
    "flights alone": (3, 1_000, 0),
    "fields": (30, 300, 0),
    "fields and facts": (30, 1_000, 300),
    "board and steps": (100, 3_000, 300),
    "board": (100, 3_000, 0),
}
"""Training episodes of each: the fewest, the teacher's most, and as many lessons of its own."""

VALIDATION_GAMES = validation_seeds(100)
MOST_TREES = 600
LONG = 20
"""About the moves of a game."""
ROUND, MOST_ROUNDS = 400, 12
"""Batches of a round of the convolution net, and how many rounds it has at most."""

State = Mapping[str, Json]
Lessons = Sequence[TeacherStep]


class Imitator(Protocol):
    """What was fitted; ``flat`` says whether more training would have changed nothing."""

    flat: bool

    def moves(self, states: Sequence[State]) -> list[Json]:
        """A legal joint move for each state."""


class Fields:
    """Forests on a state's fields.

    Args:
        lessons: to learn from.
        parts: whose facts stages are asked, and whose task says what is legal.
        facts: whether the facts are seen.
        seed: of the trees.
    """

    flat = True

    def __init__(self, lessons: Lessons, parts: Parts, facts: bool, seed: int) -> None:
        self._parts, self._facts, self._coder = parts, facts, coder_for(parts.task.id)
        rows = [row_of(step.state, step.facts if facts else {}) for step in lessons]
        labels = [self._coder.encode(step.state, step.action) for step in lessons]
        self._forest = Forest(rows, labels, seed)

    def moves(self, states: Sequence[State]) -> list[Json]:
        """See `Imitator`."""
        facts = facts_of(self._parts, states) if self._facts else itertools.repeat({})
        ranked = self._forest.ranked(list(map(row_of, states, facts)))
        return [self._legal(*pair) for pair in zip(states, ranked, strict=True)]

    def _legal(self, state: State, labels: Iterable[str]) -> Json:
        tried = (self._coder.decode(state, name) for name in itertools.islice(labels, MAX_LABELS))
        task = self._parts.task
        return next(move for move in tried if task.illegal(state, move) is None)


class Scored:
    """Boosted trees that say of each joint move how likely it is the teacher's.

    Args:
        lessons: to learn from.
        validation: say when to stop.
        look, compared: see `joint_moves.described`.
        seed: of the trees.
    """

    def __init__(
        self, lessons: Lessons, validation: Lessons, look: str, compared: bool, seed: int
    ) -> None:
        self._how = look, compared
        inputs, right = self._asked(lessons)
        held, held_right = self._asked(validation)
        self._trees = HistGradientBoostingClassifier(
            max_iter=MOST_TREES, early_stopping=True, random_state=seed
        ).fit(inputs, right, X_val=held, y_val=held_right)
        self.flat = bool(self._trees.n_iter_ < MOST_TREES)

    def _asked(self, lessons: Lessons) -> tuple[Any, Any]:
        inputs, right = list[Any](), list[bool]()
        for step in lessons:
            moves, numbers = described(step.state, *self._how)
            inputs.append(numbers)
            right += [move == step.action for move in moves]
        return np.concatenate(inputs), np.asarray(right)

    def moves(self, states: Sequence[State]) -> list[Json]:
        """See `Imitator`."""
        cases = [described(state, *self._how) for state in states]
        likely = self._trees.predict_proba(np.concatenate([numbers for _, numbers in cases]))[:, 1]
        ends = np.cumsum([len(moves) for moves, _ in cases])[:-1]
        each = np.split(likely, ends)
        return [moves[int(odds.argmax())] for (moves, _), odds in zip(cases, each, strict=True)]


class Board:
    """A `board_net.BoardNet`, trained in rounds until two in a row gain no more than `FLAT`.

    Args:
        lessons: to learn from.
        validation: say when to stop; the weights that agree most with them are kept.
        steps: see `board_net.Planes`.
        seed: of the net.
    """

    def __init__(self, lessons: Lessons, validation: Lessons, steps: bool, seed: int) -> None:
        states, actions = [[getattr(step, key) for step in lessons] for key in ("state", "action")]
        self._fitting = Fitting(states, actions, steps, seed)
        best, since = 0.0, 0
        for self.rounds in range(1, MOST_ROUNDS + 1):
            self._fitting.learn(ROUND)
            agrees = agreement(self, validation)
            since = 0 if agrees > best + FLAT else since + 1
            if agrees >= best:
                best, kept = agrees, copy.deepcopy(self._fitting.net)
            if since == FLAT_ROUNDS:
                break
        self.flat, self._fitting.net = since == FLAT_ROUNDS, kept

    def moves(self, states: Sequence[State]) -> list[Json]:
        """See `Imitator`."""
        found = []
        for state, odds in zip(states, self._fitting.odds(states), strict=True):
            moves, ways = joint_moves(state)
            found.append(moves[int(odds[tuple(ways.T)].argmax())])
        return found


def agreement(imitator: Imitator, lessons: Lessons) -> float:
    """Share of the lessons in which the imitator makes the teacher's move."""
    moves = imitator.moves([step.state for step in lessons])
    return sum(move == step.action for move, step in zip(moves, lessons, strict=True)) / len(
        lessons
    )


def as_good(imitator: Imitator, lessons: Lessons) -> float:
    """Share after whose move exact play captures as soon as after the teacher's, or sooner."""
    moves = imitator.moves([step.state for step in lessons])
    return sum(
        fewest_after(step.state, move) <= fewest_after(step.state, step.action)
        for move, step in zip(moves, lessons, strict=True)
    ) / len(lessons)


def fewest_after(state: State, move: Json) -> int:
    """Moves to the capture with best play of both sides, the evader to move."""
    solved = solution(tuple(state["board"]))
    return int(solved.after[tuple(solved.number[x, y] for x, y in (*move, state["evader"]))])


def player(imitator: Imitator, seen: list[State] | None = None) -> Player:
    """Plays the imitator's moves; the states go into ``seen``."""

    def moved(positions: Sequence[Position]) -> list[Move]:
        states = [position.state for position in positions]
        if seen is not None:
            seen.extend(states)
        return [(move, None) for move in imitator.moves(states)]

    return moved


class Teacher:
    """A base's functions with the right one at every stage.

    Args:
        parts: of its policy.
        labeller: names the right ones.
    """

    def __init__(self, parts: Parts, labeller: Labeller) -> None:
        self.parts, self._labeller = parts, labeller
        self._exact = replace(parts, student=LabelStudent(labeller, 0.0, seed=0))

    def plays(self, seeds: Sequence[int], explore: float = EXPLORED_SHARE) -> list[TeacherStep]:
        """What its own games show; see `collect_actions`."""
        return collect_actions(self.parts, self._labeller, seeds, explore)

    def corrects(self, states: Sequence[State]) -> list[TeacherStep]:
        """These states with its actions, without those in which it has none."""
        decisions, facts = decide(self._exact, states), facts_of(self.parts, states)
        return [
            TeacherStep(state, known, decision.action)
            for state, known, decision in zip(states, facts, decisions, strict=True)
            if decision.fallback is None
        ]


class School:
    """A teacher, and those who learn from it.

    Args:
        teacher: a `Teacher`, or whatever plays and corrects as it does.
        counts: training episodes from which anybody learns.
        episodes: of evaluation.
        seed: of the learners.
    """

    def __init__(self, teacher: Teacher, counts: Sequence[int], episodes: int, seed: int) -> None:
        self.teacher, self.episodes = teacher, episodes
        self.parts, self.counts = teacher.parts, sorted(counts)
        self._known: list[TeacherStep] = []
        self._ends = {0: 0}
        self.validation = teacher.plays(VALIDATION, explore=0.0)
        self.learners: dict[str, Callable[[Lessons], Imitator]] = {
            "fields": lambda lessons: Fields(lessons, self.parts, False, seed),
            "fields and facts": lambda lessons: Fields(lessons, self.parts, True, seed),
            "board": lambda lessons: Board(lessons, self.validation, False, seed),
            "board and steps": lambda lessons: Board(lessons, self.validation, True, seed),
            "distances": lambda lessons: Scored(lessons, self.validation, "distances", True, seed),
            "room": lambda lessons: Scored(lessons, self.validation, "room", True, seed),
            "flights": lambda lessons: Scored(lessons, self.validation, "flights", True, seed),
            "flights alone": lambda lessons: Scored(
                lessons, self.validation, "flights", False, seed
            ),
        }

    def taught(self, count: int) -> list[TeacherStep]:
        """Lessons of the teacher's own games, so many of ``counts``; more games only add some."""
        for last, end in itertools.pairwise((0, *self.counts)):
            if end <= count and end not in self._ends:
                known = set(map(key, self._known))  # a state twice is one lesson
                steps = self.teacher.plays(training_seeds(end)[last:])
                self._known += {
                    key(step): step for step in steps if key(step) not in known
                }.values()
                self._ends[end] = len(self._known)
        return self._known[: self._ends[count]]

    def rows(self, sees: str, counts: Sequence[int], own: bool) -> list[dict[str, Any]]:
        """What an imitator reaches with the lessons of so many episodes each.

        With ``own`` it gathers as many itself, all after those of the first count.
        """
        found, lessons = list[dict[str, Any]](), self.taught(counts[0])
        imitator: Imitator | None = None
        seeds = iter(training_seeds(FIRST_VALIDATION_SEED)[counts[0] :])
        for count in counts:
            wanted = self.taught(count)
            lessons = lessons if own else wanted
            while imitator and len(lessons) < len(wanted):
                lacking = len(wanted) - len(lessons)
                games = list(itertools.islice(seeds, min(TOGETHER, lacking // LONG + 1)))
                lessons = lessons + self._corrected(imitator, games, lessons)[:lacking]
            started = time.process_time()
            imitator = self.learners[sees](lessons)
            seconds = time.process_time() - started
            row = {"sees": sees, "gathered": "imitator" if own else "teacher", "episodes": count}
            row |= {"lessons": len(lessons), "flat": imitator.flat, "seconds": round(seconds, 1)}
            found.append(row | self.judged(imitator))
        return found

    def judged(self, imitator: Imitator) -> dict[str, Any]:
        """Validation states and games, and the evaluation games."""
        games = play(self.parts.task, player(imitator), VALIDATION_GAMES)
        return {
            "agrees": round(agreement(imitator, self.validation), 4),
            "as_good": round(as_good(imitator, self.validation), 4),
            "validation": share(sum(game.success for game in games), len(games)),
            **outcome(self.parts.task, player(imitator), self.episodes),
        }

    def _corrected(
        self, imitator: Imitator, seeds: Sequence[int], lessons: Lessons
    ) -> list[TeacherStep]:
        """States that the imitator meets and that no lesson is about, with the teacher's action."""
        seen: list[State] = []
        play(self.parts.task, player(imitator, seen), seeds)
        known = set(map(key, lessons))
        new = {text: state for state in seen if (text := digest(state)) not in known}
        return self.teacher.corrects(list(new.values()))


def key(step: TeacherStep) -> str:
    """The same for the same state."""
    return digest(step.state)


class AnyMove:
    """A joint move at random: a floor."""

    flat = True

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def moves(self, states: Sequence[State]) -> list[Json]:
        """See `Imitator`."""
        return [self._random.choice(joint_moves(state)[0]) for state in states]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--train-episodes", type=int, nargs="+", default=EPISODES)
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    run, episodes, counts = options.run, options.episodes, sorted(options.train_episodes)
    cells, rows = Cells(options.out, student_digest(run), episodes), list[dict[str, Any]]()
    with Policy.load(run) as policy:
        task, seed = policy.task, int(Run.open(run).settings["seed"])
        labeller = recorded_labeller(run, policy.parts)
        school = School(Teacher(policy.parts, labeller), counts, episodes, seed)
        ld = cells.cell({"sees": "LD"}, lambda: outcome(task, policy.player, episodes))
        ld["lessons"] = len(read_examples(run / "examples.jsonl"))
        floors = {
            "any legal move": lambda: school.judged(AnyMove(seed)),
            "exact play": lambda: outcome(task, optimum_player(task), episodes),
        }
        others = [cells.cell({"sees": name}, work) for name, work in floors.items()]
        for own, (sees, (first, *most)) in itertools.product((False, True), RANGES.items()):
            asked = [count for count in counts if first <= count <= most[own]]
            for some in [asked] if own and asked else [[count] for count in asked]:
                settings = {"sees": sees, "own": own, "counts": some}
                work = partial(school.rows, sees, some, own)
                cell = cells.cell(settings, lambda work=work: {"rows": work()})
                rows += [row | {"commit": cell["commit"]} for row in cell["rows"]]
        for row in rows:
            pairs = zip(row["won"], ld["won"], strict=True)
            row["mcnemar_p"] = mcnemar([(one == "1", other == "1") for one, other in pairs])
        # Of equally good ones that with the fewest lessons.
        ordered = sorted(rows, key=lambda row: (row["validation"]["share"], -row["lessons"]))
        best = {row["sees"]: row for row in ordered}
        found = {"task": task.id, "episodes": episodes, "ld": ld, "floors": others}
    n = {"episodes": episodes, "validation states": len(school.validation)}
    write_result(options.out, found | {"best": list(best.values()), "rows": rows}, n)


if __name__ == "__main__":
    main()
