def check_item_change(intent: str, facts: dict[str, str]) -> dict[str, str]:
    """Whether items of a pending order may be changed: once, to available options of the same product, difference paid.

    Use when: the customer asks for this: change items; for other requests it says nothing.
    Rules: 17, 18, 23, 24, 28, 30, 31, 32
    >>> check_item_change(intent='change items', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'items': 'named', 'new_items': 'named', 'replacement': 'fits', 'difference': 'fits'})
    {'refusal': 'none', 'missing': 'nothing'}
    >>> check_item_change(intent='change items', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'items': 'named', 'new_items': 'named', 'replacement': 'other_product', 'difference': 'fits'})
    {'refusal': 'other_product', 'missing': 'nothing'}
    >>> check_item_change(intent='change items', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'yes', 'items': 'named', 'new_items': 'named', 'replacement': 'fits', 'difference': 'fits'})
    {'refusal': 'already_changed', 'missing': 'nothing'}
    >>> check_item_change(intent='change items', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'items': 'named', 'new_items': 'missing', 'replacement': 'none', 'difference': 'missing'})
    {'refusal': 'none', 'missing': 'new_items payment_method'}
    """
    if intent != "change items":
        return {}
    wanted = {"order_id": facts["owner"], "items": facts["items"], "new_items": facts["new_items"], "payment_method": facts["difference"]}
    lacking = " ".join([word for word, found in wanted.items() if found in ("missing", "no order named")])
    refusal = "none"
    if facts["owner"] == "another user":
        refusal = "another_user"
    elif facts["owner"] == "this user" and facts["items_changed"] == "yes":
        refusal = "already_changed"
    elif facts["owner"] == "this user" and facts["status"] != "pending":
        refusal = "not_pending"
    if refusal == "none" and not lacking and facts["replacement"] != "fits":
        refusal = facts["replacement"]
    if refusal == "none" and not lacking and facts["difference"] != "fits":
        refusal = facts["difference"]
    return {"refusal": refusal, "missing": lacking if lacking and refusal == "none" else "nothing"}
