def check_return(intent: str, facts: dict[str, str]) -> dict[str, str]:
    """Whether items may be returned: own order, delivered, refund to the original method or a gift card.

    Use when: the customer asks for this: return items; for other requests it says nothing.
    Rules: 17, 33, 34, 35
    >>> check_return(intent='return items', facts={'owner': 'this user', 'status': 'delivered', 'items': 'named', 'refund': 'fits'})
    {'refusal': 'none', 'missing': 'nothing'}
    >>> check_return(intent='return items', facts={'owner': 'this user', 'status': 'delivered', 'items': 'named', 'refund': 'refund_method'})
    {'refusal': 'refund_method', 'missing': 'nothing'}
    >>> check_return(intent='return items', facts={'owner': 'this user', 'status': 'pending', 'items': 'named', 'refund': 'fits'})
    {'refusal': 'not_delivered', 'missing': 'nothing'}
    >>> check_return(intent='return items', facts={'owner': 'this user', 'status': 'delivered', 'items': 'missing', 'refund': 'fits'})
    {'refusal': 'none', 'missing': 'items'}
    """
    if intent != "return items":
        return {}
    wanted = {"order_id": facts["owner"], "items": facts["items"], "payment_method": facts["refund"]}
    lacking = " ".join([word for word, found in wanted.items() if found in ("missing", "no order named")])
    refusal = "none"
    if facts["owner"] == "another user":
        refusal = "another_user"
    elif facts["owner"] == "this user" and facts["status"] != "delivered":
        refusal = "not_delivered"
    if refusal == "none" and not lacking and facts["refund"] != "fits":
        refusal = facts["refund"]
    return {"refusal": refusal, "missing": lacking if lacking and refusal == "none" else "nothing"}
