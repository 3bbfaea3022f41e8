def by_courier(facts: dict[str, str]) -> str:
    """Send the item by courier.

    Use when: the speed is express, the size is small or medium, and the kind is ordinary or fragile.
    Rules: 1, 5
    >>> by_courier(facts={"size": "small", "kind": "ordinary", "destination": "inland", "customs": "not needed", "speed": "express"})
    'courier'
    >>> by_courier(facts={"size": "medium", "kind": "fragile", "destination": "abroad", "customs": "in order", "speed": "express"})
    'courier'
    >>> by_courier(facts={"size": "medium", "kind": "ordinary", "destination": "inland", "customs": "not needed", "speed": "express"})
    'courier'
    """
    return "courier"
