def cancel_order() -> str:
    """The customer wants an order called off as a whole.

    Use when: the customer wants to cancel an order, call it off, drop it or withdraw from the purchase before it is sent.
    Rules: 20, 21
    Example: I dont want the desk lamp anymore, please cancel the order
    Example: Something came up and I need to call off what I bought yesterday
    Example: Please annul order for the blender, we no longer need it
    Example: Wrong camera, my mistake. Can you void the whole order so nothing is sent?
    Example: never mind the bottle, cancel it
    Example: I pressed the buy button on the rug by mistake. Do not send it.
    Example: I no longer need the printer, the school provides one, so stop the purchase
    >>> cancel_order()
    'cancel order'
    """
    return "cancel order"
