def in_place(ahead: int, right: int, place: str) -> bool:
    """Tell whether a cell, counted from the start, is where the mission says.

    Rules: 5
    >>> in_place(ahead=2, right=-1, place="left")
    True
    >>> in_place(ahead=2, right=-1, place="behind")
    False
    >>> in_place(ahead=2, right=-1, place="front")
    True
    >>> in_place(ahead=2, right=0, place="right")
    False
    >>> in_place(ahead=0, right=0, place="anywhere")
    True
    """
    if place == "front":
        return ahead > 0
    if place == "behind":
        return ahead < 0
    if place == "left":
        return right < 0
    if place == "right":
        return right > 0
    return True
