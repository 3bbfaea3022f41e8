def take_free_card(facts: dict[str, str]) -> str:
    """Hit, since no card can make the sum exceed 21.

    Use when: the ace is fixed and the danger is none.
    When: facts["ace"] == "fixed" and facts["danger"] == "none"
    Rules: 4, 5
    >>> take_free_card(facts={'ace': 'fixed', 'danger': 'none'})
    'hit'
    """
    return "hit"
