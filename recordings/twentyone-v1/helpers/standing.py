def standing(total: int, sums: list[list[float]], limit: int) -> float:
    """Give what it is worth to stop: 1 for a win, 0 for a draw and -1 for a loss, each by its chance.

    Rules: 7
    >>> standing(total=18, sums=[[17, 0.5], [20, 0.25], [22, 0.25]], limit=21)
    0.5
    """
    return sum(weight * (1 if final > limit or final < total else -1 if final > total else 0) for final, weight in sums)
