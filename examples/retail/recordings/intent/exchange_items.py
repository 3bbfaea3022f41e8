def exchange_items() -> str:
    """The customer wants items that arrived swapped for another option.

    Use when: the customer has received something and wants another size, colour or version of it in its place.
    Rules: 37, 39
    Example: The sneakers arrived but are too small, I need them one size up
    Example: exchange the delivered backpack for a suitcase
    Example: The tablet I received is too slow, replace it with the bigger model
    Example: Exchange my kettle for the glass one
    Example: Both things arrived, please replace camera and tablet by the black versions
    Example: Delivered bottle is too small, exchange it for the one litre version
    Example: rug is here, colour looks off, trade it against the darker one
    >>> exchange_items()
    'exchange items'
    """
    return "exchange items"
