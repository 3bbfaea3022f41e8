def deny(checks: dict[str, str]) -> dict[str, str]:
    """Refuse, and say why.

    Use when: the identity is verified and the refusal names a reason: another_user, not_pending, not_delivered, already_changed, balance, same_method, one_method, refund_method, other_product, same_item, not_available or opinion.
    When: checks["identity"] == "verified" and checks["refusal"] != "none"
    Rules: 5, 7, 9, 17, 18, 20, 23, 25, 26, 28, 30, 32, 33, 35, 37, 39, 41
    >>> deny(checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'not_pending', 'reminder': 'not needed', 'request': 'cancel order'})
    {'tool': 'reply', 'kind': 'deny', 'why': 'not_pending'}
    >>> deny(checks={'confirmation': 'not needed', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'another_user', 'reminder': 'not needed', 'request': "another person's matter"})
    {'tool': 'reply', 'kind': 'deny', 'why': 'another_user'}
    >>> deny(checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'other_product', 'reminder': 'done', 'request': 'exchange items'})
    {'tool': 'reply', 'kind': 'deny', 'why': 'other_product'}
    >>> deny(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'balance', 'reminder': 'not needed', 'request': 'change payment'})
    {'tool': 'reply', 'kind': 'deny', 'why': 'balance'}
    >>> deny(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'not_available', 'reminder': 'due', 'request': 'change items'})
    {'tool': 'reply', 'kind': 'deny', 'why': 'not_available'}
    >>> deny(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'refund_method', 'reminder': 'not needed', 'request': 'return items'})
    {'tool': 'reply', 'kind': 'deny', 'why': 'refund_method'}
    """
    return {"tool": "reply", "kind": "deny", "why": checks["refusal"]}
