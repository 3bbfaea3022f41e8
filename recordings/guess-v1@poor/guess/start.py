def start(n: int) -> int:
    """Start with half.

    Use when: at the start.
    When: facts["answer"] == "no"
    Rules: 1, 2
    >>> start(n=6)
    3
    """
    return max(1, n // 2)
