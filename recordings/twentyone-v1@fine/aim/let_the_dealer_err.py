def let_the_dealer_err(facts: dict[str, str]) -> str:
    """Leave the risk to the dealer.

    Use when: the sum is twelve or stiff and the opponent is fragile or shaky.
    Rules: 6, 7
    >>> let_the_dealer_err(facts={'opponent': 'fragile', 'ace': 'none', 'sum': 'stiff'})
    'wait'
    >>> let_the_dealer_err(facts={'opponent': 'shaky', 'ace': 'none', 'sum': 'twelve'})
    'wait'
    >>> let_the_dealer_err(facts={'opponent': 'fragile', 'ace': 'none', 'sum': 'twelve'})
    'wait'
    """
    return "wait"
