def change_payment() -> str:
    """The customer wants an order paid in another way.

    Use when: the customer wants another payment method for an order: other card, paypal or gift card.
    Rules: 24, 25
    Example: I'd rather pay for this order with paypal
    Example: put the tablet order on my gift card please
    Example: Switch the payment for the kettle to my visa
    Example: I used the wrong card at checkout, swap it for another one on my profile
    Example: use up my voucher for the blender order instead of paypal or card
    Example: hey, different card for the sneaker order possible?
    Example: I'd like to redeem my gift card on the hair dryer I ordered
    >>> change_payment()
    'change payment'
    """
    return "change payment"
