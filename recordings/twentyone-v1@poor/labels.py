def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if facts["hand"] == "big":
        return "stop", "The hand is big."
    return "take", "The hand is small."
