def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where neither a `When:` nor a recorded action decides: the right function, and why."""
    if facts["speed"] == "express":
        return "by_courier", "Rule 5: an express item goes by courier."
    if facts["size"] == "small" and facts["kind"] == "ordinary":
        return "as_letter", "Rule 6: it is small and light enough, and not fragile."
    return "as_parcel", "Rule 8: no other rule fits."
