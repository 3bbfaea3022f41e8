def is_named(kind: str, colour: str, wanted: str, tint: str) -> bool:
    """Tell whether a thing is of the wanted kind and colour; an open door is done with.

    Rules: 4
    >>> is_named(kind="ball", colour="red", wanted="ball", tint="any")
    True
    >>> is_named(kind="door_locked", colour="red", wanted="door", tint="red")
    True
    >>> is_named(kind="box", colour="red", wanted="object", tint="any")
    True
    >>> is_named(kind="door_locked", colour="red", wanted="object", tint="red")
    False
    """
    things = {"door": ("door_closed", "door_locked"), "object": ("key", "ball", "box")}
    return kind in things.get(wanted, (wanted,)) and tint in ("any", colour)
