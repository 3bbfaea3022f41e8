def as_parcel(facts: dict[str, str]) -> str:
    """Send the item as a parcel.

    Use when: the speed is normal, and the size is medium or the item is small and fragile.
    Rules: 1, 6, 7, 8
    >>> as_parcel(facts={"size": "medium", "kind": "ordinary", "destination": "inland", "customs": "not needed", "speed": "normal"})
    'parcel'
    >>> as_parcel(facts={"size": "small", "kind": "fragile", "destination": "abroad", "customs": "in order", "speed": "normal"})
    'parcel'
    >>> as_parcel(facts={"size": "medium", "kind": "fragile", "destination": "inland", "customs": "not needed", "speed": "normal"})
    'parcel'
    """
    return "parcel"
