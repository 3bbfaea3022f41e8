def several_requests() -> str:
    """The customer asks for two or more things at once.

    Use when: the message holds two or more different requests.
    Rules: 5, 8
    Example: Cancel the lamp order and send the mug from the other order back
    Example: I want to return the jeans and exchange the shirt for a bigger one
    Example: First tell me when my kettle ships, then change it to the glass one, and also update my profile address
    Example: please make the sneakers black and also bill my gift card for them
    Example: cancel the bike. and if you're at it, the address on my account is also outdated
    Example: jacket goes back, jeans in another size, and the parcel that is still coming should go to my office
    >>> several_requests()
    'several requests'
    """
    return "several requests"
