def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if facts["ace"] == "flexible":
        return "play_flexible_hand", "An ace that can still count 1 takes the risk out of a card."
    return "play_fixed_hand", "Without such an ace, the risk of a card has to be held against the dealer's."
