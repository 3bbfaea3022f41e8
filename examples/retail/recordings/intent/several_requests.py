def several_requests() -> str:
    """The customer asks for two or more things at once.

    Use when: the message holds two or more different requests.
    Rules: 5, 8
    Example: Cancel the lamp order and send the mug from the other order back
    Example: change my default address and then cancel the tablet please
    Example: please make the sneakers black and also bill my gift card for them
    Example: Besides cancelling the camera I'd like to exchange the tripod I got last week
    Example: Cancel the bottle and change the address of the mug order
    Example: exchange the rug for a bigger one and refund the scarf
    Example: First of all the gloves in L, then cancel my other order, and then what is on my gift card?
    Example: The tablet order can be cancelled, and for the camera order I need a different shipping address
    >>> several_requests()
    'several requests'
    """
    return "several requests"
