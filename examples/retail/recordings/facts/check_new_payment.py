from typing import Any


def check_new_payment(order: dict[str, Any], details: dict[str, Any], payment_methods: list[dict[str, Any]]) -> dict[str, str]:
    """Say whether the named payment is one method of the profile, other than the original, and a gift card covers the total.

    Use when: in every state.
    Rules: 12, 13, 25, 26
    >>> check_new_payment(order={"total": 50.0, "paid_with": "c"}, details={"payment_methods": ["g"]}, payment_methods=[{"id": "g", "kind": "gift card", "balance": 50.0}])
    {'new_payment': 'fits'}
    >>> check_new_payment(order={"total": 50.0, "paid_with": "c"}, details={"payment_methods": ["g"]}, payment_methods=[{"id": "g", "kind": "gift card", "balance": 49.99}])
    {'new_payment': 'balance'}
    >>> check_new_payment(order={"total": 50.0, "paid_with": "c"}, details={"payment_methods": ["c"]}, payment_methods=[{"id": "c", "kind": "credit card", "balance": 0.0}])
    {'new_payment': 'same_method'}
    >>> check_new_payment(order={"total": 50.0, "paid_with": "c"}, details={"payment_methods": ["c", "p"]}, payment_methods=[{"id": "c", "kind": "credit card", "balance": 0.0}])
    {'new_payment': 'one_method'}
    >>> check_new_payment(order={"total": 50.0, "paid_with": "c"}, details={"payment_methods": []}, payment_methods=[])
    {'new_payment': 'missing'}
    """
    named = details["payment_methods"]
    if len(named) > 1:
        return {"new_payment": "one_method"}
    method = [item for item in payment_methods if item["id"] in named]
    if not method:
        return {"new_payment": "missing"}
    if named[0] == order["paid_with"]:
        return {"new_payment": "same_method"}
    short = method[0]["kind"] == "gift card" and method[0]["balance"] < order["total"]
    return {"new_payment": "balance" if short else "fits"}
