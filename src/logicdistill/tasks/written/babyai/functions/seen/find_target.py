def find_target(
    kinds: list[list[str]], colours: list[list[str]], pose: dict[str, int], goal: dict[str, str]
) -> dict[str, list[list[int]]]:
    """Find the things that the mission names, as cells ahead of the agent and to its right.

    A locked door counts once the key of its colour is carried.

    Use when: in every state.
    Rules: 1, 4, 5, 9
    >>> find_target(
    ...     kinds=[
    ...         ["ball", "empty", "ball"],
    ...         ["empty", "agent", "empty"],
    ...         ["empty", "empty", "empty"],
    ...     ],
    ...     colours=[["red", "none", "red"], ["none", "none", "none"], ["none", "none", "none"]],
    ...     pose={"ahead": 2, "right": 0, "turned": 0},
    ...     goal={"verb": "go to", "kind": "ball", "colour": "red", "place": "left"},
    ... )
    {'targets': [[1, -1]]}
    >>> find_target(
    ...     kinds=[
    ...         ["wall", "door_locked", "wall"],
    ...         ["empty", "agent", "empty"],
    ...         ["empty", "empty", "empty"],
    ...     ],
    ...     colours=[["grey", "red", "grey"], ["none", "none", "none"], ["none", "none", "none"]],
    ...     pose={"ahead": 0, "right": 0, "turned": 0},
    ...     goal={"verb": "open", "kind": "door", "colour": "any", "place": "anywhere"},
    ... )
    {'targets': []}
    >>> find_target(
    ...     kinds=[
    ...         ["wall", "door_locked", "wall"],
    ...         ["empty", "key", "empty"],
    ...         ["empty", "empty", "empty"],
    ...     ],
    ...     colours=[["grey", "red", "grey"], ["none", "red", "none"], ["none", "none", "none"]],
    ...     pose={"ahead": 0, "right": 0, "turned": 0},
    ...     goal={"verb": "open", "kind": "door", "colour": "any", "place": "anywhere"},
    ... )
    {'targets': [[1, 0]]}
    """
    reach = len(kinds) // 2
    own = [kinds[reach][reach], colours[reach][reach]]
    targets = []
    for row in range(len(kinds)):
        for column in range(len(kinds)):
            kind, colour = kinds[row][column], colours[row][column]
            ahead, right = reach - row, column - reach
            if [ahead, right] != [0, 0] and is_named(kind, colour, goal["kind"], goal["colour"]):
                cell = from_start(pose["ahead"], pose["right"], pose["turned"], ahead, right)
                locked = kind == "door_locked" and own != ["key", colour]
                if in_place(cell[0], cell[1], goal["place"]) and not locked:
                    targets.append([ahead, right])
    return {"targets": targets}
