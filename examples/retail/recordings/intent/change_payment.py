def change_payment() -> str:
    """The customer wants an order paid in another way.

    Use when: the customer wants another payment method for an order: other card, paypal or gift card.
    Rules: 24, 25
    Example: I'd rather pay for this order with paypal
    Example: put the tablet order on my gift card please
    Example: Switch the payment for the kettle to my visa
    Example: Bill the tent to my PayPal, my bank account is empty until friday
    Example: the company card was charged by accident, that should be my private paypal
    Example: change method of payment on the skateboard order
    Example: hey, different card for the sneaker order possible?
    >>> change_payment()
    'change payment'
    """
    return "change payment"
