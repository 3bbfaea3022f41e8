def vary(board: list[str], pursuers: list[list[int]], evader: list[int], steps_left: int, facts: dict[str, str]) -> list[list[int]]:
    """Look two moves ahead, with a preference that changes from step to step, so that the chase leaves its circle.

    Use when: the chase is long and the distance is near or far: leave the circle in which the chase runs.
    Rules: 6, 7
    >>> vary(board=["##...", ".....", ".....", ".....", "....#"], pursuers=[[1, 3], [2, 3]], evader=[4, 0], steps_left=20, facts={"chase": "long", "distance": "far", "room": "tight", "sides": "one side"})
    [[1, 2], [3, 3]]
    >>> vary(board=["....#", ".....", ".....", ".#.#.", "....."], pursuers=[[0, 1], [0, 2]], evader=[4, 2], steps_left=24, facts={"chase": "long", "distance": "near", "room": "wide", "sides": "one side"})
    [[1, 1], [1, 2]]
    >>> vary(board=["....#", "....#", ".....", ".....", "....#"], pursuers=[[2, 3], [1, 3]], evader=[0, 0], steps_left=19, facts={"chase": "long", "distance": "near", "room": "tight", "sides": "one side"})
    [[2, 2], [1, 2]]
    >>> vary(board=[".....", ".....", "..##.", ".....", "#...."], pursuers=[[4, 1], [2, 3]], evader=[4, 4], steps_left=17, facts={"chase": "long", "distance": "near", "room": "tight", "sides": "two sides"})
    [[4, 2], [2, 4]]
    """
    width, height = len(board[0]), len(board)

    def around(cell: int) -> list[int]:
        x, y = cell % width, cell // width
        cells = [cell]
        if x + 1 < width and board[y][x + 1] == ".":
            cells.append(cell + 1)
        if x > 0 and board[y][x - 1] == ".":
            cells.append(cell - 1)
        if y + 1 < height and board[y + 1][x] == ".":
            cells.append(cell + width)
        if y > 0 and board[y - 1][x] == ".":
            cells.append(cell - width)
        return cells

    def walk(start: int) -> list[int]:
        steps = [99] * (width * height)
        steps[start] = 0
        queue = [start]
        for cell in queue:
            for other in around(cell):
                if steps[other] == 99:
                    steps[other] = steps[cell] + 1
                    queue.append(other)
        return steps

    one, two = [cell[1] * width + cell[0] for cell in pursuers]
    prey = evader[1] * width + evader[0]
    lefts, rights = around(one), around(two)
    near = lefts + rights + around(prey)
    reach = {cell: walk(cell) for cell in near}
    for cell in lefts + rights:
        for other in around(cell):
            if other not in reach:
                reach[other] = walk(other)
    cells = [cell for cell in range(width * height) if reach[prey][cell] < 99]

    def room(left: int, right: int, flight: int, ahead: int) -> int:
        first, second, own = reach[left], reach[right], reach[flight]
        count = first[flight] + second[flight]
        for cell in cells:
            steps = own[cell] + ahead
            if steps < first[cell] and steps < second[cell]:
                count += 1
        return count

    def flights(left: int, right: int) -> list[int]:
        return [cell for cell in around(prey) if reach[left][cell] > 1 and reach[right][cell] > 1]

    ranked = []
    for left in lefts:
        for right in rights:
            worst = max([0] + [room(left, right, flight, 1) for flight in flights(left, right)])
            ranked.append((worst * 50 + (steps_left * 7919 + left * 131) * (steps_left * 613 + right * 37) % 211, left, right))
    best, least = (one, two), 9999
    for rank, left, right in sorted(ranked)[:8]:
        worst = 0
        for flight in flights(left, right):
            replies = [room(i, j, flight, 0) for i in around(left) for j in around(right)]
            worst = max(worst, min(replies))
        score = 50 * worst + (steps_left * 7919 + left * 131) * (steps_left * 613 + right * 37) % 101
        if score < least:
            best, least = (left, right), score
    return [[cell % width, cell // width] for cell in best]
