from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from logicdistill.compare.baselines.teaching import TeacherStep
from logicdistill.tasks.pursuit import Pursuit
from logicdistill.tasks.pursuit_board import walk
from logicdistill.tasks.pursuit_solver import Solution, solution
from logicdistill.tasks.seeds import training_seeds, validation_seeds

TASK = Pursuit(size=6)


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))


def first_states(seeds: range) -> list[dict[str, Any]]:
    found = []
    for seed in seeds:
        env = TASK.make_env()
        env.reset(seed=seed)
        found.append(env.state())
    return found


class Exact:
    """A teacher that plays exactly."""

    parts = SimpleNamespace(task=TASK)

    def plays(self, seeds: range, explore: float = 0.0) -> list[TeacherStep]:
        return self.corrects(first_states(seeds))

    def corrects(self, states: Sequence[dict[str, Any]]) -> list[TeacherStep]:
        return [TeacherStep(s, {}, solved(s).best_move(s["pursuers"], s["evader"])) for s in states]


def solved(state: dict[str, Any]) -> Solution:
    return solution(tuple(state["board"]))


def test_a_joint_move_is_described_by_steps_and_by_the_room_that_it_leaves() -> None:
    from joint_moves import described

    [state] = first_states(training_seeds(1))
    board, evader = state["board"], tuple(state["evader"])
    own = walk(board, evader)
    moves, numbers = described(state, "room")
    assert all(TASK.illegal(state, move) is None for move in moves)
    for (one, two), row in zip(moves, numbers, strict=True):
        first, second = walk(board, tuple(one)), walk(board, tuple(two))
        assert list(row[:2]) == [first[evader], second[evader]]
        room = sum(steps < first[cell] and steps < second[cell] for cell, steps in own.items())
        assert row[6] == room
    beside = numbers[:, -8:]
    assert np.array_equal(beside, numbers[:, :8] - numbers[:, :8].min(axis=0))


@pytest.mark.parametrize("number", range(8))
def test_a_turned_board_has_the_turned_move(number: int) -> None:
    from board_net import Planes, Turned, joint_number
    from joint_moves import AROUND

    [step] = Exact().plays(training_seeds(1))
    read = Planes([step.state], steps=True)
    turned = Turned(number, read.width)
    planes = read.planes.flatten(2)[0][:, turned.came_from]
    for piece, way in enumerate(joint_number(step.state, step.action)):
        start = int(turned.goes_to[read.at[0, piece]])
        assert planes[1 + piece, start] == 1
        across, down = AROUND[turned.way[way]]
        x, y = step.action[piece]
        end = start + across + read.width * down
        assert planes[6, end] == read.planes[0, 6, y + 1, x + 1]
        assert end == turned.goes_to[(y + 1) * read.width + x + 1]


def test_a_teacher_that_compares_is_imitated_by_those_who_compare() -> None:
    from imitation import AnyMove, Scored, agreement, as_good
    from joint_moves import described

    def least_room(state: dict[str, Any]) -> TeacherStep:
        moves, numbers = described(state, "room")
        return TeacherStep(state, {}, moves[int(numbers[:, 6].argmin())])

    some, held = (
        [least_room(state) for state in first_states(seeds)]
        for seeds in (training_seeds(60), validation_seeds(20))
    )
    alone, compared = (Scored(some, held, "room", beside, 0) for beside in (False, True))
    assert agreement(AnyMove(0), held) + 0.2 < agreement(alone, held)
    assert agreement(alone, held) + 0.1 < agreement(compared, held) < 1.0
    assert as_good(compared, held) == 1.0  # other moves capture as soon


def test_the_net_learns_a_few_lessons_and_says_that_it_was_not_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import board_net
    import imitation

    monkeypatch.setattr(board_net, "KEPT", 0.8)
    monkeypatch.setattr(board_net, "BATCH", 16)
    monkeypatch.setattr(imitation, "ROUND", 40)
    monkeypatch.setattr(imitation, "MOST_ROUNDS", 1)
    some = Exact().plays(training_seeds(2))
    net = imitation.Board(some, some, steps=True, seed=0)
    assert imitation.agreement(net, some) > imitation.agreement(imitation.AnyMove(0), some)
    assert not net.flat


def test_an_imitator_that_gathers_has_as_many_lessons_as_the_teachers_games_give(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import imitation

    monkeypatch.setattr(imitation, "VALIDATION_GAMES", validation_seeds(2))
    school = imitation.School(Exact(), (10, 40), 2, 0)
    [_, taught] = school.rows("distances", (10, 40), own=False)
    [first, own] = school.rows("distances", (10, 40), own=True)
    assert [row["lessons"] for row in (first, own, taught)] == [10, 40, 40]
    assert {key: own[key] for key in ("sees", "gathered")} == {
        "sees": "distances",
        "gathered": "imitator",
    }
    assert own["success"]["asked"] == len(own["won"]) == 2
