from typing import Any


def check_refund(order: dict[str, Any], details: dict[str, Any], payment_methods: list[dict[str, Any]]) -> dict[str, str]:
    """Say whether a method for the refund is named, and is the original one or an existing gift card.

    Use when: in every state.
    Rules: 34, 35
    >>> check_refund(order={"paid_with": "c"}, details={"payment_methods": ["c"]}, payment_methods=[{"id": "c", "kind": "credit card"}])
    {'refund': 'fits'}
    >>> check_refund(order={"paid_with": "c"}, details={"payment_methods": ["g"]}, payment_methods=[{"id": "g", "kind": "gift card"}])
    {'refund': 'fits'}
    >>> check_refund(order={"paid_with": "c"}, details={"payment_methods": ["p"]}, payment_methods=[{"id": "p", "kind": "paypal"}])
    {'refund': 'refund_method'}
    >>> check_refund(order={"paid_with": "c"}, details={"payment_methods": []}, payment_methods=[])
    {'refund': 'missing'}
    """
    named = details["payment_methods"]
    if len(named) != 1:
        return {"refund": "missing"}
    gift = [item["id"] for item in payment_methods if item["kind"] == "gift card"]
    return {"refund": "fits" if named[0] == order["paid_with"] or named[0] in gift else "refund_method"}
