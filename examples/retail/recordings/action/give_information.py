def give_information(checks: dict[str, str]) -> dict[str, str]:
    """Give the information about the user's own profile, orders or products.

    Use when: the request is information, the identity is verified and nothing is refused.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["request"] == "information"
    Rules: 1, 4, 9
    >>> give_information(checks={'confirmation': 'not needed', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'information'})
    {'tool': 'reply', 'kind': 'give_information'}
    """
    return {"tool": "reply", "kind": "give_information"}
