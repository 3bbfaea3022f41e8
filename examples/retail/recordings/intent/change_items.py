def change_items() -> str:
    """The customer wants another option of an item in an order that has not been sent.

    Use when: the customer wants another size, colour or version of something that is ordered but not yet shipped.
    Rules: 24, 30
    Example: Make the shirt a large instead of a medium, it has not shipped yet right?
    Example: swap the jeans i just ordered for the longer length
    Example: want another keyboard layout than the one I clicked, order still pending
    Example: Upgrade the tablet I ordered this morning to the one with more storage
    Example: I'd like a different option for something in the order that hasn't left yet
    Example: edit my order again, now i want the bike with the bigger frame
    Example: I meant to order the large bottle, can you change it before shipping
    >>> change_items()
    'change items'
    """
    return "change items"
