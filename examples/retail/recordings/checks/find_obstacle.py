def find_obstacle(intent: str, facts: dict[str, str], ruling: dict[str, str], reminded: bool, confirmed: str) -> dict[str, str]:
    """The request, and what stands in its way first, in the order of the policy.

    Use when: in every state.
    Rules: 2, 3, 6, 19, 29, 38
    >>> find_obstacle(intent='change items', facts={'identity': 'verified'}, ruling={'refusal': 'none', 'missing': 'nothing'}, reminded=False, confirmed='')
    {'request': 'change items', 'obstacle': 'reminder due'}
    >>> find_obstacle(intent='cancel order', facts={'identity': 'verified'}, ruling={'refusal': 'none', 'missing': 'nothing'}, reminded=False, confirmed='cancel_pending_order')
    {'request': 'cancel order', 'obstacle': 'none'}
    >>> find_obstacle(intent='return items', facts={'identity': 'verified'}, ruling={'refusal': 'none', 'missing': 'nothing'}, reminded=True, confirmed='cancel_pending_order')
    {'request': 'return items', 'obstacle': 'confirmation open'}
    >>> find_obstacle(intent='return items', facts={'identity': 'verified'}, ruling={'refusal': 'not_delivered', 'missing': 'nothing'}, reminded=True, confirmed='')
    {'request': 'return items', 'obstacle': 'refused'}
    >>> find_obstacle(intent='information', facts={'identity': 'email given'}, ruling={'refusal': 'none', 'missing': 'nothing'}, reminded=False, confirmed='')
    {'request': 'information', 'obstacle': 'identity to be looked up'}
    """
    tools = {
        "cancel order": "cancel_pending_order",
        "change shipping address": "modify_pending_order_address",
        "change payment": "modify_pending_order_payment",
        "change items": "modify_pending_order_items",
        "return items": "return_delivered_order_items",
        "exchange items": "exchange_delivered_order_items",
        "change home address": "modify_user_address",
    }
    obstacle = "none"
    if facts["identity"] != "verified":
        obstacle = "identity unknown" if facts["identity"] == "unknown" else "identity to be looked up"
    elif ruling["refusal"] != "none":
        obstacle = "refused"
    elif ruling["missing"] != "nothing":
        obstacle = "details missing"
    elif intent in ("change items", "exchange items") and not reminded:
        obstacle = "reminder due"
    elif intent in tools and confirmed != tools[intent]:
        obstacle = "confirmation open"
    return {"request": intent, "obstacle": obstacle}
