def by_freight(facts: dict[str, str]) -> str:
    """Send the item by freight.

    Use when: a battery stays inland, or the size is huge and the customs papers are in order or not needed.
    When: facts["customs"] != "missing" and (facts["destination"] == "inland" if facts["kind"] == "battery" else facts["size"] == "huge")
    Rules: 1, 3, 4
    >>> by_freight(facts={"size": "medium", "kind": "battery", "destination": "inland", "customs": "not needed", "speed": "express"})
    'freight'
    >>> by_freight(facts={"size": "huge", "kind": "ordinary", "destination": "abroad", "customs": "in order", "speed": "normal"})
    'freight'
    >>> by_freight(facts={"size": "huge", "kind": "fragile", "destination": "inland", "customs": "not needed", "speed": "express"})
    'freight'
    """
    return "freight"
