def shift_pressure(board: list[str], pursuers: list[list[int]], evader: list[int], steps_left: int, facts: dict[str, str]) -> list[list[int]]:
    """Take land with a preference for steps that were not taken before.

    Use when: the contact is away and the hunt drags on.
    When: facts["contact"] == "away" and facts["hunt"] == "drags on"
    Rules: 6, 7
    >>> shift_pressure(board=['#.....', '......', '..###.', '......', '......', '...#..'], pursuers=[[1, 3], [1, 2]], evader=[4, 1], steps_left=27, facts={'contact': 'away', 'hunt': 'drags on', 'land': 'much', 'nearer': 'second'})
    [[2, 3], [1, 1]]
    >>> shift_pressure(board=['.....#', '......', '......', '......', '...#..', '##...#'], pursuers=[[3, 3], [4, 3]], evader=[0, 1], steps_left=19, facts={'contact': 'away', 'hunt': 'drags on', 'land': 'much', 'nearer': 'first'})
    [[2, 3], [3, 3]]
    >>> shift_pressure(board=['....##', '......', '...#..', '....##', '......', '......'], pursuers=[[0, 2], [0, 3]], evader=[3, 5], steps_left=8, facts={'contact': 'away', 'hunt': 'drags on', 'land': 'much', 'nearer': 'second'})
    [[0, 3], [0, 4]]
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
    best, value = hunters, 10 ** 9
    for left in spread(grow(hunters[0])):
        for right in spread(grow(hunters[1])):
            escape = grow(prey) & ~grow(left | right)
            worth = 0
            for flight in spread(escape):
                worth = max(worth, land(flight, grow(left | right)))
            score = 16 * worth + 2 * apart[left] + 2 * apart[right] + (steps_left * 31 + left % 1009 * 17 + right % 997 * 29) % 23
            if score < value:
                best, value = [left, right], score
    return [cell(bit) for bit in best]
