def is_free(kinds: list[list[str]], ahead: int, right: int) -> bool:
    """Tell whether a cell can be stepped on; one outside the view may be.

    Rules: 3
    >>> is_free(kinds=[["wall", "ball", "wall"], ["empty", "agent", "empty"]], ahead=1, right=0)
    False
    >>> is_free(kinds=[["wall", "ball", "wall"], ["empty", "agent", "empty"]], ahead=0, right=-1)
    True
    >>> is_free(kinds=[["wall", "ball", "wall"], ["empty", "agent", "empty"]], ahead=-1, right=0)
    True
    """
    half = len(kinds[0]) // 2
    if [ahead, right] == [0, 0] or ahead < 0 or ahead >= len(kinds) or abs(right) > half:
        return True
    return kinds[-1 - ahead][half + right] in ("empty", "floor", "door_open")
