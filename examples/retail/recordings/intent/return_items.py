def return_items() -> str:
    """The customer wants to give back items that arrived and be refunded.

    Use when: the customer has received something and wants to send it back for a refund.
    Rules: 33, 34
    Example: The lamp is too dim, I want to send it back
    Example: jeans dont fit, refund to paypal, where do i post them
    Example: some of the stuff that arrived is no good and is going back to you
    Example: took the shoes out of the box, hated them, returning them
    Example: The jacket I recieved looks cheap, I want my money back for it
    Example: Both the camera and the bag were delivered on Monday and I want to return both
    Example: hello I would like to start a return for the vacuum cleaner
    >>> return_items()
    'return items'
    """
    return "return items"
