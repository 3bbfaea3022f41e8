def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if facts["told"] == "go up":
        return "search_upwards", "The hidden number lies above the last guess."
    return "search_downwards", "The hidden number lies below the last guess."
