def energy(cosine: float, speed: float) -> dict[str, str]:
    """Whether the rod's energy is below, at, or above that of standing still upright.

    Use when: in every state.
    Rules: 3, 4, 5
    >>> energy(cosine=-1.0, speed=0.5)
    {'energy': 'too low'}
    >>> energy(cosine=0.0, speed=5.5)
    {'energy': 'enough'}
    >>> energy(cosine=0.5, speed=6.0)
    {'energy': 'too high'}
    """
    above = 0.5 * speed * speed + 15 * (cosine - 1)
    return {"energy": "too low" if above < -1 else "too high" if above > 1 else "enough"}
