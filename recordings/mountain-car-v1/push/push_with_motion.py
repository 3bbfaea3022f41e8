def push_with_motion(velocity: float, facts: dict[str, str]) -> float:
    """Push the way the car moves, the harder the faster it is: there a unit of force adds most height.

    Use when: the motion is left or right and the swing is low, or the goal is out of reach.
    Rules: 2, 3, 6, 7, 8
    >>> push_with_motion(velocity=-0.01, facts={"motion": "left", "swing": "low", "goal": "behind"})
    -0.2
    >>> push_with_motion(velocity=0.03, facts={"motion": "right", "swing": "low", "goal": "out of reach"})
    0.3
    >>> push_with_motion(velocity=0.04, facts={"motion": "right", "swing": "high", "goal": "out of reach"})
    0.4
    """
    force = min(1.0, max(0.2, 10 * abs(velocity)))
    return round(force if velocity > 0 else -force, 4)
