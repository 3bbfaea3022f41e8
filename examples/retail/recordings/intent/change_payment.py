def change_payment() -> str:
    """The customer wants an order paid in another way.

    Use when: the customer wants another payment method for an order: other card, paypal or gift card.
    Rules: 24, 25
    Example: I'd rather pay for this order with paypal
    Example: my card got stolen, i need to charge the jeans to something else
    Example: Bill the tent to my PayPal, my bank account is empty until friday
    Example: use up my voucher for the blender order instead of paypal or card
    Example: hey, different card for the sneaker order possible?
    Example: That credit card is maxed out. Can I pay the desk differently?
    Example: the order is on my husband's old card which is closed, bill my own paypal
    Example: pay with paypal instead of gift card
    >>> change_payment()
    'change payment'
    """
    return "change payment"
