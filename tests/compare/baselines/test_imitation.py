from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
import torch
from tests.compare.baselines.test_teaching import teacher_steps

from logicdistill.compare.baselines.actions import coder_for
from logicdistill.compare.baselines.imitation import (
    ImitationNetwork,
    ImitationPlayer,
    fit_imitation,
    pairs_of,
)
from logicdistill.compare.baselines.teaching import Training
from logicdistill.deciding.episodes import play
from logicdistill.errors import CorruptError
from logicdistill.policy import Policy
from logicdistill.students.weights import find_weights

CODER = coder_for("guess-v1")


def test_imitation_learns_and_goes_on_from_its_checkpoint_and_plays_legally_where_that_is_asked(
    tmp_path: Path, run_folder: Path
) -> None:
    with Policy.load(run_folder, student="first") as policy:
        steps = teacher_steps(policy, run_folder, range(3))
        found = fit_imitation(
            steps, steps[:8], CODER, find_weights(), Training(tmp_path / "one", shown=200, seed=1)
        )
        assert found["accuracy"] == max(point["accuracy"] for point in found["curve"])
        assert found["states"] == len(steps)
        fit_imitation(
            steps,
            steps,
            CODER,
            find_weights(),
            Training(tmp_path / "two", shown=1, start=tmp_path / "one"),
        )
        before, after = (
            torch.load(tmp_path / name / "model.pt", weights_only=True)["heads.0.weight"]
            for name in ("one", "two")
        )
        # One step, at a tenth of the rate: a start from elsewhere lies dozens of times as far off.
        assert 0 < (after - before).abs().mean() < 1e-3

        legal = ImitationPlayer(
            tmp_path / "two", find_weights(), CODER, policy.parts, legal_only=True
        )
        plain = ImitationPlayer(tmp_path / "two", find_weights(), CODER, policy.parts)
        assert (
            sum(episode.illegal for episode in play(policy.task, legal, range(100_000, 100_002)))
            == 0
        )
        assert (
            sum(episode.illegal for episode in play(policy.task, plain, range(100_000, 100_002)))
            > 0
        )


def test_labels_come_by_their_joint_probability_each_of_them_once() -> None:
    network = ImitationNetwork.for_labels(
        find_weights(), ["stay up", "left down", "right stay"], ("first", "second")
    )
    text = "first 2 right blocked none second 3 up blocked left evader blocked none"
    labels = list(network.ranked([text])[0])
    assert len(labels) == len(set(labels)) == 9
    rows = [place.log_softmax(dim=1)[0].tolist() for place in network([text])]
    joint = [
        sum(
            row[place.index(word)]
            for row, place, word in zip(rows, network.words, label.split(), strict=True)
        )
        for label in labels
    ]
    assert joint == sorted(joint, reverse=True)


def test_whole_numbers_are_spelled_in_digits_so_that_an_unseen_number_can_be_named() -> None:
    network = ImitationNetwork.for_labels(find_weights(), ["7", "12", "305"], ())
    assert network.digits == 3
    named = list(network.ranked(["n: 400"])[0])
    assert {"7", "12", "305", "307", "15"} <= set(named)
    assert network.targets(["305", "999"])[1] == [-100, -100, -100]


def test_what_was_learned_is_kept_when_new_words_join(tmp_path: Path, run_folder: Path) -> None:
    from logicdistill.compare.baselines.imitation import _widened

    old = ImitationNetwork.for_labels(find_weights(), ["7", "12"], ()).eval()
    new = _widened(old, find_weights(), ["305", "12"]).eval()
    assert (old.digits, new.digits) == (2, 3)
    text = ["n: 40, low: 3, high: 17"]
    for place, known, logits, wider in zip(
        new.words[1:], old.words, old(text), new(text)[1:], strict=True
    ):
        assert wider[0, [place.index(word) for word in known]].tolist() == pytest.approx(
            logits[0].tolist(), abs=1e-4
        )


def test_accuracy_is_the_share_of_the_teachers_actions(run_folder: Path) -> None:
    with Policy.load(run_folder, student="first") as policy:
        steps = teacher_steps(policy, run_folder, range(3))
    network = ImitationNetwork.for_labels(
        find_weights(), sorted({str(step.action) for step in steps}), ()
    )
    texts = [CODER.text(step.state, step.facts) for step in steps]
    right = sum(
        next(islice(found, 1)) == str(step.action)
        for found, step in zip(network.ranked(texts), steps, strict=True)
    )
    assert network.accuracy(pairs_of(steps, CODER)) == pytest.approx(right / len(steps))


def test_a_damaged_imitation_is_named(tmp_path: Path, guess_policy: Policy) -> None:
    (tmp_path / "labels.json").write_text("[")
    with pytest.raises(CorruptError, match="train again"):
        ImitationPlayer(tmp_path, find_weights(), CODER, guess_policy.parts)
