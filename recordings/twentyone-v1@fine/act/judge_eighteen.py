def judge_eighteen(dealer_card: int, aim: str, facts: dict[str, str]) -> str:
    """Draw at eighteen only if the dealer is likely to have more.

    Use when: the aim is to flex and the sum is eighteen.
    When: aim == "flex" and facts["sum"] == "eighteen"
    Rules: 2, 3, 7
    >>> judge_eighteen(dealer_card=7, aim='flex', facts={'opponent': 'solid', 'ace': 'elastic', 'sum': 'eighteen'})
    'stick'
    >>> judge_eighteen(dealer_card=8, aim='flex', facts={'opponent': 'solid', 'ace': 'elastic', 'sum': 'eighteen'})
    'stick'
    """
    return "hit" if 9 <= dealer_card <= 10 else "stick"
