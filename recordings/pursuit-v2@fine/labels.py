def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if stage == "lead":
        if facts["nearer"] == "first":
            return "first_leads", "The first pursuer is nearer to the evader."
        return "second_leads", "The second pursuer is nearer to the evader."
    if stage == "aim":
        if facts["contact"] == "away":
            return "cut_the_corner", "From away the rim of the evader's land is what can be reached."
        return "send_the_other_round", "With a leader close by, the other pursuer is worth most on the far side."
    if facts["land"] == "little":
        return "tighten", "With little land left each cell taken counts."
    if facts["contact"] == "away":
        return "come_nearer", "From away the way matters as much as the land."
    return "take_land", "With much land left the evader has to lose most of it first."
