def check_cancellation(intent: str, facts: dict[str, str]) -> dict[str, str]:
    """Whether the order may be cancelled: the user's own, pending, with one of the two reasons.

    Use when: the customer asks for this: cancel order; for other requests it says nothing.
    Rules: 17, 20, 21, 28
    >>> check_cancellation(intent='cancel order', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'reason': 'given'})
    {'refusal': 'none', 'missing': 'nothing'}
    >>> check_cancellation(intent='cancel order', facts={'owner': 'this user', 'status': 'delivered', 'items_changed': 'no', 'reason': 'given'})
    {'refusal': 'not_pending', 'missing': 'nothing'}
    >>> check_cancellation(intent='cancel order', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'reason': 'missing'})
    {'refusal': 'none', 'missing': 'reason'}
    >>> check_cancellation(intent='return items', facts={'owner': 'this user', 'status': 'pending', 'items_changed': 'no', 'reason': 'missing'})
    {}
    """
    if intent != "cancel order":
        return {}
    wanted = {"order_id": facts["owner"], "reason": facts["reason"]}
    lacking = " ".join([word for word, found in wanted.items() if found in ("missing", "no order named")])
    refusal = "none"
    if facts["owner"] == "another user":
        refusal = "another_user"
    elif facts["owner"] == "this user" and facts["items_changed"] == "yes":
        refusal = "already_changed"
    elif facts["owner"] == "this user" and facts["status"] != "pending":
        refusal = "not_pending"
    return {"refusal": refusal, "missing": lacking if lacking and refusal == "none" else "nothing"}
