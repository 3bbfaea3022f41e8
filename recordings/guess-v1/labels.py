def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if facts["last_answer"] == "higher":
        return "halve_above", "The hidden number is above the last guess, so the middle of what lies above rules out most."
    return "halve_below", "The hidden number is below the last guess, so the middle of what lies below rules out most."
