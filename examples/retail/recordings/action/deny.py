def deny(ruling: dict[str, str], checks: dict[str, str]) -> dict[str, str]:
    """Refuse, and say why.

    Use when: the obstacle is: refused.
    When: checks["obstacle"] == "refused"
    Rules: 5, 7, 9, 17, 18, 20, 23, 25, 26, 28, 30, 32, 33, 35, 37, 39, 41
    >>> deny(ruling={'refusal': 'not_pending', 'missing': 'nothing'}, checks={'request': 'cancel order', 'obstacle': 'refused'})
    {'tool': 'reply', 'kind': 'deny', 'why': 'not_pending'}
    >>> deny(ruling={'refusal': 'opinion', 'missing': 'nothing'}, checks={'request': 'opinion', 'obstacle': 'refused'})
    {'tool': 'reply', 'kind': 'deny', 'why': 'opinion'}
    >>> deny(ruling={'refusal': 'balance', 'missing': 'nothing'}, checks={'request': 'change payment', 'obstacle': 'refused'})
    {'tool': 'reply', 'kind': 'deny', 'why': 'balance'}
    >>> deny(ruling={'refusal': 'not_available', 'missing': 'nothing'}, checks={'request': 'exchange items', 'obstacle': 'refused'})
    {'tool': 'reply', 'kind': 'deny', 'why': 'not_available'}
    """
    return {"tool": "reply", "kind": "deny", "why": ruling["refusal"]}
