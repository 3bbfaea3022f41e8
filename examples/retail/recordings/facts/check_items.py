from typing import Any


def check_items(order: dict[str, Any], details: dict[str, Any], catalogue: list[dict[str, Any]]) -> dict[str, str]:
    """Say whether items and new items are named, and whether each new item is an available other option of the same product.

    Use when: in every state.
    Rules: 15, 19, 30, 34, 39
    >>> check_items(order={"items": [{"item_id": "1", "product": "mug"}]}, details={"items": ["1"], "new_items": ["2"]}, catalogue=[{"item_id": "2", "product": "mug", "available": True}])
    {'items': 'named', 'new_items': 'named', 'replacement': 'fits'}
    >>> check_items(order={"items": [{"item_id": "1", "product": "mug"}]}, details={"items": ["1"], "new_items": ["2"]}, catalogue=[{"item_id": "2", "product": "mug", "available": False}])
    {'items': 'named', 'new_items': 'named', 'replacement': 'not_available'}
    >>> check_items(order={"items": [{"item_id": "1", "product": "mug"}]}, details={"items": ["1"], "new_items": ["3"]}, catalogue=[{"item_id": "3", "product": "lamp", "available": True}])
    {'items': 'named', 'new_items': 'named', 'replacement': 'other_product'}
    >>> check_items(order={"items": [{"item_id": "1", "product": "mug"}]}, details={"items": [], "new_items": []}, catalogue=[])
    {'items': 'missing', 'new_items': 'missing', 'replacement': 'none'}
    """
    bought = {item["item_id"]: item for item in order["items"]}
    sold = {item["item_id"]: item for item in catalogue}
    old, new = details["items"], details["new_items"]
    named = len(old) > 0 and all(item in bought for item in old)
    complete = named and len(new) == len(old) and all(item in sold for item in new)
    found = {"items": "named" if named else "missing", "new_items": "named" if complete else "missing", "replacement": "none"}
    if complete:
        pairs = list(zip(old, new))
        if any(bought[one]["product"] != sold[other]["product"] for one, other in pairs):
            found["replacement"] = "other_product"
        elif any(one == other for one, other in pairs):
            found["replacement"] = "same_item"
        else:
            found["replacement"] = "fits" if all(sold[item]["available"] for item in new) else "not_available"
    return found
