def cut_the_corner(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Make for the cells of the way to the evader where its neighbourhood begins.

    Use when: the contact is away and the first or the second leads.
    Rules: 3, 4, 6
    >>> cut_the_corner(board=['#.....', '......', '..###.', '......', '......', '...#..'], pursuers=[[1, 3], [1, 2]], evader=[4, 1], facts={'contact': 'away', 'hunt': 'fresh', 'land': 'much', 'nearer': 'second'})
    [[2, 1], [3, 1]]
    >>> cut_the_corner(board=['..#...', '......', '.#....', '....#.', '...##.', '......'], pursuers=[[2, 1], [2, 2]], evader=[4, 5], facts={'contact': 'away', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    [[2, 5], [3, 5]]
    >>> cut_the_corner(board=['.....#', '......', '......', '......', '...#..', '##...#'], pursuers=[[3, 3], [4, 3]], evader=[0, 1], facts={'contact': 'away', 'hunt': 'fresh', 'land': 'much', 'nearer': 'first'})
    [[0, 3], [1, 2]]
    """
    around = [[i, j] for j, row in enumerate(board) for i, mark in enumerate(row) if mark == "." and abs(i - evader[0]) + abs(j - evader[1]) <= 2]
    aims = []
    for x, y in pursuers:
        spots = [spot for spot in around if spot not in aims] or around
        aims.append(min(spots, key=lambda spot: (abs(spot[0] - x) + abs(spot[1] - y), spot)))
    return aims
