import math


def catch(cosine: float, sine: float, speed: float, facts: dict[str, str]) -> float:
    """Torque against the angle and the speed, as strong as the motor allows, to bring the rod to rest upright.

    Use when: upright is can be caught.
    When: facts["upright"] == "can be caught"
    Rules: 1, 2, 3, 5, 7
    >>> catch(cosine=0.9211, sine=0.3894, speed=-1.5, facts={"upright": "can be caught", "energy": "enough"})
    -0.2
    >>> catch(cosine=0.9801, sine=-0.1987, speed=0.4, facts={"upright": "can be caught", "energy": "enough"})
    0.8
    """
    angle = math.atan2(sine, cosine)
    return round(min(2.0, max(-2.0, -8 * angle - 2 * speed)), 2)
