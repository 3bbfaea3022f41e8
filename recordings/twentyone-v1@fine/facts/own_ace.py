def own_ace(usable_ace: bool) -> dict[str, str]:
    """Whether an ace of the hand can still drop to 1.

    Use when: in every state.
    Rules: 2
    >>> own_ace(usable_ace=False)
    {'ace': 'none'}
    """
    return {"ace": "elastic" if usable_ace else "none"}
