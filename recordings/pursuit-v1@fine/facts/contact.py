def contact(board: list[str], pursuers: list[list[int]], evader: list[int]) -> dict[str, str]:
    """Whether a pursuer touches the evader, is close, or is away.

    Use when: in every state.
    Rules: 1, 3, 5
    >>> contact(board=['.....', '..#..', '.....', '.....', '....#'], pursuers=[[3, 0], [3, 2]], evader=[4, 3])
    {'contact': 'close'}
    >>> contact(board=['.....', '.#...', '.....', '.....', '#....'], pursuers=[[2, 1], [2, 2]], evader=[4, 4])
    {'contact': 'away'}
    >>> contact(board=['.....', '.....', '..#..', '.....', '....#'], pursuers=[[3, 1], [4, 3]], evader=[4, 2])
    {'contact': 'touch'}
    """
    gaps = []
    for cell in pursuers:
        gaps.append(abs(cell[0] - evader[0]) + abs(cell[1] - evader[1]))
    if min(gaps) < 2:
        return {"contact": "touch"}
    return {"contact": "close" if min(gaps) < 4 else "away"}
