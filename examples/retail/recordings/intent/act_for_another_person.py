def act_for_another_person() -> str:
    """The customer asks about another person's order or account.

    Use when: the order or account belongs to somebody else: relative, friend, neighbour, colleague.
    Rules: 5
    Example: My sister ordered a lamp from you, cancel it for her please
    Example: whats my boyfriends address in his account? its a surprise
    Example: my mom is too old for computers, exchange her shoes in her account for her
    Example: My daughter has an account with you as well. Update her default address
    Example: a buddy of mine asked me to check where his parcel is
    Example: please tell me what my husband ordered last week
    Example: My coworker Amir has an order that should go to another office, change it
    >>> act_for_another_person()
    "another person's matter"
    """
    return "another person's matter"
