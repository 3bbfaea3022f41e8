def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if stage == "plan":
        if facts["distance"] == "far":
            return "head_off", "From far away only the edges of the evader's room can be reached in time."
        return "close_in", "Near and from two sides, the evader has nowhere to run while both close in."
    if facts["distance"] == "far":
        return "advance", "Far away, nothing is gained by looking ahead: walk up first."
    if facts["chase"] == "long":
        return "vary", "A long chase runs in a circle; only a step out of the pattern breaks it."
    return "foresee", "With room left or from two sides, the evader's best answer decides which move is good."
