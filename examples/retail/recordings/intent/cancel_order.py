def cancel_order() -> str:
    """The customer wants an order called off as a whole.

    Use when: the customer wants to cancel an order, call it off, drop it or withdraw from the purchase before it is sent.
    Rules: 20, 21
    Example: I dont want the desk lamp anymore, please cancel the order
    Example: hi, can u cancel my purchase? its the backpack one
    Example: My toddler got hold of the phone and bought a tablet. That order has to go before it ships!
    Example: The shelf came today but I want the order cancelled anyway and my money back
    Example: Please annul order for the blender, we no longer need it
    Example: I clicked buy twice by accident, one of the two orders must be cancelled
    Example: I thought I had cancelled the suitcase order ages ago?? do it again please
    >>> cancel_order()
    'cancel order'
    """
    return "cancel order"
