def next_step(kinds: list[list[str]], moves: list[str], targets: list[list[int]]) -> str:
    """Give the first move of the cheapest way to a cell beside a target, with the eyes on it.

    A move costs 1. It costs more where the target is out of view, where nobody knows whether the
    cell is free, and where the agent has stood and looked the same way before: so no circle is
    walked for long.

    Rules: 3, 12, 13
    >>> next_step(
    ...     kinds=[["wall", "ball", "wall"], ["empty", "empty", "empty"], ["wall", "agent", "wall"]],
    ...     moves=[],
    ...     targets=[[2, 0]],
    ... )
    'forward'
    >>> next_step(
    ...     kinds=[["empty", "ball", "empty"], ["empty", "box", "wall"], ["empty", "agent", "wall"]],
    ...     moves=[],
    ...     targets=[[2, 0]],
    ... )
    'left'
    """
    half, depth = len(kinds[0]) // 2, len(kinds)
    track = poses(moves)
    here = track[-1]
    been = {}
    for pose in track[:-1]:
        turned = (360 - here[2]) % 360
        away = from_start(0, 0, turned, pose[0] - here[0], pose[1] - here[1])
        key = (away[0], away[1], (pose[2] - here[2]) % 360)
        been[key] = been.get(key, 0) + 1
    done = set()
    waiting = {0: [((0, 0, 0), "")]}
    for cost in range(100):
        for place, first in waiting.get(cost, []):
            if place in done:
                continue
            done.add(place)
            ahead, right, turned = place
            front = from_start(ahead, right, turned, 1, 0)
            if front in targets:
                return first or "forward"
            moved = [
                ("left", (ahead, right, (turned + 270) % 360)),
                ("right", (ahead, right, (turned + 90) % 360)),
            ]
            near = -3 <= front[0] < depth and abs(front[1]) <= half + 1
            if near and is_free(kinds, front[0], front[1]):
                moved.append(("forward", (front[0], front[1], turned)))
            for move, there in moved:
                if there in done:
                    continue
                total = cost + 1 + 2 * been.get(there, 0)
                if there[0] < 0 or abs(there[1]) > half:
                    total += 1
                back, seen = (360 - there[2]) % 360, False
                for target in targets:
                    off = from_start(0, 0, back, target[0] - there[0], target[1] - there[1])
                    seen = seen or (0 <= off[0] < depth and abs(off[1]) <= half)
                total += 0 if seen else 2
                waiting.setdefault(total, []).append((there, first or move))
    return "right"
