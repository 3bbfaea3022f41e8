from __future__ import annotations

from typing import Any

from logicdistill.deciding.episodes import play
from logicdistill.tasks.registry import get_task


def test_no_answer_and_an_illegal_one_are_counted_apart_and_the_fallback_is_played_for_both() -> (
    None
):
    task, answers = get_task("guess"), iter([None, 10**6, None, 0, None, None, *[None] * 20])

    def player(_: Any, states: list[dict[str, Any]]) -> list[tuple[Any, None]]:
        return [(next(answers), None) for _ in states]

    episode = play(task, player, [100_000])[0]
    assert all(turn.action == task.fallback(turn.state) for turn in episode.turns)
    assert episode.illegal == 1
    assert episode.unusable == len(episode.turns) - 1 > 0
