import math


def hold(cosine: float, sine: float, speed: float, facts: dict[str, str]) -> float:
    """A little more torque than gravity, against the angle, to keep the rod where it stands.

    Use when: upright is standing.
    When: facts["upright"] == "standing"
    Rules: 1, 3, 5, 7
    >>> hold(cosine=0.9988, sine=0.05, speed=0.0, facts={"upright": "standing", "energy": "enough"})
    -0.4
    >>> hold(cosine=1.0, sine=0.0, speed=0.1, facts={"upright": "standing", "energy": "enough"})
    -0.2
    """
    return round(-8 * math.atan2(sine, cosine) - 2 * speed, 3)
