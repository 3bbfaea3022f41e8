from __future__ import annotations

import itertools

import pytest

from logicdistill.deciding.episodes import play
from logicdistill.evaluation.evaluate import optimum_player
from logicdistill.tasks.twentyone import TwentyOne, dealer_outcomes, hit_value, stick_value


def test_the_dealers_chances_sum_to_one() -> None:
    for card in range(1, 11):
        total = 11 if card == 1 else card
        assert sum(chance for _, chance in dealer_outcomes(total, card == 1)) == pytest.approx(1.0)


def test_the_optimum_is_the_published_policy_for_this_game() -> None:
    """Where to hit, by sum and the dealer's card (1 is an ace).

    Sutton and Barto, Reinforcement Learning (2nd ed.), figure 5.2.
    """
    hit = {
        (t, s, d)
        for t, s, d in itertools.product(range(12, 22), (False, True), range(1, 11))
        if hit_value(t, s, d) > stick_value(t, d)
    }
    hard = {(t, False, d) for t in range(12, 17) for d in (1, 7, 8, 9, 10)} | {
        (12, False, 2),
        (12, False, 3),
    }
    soft = {(t, True, d) for t in range(12, 18) for d in range(1, 11)} | {
        (18, True, d) for d in (9, 10)
    }
    assert hit ^ (hard | soft) <= {(18, True, 1)}  # a near tie in the book's figure


def test_the_expected_return_of_the_optimum_agrees_with_play() -> None:
    task = TwentyOne()
    returns = [
        episode.total
        for start in range(0, 2000, 500)
        for episode in play(task, optimum_player(task), range(start, start + 500))
    ]
    assert sum(returns) / len(returns) == pytest.approx(
        -0.046, abs=0.065
    )  # exact value -0.0465 by the recursion over first cards
