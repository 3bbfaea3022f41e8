def several_requests() -> str:
    """The customer asks for two or more things at once.

    Use when: the message holds two or more different requests.
    Rules: 5, 8
    Example: Cancel the lamp order and send the mug from the other order back
    Example: I want to return the jeans and exchange the shirt for a bigger one
    Example: Return for the backpack, plus cancel whatever else is still open
    Example: I need to swap the tent, send back the stove and find out what my gift card balance is
    Example: Besides cancelling the camera I'd like to exchange the tripod I got last week
    Example: Cancel the bottle and change the address of the mug order
    Example: update my home address and switch the desk order to paypal
    >>> several_requests()
    'several requests'
    """
    return "several requests"
