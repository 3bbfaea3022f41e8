def change_items() -> str:
    """The customer wants another option of an item in an order that has not been sent.

    Use when: the customer wants another size, colour or version of something that is ordered but not yet shipped.
    Rules: 24, 30
    Example: Make the shirt a large instead of a medium, it has not shipped yet right?
    Example: swap the jeans i just ordered for the longer length
    Example: The shelf should be white not oak, alter the order please
    Example: I'd like a different option for something in the order that hasn't left yet
    Example: edit my order again, now i want the bike with the bigger frame
    Example: Different colour for the hair dryer in my pending order please
    Example: can i still change the toaster to a four slice one, you have not shipped it
    Example: need other gloves size than the one in the order I just placed
    >>> change_items()
    'change items'
    """
    return "change items"
