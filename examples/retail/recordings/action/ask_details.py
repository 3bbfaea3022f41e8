from typing import Any


def ask_details(ruling: dict[str, str], checks: dict[str, str]) -> dict[str, Any]:
    """Ask for the details that are missing.

    Use when: the obstacle is: details missing.
    When: checks["obstacle"] == "details missing"
    Rules: 7, 9, 19, 21, 31, 34, 40
    >>> ask_details(ruling={'refusal': 'none', 'missing': 'reason'}, checks={'request': 'cancel order', 'obstacle': 'details missing'})
    {'tool': 'reply', 'kind': 'ask_details', 'missing': ['reason']}
    >>> ask_details(ruling={'refusal': 'none', 'missing': 'order_id address'}, checks={'request': 'change shipping address', 'obstacle': 'details missing'})
    {'tool': 'reply', 'kind': 'ask_details', 'missing': ['order_id', 'address']}
    >>> ask_details(ruling={'refusal': 'none', 'missing': 'payment_method'}, checks={'request': 'return items', 'obstacle': 'details missing'})
    {'tool': 'reply', 'kind': 'ask_details', 'missing': ['payment_method']}
    """
    return {"tool": "reply", "kind": "ask_details", "missing": ruling["missing"].split(" ")}
