def out_of_scope() -> str:
    """The customer asks for something that none of the actions can do.

    Use when: the customer wants compensation, discounts, invoices, repairs, gift wrapping, faster or scheduled delivery, added or removed items, new orders, reactivation, complaints or account deletion.
    Rules: 10, 24
    Example: Add a second lamp to the order that is on its way
    Example: You had a sale the day after I bought them. Match the lower price and pay me the difference
    Example: please reactivate the order that was cancelled, I want it after all
    Example: Can you upgrade me to overnight delivery
    Example: The tent poles broke after a year, I want it repaired under warranty
    Example: wrap the camera as a gift and put in a card that says happy birthday grandpa
    Example: place a new order for me, two vacuum bags, same card as always
    >>> out_of_scope()
    'out of scope'
    """
    return "out of scope"
