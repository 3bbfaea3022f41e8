def return_items() -> str:
    """The customer wants to give back items that arrived and be refunded.

    Use when: the customer has received something and wants to send it back for a refund.
    Rules: 33, 34
    Example: The lamp is too dim, I want to send it back
    Example: I want to return the blender, I dont need it
    Example: took the shoes out of the box, hated them, returning them
    Example: get the coffee maker out of my kitchen and pay me back
    Example: hello I would like to start a return for the vacuum cleaner
    Example: I got the hair dryer and it smells burnt, I want a refund for it
    Example: toaster arrived, I don't like it, return it and refund my gift card
    Example: gloves scratch my skin, refund please, they are unused
    >>> return_items()
    'return items'
    """
    return "return items"
