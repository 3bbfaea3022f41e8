from typing import Any


def ask_details(checks: dict[str, str]) -> dict[str, Any]:
    """Ask for the details that are missing.

    Use when: the identity is verified, nothing is refused, and something is missing: order_id, reason, items, new_items, payment_method or address.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["missing"] != "nothing"
    Rules: 7, 9, 19, 21, 31, 34, 40
    >>> ask_details(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'reason', 'refusal': 'none', 'reminder': 'not needed', 'request': 'cancel order'})
    {'tool': 'reply', 'kind': 'ask_details', 'missing': ['reason']}
    >>> ask_details(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'order_id address', 'refusal': 'none', 'reminder': 'not needed', 'request': 'change shipping address'})
    {'tool': 'reply', 'kind': 'ask_details', 'missing': ['order_id', 'address']}
    >>> ask_details(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'items new_items', 'refusal': 'none', 'reminder': 'due', 'request': 'change items'})
    {'tool': 'reply', 'kind': 'ask_details', 'missing': ['items', 'new_items']}
    >>> ask_details(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'payment_method', 'refusal': 'none', 'reminder': 'not needed', 'request': 'return items'})
    {'tool': 'reply', 'kind': 'ask_details', 'missing': ['payment_method']}
    >>> ask_details(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'order_id', 'refusal': 'none', 'reminder': 'not needed', 'request': 'change payment'})
    {'tool': 'reply', 'kind': 'ask_details', 'missing': ['order_id']}
    """
    return {"tool": "reply", "kind": "ask_details", "missing": checks["missing"].split(" ")}
