def transfer_to_human(checks: dict[str, str]) -> dict[str, str]:
    """Hand the user over to a human agent.

    Use when: the request is out of scope, the identity is verified and nothing is refused.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["request"] == "out of scope"
    Rules: 10, 24
    >>> transfer_to_human(checks={'confirmation': 'not needed', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'out of scope'})
    {'tool': 'transfer_to_human'}
    """
    return {"tool": "transfer_to_human"}
