def approach(board: list[str], pursuers: list[list[int]], evader: list[int]) -> list[list[int]]:
    """Go towards the evader.

    Use when: the pursuers should get closer.
    Rules: 3, 4
    >>> approach(board=['#....', '#....', '.....', '.....', '.....'], pursuers=[[0, 4], [0, 3]], evader=[4, 0])
    [[1, 4], [1, 3]]
    """
    moves = []
    for x, y in pursuers:
        nx = x + 1 if evader[0] > x else x - 1 if evader[0] < x else x
        ny = y + 1 if evader[1] > y else y - 1 if evader[1] < y else y
        if nx != x and board[y][nx] == ".":
            moves.append([nx, y])
        elif ny != y and board[ny][x] == ".":
            moves.append([x, ny])
        else:
            moves.append([x, y])
    return moves
