def move_the_unbroken_one(board: list[str], pursuers: list[list[int]], evader: list[int], steps_left: int, notices: dict[str, int]) -> list[list[int]]:
    """Look two moves ahead for the pursuer that can move while the broken one stays on its cell.

    Use when: a pursuer is broken.
    When: "broken" in notices
    Rules: 2, 3, 5, 6
    Replaces: advance, foresee, pounce, squeeze, vary
    >>> move_the_unbroken_one(board=["##...", ".....", ".....", ".....", "....#"], pursuers=[[1, 3], [2, 3]], evader=[4, 0], steps_left=37, notices={"broken": 1})
    [[1, 3], [3, 3]]
    >>> move_the_unbroken_one(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[3, 0], [4, 0]], evader=[4, 4], steps_left=30, notices={"broken": 2})
    [[4, 0], [4, 0]]
    >>> move_the_unbroken_one(board=["..#..", ".....", "#....", "...#.", "....."], pursuers=[[3, 1], [4, 1]], evader=[4, 0], steps_left=12, notices={"broken": 2})
    [[3, 1], [4, 1]]
    """
    width, height = len(board[0]), len(board)
    near: list[list[int]] = []
    for y in range(height):
        for x in range(width):
            ways = [(x, y), (x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
            near.append([j * width + i for i, j in ways if 0 <= i < width and 0 <= j < height and board[j][i] == "."])

    def walk(start: int) -> list[int]:
        steps = [99] * (width * height)
        steps[start] = 0
        queue = [start]
        for cell in queue:
            following = steps[cell] + 1
            for other in near[cell]:
                if steps[other] == 99:
                    steps[other] = following
                    queue.append(other)
        return steps

    one, two = [cell[1] * width + cell[0] for cell in pursuers]
    prey = evader[1] * width + evader[0]
    lefts = [one] if notices["broken"] == 1 else near[one]
    rights = [two] if notices["broken"] == 2 else near[two]
    if prey in lefts:
        return [list(evader), pursuers[1]]
    if prey in rights:
        return [pursuers[0], list(evader)]
    reach = {cell: walk(cell) for cell in lefts + rights + near[prey]}
    for cell in lefts + rights:
        for other in near[cell]:
            if other not in reach:
                reach[other] = walk(other)
    cells = sorted([cell for cell in range(width * height) if reach[prey][cell] < 99], key=lambda cell: reach[prey][cell])

    def room(left: int, right: int, flight: int, ahead: int, enough: int) -> int:
        first, second, own = reach[left], reach[right], reach[flight]
        count = first[flight] + second[flight]
        for cell in cells:
            steps = own[cell] + ahead
            if steps < first[cell] and steps < second[cell]:
                count += 1
                if count >= enough:
                    return count
        return count

    def flights(left: int, right: int) -> list[int]:
        return [cell for cell in near[prey] if reach[left][cell] > 1 and reach[right][cell] > 1]

    ranked = []
    for left in lefts:
        for right in rights:
            preference = (steps_left * 7919 + left * 131) * (steps_left * 613 + right * 37) % 101
            worst = max([0] + [room(left, right, flight, 1, 9999) for flight in flights(left, right)])
            ranked.append((50 * worst + preference, left, right))
    best, least = (one, two), 9999
    for rank, left, right in sorted(ranked)[:8]:
        preference = (steps_left * 7919 + left * 131) * (steps_left * 613 + right * 37) % 101
        worst = 0
        for flight in flights(left, right):
            reply = 9999
            for i in ([left] if notices["broken"] == 1 else near[left]):
                for j in ([right] if notices["broken"] == 2 else near[right]):
                    if reply > worst:
                        reply = min(reply, room(i, j, flight, 0, reply))
            worst = max(worst, reply)
            if 50 * worst + preference >= least:
                break
        if 50 * worst + preference < least:
            best, least = (left, right), 50 * worst + preference
    return [[cell % width, cell // width] for cell in best]
