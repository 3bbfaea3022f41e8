def give_opinion() -> str:
    """The customer asks for a recommendation or a personal opinion.

    Use when: the customer wants to know what the agent likes, thinks, recommends or would choose.
    Rules: 7
    Example: Which of the two lamps would you take?
    Example: Do you think blue or black jeans suit me better
    Example: Should I keep the coffee machine or is another brand nicer? be honest
    Example: Be honest, is it worth paying more for the premium sneakers?
    Example: I can't decide on the frame colour, what would you pick if you were me?
    Example: which jacket do people like you find prettier lol
    >>> give_opinion()
    'opinion'
    """
    return "opinion"
