def find_keys(
    kinds: list[list[str]], colours: list[list[str]], goal: dict[str, str]
) -> dict[str, list[list[int]]]:
    """Find the keys in view that may open the door of the mission.

    Use when: a door is to be opened.
    When: goal["verb"] == "open"
    Rules: 9
    >>> find_keys(
    ...     kinds=[["key", "empty", "key"], ["empty", "agent", "empty"]],
    ...     colours=[["blue", "none", "red"], ["none", "none", "none"]],
    ...     goal={"verb": "open", "kind": "door", "colour": "red", "place": "anywhere"},
    ... )
    {'keys': [[1, 1]]}
    >>> find_keys(
    ...     kinds=[["key", "empty", "door_locked"], ["key", "agent", "empty"]],
    ...     colours=[["blue", "none", "blue"], ["red", "none", "none"]],
    ...     goal={"verb": "open", "kind": "door", "colour": "any", "place": "anywhere"},
    ... )
    {'keys': [[1, -1]]}
    """
    half = len(kinds[0]) // 2
    fitting = [goal["colour"]]
    if goal["colour"] == "any":
        fitting = []
        for row in range(len(kinds)):
            for column in range(len(kinds[0])):
                if kinds[row][column] == "door_locked":
                    fitting.append(colours[row][column])
    keys = []
    for ahead in range(len(kinds)):
        for right in range(-half, half + 1):
            if [ahead, right] != [0, 0] and kinds[-1 - ahead][half + right] == "key":
                if not fitting or colours[-1 - ahead][half + right] in fitting:
                    keys.append([ahead, right])
    return {"keys": keys}
