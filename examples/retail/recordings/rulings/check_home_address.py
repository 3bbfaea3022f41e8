def check_home_address(intent: str, facts: dict[str, str]) -> dict[str, str]:
    """Whether the user's default address may be changed: the new address has to be given.

    Use when: the customer asks for this: change home address; for other requests it says nothing.
    Rules: 1
    >>> check_home_address(intent='change home address', facts={'address': 'given'})
    {'refusal': 'none', 'missing': 'nothing'}
    >>> check_home_address(intent='change home address', facts={'address': 'missing'})
    {'refusal': 'none', 'missing': 'address'}
    >>> check_home_address(intent='change shipping address', facts={'address': 'missing'})
    {}
    """
    if intent != "change home address":
        return {}
    return {"refusal": "none", "missing": "nothing" if facts["address"] == "given" else "address"}
