def as_letter(facts: dict[str, str]) -> str:
    """Send the item as a letter.

    Use when: the size is small, the kind is ordinary and the speed is normal.
    Rules: 1, 6
    >>> as_letter(facts={"size": "small", "kind": "ordinary", "destination": "inland", "customs": "not needed", "speed": "normal"})
    'letter'
    >>> as_letter(facts={"size": "small", "kind": "ordinary", "destination": "abroad", "customs": "in order", "speed": "normal"})
    'letter'
    """
    return "letter"
