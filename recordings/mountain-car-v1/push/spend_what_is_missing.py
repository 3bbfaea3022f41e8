import math


def spend_what_is_missing(position: float, velocity: float, facts: dict[str, str]) -> float:
    """Spread what is missing evenly over the way to the goal, since the square of the force is paid.

    Use when: the motion is right and the goal is within reach.
    Rules: 3, 5, 6
    >>> spend_what_is_missing(position=-0.5, velocity=0.05, facts={"motion": "right", "swing": "high", "goal": "within reach"})
    0.2908
    """
    energy = 0.5 * velocity * velocity + 0.0025 / 3 * math.sin(3 * position)
    missing = 0.0025 / 3 * math.sin(3 * 0.45) + 0.00002 - energy
    return round(min(1.0, max(0.0, missing / (0.0015 * max(0.02, 0.45 - position)))), 4)
