def open_target() -> str:
    """Toggle the door that the mission names.

    Use when: it is right ahead and closed, or locked while its key is carried.
    When: goal["verb"] == "open" and [1, 0] in seen["targets"]
    Rules: 2, 8, 9
    >>> open_target()
    'toggle'
    """
    return "toggle"
