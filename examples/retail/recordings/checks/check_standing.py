def check_standing(intent: str, facts: dict[str, str], reminded: bool, confirmed: str) -> dict[str, str]:
    """The request, who asks, whether the reminder about all items is due, and whether this very action was confirmed.

    Use when: in every state.
    Rules: 2, 3, 6, 19, 29, 38
    >>> check_standing(intent='change items', facts={'identity': 'verified'}, reminded=False, confirmed='')
    {'request': 'change items', 'identity': 'verified', 'reminder': 'due', 'confirmation': 'open'}
    >>> check_standing(intent='cancel order', facts={'identity': 'verified'}, reminded=False, confirmed='cancel_pending_order')
    {'request': 'cancel order', 'identity': 'verified', 'reminder': 'not needed', 'confirmation': 'given'}
    >>> check_standing(intent='return items', facts={'identity': 'unknown'}, reminded=True, confirmed='cancel_pending_order')
    {'request': 'return items', 'identity': 'unknown', 'reminder': 'not needed', 'confirmation': 'open'}
    >>> check_standing(intent='information', facts={'identity': 'verified'}, reminded=True, confirmed='cancel_pending_order')
    {'request': 'information', 'identity': 'verified', 'reminder': 'not needed', 'confirmation': 'not needed'}
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
    reminder = confirmation = "not needed"
    if intent in ("change items", "exchange items"):
        reminder = "done" if reminded else "due"
    if intent in tools:
        confirmation = "given" if confirmed == tools[intent] else "open"
    return {"request": intent, "identity": facts["identity"], "reminder": reminder, "confirmation": confirmation}
