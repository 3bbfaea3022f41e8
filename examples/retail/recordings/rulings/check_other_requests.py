def check_other_requests(intent: str) -> dict[str, str]:
    """What is refused by its kind: another person's matter and opinions; the rest is neither refused nor incomplete.

    Use when: the customer asks for something that is no action on an order or address.
    Rules: 5, 7, 8, 10
    >>> check_other_requests(intent="another person's matter")
    {'refusal': 'another_user', 'missing': 'nothing'}
    >>> check_other_requests(intent='opinion')
    {'refusal': 'opinion', 'missing': 'nothing'}
    >>> check_other_requests(intent='out of scope')
    {'refusal': 'none', 'missing': 'nothing'}
    >>> check_other_requests(intent='cancel order')
    {}
    """
    if intent not in ("another person's matter", "opinion", "out of scope", "several requests"):
        return {}
    refusal = "another_user" if intent == "another person's matter" else "opinion" if intent == "opinion" else "none"
    return {"refusal": refusal, "missing": "nothing"}
