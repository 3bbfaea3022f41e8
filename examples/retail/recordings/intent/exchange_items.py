def exchange_items() -> str:
    """The customer wants items that arrived swapped for another option.

    Use when: the customer has received something and wants another size, colour or version of it in its place.
    Rules: 37, 39
    Example: The sneakers arrived but are too small, I need them one size up
    Example: exchange the delivered backpack for a suitcase
    Example: jeans are here but too tight, want to exchange for another size
    Example: Jacket showed up in M, I wear L. Swap please
    Example: Both things arrived, please replace camera and tablet by the black versions
    Example: You sent the hair dryer in pink as ordered but now I prefer black, can we swap
    Example: I want to exchange what you delivered for another model
    Example: The gloves I got are size S, please swap them for L
    >>> exchange_items()
    'exchange items'
    """
    return "exchange items"
