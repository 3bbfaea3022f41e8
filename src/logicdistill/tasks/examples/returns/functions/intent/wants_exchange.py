def wants_exchange() -> str:
    """The customer wants the same item in another size or colour.

    Use when: the customer ordered the wrong size or colour, and wants another one instead.
    Rules: 9, 10, 11, 12, 13
    Example: too tight!! need it one size bigger
    Example: Could I have the curtains in the darker green instead? I will gladly pay the postage.
    Example: swap pls, 42 not 41
    Example: On the screen it was navy. On my sofa it's purple. Do you have it in grey? I'd swap it.
    Example: My daughter has grown since I ordered. May we change the raincoat for a 128?
    >>> wants_exchange()
    'wants_exchange'
    """
    return "wants_exchange"
