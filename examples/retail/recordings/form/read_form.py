from typing import Any


def read_form(details: dict[str, Any], confirmed: str) -> dict[str, str]:
    """Say which fields of the form beside the chat are filled in, and what the customer agreed to.

    Use when: in every state.
    Rules: 6, 19, 21, 34
    >>> read_form(details={"order_id": "#W1", "items": [], "new_items": [], "payment_methods": [], "reason": "no longer needed", "address": ""}, confirmed="")
    {'order_id': 'given', 'items': 'open', 'new_items': 'open', 'payment_methods': 'open', 'reason': 'given', 'address': 'open', 'agreed_to': 'nothing'}
    >>> read_form(details={"order_id": "", "items": [], "new_items": [], "payment_methods": [], "reason": "", "address": "1 Main St"}, confirmed="modify_user_address")
    {'order_id': 'open', 'items': 'open', 'new_items': 'open', 'payment_methods': 'open', 'reason': 'open', 'address': 'given', 'agreed_to': 'modify user address'}
    """
    fields = ("order_id", "items", "new_items", "payment_methods", "reason", "address")
    return {name: "given" if details[name] else "open" for name in fields} | {"agreed_to": confirmed.replace("_", " ") or "nothing"}
