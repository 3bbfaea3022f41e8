"""Statistics of the tables. scipy is imported when needed: the command line starts without it."""

from __future__ import annotations

from collections.abc import Sequence

from logicdistill.errors import needs_extra


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Wilson score interval of a proportion, 95 % (Wilson, JASA 1927); bounds in [0, 1].

    Raises:
        ValueError: no trials, or more successes than trials.
        MissingExtraError: scipy is not installed.
    """
    with needs_extra("an interval", "report"):
        from scipy.stats import binomtest
    if trials < 1:
        raise ValueError(f"{successes} of {trials}: an interval needs at least one trial")
    bounds = binomtest(successes, trials).proportion_ci(method="wilson")
    return float(bounds.low), float(bounds.high)


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
