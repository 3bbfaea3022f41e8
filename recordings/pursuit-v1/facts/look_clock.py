def look_clock(steps_left: int) -> dict[str, str]:
    """Say whether the chase is young or has gone on for long.

    Use when: in every state.
    Rules: 7
    >>> look_clock(steps_left=20)
    {'chase': 'long'}
    >>> look_clock(steps_left=40)
    {'chase': 'young'}
    >>> look_clock(steps_left=29)
    {'chase': 'young'}
    """
    return {"chase": "young" if steps_left > 28 else "long"}
