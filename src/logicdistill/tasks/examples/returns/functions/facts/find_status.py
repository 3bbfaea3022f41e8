def find_status(
    shipped_on: str | None, delivered_on: str | None, returned_on: str | None
) -> dict[str, str]:
    """Say where the goods are: not shipped, on their way, delivered or returned.

    Use when: in every state.
    Rules: 3, 4, 5, 7, 8, 11, 12, 13
    >>> find_status(shipped_on=None, delivered_on=None, returned_on=None)
    {'status': 'not shipped'}
    >>> find_status(shipped_on="2026-03-01", delivered_on=None, returned_on=None)
    {'status': 'on its way'}
    >>> find_status(shipped_on="2026-03-01", delivered_on="2026-03-03", returned_on=None)
    {'status': 'delivered'}
    >>> find_status(shipped_on="2026-03-01", delivered_on="2026-03-03", returned_on="2026-03-09")
    {'status': 'returned'}
    """
    if returned_on is not None:
        return {"status": "returned"}
    if delivered_on is not None:
        return {"status": "delivered"}
    return {"status": "not shipped" if shipped_on is None else "on its way"}
