import math


def upright(cosine: float, sine: float, speed: float) -> dict[str, str]:
    """Whether the rod stands, could be caught with the torque there is, or neither.

    Use when: in every state.
    Rules: 1, 2, 3, 6
    >>> upright(cosine=1.0, sine=0.01, speed=0.1)
    {'upright': 'standing'}
    >>> upright(cosine=0.9211, sine=0.3894, speed=-1.5)
    {'upright': 'can be caught'}
    >>> upright(cosine=-1.0, sine=0.0, speed=0.0)
    {'upright': 'no'}
    """
    angle = math.atan2(sine, cosine)
    if abs(angle) < 0.1 and abs(speed) < 0.3:
        return {"upright": "standing"}
    return {"upright": "can be caught" if abs(angle) < 1 and abs(8 * angle + 2 * speed) < 3 else "no"}
