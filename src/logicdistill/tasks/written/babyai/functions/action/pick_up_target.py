def pick_up_target() -> str:
    """Pick up the thing that the mission names.

    Use when: it lies in the cell ahead, and the hands are empty.
    When: goal["verb"] == "pick up" and [1, 0] in seen["targets"] and seen["carried"] == "nothing"
    Rules: 2, 7
    >>> pick_up_target()
    'pickup'
    """
    return "pickup"
