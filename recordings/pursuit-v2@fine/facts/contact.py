def contact(board: list[str], pursuers: list[list[int]], evader: list[int]) -> dict[str, str]:
    """Whether a pursuer touches the evader, is close, or is away.

    Use when: in every state.
    Rules: 1, 3, 5
    >>> contact(board=['..#...', '......', '......', '#.#.#.', '......', '...#..'], pursuers=[[5, 2], [4, 4]], evader=[5, 5])
    {'contact': 'close'}
    >>> contact(board=['#.....', '#..#..', '.....#', '......', '....#.', '......'], pursuers=[[3, 3], [2, 3]], evader=[5, 5])
    {'contact': 'away'}
    >>> contact(board=['......', '......', '..##.#', '.##...', '......', '......'], pursuers=[[0, 1], [2, 0]], evader=[1, 0])
    {'contact': 'touch'}
    """
    gaps = []
    for cell in pursuers:
        gaps.append(abs(cell[0] - evader[0]) + abs(cell[1] - evader[1]))
    if min(gaps) < 2:
        return {"contact": "touch"}
    return {"contact": "close" if min(gaps) < 4 else "away"}
