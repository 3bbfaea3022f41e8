def came_damaged() -> str:
    """The item was broken when it came.

    Use when: the item was already broken, cracked, stained or torn on arrival.
    Rules: 5, 7
    Example: opened the box and the vase is in 1000 pieces
    Example: The courier must have dropped it: the screen was cracked before I ever switched it on.
    Example: Dear team, unfortunately the book reached me with a soaked cover and torn pages.
    Example: there r scratches all over the table top, straight out of the carton!!!
    Example: Lid of the face cream was smashed in the parcel and half of it had run out over
        everything.
    >>> came_damaged()
    'came_damaged'
    """
    return "came_damaged"
