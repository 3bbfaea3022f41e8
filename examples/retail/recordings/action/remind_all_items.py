def remind_all_items(checks: dict[str, str]) -> dict[str, str]:
    """Remind the customer to confirm that all items to be changed are named.

    Use when: the identity is verified, nothing is refused or missing, and the reminder is due.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["missing"] == "nothing" and checks["reminder"] == "due"
    Rules: 19, 29, 38
    >>> remind_all_items(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'due', 'request': 'change items'})
    {'tool': 'reply', 'kind': 'remind_all_items'}
    >>> remind_all_items(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'due', 'request': 'exchange items'})
    {'tool': 'reply', 'kind': 'remind_all_items'}
    >>> remind_all_items(checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'due', 'request': 'exchange items'})
    {'tool': 'reply', 'kind': 'remind_all_items'}
    """
    return {"tool": "reply", "kind": "remind_all_items"}
