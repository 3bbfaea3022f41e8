def to_the_desk(facts: dict[str, str]) -> str:
    """Hand the item to the desk.

    Use when: the customs declaration is missing, or a battery goes abroad.
    When: facts["customs"] == "missing" or (facts["kind"] == "battery" and facts["destination"] == "abroad")
    Rules: 1, 2, 3
    >>> to_the_desk(facts={"size": "medium", "kind": "ordinary", "destination": "abroad", "customs": "missing", "speed": "normal"})
    'desk'
    >>> to_the_desk(facts={"size": "small", "kind": "battery", "destination": "abroad", "customs": "in order", "speed": "express"})
    'desk'
    >>> to_the_desk(facts={"size": "huge", "kind": "fragile", "destination": "abroad", "customs": "missing", "speed": "express"})
    'desk'
    """
    return "desk"
