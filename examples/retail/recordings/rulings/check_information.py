def check_information(intent: str, facts: dict[str, str]) -> dict[str, str]:
    """Whether information may be given: not about another user's order.

    Use when: the customer asks for this: information; for other requests it says nothing.
    Rules: 4, 5
    >>> check_information(intent='information', facts={'owner': 'this user'})
    {'refusal': 'none', 'missing': 'nothing'}
    >>> check_information(intent='information', facts={'owner': 'another user'})
    {'refusal': 'another_user', 'missing': 'nothing'}
    >>> check_information(intent='information', facts={'owner': 'no order named'})
    {'refusal': 'none', 'missing': 'nothing'}
    """
    if intent != "information":
        return {}
    return {"refusal": "another_user" if facts["owner"] == "another user" else "none", "missing": "nothing"}
