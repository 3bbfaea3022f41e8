def has_a_fault() -> str:
    """The item worked at first, and has a fault now.

    Use when: the item broke, failed or came apart in use, some time after it came.
    Rules: 7
    Example: mixer went up in smoke today, i used it maybe 5 times
    Example: After two months the zip of my jacket no longer closes.
    Example: The headphones have begun to lose the connection every few minutes. Is that covered?
    Example: Washed the shirt once, as the label says, and every seam has come undone.
    Example: It ran like clockwork until last Sunday, and since then the lamp only flickers.
    >>> has_a_fault()
    'has_a_fault'
    """
    return "has_a_fault"
