def from_start(own_ahead: int, own_right: int, turned: int, ahead: int, right: int) -> list[int]:
    """Turn a cell counted from the agent's cell and view into one counted from the start.

    Rules: 5
    >>> from_start(own_ahead=0, own_right=0, turned=0, ahead=2, right=-1)
    [2, -1]
    >>> from_start(own_ahead=1, own_right=0, turned=90, ahead=2, right=1)
    [0, 2]
    >>> from_start(own_ahead=1, own_right=0, turned=180, ahead=2, right=1)
    [-1, -1]
    >>> from_start(own_ahead=1, own_right=1, turned=270, ahead=3, right=0)
    [1, -2]
    """
    if turned == 90:
        return [own_ahead - right, own_right + ahead]
    if turned == 180:
        return [own_ahead - ahead, own_right - right]
    if turned == 270:
        return [own_ahead + right, own_right - ahead]
    return [own_ahead + ahead, own_right + right]
