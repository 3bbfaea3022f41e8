def check_exchange(intent: str, facts: dict[str, str]) -> dict[str, str]:
    """Whether items may be exchanged: own order, delivered, once, to available options of the same product, difference paid.

    Use when: the customer asks for this: exchange items; for other requests it says nothing.
    Rules: 17, 18, 37, 39, 40, 41
    >>> check_exchange(intent='exchange items', facts={'owner': 'this user', 'status': 'delivered', 'items_changed': 'no', 'items': 'named', 'new_items': 'named', 'replacement': 'fits', 'difference': 'fits'})
    {'refusal': 'none', 'missing': 'nothing'}
    >>> check_exchange(intent='exchange items', facts={'owner': 'this user', 'status': 'delivered', 'items_changed': 'no', 'items': 'named', 'new_items': 'named', 'replacement': 'not_available', 'difference': 'fits'})
    {'refusal': 'not_available', 'missing': 'nothing'}
    >>> check_exchange(intent='exchange items', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'items': 'named', 'new_items': 'named', 'replacement': 'fits', 'difference': 'fits'})
    {'refusal': 'not_delivered', 'missing': 'nothing'}
    >>> check_exchange(intent='exchange items', facts={'owner': 'this user', 'status': 'delivered', 'items_changed': 'no', 'items': 'named', 'new_items': 'named', 'replacement': 'fits', 'difference': 'missing'})
    {'refusal': 'none', 'missing': 'payment_method'}
    """
    if intent != "exchange items":
        return {}
    wanted = {"order_id": facts["owner"], "items": facts["items"], "new_items": facts["new_items"], "payment_method": facts["difference"]}
    lacking = " ".join([word for word, found in wanted.items() if found in ("missing", "no order named")])
    refusal = "none"
    if facts["owner"] == "another user":
        refusal = "another_user"
    elif facts["owner"] == "this user" and facts["status"] != "delivered":
        refusal = "not_delivered"
    elif facts["owner"] == "this user" and facts["items_changed"] == "yes":
        refusal = "already_changed"
    if refusal == "none" and not lacking and facts["replacement"] != "fits":
        refusal = facts["replacement"]
    if refusal == "none" and not lacking and facts["difference"] != "fits":
        refusal = facts["difference"]
    return {"refusal": refusal, "missing": lacking if lacking and refusal == "none" else "nothing"}
