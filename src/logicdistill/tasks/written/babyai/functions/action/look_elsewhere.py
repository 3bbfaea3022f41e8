def look_elsewhere(kinds: list[list[str]], moves: list[str], goal: dict[str, str]) -> str:
    """Turn or walk to where the most cells come into view that were not looked at yet.

    Use when: nothing that the mission needs is in view.
    Rules: 3, 5, 11, 13
    >>> look_elsewhere(
    ...     kinds=[["wall", "wall", "wall"], ["empty", "agent", "empty"]],
    ...     moves=[],
    ...     goal={"verb": "go to", "kind": "ball", "colour": "red", "place": "left"},
    ... )
    'left'
    """
    return next_look(kinds, moves, goal["place"])
