def ask_which_first(checks: dict[str, str]) -> dict[str, str]:
    """Ask which of the requests comes first: one tool call at a time.

    Use when: the request is several requests, the identity is verified and nothing is refused.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["request"] == "several requests"
    Rules: 5, 8, 9
    >>> ask_which_first(checks={'confirmation': 'not needed', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'several requests'})
    {'tool': 'reply', 'kind': 'ask_which_first'}
    """
    return {"tool": "reply", "kind": "ask_which_first"}
