def new_cells(kinds: list[list[str]], pose: dict[str, int], place: str) -> list[list[int]]:
    """List the cells that were not seen, lie beside one that was, and may hold the thing.

    A cell is given as cells ahead of the agent and cells to its right. What lies behind a wall does
    not count.

    Rules: 1, 5, 11
    >>> new_cells(
    ...     kinds=[
    ...         ["unseen", "wall", "unseen"],
    ...         ["wall", "agent", "ball"],
    ...         ["unseen", "wall", "wall"],
    ...     ],
    ...     pose={"ahead": 0, "right": 0, "turned": 0},
    ...     place="anywhere",
    ... )
    [[1, 1]]
    >>> new_cells(
    ...     kinds=[
    ...         ["unseen", "box", "unseen"],
    ...         ["empty", "agent", "ball"],
    ...         ["wall", "wall", "wall"],
    ...     ],
    ...     pose={"ahead": 0, "right": 0, "turned": 0},
    ...     place="left",
    ... )
    [[1, -1]]
    """
    reach, found = len(kinds) // 2, []
    beside = ((1, 0), (-1, 0), (0, 1), (0, -1))
    for ahead in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if kinds[reach - ahead][reach + right] != "unseen":
                continue
            known = False
            for step in beside:
                row, column = reach - ahead - step[0], reach + right + step[1]
                if 0 <= row < len(kinds) and 0 <= column < len(kinds):
                    kind = kinds[row][column]
                    known = known or kind not in ("unseen", "wall", "door_closed", "door_locked")
            if known:
                cell = from_start(pose["ahead"], pose["right"], pose["turned"], ahead, right)
                if in_place(cell[0], cell[1], place):
                    found.append([ahead, right])
    return found
