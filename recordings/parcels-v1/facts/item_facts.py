def item_facts(weight_kg: float, longest_cm: float, contents: str) -> dict[str, str]:
    """Say how large the item is and what kind of contents it has.

    Use when: always.
    Rules: 3, 4, 6, 7
    >>> item_facts(weight_kg=0.3, longest_cm=20.0, contents="books")
    {'size': 'small', 'kind': 'ordinary'}
    >>> item_facts(weight_kg=31.0, longest_cm=20.0, contents="glass")
    {'size': 'huge', 'kind': 'fragile'}
    >>> item_facts(weight_kg=4.0, longest_cm=50.0, contents="battery")
    {'size': 'medium', 'kind': 'battery'}
    """
    size = "medium"
    if weight_kg > 30 or longest_cm > 200:
        size = "huge"
    elif weight_kg <= 0.5 and longest_cm <= 35:
        size = "small"
    kind = "ordinary"
    if contents == "battery":
        kind = "battery"
    elif contents in ("glass", "liquid"):
        kind = "fragile"
    return {"size": size, "kind": kind}
