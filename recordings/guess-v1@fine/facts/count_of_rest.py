def count_of_rest(ends: dict[str, int]) -> dict[str, str]:
    """Whether the possible numbers are odd or even in count.

    Use when: in every state.
    Rules: 1
    >>> count_of_rest(ends={'greatest': 7, 'smallest': 1})
    {'count': 'odd'}
    >>> count_of_rest(ends={'greatest': 194, 'smallest': 187})
    {'count': 'even'}
    >>> count_of_rest(ends={'greatest': 45, 'smallest': 25})
    {'count': 'odd'}
    """
    return {"count": "odd" if (ends["greatest"] - ends["smallest"]) % 2 == 0 else "even"}
