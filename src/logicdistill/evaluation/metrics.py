"""Statistics of the tables. A run needs no scipy; it is imported where a comparison asks for it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from statistics import NormalDist, mean

from logicdistill.errors import needs_extra


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Wilson score interval of a proportion, 95 % (Wilson, JASA 1927); bounds in [0, 1].

    Raises:
        ValueError: no trials, or more successes than trials.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"{successes} of {trials}: an interval needs at least one trial")
    share, normal = successes / trials, NormalDist().inv_cdf(0.975)
    spread = normal**2 / trials
    centre = share + spread / 2
    width = normal * math.sqrt((share * (1 - share) + spread / 4) / trials)
    low, high = ((centre + sign * width) / (1 + spread) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


def chance_of_losses(losses: int, wins: int) -> float:
    """Probability of so many losses or more among these, if either were as likely (sign test)."""
    count = losses + wins
    likely: int = sum(math.comb(count, k) for k in range(losses, count + 1))
    return float(likely / 2**count)


def macro_f1(right: Sequence[str], given: Sequence[str]) -> float:
    """Mean F1 over the labels that are right somewhere; F1 is 2 TP / (2 TP + FP + FN)."""
    hits = Counter(label for label, answer in zip(right, given, strict=True) if label == answer)
    wanted, answered = Counter(right), Counter(given)
    return mean(2 * hits[label] / (wanted[label] + answered[label]) for label in wanted)


def auroc(positive: Sequence[bool], scores: Sequence[float]) -> float:
    """Area under the ROC curve: how often a positive scores above a negative; a tie counts half.

    Raises:
        ValueError: there are no positives, or no negatives.
    """
    ordered = sorted(zip(scores, positive, strict=True))
    positives = sum(positive)
    negatives, below, won = len(ordered) - positives, 0, 0.0
    if not positives or not negatives:
        raise ValueError("the area under the ROC curve needs positives and negatives")
    for _, group in groupby(ordered, key=lambda pair: pair[0]):
        labels = [label for _, label in group]
        mine, others = sum(labels), len(labels) - sum(labels)
        won += mine * (below + others / 2)
        below += others
    return won / (positives * negatives)


def mcnemar(pairs: Sequence[tuple[bool, bool]]) -> float:
    """Two-sided p of McNemar's exact test, the binomial test on the seeds that only one player won.

    Args:
        pairs: success of the one and of the other, a pair a seed.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    with needs_extra("a test of two players", "train"):
        from scipy.stats import binomtest
    differing = [first for first, second in pairs if first != second]
    return float(binomtest(sum(differing), len(differing)).pvalue) if differing else 1.0
