def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if facts["motion"] == "left" and facts["swing"] == "high":
        return "let_the_wall_turn_it", "The car reaches the wall, where any further speed is lost, so force would be wasted."
    if facts["goal"] == "within reach":
        return "spend_what_is_missing", "A small even force on the way up is enough, and it costs least."
    return "push_with_motion", "The swing has to grow, and a push along the motion adds to it."
