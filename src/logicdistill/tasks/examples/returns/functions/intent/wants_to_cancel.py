def wants_to_cancel() -> str:
    """The customer wants the order to stop before it comes.

    Use when: the customer calls off an order that has not come yet.
    Rules: 3, 4
    Example: stop my order pls
    Example: I clicked twice by mistake. Please delete one of the two orders.
    Example: Found it cheaper elsewhere, so cancel it before it leaves.
    Example: If the parcel hasn't gone out yet, I'd rather not have it any more. Sorry for the
        trouble!
    Example: Cancel. I am moving on Friday and nobody will be here to take it in.
    >>> wants_to_cancel()
    'wants_to_cancel'
    """
    return "wants_to_cancel"
