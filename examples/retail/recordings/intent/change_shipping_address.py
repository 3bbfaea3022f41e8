def change_shipping_address() -> str:
    """The customer wants one order delivered to another address.

    Use when: the customer wants an order that was placed delivered somewhere else, or its delivery address corrected.
    Rules: 24
    Example: The lamp I ordered should go to my office and not to my flat
    Example: I typed the wrong street for my yoga mat order, fix the delivery address please
    Example: We will be at the holiday cottage next week, redirect the parcel there
    Example: I put a typo in the postcode when I checked out. Needs correcting before the package leaves
    Example: Please ship the puzzle to my parents place, I'll be there over christmas
    Example: Have the coffee machine brought to the shop on the corner instead of my home
    Example: the destination on my purchase is wrong, can it still be switched
    >>> change_shipping_address()
    'change shipping address'
    """
    return "change shipping address"
