def give_facts() -> str:
    """The customer asks for facts about orders, products or the profile.

    Use when: the customer asks a question of fact: status, price, date, stock, sizes, refund time, order number, what is stored in the profile.
    Rules: 1, 4
    Example: Has my order left the warehouse yet?
    Example: Do you have this shirt in green as well?
    Example: I can't find my order number, can you look it up for me
    Example: Tell me which payment methods you have stored for me
    Example: I need to know to which street the coffee maker was sent
    Example: what items are in this order and what is the total
    Example: why does my toaster order say cancelled
    Example: how do I send the gloves, what does your email say about the label
    >>> give_facts()
    'information'
    """
    return "information"
