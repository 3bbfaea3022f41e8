def change_items() -> str:
    """The customer wants another option of an item in an order that has not been sent.

    Use when: the customer wants another size, colour or version of something that is ordered but not yet shipped.
    Rules: 24, 30
    Example: Make the shirt a large instead of a medium, it has not shipped yet right?
    Example: Can the lamp in my open order be the brighter version
    Example: Change the backpack in my pending order into a suitcase
    Example: The shelf should be white not oak, alter the order please
    Example: one more tweak to the order: jacket in size S and not M
    Example: yoga mat i ordered 1 hour ago, make it the thick one
    Example: edit my order again, now i want the bike with the bigger frame
    >>> change_items()
    'change items'
    """
    return "change items"
