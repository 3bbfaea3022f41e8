import math


def leave_rest(position: float) -> float:
    """Push gently downhill, so that the slope helps.

    Use when: the motion is none.
    When: facts["motion"] == "none"
    Rules: 2, 3, 7
    >>> leave_rest(position=-0.45)
    -0.2
    >>> leave_rest(position=-0.6)
    0.2
    """
    return -0.2 if math.cos(3 * position) > 0 else 0.2
