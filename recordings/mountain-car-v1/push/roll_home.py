def roll_home(facts: dict[str, str]) -> float:
    """Use no force, since the car has what it needs to arrive.

    Use when: the motion is right and the goal is reached without force.
    When: facts["motion"] == "right" and facts["goal"] == "reached without force"
    Rules: 5, 6
    >>> roll_home(facts={"motion": "right", "swing": "high", "goal": "reached without force"})
    0.0
    """
    return 0.0
