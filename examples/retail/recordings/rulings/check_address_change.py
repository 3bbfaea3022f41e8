def check_address_change(intent: str, facts: dict[str, str]) -> dict[str, str]:
    """Whether the order's shipping address may be changed: the user's own, pending, with the new address.

    Use when: the customer asks for this: change shipping address; for other requests it says nothing.
    Rules: 17, 23, 24, 28
    >>> check_address_change(intent='change shipping address', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'address': 'given'})
    {'refusal': 'none', 'missing': 'nothing'}
    >>> check_address_change(intent='change shipping address', facts={'owner': 'this user', 'status': 'closed', 'items_changed': 'yes', 'address': 'missing'})
    {'refusal': 'already_changed', 'missing': 'nothing'}
    >>> check_address_change(intent='change shipping address', facts={'owner': 'no order named', 'status': 'pending', 'items_changed': 'no', 'address': 'missing'})
    {'refusal': 'none', 'missing': 'order_id address'}
    """
    if intent != "change shipping address":
        return {}
    wanted = {"order_id": facts["owner"], "address": facts["address"]}
    lacking = " ".join([word for word, found in wanted.items() if found in ("missing", "no order named")])
    refusal = "none"
    if facts["owner"] == "another user":
        refusal = "another_user"
    elif facts["owner"] == "this user" and facts["items_changed"] == "yes":
        refusal = "already_changed"
    elif facts["owner"] == "this user" and facts["status"] != "pending":
        refusal = "not_pending"
    return {"refusal": refusal, "missing": lacking if lacking and refusal == "none" else "nothing"}
