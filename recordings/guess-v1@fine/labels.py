def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if stage == "part":
        if facts["direction"] == "up":
            return "numbers_above", "After an answer that points up, only what lies above the last guess counts."
        return "numbers_below", "After an answer that points down, only what lies below the last guess counts."
    if facts["count"] == "even":
        return "left_of_the_middle", "An even count has two middles; one of them has to be taken."
    return "the_very_middle", "An odd count has one middle, which splits the rest evenly."
