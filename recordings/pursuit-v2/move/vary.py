def vary(board: list[str], pursuers: list[list[int]], evader: list[int], steps_left: int, facts: dict[str, str]) -> list[list[int]]:
    """Look two moves ahead, with a preference that changes from step to step, so that the chase leaves its circle; far from the evader, wait.

    Use when: the chase is long and the distance is near: leave the circle in which the chase runs.
    Rules: 6, 7
    >>> vary(board=["#.....#", ".......", ".###...", "..#..#.", ".......", ".##....", "....#.."], pursuers=[[1, 4], [4, 5]], evader=[3, 3], steps_left=14, facts={"chase": "long", "distance": "near", "gap": "apart", "room": "wide", "sides": "two sides", "ways": "two"})
    [[2, 4], [4, 4]]
    >>> vary(board=["..##..#", "..#....", ".......", "..##...", "...#..#", "...##..", "......."], pursuers=[[2, 4], [0, 3]], evader=[1, 5], steps_left=14, facts={"chase": "long", "distance": "near", "gap": "together", "room": "tight", "sides": "one side", "ways": "four"})
    [[2, 5], [0, 4]]
    >>> vary(board=["......#", ".#..#..", ".......", "##..#..", "..#....", "...#.#.", "#......"], pursuers=[[1, 2], [2, 0]], evader=[3, 1], steps_left=7, facts={"chase": "long", "distance": "near", "gap": "together", "room": "wide", "sides": "one side", "ways": "three"})
    [[2, 2], [3, 0]]
    >>> vary(board=["...#...", ".#.....", "....##.", "..#....", "#.#..#.", "..#....", "......#"], pursuers=[[5, 1], [4, 4]], evader=[5, 5], steps_left=17, facts={"chase": "long", "distance": "near", "gap": "apart", "room": "tight", "sides": "one side", "ways": "three"})
    [[6, 1], [4, 4]]
    """
    if facts["distance"] == "far":
        return [list(cell) for cell in pursuers]
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
    lefts, rights = near[one], near[two]
    starts = lefts + rights + near[prey]
    reach = {cell: walk(cell) for cell in starts}
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
            worst = max([0] + [room(left, right, flight, 1, 9999) for flight in flights(left, right)])
            ranked.append((worst * 50 + (steps_left * 7919 + left * 131) * (steps_left * 613 + right * 37) % 211, left, right))
    best, least = (one, two), 9999
    for rank, left, right in sorted(ranked)[:8]:
        preference = (steps_left * 7919 + left * 131) * (steps_left * 613 + right * 37) % 101
        worst = 0
        for flight in flights(left, right):
            reply = 9999
            for i in near[left]:
                for j in near[right]:
                    if reply > worst:
                        reply = min(reply, room(i, j, flight, 0, reply))
            worst = max(worst, reply)
            if 50 * worst + preference >= least:
                break
        if 50 * worst + preference < least:
            best, least = (left, right), 50 * worst + preference
    return [[cell % width, cell // width] for cell in best]
