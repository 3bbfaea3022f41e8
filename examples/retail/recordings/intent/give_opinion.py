def give_opinion() -> str:
    """The customer asks for a recommendation or a personal opinion.

    Use when: the customer wants to know what the agent likes, thinks, recommends or would choose.
    Rules: 7
    Example: Which of the two lamps would you take?
    Example: What is the best tablet for a student in your opinion
    Example: Be honest, is it worth paying more for the premium sneakers?
    Example: Does this watch make a good present for a boss, what do you feel
    Example: What do you think of this bottle?
    Example: Do you like the rug I bought
    Example: I need your advice on what printer to buy
    >>> give_opinion()
    'opinion'
    """
    return "opinion"
