def look_up_limits(category: str) -> dict[str, int]:
    """Look up how many days the goods can be returned, and how many the warranty lasts.

    Use when: in every state.
    Rules: 7, 11
    >>> look_up_limits(category="electronics")
    {'return_days': 14, 'warranty_days': 730}
    >>> look_up_limits(category="home")
    {'return_days': 30, 'warranty_days': 730}
    >>> look_up_limits(category="software")
    {'return_days': 14, 'warranty_days': 180}
    >>> look_up_limits(category="books")
    {'return_days': 30, 'warranty_days': 180}
    """
    return {
        "return_days": 14 if category in ("electronics", "software") else 30,
        "warranty_days": 730 if category in ("electronics", "home") else 180,
    }
