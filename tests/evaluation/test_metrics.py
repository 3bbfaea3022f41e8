from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, roc_auc_score

from logicdistill.evaluation.metrics import auroc, macro_f1, mcnemar, wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (8, 10, 0.4902, 0.9433),
        (1000, 1000, 0.9962, 1.0),
    ],  # Wilson (1927), tabulated
)
def test_wilson_interval_gives_the_tabulated_values(
    successes: int, trials: int, low: float, high: float
) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_holds_the_share_and_stays_in_the_unit_interval(
    case: tuple[int, int],
) -> None:
    successes, trials = case
    low, high = wilson_interval(successes, trials)
    assert 0.0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1.0


def test_wilson_interval_refuses_no_trials() -> None:
    with pytest.raises(ValueError, match="at least one trial"):
        wilson_interval(0, 0)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_mcnemar_is_the_binomial_test_on_the_seeds_that_one_player_alone_won(
    pairs: list[tuple[bool, bool]],
) -> None:
    differing = [first for first, second in pairs if first != second]
    counts = [math.comb(len(differing), k) for k in range(len(differing) + 1)]
    as_uneven = [
        count
        for k, count in enumerate(counts)
        if abs(2 * k - len(differing)) >= abs(2 * sum(differing) - len(differing))
    ]
    assert mcnemar(pairs) == pytest.approx(sum(as_uneven) / sum(counts))


def test_mcnemar_holds_thousands_of_seeds() -> None:
    assert mcnemar([(True, False)] * 10_000) == 0.0
    assert mcnemar([(True, True)] * 10_000) == 1.0


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("abcd"), st.integers(0, 5)), min_size=2
    )
)
def test_f1_and_the_area_under_the_roc_curve_are_those_of_scikit_learn(
    rows: list[tuple[str, str, int]],
) -> None:
    right, given_, scores = map(list, zip(*rows, strict=True))
    labels = sorted(set(right))
    theirs = f1_score(right, given_, labels=labels, average="macro", zero_division=0)
    assert macro_f1(right, given_) == pytest.approx(theirs)
    positive = [label == "a" for label in right]
    if len(set(positive)) == 2:
        assert auroc(positive, scores) == pytest.approx(roc_auc_score(positive, scores))
    else:
        with pytest.raises(ValueError, match="needs positives and negatives"):
            auroc(positive, scores)
