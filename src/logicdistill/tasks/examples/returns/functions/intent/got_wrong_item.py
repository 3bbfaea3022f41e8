def got_wrong_item() -> str:
    """Another item came than the one that was ordered.

    Use when: the shop sent another product, size, colour or number than was ordered.
    Rules: 6
    Example: i ordered a kettle and got a toaster lol
    Example: The invoice says size M, and so did I, but the pullover in the bag is an XL.
    Example: You have sent me somebody else's parcel, I believe. Whose garden gnome is this?
    Example: ordered TWO cushions, one came
    Example: I asked for the Spanish edition. What lay in my letter box is Portuguese.
    >>> got_wrong_item()
    'got_wrong_item'
    """
    return "got_wrong_item"
