def find_target(
    kinds: list[list[str]], colours: list[list[str]], pose: dict[str, int], goal: dict[str, str]
) -> dict[str, list[list[int]]]:
    """Find the things in view that the mission names, as cells ahead and cells to the right.

    A locked door counts once the key of its colour is carried.

    Use when: in every state.
    Rules: 1, 4, 5, 9
    >>> find_target(
    ...     kinds=[["ball", "empty", "ball"], ["empty", "agent", "empty"]],
    ...     colours=[["red", "none", "red"], ["none", "none", "none"]],
    ...     pose={"ahead": 2, "right": 0, "turned": 0},
    ...     goal={"verb": "go to", "kind": "ball", "colour": "red", "place": "left"},
    ... )
    {'targets': [[1, -1]]}
    >>> find_target(
    ...     kinds=[["wall", "door_locked", "wall"], ["empty", "agent", "empty"]],
    ...     colours=[["grey", "red", "grey"], ["none", "none", "none"]],
    ...     pose={"ahead": 0, "right": 0, "turned": 0},
    ...     goal={"verb": "open", "kind": "door", "colour": "any", "place": "anywhere"},
    ... )
    {'targets': []}
    >>> find_target(
    ...     kinds=[["wall", "door_locked", "wall"], ["empty", "key", "empty"]],
    ...     colours=[["grey", "red", "grey"], ["none", "red", "none"]],
    ...     pose={"ahead": 0, "right": 0, "turned": 0},
    ...     goal={"verb": "open", "kind": "door", "colour": "any", "place": "anywhere"},
    ... )
    {'targets': [[1, 0]]}
    """
    half = len(kinds[0]) // 2
    own = [kinds[-1][half], colours[-1][half]]
    targets = []
    for ahead in range(len(kinds)):
        for right in range(-half, half + 1):
            kind, colour = kinds[-1 - ahead][half + right], colours[-1 - ahead][half + right]
            if [ahead, right] != [0, 0] and is_named(kind, colour, goal["kind"], goal["colour"]):
                cell = from_start(pose["ahead"], pose["right"], pose["turned"], ahead, right)
                locked = kind == "door_locked" and own != ["key", colour]
                if in_place(cell[0], cell[1], goal["place"]) and not locked:
                    targets.append([ahead, right])
    return {"targets": targets}
