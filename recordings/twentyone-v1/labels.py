def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if facts["dealer"] == "weak":
        return "wait_for_dealer_to_bust", "A weak open card makes the dealer bust often, and a card would often bust this hand first."
    return "draw_against_strong_dealer", "A strong open card mostly reaches seventeen or more, which this total cannot beat without a card."
