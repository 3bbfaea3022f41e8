def ride_up(facts: dict[str, str]) -> float:
    """No torque: the rod has the energy and rises by itself.

    Use when: upright is no and the energy is enough.
    Rules: 3, 5
    >>> ride_up(facts={"upright": "no", "energy": "enough"})
    0.0
    """
    return 0.0
