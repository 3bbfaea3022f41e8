def exchange_under_warranty() -> dict[str, str]:
    """Exchange a faulty item under warranty, at our cost.

    Use when: the item has a fault, or damage reported late, and the warranty still lasts.
    When: intent in ("has_a_fault", "came_damaged") and facts["status"] == "delivered"
        and facts["days_since_delivery"] <= facts["warranty_days"]
    Rules: 5, 7
    >>> exchange_under_warranty()
    {'do': 'exchange', 'label_paid_by': 'shop'}
    """
    return {"do": "exchange", "label_paid_by": "shop"}
