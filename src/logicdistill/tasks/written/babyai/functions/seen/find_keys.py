def find_keys(
    kinds: list[list[str]], colours: list[list[str]], goal: dict[str, str]
) -> dict[str, list[list[int]]]:
    """Find the keys that may open the door of the mission.

    Use when: a door is to be opened.
    When: goal["verb"] == "open"
    Rules: 9
    >>> find_keys(
    ...     kinds=[["key", "empty", "key"], ["empty", "agent", "empty"], ["wall", "wall", "wall"]],
    ...     colours=[["blue", "none", "red"], ["none", "none", "none"], ["grey", "grey", "grey"]],
    ...     goal={"verb": "open", "kind": "door", "colour": "red", "place": "anywhere"},
    ... )
    {'keys': [[1, 1]]}
    >>> find_keys(
    ...     kinds=[
    ...         ["key", "key", "wall"],
    ...         ["empty", "agent", "door_locked"],
    ...         ["wall", "wall", "wall"],
    ...     ],
    ...     colours=[["blue", "red", "grey"], ["none", "none", "blue"], ["grey", "grey", "grey"]],
    ...     goal={"verb": "open", "kind": "door", "colour": "any", "place": "anywhere"},
    ... )
    {'keys': [[1, -1]]}
    """
    reach, fitting, keys = len(kinds) // 2, [], []
    for row in range(len(kinds)):
        for column in range(len(kinds)):
            if kinds[row][column] == "door_locked":
                fitting.append(colours[row][column])
            if kinds[row][column] == "key" and [row, column] != [reach, reach]:
                keys.append([reach - row, column - reach])
    if goal["colour"] != "any":
        fitting = [goal["colour"]]
    if fitting:
        keys = [key for key in keys if colours[reach - key[0]][reach + key[1]] in fitting]
    return {"keys": keys}
