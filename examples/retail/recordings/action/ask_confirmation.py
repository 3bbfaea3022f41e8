def ask_confirmation(checks: dict[str, str]) -> dict[str, str]:
    """List the details of the action and ask for an explicit yes.

    Use when: the obstacle is: confirmation open.
    When: checks["obstacle"] == "confirmation open"
    Rules: 6, 21, 29, 34
    >>> ask_confirmation(checks={'request': 'cancel order', 'obstacle': 'confirmation open'})
    {'tool': 'reply', 'kind': 'ask_confirmation', 'about': 'cancel_pending_order'}
    >>> ask_confirmation(checks={'request': 'change items', 'obstacle': 'confirmation open'})
    {'tool': 'reply', 'kind': 'ask_confirmation', 'about': 'modify_pending_order_items'}
    >>> ask_confirmation(checks={'request': 'return items', 'obstacle': 'confirmation open'})
    {'tool': 'reply', 'kind': 'ask_confirmation', 'about': 'return_delivered_order_items'}
    >>> ask_confirmation(checks={'request': 'change home address', 'obstacle': 'confirmation open'})
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
