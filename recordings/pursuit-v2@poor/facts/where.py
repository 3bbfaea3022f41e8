def where(pursuers: list[list[int]], evader: list[int]) -> dict[str, str]:
    """Looks where the evader is.

    Use when: always.
    Rules: 1, 6, 7
    >>> where(pursuers=[[3, 2], [3, 3]], evader=[2, 4])
    {'where': 'near'}
    """
    near = [cell for cell in pursuers if abs(cell[0] - evader[0]) + abs(cell[1] - evader[1]) <= 3]
    return {"where": "near" if near else "off"}
