def next_look(kinds: list[list[str]], moves: list[str], place: str) -> str:
    """Give the first move of the look that shows the most new cells for its steps.

    A look is: turn or not, walk up to three cells, turn or not. A cell counts in full when it was
    never in view, and a little by the time since it was. Cells behind a wall that is in view and
    cells where the mission's thing cannot be do not count.

    Rules: 3, 5, 11, 13
    >>> next_look(
    ...     kinds=[["wall", "wall", "wall"], ["empty", "agent", "empty"]], moves=[], place="right"
    ... )
    'right'
    >>> next_look(
    ...     kinds=[["wall", "wall", "wall"], ["empty", "agent", "wall"]], moves=[], place="anywhere"
    ... )
    'left'
    """
    half, depth = len(kinds[0]) // 2, len(kinds)
    track = poses(moves)
    here = track[-1]
    looked = {}
    for time in range(len(track)):
        for ahead in range(depth):
            for right in range(-half, half + 1):
                pose = track[time]
                cell = from_start(pose[0], pose[1], pose[2], ahead, right)
                looked[(cell[0], cell[1])] = time
    walls = ("wall", "door_closed", "door_locked")
    front, left, side = 99, -99, 99
    for distance in range(depth - 1, 0, -1):
        if kinds[-1 - distance][half] in walls:
            front = distance
    for distance in range(half, 0, -1):
        if kinds[-1][half - distance] in walls:
            left = -distance
        if kinds[-1][half + distance] in walls:
            side = distance
    turns = {"": 0, "left": 270, "right": 90, "back": 180}
    best, choice = 0.0, "right"
    for turn in ("", "left", "right", "back"):
        for steps in range(4):
            stand = from_start(0, 0, turns[turn], steps, 0)
            if steps and not is_free(kinds, stand[0], stand[1]):
                break
            for last in ("", "left", "right") if steps else ("",):
                count = {"": 0, "back": 2}.get(turn, 1) + steps + (1 if last else 0)
                if count == 0:
                    continue
                worth = 0.0
                for ahead in range(depth):
                    for right in range(-half, half + 1):
                        end = (turns[turn] + turns[last]) % 360
                        cell = from_start(stand[0], stand[1], end, ahead, right)
                        if cell[0] < front and left < cell[1] < side:
                            cell = from_start(here[0], here[1], here[2], cell[0], cell[1])
                            if in_place(cell[0], cell[1], place):
                                when = looked.get((cell[0], cell[1]), -1)
                                worth += 1.0 if when < 0 else 0.01 * (len(track) - 1 - when)
                if worth / count > best:
                    best = worth / count
                    choice = "right" if turn == "back" else turn or "forward"
    return choice
