def out_of_scope() -> str:
    """The customer asks for something that none of the actions can do.

    Use when: the customer wants compensation, discounts, invoices, repairs, gift wrapping, faster or scheduled delivery, added or removed items, new orders, reactivation, complaints or account deletion.
    Rules: 10, 24
    Example: Add a second lamp to the order that is on its way
    Example: I need an invoice with a VAT number for my tax office
    Example: Can you upgrade me to overnight delivery
    Example: Split this order into two parcels so the small stuff comes first
    Example: place a new order for me, two vacuum bags, same card as always
    Example: Repair my hair dryer, it's still under guarantee
    Example: undo the cancellation of the toaster order
    Example: deliver my parcel tomorrow morning, I will pay extra for express
    >>> out_of_scope()
    'out of scope'
    """
    return "out of scope"
