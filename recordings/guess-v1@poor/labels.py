def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if facts["answer"] == "higher":
        return "go_higher", "It is higher."
    return "go_lower", "It is lower."
