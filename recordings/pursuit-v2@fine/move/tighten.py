def tighten(board: list[str], pursuers: list[list[int]], evader: list[int], aim: list[list[int]], facts: dict[str, str]) -> list[list[int]]:
    """Take the steps that leave the evader the least land.

    Use when: the contact is close or away, the land is little and the hunt is fresh.
    Rules: 2, 4, 6
    >>> tighten(board=['......', '......', '##..#.', '......', '.#.#..', '......'], pursuers=[[3, 3], [4, 3]], evader=[4, 5], aim=[[4, 5], [4, 5]], facts={'contact': 'close', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    [[3, 3], [4, 4]]
    >>> tighten(board=['......', '....#.', '#...#.', '......', '..##..', '......'], pursuers=[[3, 3], [3, 2]], evader=[0, 0], aim=[[1, 1], [2, 0]], facts={'contact': 'away', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    [[3, 2], [3, 1]]
    >>> tighten(board=['#..#..', '......', '......', '#....#', '......', '..#...'], pursuers=[[2, 2], [3, 2]], evader=[0, 5], aim=[[1, 4], [0, 4]], facts={'contact': 'away', 'hunt': 'fresh', 'land': 'little', 'nearer': 'first'})
    [[1, 2], [2, 2]]
    """
    wide = len(board[0]) + 1
    free = 0
    for y, row in enumerate(board):
        for x, mark in enumerate(row):
            if mark == ".":
                free |= 1 << (y * wide + x)

    def grow(cells: int) -> int:
        return (cells | cells << 1 | cells >> 1 | cells << wide | cells >> wide) & free

    def spread(cells: int) -> list[int]:
        found = []
        for y in range(len(board)):
            for x in range(wide - 1):
                if cells >> (y * wide + x) & 1:
                    found.append(1 << (y * wide + x))
        return found

    hunters = [1 << (y * wide + x) for x, y in pursuers]
    prey = 1 << (evader[1] * wide + evader[0])

    def land(hunted: int, hunting: int) -> int:
        ours, theirs = hunted, hunting
        while True:
            more = grow(ours) & ~theirs
            after = (grow(theirs) & ~more) | theirs
            if more == ours and after == theirs:
                return bin(ours).count("1")
            ours, theirs = more | ours, after

    def rounds(start: int, goal: int) -> int:
        count = 0
        while not start & goal:
            wave = grow(start)
            if wave == start:
                return 99
            start, count = wave, count + 1
        return count

    def cell(bit: int) -> list[int]:
        place = len(bin(bit)) - 3
        return [place % wide, place // wide]

    apart = {bit: rounds(bit, prey) for bit in spread(grow(hunters[0]) | grow(hunters[1]))}
    goals = [1 << (y * wide + x) for x, y in aim]
    ways = {bit: [rounds(bit, goal) for goal in goals] for bit in apart}
    best, value = hunters, 10 ** 9
    for left in spread(grow(hunters[0])):
        for right in spread(grow(hunters[1])):
            escape = grow(prey) & ~grow(left | right)
            worth = 0
            for flight in spread(escape):
                worth = max(worth, land(flight, grow(left | right)))
            score = 20 * worth + 2 * apart[left] + 2 * apart[right] + ways[left][0] + ways[right][1]
            if score < value:
                best, value = [left, right], score
    return [cell(bit) for bit in best]
