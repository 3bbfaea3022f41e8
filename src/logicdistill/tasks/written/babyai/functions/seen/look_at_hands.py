def look_at_hands(kinds: list[list[str]]) -> dict[str, str]:
    """Tell what is carried ('nothing' for empty hands), and what is in the cell ahead.

    Use when: in every state.
    Rules: 1, 10
    >>> look_at_hands(
    ...     kinds=[["wall", "ball", "wall"], ["empty", "agent", "empty"], ["wall", "wall", "wall"]]
    ... )
    {'carried': 'nothing', 'ahead': 'ball'}
    >>> look_at_hands(
    ...     kinds=[["wall", "empty", "wall"], ["empty", "key", "empty"], ["wall", "wall", "wall"]]
    ... )
    {'carried': 'key', 'ahead': 'empty'}
    """
    reach = len(kinds) // 2
    own = kinds[reach][reach]
    carried = own if own in ("key", "ball", "box") else "nothing"
    return {"carried": carried, "ahead": kinds[reach - 1][reach]}
