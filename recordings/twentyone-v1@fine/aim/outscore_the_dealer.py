def outscore_the_dealer(facts: dict[str, str]) -> str:
    """Reach a sum that beats the dealer.

    Use when: the sum is twelve or stiff and the opponent is solid or mighty.
    Rules: 6, 7
    >>> outscore_the_dealer(facts={'opponent': 'mighty', 'ace': 'none', 'sum': 'stiff'})
    'press'
    >>> outscore_the_dealer(facts={'opponent': 'mighty', 'ace': 'none', 'sum': 'twelve'})
    'press'
    >>> outscore_the_dealer(facts={'opponent': 'solid', 'ace': 'none', 'sum': 'stiff'})
    'press'
    """
    return "press"
