from typing import Any


def approach_target(kinds: list[list[str]], moves: list[str], seen: dict[str, Any]) -> str:
    """Take the next step of the shortest way to a cell beside the thing, and look at it.

    Use when: a thing that the mission names is in view.
    When: seen["targets"] != []
    Rules: 3, 6, 12, 13
    >>> approach_target(
    ...     kinds=[["wall", "ball", "wall"], ["empty", "empty", "empty"], ["wall", "agent", "wall"]],
    ...     moves=["left"],
    ...     seen={"targets": [[2, 0]]},
    ... )
    'forward'
    """
    return next_step(kinds, moves, seen["targets"])
