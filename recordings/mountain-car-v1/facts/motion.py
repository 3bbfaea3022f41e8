def motion(velocity: float) -> dict[str, str]:
    """Which way the car moves, in words.

    Use when: in every state.
    Rules: 2, 3
    >>> motion(velocity=0.0)
    {'motion': 'none'}
    >>> motion(velocity=-0.01)
    {'motion': 'left'}
    >>> motion(velocity=0.02)
    {'motion': 'right'}
    """
    return {"motion": "none" if abs(velocity) < 0.0005 else "left" if velocity < 0 else "right"}
