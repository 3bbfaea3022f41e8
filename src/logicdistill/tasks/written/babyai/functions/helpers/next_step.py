def next_step(kinds: list[list[str]], targets: list[list[int]]) -> str:
    """Give the first move of the shortest way to a cell beside a target, with the eyes on it.

    A step onto a cell that was not seen counts as three, for something may stand there. Without a
    way: a turn to the right, which shows more.

    Rules: 3, 12, 13
    >>> next_step(
    ...     kinds=[["wall", "empty", "ball"], ["empty", "agent", "box"], ["wall", "wall", "wall"]],
    ...     targets=[[1, 1]],
    ... )
    'forward'
    >>> next_step(
    ...     kinds=[["wall", "box", "ball"], ["wall", "agent", "unseen"], ["wall", "wall", "wall"]],
    ...     targets=[[1, 1]],
    ... )
    'right'
    >>> next_step(
    ...     kinds=[["wall", "box", "ball"], ["box", "agent", "box"], ["wall", "wall", "wall"]],
    ...     targets=[[1, 1]],
    ... )
    'right'
    >>> next_step(
    ...     kinds=[["wall", "box", "ball"], ["empty", "agent", "box"], ["wall", "empty", "wall"]],
    ...     targets=[[-1, 0]],
    ... )
    'left'
    """
    reach = len(kinds) // 2
    done = set()
    waiting = {0: [((0, 0, 0), "")]}
    for cost in range(200):
        for place, first in waiting.get(cost, []):
            if place in done:
                continue
            done.add(place)
            ahead, right, turned = place
            front = from_start(ahead, right, turned, 1, 0)
            if front in targets:
                return first or "forward"
            for move, turn in (("left", 270), ("right", 90)):
                there = (ahead, right, (turned + turn) % 360)
                waiting.setdefault(cost + 1, []).append((there, first or move))
            if abs(front[0]) <= reach and abs(front[1]) <= reach:
                kind = kinds[reach - front[0]][reach + front[1]]
                if is_free(kind):
                    total = cost + (3 if kind == "unseen" else 1)
                    there = (front[0], front[1], turned)
                    waiting.setdefault(total, []).append((there, first or "forward"))
    return "right"
