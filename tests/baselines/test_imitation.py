from __future__ import annotations

from pathlib import Path

import pytest

from logicdistill.baselines.actions import coder_for
from logicdistill.baselines.imitation import Imitated, ImitationPlayer, collect_actions, fit_imitation, state_text
from logicdistill.episodes import play
from logicdistill.errors import CorruptError
from logicdistill.policy import Policy
from logicdistill.students.weights import find_weights
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore, shipped_replies
from logicdistill.teacher.write import Author
from logicdistill.training.collect import Labeller

pytestmark = pytest.mark.xdist_group("trained")


def test_a_grid_in_words_shows_each_cell_as_a_token() -> None:
    text = state_text({"board": ["..#", "..."], "evader": [2, 1], "answers": ["higher"]})
    assert text == "board: . . # . . ., evader: 2 1, answers: higher"


def test_the_collected_action_is_the_labelled_functions_in_every_state(run_folder: Path) -> None:
    with Policy.load(run_folder, student="first") as policy:
        author = Author(RecordedTeacher(ReplyStore(run_folder / "replies"), [shipped_replies("guess-v1")]), policy.task)
        labeller = Labeller(author, policy.parts.sandbox.holds, strict=False)
        found = collect_actions(policy.parts, labeller, coder_for("guess-v1"), range(5), explore=0.0)
        env = policy.task.make_env()
        observation, _ = env.reset(seed=0)
        first = policy.task.state(env, observation)
    assert Imitated(state_text(first), str(policy.task.optimal_action(env, first))) in found
    assert len(found) > 5


def test_imitation_learns_its_states_and_the_kept_checkpoint_plays(tmp_path: Path) -> None:
    task_examples = [
        Imitated(state_text({"player_total": total, "dealer_card": 5}), '"hit"' if total < 12 else '"stick"') for total in range(4, 22)
    ]
    found = fit_imitation(task_examples, task_examples, find_weights(), tmp_path, seconds=8)
    assert found["labels"] == 2
    assert found["accuracy"] == max(point["accuracy"] for point in found["curve"])
    assert found["accuracy"] > 0.5  # more than a coin, after seconds
    from logicdistill.tasks.registry import get_task

    player = ImitationPlayer(tmp_path, find_weights(), coder_for("twentyone-v1"))
    episodes = play(get_task("twentyone"), player, range(5))
    assert all(turn.action in ("hit", "stick") for episode in episodes for turn in episode.turns)


def test_a_damaged_imitation_is_named(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text("[")
    with pytest.raises(CorruptError, match="train again"):
        ImitationPlayer(tmp_path, find_weights(), coder_for("guess-v1"))
