from typing import Any


def read_form(order: dict[str, Any], details: dict[str, Any], confirmed: str) -> dict[str, str]:
    """Say which fields of the form beside the chat are filled in, what the customer agreed to, and whether the order was sent.

    Use when: in every state.
    Rules: 6, 16, 19, 21, 34
    >>> read_form(order={"status": "pending"}, details={"order_id": "#W1", "items": [], "new_items": [], "payment_methods": [], "reason": "no longer needed", "address": ""}, confirmed="")
    {'order_id': 'given', 'items': 'open', 'new_items': 'open', 'payment_methods': 'open', 'reason': 'given', 'address': 'open', 'agreed_to': 'nothing', 'order': 'pending'}
    >>> read_form(order={"status": "cancelled"}, details={"order_id": "", "items": [], "new_items": [], "payment_methods": [], "reason": "", "address": "1 Main St"}, confirmed="modify_user_address")
    {'order_id': 'open', 'items': 'open', 'new_items': 'open', 'payment_methods': 'open', 'reason': 'open', 'address': 'given', 'agreed_to': 'modify user address', 'order': 'neither pending nor delivered'}
    """
    fields = ("order_id", "items", "new_items", "payment_methods", "reason", "address")
    form = {name: "given" if details[name] else "open" for name in fields}
    status = order["status"] if order["status"] in ("pending", "delivered") else "neither pending nor delivered"
    return form | {"agreed_to": confirmed.replace("_", " ") or "nothing", "order": status}
