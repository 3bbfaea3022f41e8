def chase(board: list[str], pursuers: list[list[int]], evader: list[int]) -> list[list[int]]:
    """Chase the evader.

    Use when: it is time to chase.
    Rules: 2, 4, 5
    >>> chase(board=['.....', '...#.', '.....', '..#..', '.....'], pursuers=[[3, 3], [3, 2]], evader=[3, 0])
    [[3, 2], [3, 2]]
    """
    moves = []
    for x, y in pursuers:
        options = [[x, y], [x + 1, y], [x - 1, y], [x, y + 1], [x, y - 1]]
        free = [[i, j] for i, j in options if 0 <= j < len(board) and 0 <= i < len(board[0]) and board[j][i] == "."]
        moves.append(min(free, key=lambda cell: abs(cell[0] - evader[0]) + abs(cell[1] - evader[1])))
    return moves
