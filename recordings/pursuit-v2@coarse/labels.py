def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if facts["hunt"] == "drags on":
        return "outwit", "The same moves have not caught it so far; look further ahead and change the pattern."
    return "pen_in", "Taking land from the evader leaves it nowhere to run in the end."
