def contact(board: list[str], pursuers: list[list[int]], evader: list[int]) -> dict[str, str]:
    """Whether a pursuer touches the evader, is close to it, or is away from it.

    Use when: in every state.
    Rules: 1, 3, 5
    >>> contact(board=['.....', '.....', '#..#.', '.....', '.....'], pursuers=[[3, 3], [2, 3]], evader=[4, 4])
    {'contact': 'close'}
    >>> contact(board=['.....', '.#...', '.....', '.....', '#....'], pursuers=[[2, 1], [2, 2]], evader=[4, 4])
    {'contact': 'away'}
    >>> contact(board=['.....', '.#...', '.....', '.....', '#....'], pursuers=[[4, 3], [3, 4]], evader=[4, 4])
    {'contact': 'touch'}
    >>> contact(board=['.....', '.#...', '..#..', '.....', '.....'], pursuers=[[2, 1], [2, 3]], evader=[1, 4])
    {'contact': 'close'}
    """
    gap = min([abs(x - evader[0]) + abs(y - evader[1]) for x, y in pursuers])
    return {"contact": "touch" if gap <= 1 else "close" if gap <= 3 else "away"}
