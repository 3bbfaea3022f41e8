def take_key() -> str:
    """Pick up a key for the locked door.

    Use when: it lies in the cell ahead, the hands are empty, and no door in view can be opened.
    When: goal["verb"] == "open" and seen["targets"] == [] and [1, 0] in seen["keys"]
        and seen["carried"] == "nothing"
    Rules: 2, 9
    >>> take_key()
    'pickup'
    """
    return "pickup"
