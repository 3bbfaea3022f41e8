def swing_up(speed: float, facts: dict[str, str]) -> float:
    """Full torque the way the rod turns: each swing goes higher.

    Use when: upright is no and the energy is too low.
    Rules: 2, 3, 5, 6, 7
    >>> swing_up(speed=-0.5, facts={"upright": "no", "energy": "too low"})
    -2.0
    >>> swing_up(speed=3.0, facts={"upright": "no", "energy": "too low"})
    2.0
    """
    return 2.0 if speed >= 0 else -2.0
