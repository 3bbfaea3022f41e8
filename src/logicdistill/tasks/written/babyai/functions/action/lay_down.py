from typing import Any


def lay_down(seen: dict[str, Any]) -> str:
    """Drop what the mission does not need into a free cell ahead; where there is none, turn.

    Use when: something is carried that hinders: not the key of a door, and hands have to be empty.
    When: goal["verb"] != "go to" and seen["carried"] != "nothing"
        and not (goal["verb"] == "open" and seen["carried"] == "key")
    Rules: 2, 10
    >>> lay_down(seen={"ahead": "empty", "carried": "ball", "targets": []})
    'drop'
    >>> lay_down(seen={"ahead": "wall", "carried": "ball", "targets": []})
    'right'
    """
    return "drop" if seen["ahead"] == "empty" else "right"
