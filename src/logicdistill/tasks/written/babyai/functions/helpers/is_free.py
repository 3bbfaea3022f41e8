def is_free(kind: str) -> bool:
    """Tell whether a cell can be stepped on; one that was not seen may be.

    Rules: 3
    >>> is_free(kind="empty")
    True
    >>> is_free(kind="unseen")
    True
    >>> is_free(kind="box")
    False
    """
    return kind in ("empty", "agent", "floor", "door_open", "unseen")
