def makes_a_threat() -> str:
    """The customer threatens the shop.

    Use when: the customer threatens with a lawyer, a court, the press or the authorities.
    Rules: 1
    Example: pay me by friday or my lawyer will
    Example: I shall report this to the consumer protection office if I do not hear from you today.
    Example: My cousin writes for the local paper and would love to hear what you did with my
        return.
    Example: See you in small claims court, then.
    Example: Next stop for these photos: trading standards and every journalist whom I can find!
    >>> makes_a_threat()
    'makes_a_threat'
    """
    return "makes_a_threat"
