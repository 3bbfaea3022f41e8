def come_nearer(board: list[str], pursuers: list[list[int]], evader: list[int], aim: list[list[int]], facts: dict[str, str]) -> list[list[int]]:
    """Come nearer to the aims and take land on the way.

    Use when: the contact is away, the land is much and the hunt is fresh.
    Rules: 3, 4, 7
    >>> come_nearer(board=['#.....', '......', '..###.', '......', '......', '...#..'], pursuers=[[1, 3], [1, 2]], evader=[4, 1], aim=[[2, 1], [3, 1]], facts={'contact': 'away', 'hunt': 'fresh', 'land': 'much', 'nearer': 'second'})
    [[2, 3], [1, 1]]
    >>> come_nearer(board=['.....#', '......', '......', '......', '...#..', '##...#'], pursuers=[[3, 3], [4, 3]], evader=[0, 1], aim=[[0, 1], [0, 1]], facts={'contact': 'away', 'hunt': 'fresh', 'land': 'much', 'nearer': 'first'})
    [[3, 2], [3, 3]]
    >>> come_nearer(board=['....##', '......', '...#..', '....##', '......', '......'], pursuers=[[0, 2], [0, 3]], evader=[3, 5], aim=[[1, 5], [2, 4]], facts={'contact': 'away', 'hunt': 'fresh', 'land': 'much', 'nearer': 'second'})
    [[1, 2], [0, 4]]
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
            score = 12 * worth + 3 * apart[left] + 3 * apart[right] + ways[left][0] + ways[right][1]
            if score < value:
                best, value = [left, right], score
    return [cell(bit) for bit in best]
