"""Statistics of the results table."""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Hashable, Sequence
from fractions import Fraction

Z95 = 1.959963984540054


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Wilson score interval of a proportion, 95 % (Wilson, JASA 1927).

    Args:
        successes: 0..trials.
        trials: at least 1.

    Returns:
        Lower and upper bound in [0, 1].
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(
            f"{successes} of {trials}: needs at least one trial and no more successes than trials"
        )
    share, z = successes / trials, Z95
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = (
        z
        / (1 + z * z / trials)
        * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    )
    return max(0.0, centre - half), min(1.0, centre + half)


def percentile(values: Sequence[float], percent: float) -> float:
    """Percentile by linear interpolation; NaN for no values."""
    if not values:
        return math.nan
    ordered = sorted(values)
    position = (len(ordered) - 1) * percent / 100
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Area under the ROC curve: how often a positive scores above a negative, ties counting one half; NaN without one of both."""
    if not positive or not negative:
        return math.nan
    ordered = sorted(negative)
    wins = sum(
        bisect.bisect_left(ordered, score) + bisect.bisect_right(ordered, score)
        for score in positive
    )
    return wins / 2 / len(positive) / len(negative)


def macro_f1(pairs: Sequence[tuple[Hashable, Hashable]]) -> float:
    """Mean over the right answers of the F1 of each.

    Args:
        pairs: the right answer and the given one, a pair a case; one or more.
    """
    right, given = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
    hits = Counter(label for label, answer in pairs if label == answer)
    return sum(2 * hits[label] / (count + given[label]) for label, count in right.items()) / len(
        right
    )


def mcnemar(pairs: Sequence[tuple[bool, bool]]) -> float:
    """Exact McNemar test of two players on the same seeds.

    Args:
        pairs: success of the one and of the other, a pair a seed.

    Returns:
        Two-sided p value: how likely a split of the seeds that only one of them won is at least this uneven, were they equally good.
    """
    only_first = sum(first and not second for first, second in pairs)
    only_second = sum(second and not first for first, second in pairs)
    differing = only_first + only_second
    tail = sum(math.comb(differing, k) for k in range(min(only_first, only_second) + 1))
    # Whole numbers until the last step: 2 to the power of 10,000 hands is more than a float holds.
    return min(1.0, float(Fraction(2 * tail, 2**differing)))
