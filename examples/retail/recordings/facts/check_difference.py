from typing import Any


def check_difference(
    order: dict[str, Any], details: dict[str, Any], catalogue: list[dict[str, Any]], payment_methods: list[dict[str, Any]]
) -> dict[str, str]:
    """Say whether a method of the profile is named for the price difference, and whether a gift card covers it.

    Use when: in every state.
    Rules: 31, 32, 40, 41
    >>> check_difference(order={"items": [{"item_id": "1", "price": 10.0}]}, details={"items": ["1"], "new_items": ["2"], "payment_methods": ["g"]}, catalogue=[{"item_id": "2", "price": 15.0}], payment_methods=[{"id": "g", "kind": "gift card", "balance": 4.0}])
    {'difference': 'balance'}
    >>> check_difference(order={"items": [{"item_id": "1", "price": 10.0}]}, details={"items": ["1"], "new_items": ["2"], "payment_methods": ["g"]}, catalogue=[{"item_id": "2", "price": 8.0}], payment_methods=[{"id": "g", "kind": "gift card", "balance": 0.0}])
    {'difference': 'fits'}
    >>> check_difference(order={"items": [{"item_id": "1", "price": 10.0}]}, details={"items": ["1"], "new_items": ["2"], "payment_methods": []}, catalogue=[{"item_id": "2", "price": 8.0}], payment_methods=[])
    {'difference': 'missing'}
    """
    named = details["payment_methods"]
    method = [item for item in payment_methods if item["id"] in named]
    if len(named) != 1 or not method:
        return {"difference": "missing"}
    old = sum([item["price"] for item in order["items"] if item["item_id"] in details["items"]])
    new = sum([item["price"] for item in catalogue if item["item_id"] in details["new_items"]])
    short = method[0]["kind"] == "gift card" and round(new - old, 2) > method[0]["balance"]
    return {"difference": "balance" if short else "fits"}
