def send_the_other_round(board: list[str], pursuers: list[list[int]], evader: list[int], lead: str, facts: dict[str, str]) -> list[list[int]]:
    """Make for the evader with the leader, and for the cell on its other side with the other pursuer.

    Use when: the contact is close and the first or the second leads.
    Rules: 3, 5
    >>> send_the_other_round(board=['##...#', '.....#', '......', '......', '....#.', '......'], pursuers=[[3, 2], [3, 3]], evader=[4, 0], lead='first', facts={'contact': 'close', 'hunt': 'fresh', 'land': 'little', 'nearer': 'first'})
    [[4, 0], [4, 0]]
    >>> send_the_other_round(board=['......', '..##..', '....#.', '......', '....#.', '..#...'], pursuers=[[0, 2], [1, 4]], evader=[0, 5], lead='second', facts={'contact': 'close', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    [[0, 5], [0, 5]]
    >>> send_the_other_round(board=['..#...', '......', '......', '#.#.#.', '......', '...#..'], pursuers=[[3, 2], [1, 3]], evader=[3, 4], lead='first', facts={'contact': 'close', 'hunt': 'fresh', 'land': 'much', 'nearer': 'first'})
    [[3, 4], [2, 5]]
    """
    ahead = pursuers[0] if lead == "first" else pursuers[1]
    x, y = 2 * evader[0] - ahead[0], 2 * evader[1] - ahead[1]
    open_cells = [[i, j] for j, row in enumerate(board) for i, mark in enumerate(row) if mark == "."]
    across = min(open_cells, key=lambda spot: (abs(spot[0] - x) + abs(spot[1] - y), spot))
    return [list(evader), across] if lead == "first" else [across, list(evader)]
