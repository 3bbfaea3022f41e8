def next_look(kinds: list[list[str]], pose: dict[str, int], place: str) -> str:
    """Give the first move of the way to the look that shows the most new cells for its steps.

    Where no new cell is left: a turn to the right.

    Rules: 1, 3, 11, 13
    >>> next_look(
    ...     kinds=[
    ...         ["wall", "wall", "wall"],
    ...         ["empty", "agent", "empty"],
    ...         ["empty", "unseen", "unseen"],
    ...     ],
    ...     pose={"ahead": 0, "right": 0, "turned": 0},
    ...     place="anywhere",
    ... )
    'right'
    >>> next_look(
    ...     kinds=[
    ...         ["unseen", "empty", "wall"],
    ...         ["wall", "agent", "wall"],
    ...         ["wall", "wall", "wall"],
    ...     ],
    ...     pose={"ahead": 0, "right": 0, "turned": 180},
    ...     place="right",
    ... )
    'left'
    """
    reach = len(kinds) // 2
    new = new_cells(kinds, pose, place)
    done, best, choice = set(), 0.0, "right"
    waiting = [[((0, 0, 0), "")]]
    for cost in range(25):
        waiting.append([])
        for where, first in waiting[cost]:
            if where in done or len(new) <= best * cost:
                continue
            done.add(where)
            ahead, right, turned = where
            if cost:
                shown = 0
                for cell in new:
                    off = from_start(0, 0, (360 - turned) % 360, cell[0] - ahead, cell[1] - right)
                    shown += 0 <= off[0] <= 6 and -3 <= off[1] <= 3
                if shown / cost > best:
                    best, choice = shown / cost, first
            for move, turn in (("left", 270), ("right", 90)):
                waiting[cost + 1].append(((ahead, right, (turned + turn) % 360), first or move))
            front = from_start(ahead, right, turned, 1, 0)
            if abs(front[0]) <= reach and abs(front[1]) <= reach:
                if is_free(kinds[reach - front[0]][reach + front[1]]):
                    waiting[cost + 1].append(((front[0], front[1], turned), first or "forward"))
    return choice
