def look_at_hands(kinds: list[list[str]]) -> dict[str, str]:
    """Tell what is carried ('nothing' for empty hands), and what is in the cell ahead.

    Use when: in every state.
    Rules: 1, 10
    >>> look_at_hands(kinds=[["wall", "ball", "wall"], ["empty", "agent", "empty"]])
    {'carried': 'nothing', 'ahead': 'ball'}
    >>> look_at_hands(kinds=[["wall", "empty", "wall"], ["empty", "key", "empty"]])
    {'carried': 'key', 'ahead': 'empty'}
    """
    half = len(kinds[0]) // 2
    own = kinds[-1][half]
    carried = own if own in ("key", "ball", "box") else "nothing"
    return {"carried": carried, "ahead": kinds[-2][half]}
