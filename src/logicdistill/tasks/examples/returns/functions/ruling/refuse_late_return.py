def refuse_late_return() -> dict[str, str]:
    """Refuse a return or an exchange that comes too late.

    Use when: a return or an exchange is wanted more than 60 days after the delivery.
    When: intent in ("wants_money_back", "wants_to_cancel", "wants_exchange")
        and facts["status"] == "delivered" and facts["days_since_delivery"] > 60
    Rules: 13
    >>> refuse_late_return()
    {'do': 'refuse', 'reason': 'too late'}
    """
    return {"do": "refuse", "reason": "too late"}
