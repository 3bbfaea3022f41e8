def nearer(pursuers: list[list[int]], evader: list[int]) -> dict[str, str]:
    """Which pursuer is nearer to the evader.

    Use when: in every state.
    Rules: 1, 3
    >>> nearer(pursuers=[[5, 2], [4, 4]], evader=[5, 5])
    {'nearer': 'second'}
    >>> nearer(pursuers=[[4, 4], [4, 3]], evader=[5, 5])
    {'nearer': 'first'}
    >>> nearer(pursuers=[[0, 3], [2, 1]], evader=[0, 1])
    {'nearer': 'neither'}
    """
    one, two = [abs(x - evader[0]) + abs(y - evader[1]) for x, y in pursuers]
    return {"nearer": "neither" if one == two else "first" if one < two else "second"}
