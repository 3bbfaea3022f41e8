from typing import Any


def check_status(order: dict[str, Any], called: list[str]) -> dict[str, str]:
    """Say what the order's status lets one do, and whether its items were changed already.

    Use when: in every state.
    Rules: 16, 17, 18, 20, 23, 28, 33, 37
    >>> check_status(order={"status": "pending"}, called=[])
    {'status': 'pending', 'items_changed': 'no'}
    >>> check_status(order={"status": "pending (items modified)"}, called=[])
    {'status': 'closed', 'items_changed': 'yes'}
    >>> check_status(order={"status": "delivered"}, called=["exchange_delivered_order_items"])
    {'status': 'delivered', 'items_changed': 'yes'}
    >>> check_status(order={"status": "processed"}, called=[])
    {'status': 'closed', 'items_changed': 'no'}
    """
    status: str = order["status"]
    changed = "modified" in status or "modify_pending_order_items" in called or "exchange_delivered_order_items" in called
    return {"status": status if status in ("pending", "delivered") else "closed", "items_changed": "yes" if changed else "no"}
