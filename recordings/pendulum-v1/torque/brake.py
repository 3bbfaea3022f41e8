def brake(speed: float, facts: dict[str, str]) -> float:
    """Full torque against the turning, so that the rod does not shoot past upright.

    Use when: upright is no and the energy is too high.
    Rules: 2, 4, 5
    >>> brake(speed=7.0, facts={"upright": "no", "energy": "too high"})
    -2.0
    >>> brake(speed=-6.5, facts={"upright": "no", "energy": "too high"})
    2.0
    """
    return -2.0 if speed >= 0 else 2.0
