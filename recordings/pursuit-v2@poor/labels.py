def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if facts["where"] == "near":
        return "chase", "It is near."
    return "approach", "It is not near."
