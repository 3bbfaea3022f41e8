def change_shipping_address() -> str:
    """The customer wants one order delivered to another address.

    Use when: the customer wants an order that was placed delivered somewhere else, or its delivery address corrected.
    Rules: 24
    Example: The lamp I ordered should go to my office and not to my flat
    Example: It's a birthday gift for my wife, so please have this order delivered to her workplace instead
    Example: I put a typo in the postcode when I checked out. Needs correcting before the package leaves
    Example: apartment number is missing on my order. courier will never find it. add it
    Example: the destination on my purchase is wrong, can it still be switched
    Example: Change the shipping address of the desk to 5 Lake View
    Example: Could the scarf be dropped at the office reception and not at home
    Example: I won't be at home that week so please let the order go to my neighbour's flat number
    >>> change_shipping_address()
    'change shipping address'
    """
    return "change shipping address"
