import math


def swing(position: float, velocity: float) -> dict[str, str]:
    """Whether the swing reaches the left wall, and whether the goal is reached with no force, with a little, or not yet.

    Use when: in every state.
    Rules: 1, 3, 4, 5, 7
    >>> swing(position=-0.5, velocity=0.01)
    {'swing': 'low', 'goal': 'out of reach'}
    >>> swing(position=-0.5, velocity=-0.05)
    {'swing': 'high', 'goal': 'behind'}
    >>> swing(position=-0.5, velocity=0.05)
    {'swing': 'high', 'goal': 'within reach'}
    >>> swing(position=-0.5, velocity=0.065)
    {'swing': 'high', 'goal': 'reached without force'}
    """
    energy = 0.5 * velocity * velocity + 0.0025 / 3 * math.sin(3 * position)
    goal = 0.0025 / 3 * math.sin(3 * 0.45)
    needed = (goal + 0.00002 - energy) / (0.0015 * max(0.02, 0.45 - position))
    if velocity < 0:
        reach = "behind"
    else:
        reach = "reached without force" if needed <= 0 else "within reach" if needed < 0.3 else "out of reach"
    return {"swing": "high" if energy > 0.0003 else "low", "goal": reach}
