def cancel_order() -> str:
    """The customer wants an order called off as a whole.

    Use when: the customer wants to cancel an order, call it off, drop it or withdraw from the purchase before it is sent.
    Rules: 20, 21
    Example: I dont want the desk lamp anymore, please cancel the order
    Example: Something came up and I need to call off what I bought yesterday
    Example: The shelf came today but I want the order cancelled anyway and my money back
    Example: Forget the tent. Camping trip is off, so cancel that order completely.
    Example: I thought I had cancelled the suitcase order ages ago?? do it again please
    Example: Please void my hair dryer order, my sister gave me hers
    Example: How do I cancel an order that hasn't been shipped?
    Example: Remove my order from your system, nothing in it should be shipped
    >>> cancel_order()
    'cancel order'
    """
    return "cancel order"
