def give_facts() -> str:
    """The customer asks for facts about orders, products or the profile.

    Use when: the customer asks a question of fact: status, price, date, stock, sizes, refund time, order number, what is stored in the profile.
    Rules: 1, 4
    Example: Has my order left the warehouse yet?
    Example: Whats the status of the order with the jeans
    Example: When will I see the refund for the cancelled tablet on my account
    Example: I can't find my order number, can you look it up for me
    Example: Which email did you send the instructions to for the shoes
    Example: does processed mean it can't be stopped any more, or what does that status say
    Example: I need to know to which street the coffee maker was sent
    >>> give_facts()
    'information'
    """
    return "information"
