def check_payment_change(intent: str, facts: dict[str, str]) -> dict[str, str]:
    """Whether the order's payment may be changed: own, pending, to one other method that covers the total.

    Use when: the customer asks for this: change payment; for other requests it says nothing.
    Rules: 17, 23, 24, 25, 26, 28
    >>> check_payment_change(intent='change payment', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'new_payment': 'fits'})
    {'refusal': 'none', 'missing': 'nothing'}
    >>> check_payment_change(intent='change payment', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'new_payment': 'balance'})
    {'refusal': 'balance', 'missing': 'nothing'}
    >>> check_payment_change(intent='change payment', facts={'owner': 'another user', 'status': 'pending', 'items_changed': 'no', 'new_payment': 'fits'})
    {'refusal': 'another_user', 'missing': 'nothing'}
    >>> check_payment_change(intent='change payment', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'new_payment': 'missing'})
    {'refusal': 'none', 'missing': 'payment_method'}
    """
    if intent != "change payment":
        return {}
    wanted = {"order_id": facts["owner"], "payment_method": facts["new_payment"]}
    lacking = " ".join([word for word, found in wanted.items() if found in ("missing", "no order named")])
    refusal = "none"
    if facts["owner"] == "another user":
        refusal = "another_user"
    elif facts["owner"] == "this user" and facts["items_changed"] == "yes":
        refusal = "already_changed"
    elif facts["owner"] == "this user" and facts["status"] != "pending":
        refusal = "not_pending"
    if refusal == "none" and not lacking and facts["new_payment"] != "fits":
        refusal = facts["new_payment"]
    return {"refusal": refusal, "missing": lacking if lacking and refusal == "none" else "nothing"}
