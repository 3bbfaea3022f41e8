def ask_confirmation(checks: dict[str, str]) -> dict[str, str]:
    """List the action's details and ask for an explicit yes.

    Use when: the identity is verified, nothing is refused or missing, the reminder is done or not needed, and the confirmation is open.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["missing"] == "nothing" and checks["reminder"] != "due" and checks["confirmation"] == "open"
    Rules: 6, 21, 29, 34
    >>> ask_confirmation(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'cancel order'})
    {'tool': 'reply', 'kind': 'ask_confirmation', 'about': 'cancel_pending_order'}
    >>> ask_confirmation(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'done', 'request': 'change items'})
    {'tool': 'reply', 'kind': 'ask_confirmation', 'about': 'modify_pending_order_items'}
    >>> ask_confirmation(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'done', 'request': 'exchange items'})
    {'tool': 'reply', 'kind': 'ask_confirmation', 'about': 'exchange_delivered_order_items'}
    >>> ask_confirmation(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'return items'})
    {'tool': 'reply', 'kind': 'ask_confirmation', 'about': 'return_delivered_order_items'}
    >>> ask_confirmation(checks={'confirmation': 'open', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'change home address'})
    {'tool': 'reply', 'kind': 'ask_confirmation', 'about': 'modify_user_address'}
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
    return {"tool": "reply", "kind": "ask_confirmation", "about": tools[checks["request"]]}
