from typing import Any


def approach_target(kinds: list[list[str]], seen: dict[str, Any]) -> str:
    """Take the next step of the shortest way to a cell beside the thing, and look at it.

    Use when: a thing that the mission names has been seen.
    When: seen["targets"] != []
    Rules: 3, 6, 12, 13
    >>> approach_target(
    ...     kinds=[["wall", "empty", "ball"], ["box", "agent", "empty"], ["wall", "wall", "wall"]],
    ...     seen={"targets": [[1, 1]]},
    ... )
    'forward'
    """
    return next_step(kinds, seen["targets"])
