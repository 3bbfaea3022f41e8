from typing import Any


def approach_key(kinds: list[list[str]], seen: dict[str, Any]) -> str:
    """Take the next step of the shortest way to a key for the door.

    Use when: a door is to be opened, its key has been seen, and the hands are empty.
    When: goal["verb"] == "open" and seen["keys"] != [] and seen["carried"] == "nothing"
    Rules: 3, 9, 12, 13
    >>> approach_key(
    ...     kinds=[["wall", "wall", "wall"], ["empty", "agent", "key"], ["wall", "wall", "wall"]],
    ...     seen={"keys": [[0, 1]]},
    ... )
    'right'
    """
    return next_step(kinds, seen["keys"])
