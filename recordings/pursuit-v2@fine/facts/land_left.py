def land_left(board: list[str], pursuers: list[list[int]], evader: list[int]) -> dict[str, str]:
    """Whether the evader reaches little or much land before the pursuers.

    Use when: in every state.
    Rules: 2, 4, 6
    >>> land_left(board=['..#...', '......', '......', '#.#.#.', '......', '...#..'], pursuers=[[5, 2], [4, 4]], evader=[5, 5])
    {'land': 'little'}
    >>> land_left(board=['...#..', '......', '.....#', '#...##', '......', '......'], pursuers=[[2, 5], [2, 4]], evader=[4, 1])
    {'land': 'much'}
    >>> land_left(board=['......', '......', '..#...', '..#...', '#.....', '#..#..'], pursuers=[[4, 4], [4, 3]], evader=[5, 5])
    {'land': 'little'}
    """
    wide = len(board[0]) + 1
    free = 0
    for y, row in enumerate(board):
        for x, mark in enumerate(row):
            if mark == ".":
                free |= 1 << (y * wide + x)

    def grow(cells: int) -> int:
        return (cells | cells << 1 | cells >> 1 | cells << wide | cells >> wide) & free

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
    return {"land": "little" if land(prey, hunters[0] | hunters[1]) <= 8 else "much"}
