def let_the_wall_turn_it(facts: dict[str, str]) -> float:
    """Use no force: the car reaches the left wall, which takes whatever is added.

    Use when: the motion is left, the swing is high and the goal is behind.
    Rules: 4, 6
    >>> let_the_wall_turn_it(facts={"motion": "left", "swing": "high", "goal": "behind"})
    0.0
    """
    return 0.0
