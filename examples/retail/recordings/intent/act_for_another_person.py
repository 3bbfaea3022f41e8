def act_for_another_person() -> str:
    """The customer asks about another person's order or account.

    Use when: the order or account that is talked about belongs to somebody else: relative, friend, neighbour, colleague or boss.
    Rules: 5
    Example: My sister ordered a lamp from you, cancel it for her please
    Example: My colleague can't log in. Look at his orders and tell me what he bought
    Example: I want to know if my ex has bought anything in your shop recently
    Example: My daughter has an account with you as well. Update her default address
    Example: Cancel my brother's order for me
    Example: Change the address on my friend's account, he asked me to
    Example: and now the same return for my neighbour Olga please
    Example: I act for a client of mine, pay her order with her other card
    >>> act_for_another_person()
    "another person's matter"
    """
    return "another person's matter"
