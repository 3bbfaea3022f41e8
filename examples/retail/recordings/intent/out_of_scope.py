def out_of_scope() -> str:
    """The customer asks for something that none of the actions can do.

    Use when: the customer wants money off, an invoice, repair, wrapping, faster delivery, items added or removed, a new order, or complains.
    Rules: 10, 24
    Example: Add a second lamp to the order that is on its way
    Example: please reactivate the order that was cancelled, I want it after all
    Example: delete my account and all data you have about me
    Example: place a new order for me, two vacuum bags, same card as always
    Example: Repair my hair dryer, it's still under guarantee
    Example: undo the cancellation of the toaster order
    Example: deliver my parcel tomorrow morning, I will pay extra for express
    >>> out_of_scope()
    'out of scope'
    """
    return "out of scope"
