def wants_money_back() -> str:
    """The customer wants to give the goods back for their money.

    Use when: the goods are as ordered and work, and the customer does not want to keep them.
    Rules: 8, 9, 10, 11, 12, 13
    Example: doesnt suit me, how do i send it back
    Example: I'd like to return the coffee table. It is lovely, but it blocks the door to the
        balcony.
    Example: Refund please. The novel is not what the blurb promised.
    Example: Bought the drone in a mad moment at 2 am. My wife says: it or her. So it's yours again.
    Example: My nephew owns this game already. Whom do I send it to, and when do I see my money?
    >>> wants_money_back()
    'wants_money_back'
    """
    return "wants_money_back"
