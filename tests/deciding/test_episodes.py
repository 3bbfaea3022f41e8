from __future__ import annotations

from collections.abc import Sequence

from logicdistill.deciding.episodes import Move, Position, play
from logicdistill.tasks.registry import get_task


def test_no_answer_and_an_illegal_one_are_counted_apart_and_the_fallback_is_played_for_both() -> (
    None
):
    task, answers = get_task("guess"), iter([None, 10**6, None, 0, None, None, *[None] * 20])

    def player(positions: Sequence[Position]) -> list[Move]:
        return [(next(answers), None) for _ in positions]

    episode = play(task, player, [100_000])[0]
    assert all(turn.action == task.fallback(turn.state) for turn in episode.turns)
    assert episode.illegal == 1
    assert episode.unusable == len(episode.turns) - 1 > 0
