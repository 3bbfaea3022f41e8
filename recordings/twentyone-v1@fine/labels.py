def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if stage == "aim":
        if facts["opponent"] in ("fragile", "shaky"):
            return "let_the_dealer_err", "A dealer who starts this low often exceeds 21."
        return "outscore_the_dealer", "A dealer who starts this high mostly ends with a sum that has to be beaten."
    if facts["sum"] == "twelve":
        if facts["opponent"] == "fragile":
            return "leave_twelve_alone", "Even the small risk at twelve is larger than what a fragile dealer leaves to win."
        return "try_one_at_twelve", "Only a ten breaks twelve, and this dealer does not fail often enough."
    if facts["opponent"] in ("fragile", "shaky"):
        return "sit_still", "The dealer may well fail, and a card would break this sum often."
    return "take_the_chance", "Standing with a stiff sum loses to nearly every hand of this dealer."
