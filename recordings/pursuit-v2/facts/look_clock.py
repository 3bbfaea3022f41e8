def look_clock(steps_left: int) -> dict[str, str]:
    """Say whether the chase is young or has gone on for long.

    Use when: in every state.
    Rules: 7
    >>> look_clock(steps_left=26)
    {'chase': 'young'}
    >>> look_clock(steps_left=18)
    {'chase': 'long'}
    """
    return {"chase": "young" if steps_left > 18 else "long"}
