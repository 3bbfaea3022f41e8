def give_facts() -> str:
    """The customer asks for facts about orders, products or the profile.

    Use when: the customer asks a question of fact: status, price, date, stock, order number or what the profile says.
    Rules: 1, 4
    Example: Has my order left the warehouse yet?
    Example: Do you have this shirt in green as well?
    Example: I can't find my order number, can you look it up for me
    Example: Tell me which payment methods you have stored for me
    Example: What sizes are there for the jacket and which are in stock
    Example: track my desk
    Example: What is the email address on my account
    >>> give_facts()
    'information'
    """
    return "information"
