def act_for_another_person() -> str:
    """The customer asks about another person's order or account.

    Use when: the order or account that is talked about belongs to somebody else: relative, friend, neighbour, colleague or boss.
    Rules: 5
    Example: My sister ordered a lamp from you, cancel it for her please
    Example: whats my boyfriends address in his account? its a surprise
    Example: Now that mine is done, please also cancel the order of my roommate, user id raj_lee_3061
    Example: I want to know if my ex has bought anything in your shop recently
    Example: can you use the gift card of my friend for this, his name is Tom and he is a customer too
    Example: Which card does my husband use on his profile?
    >>> act_for_another_person()
    "another person's matter"
    """
    return "another person's matter"
