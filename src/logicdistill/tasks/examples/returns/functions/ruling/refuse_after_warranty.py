def refuse_after_warranty() -> dict[str, str]:
    """Refuse the exchange of a faulty item whose warranty is over.

    Use when: the item has a fault, or damage reported late, and the warranty is over.
    When: intent in ("has_a_fault", "came_damaged") and facts["status"] == "delivered"
        and facts["days_since_delivery"] > facts["warranty_days"]
    Rules: 7
    >>> refuse_after_warranty()
    {'do': 'refuse', 'reason': 'warranty over'}
    """
    return {"do": "refuse", "reason": "warranty over"}
