def return_items() -> str:
    """The customer wants to give back items that arrived and be refunded.

    Use when: the customer has received something and wants to send it back for a refund.
    Rules: 33, 34
    Example: The lamp is too dim, I want to send it back
    Example: I want to return the blender, I dont need it
    Example: How disappointing. The tablet goes back, refund me please
    Example: Collect the tent again, I don't want to keep it
    Example: get the coffee maker out of my kitchen and pay me back
    Example: hello I would like to start a return for the vacuum cleaner
    Example: The bottle leaks, I return it
    >>> return_items()
    'return items'
    """
    return "return items"
