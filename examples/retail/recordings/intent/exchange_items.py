def exchange_items() -> str:
    """The customer wants items that arrived swapped for another option.

    Use when: the customer has received something and wants another size, colour or version of it in its place.
    Rules: 37, 39
    Example: The sneakers arrived but are too small, I need them one size up
    Example: I'd like to swap the lamp that was delivered for the one with the warm light
    Example: The headphones came in white. I want to exchange them for black ones
    Example: jeans are here but too tight, want to exchange for another size
    Example: mat is thinner than i thought, give me the thick one in its place and i send this one back
    Example: The mug you delivered has the wrong pattern for me, may I have the plain one in exchange
    Example: Both things arrived, please replace camera and tablet by the black versions
    >>> exchange_items()
    'exchange items'
    """
    return "exchange items"
