def awaits_refund() -> str:
    """The customer has sent the goods back and asks for the money.

    Use when: the goods were sent back, and the money has not arrived yet.
    Rules: 8
    Example: wheres my refund??? u got the parcel ages ago
    Example: According to the tracking, my return has been in your warehouse since Monday. When
        will I be paid?
    Example: I returned a dress and my account still shows nothing.
    Example: You have the shoes, you have the money. One of the two should be mine, shouldn't it?
    Example: Kindly confirm that the amount for the returned printer will be transferred.
    >>> awaits_refund()
    'awaits_refund'
    """
    return "awaits_refund"
