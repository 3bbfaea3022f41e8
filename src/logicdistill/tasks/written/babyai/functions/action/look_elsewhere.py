def look_elsewhere(kinds: list[list[str]], pose: dict[str, int], goal: dict[str, str]) -> str:
    """Turn or walk to where the most cells come into view that were not seen yet.

    Use when: nothing that the mission needs has been seen.
    Rules: 3, 5, 11, 13
    >>> look_elsewhere(
    ...     kinds=[
    ...         ["wall", "wall", "wall"],
    ...         ["empty", "agent", "empty"],
    ...         ["unseen", "unseen", "unseen"],
    ...     ],
    ...     pose={"ahead": 0, "right": 0, "turned": 90},
    ...     goal={"verb": "pick up", "kind": "ball", "colour": "red", "place": "left"},
    ... )
    'left'
    """
    return next_look(kinds, pose, goal["place"])
