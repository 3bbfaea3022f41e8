def hunt(steps_left: int) -> dict[str, str]:
    """Whether the hunt is fresh or drags on.

    Use when: in every state.
    Rules: 7
    >>> hunt(steps_left=34)
    {'hunt': 'fresh'}
    >>> hunt(steps_left=26)
    {'hunt': 'drags on'}
    >>> hunt(steps_left=35)
    {'hunt': 'fresh'}
    """
    return {"hunt": "drags on" if steps_left < 28 else "fresh"}
