def change_shipping_address() -> str:
    """The customer wants one order delivered to another address.

    Use when: the customer wants an order that was placed delivered somewhere else, or its delivery address corrected.
    Rules: 24
    Example: The lamp I ordered should go to my office and not to my flat
    Example: We will be at the holiday cottage next week, redirect the parcel there
    Example: Please ship the puzzle to my parents place, I'll be there over christmas
    Example: the destination on my purchase is wrong, can it still be switched
    Example: Change the shipping address of the desk to 5 Lake View
    Example: Could the scarf be dropped at the office reception and not at home
    Example: wrong city on the order!! it has to go to Boston not Austin
    >>> change_shipping_address()
    'change shipping address'
    """
    return "change shipping address"
