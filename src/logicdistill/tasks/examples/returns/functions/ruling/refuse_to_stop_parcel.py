def refuse_to_stop_parcel() -> dict[str, str]:
    """Refuse to stop a parcel that has left the warehouse.

    Use when: the order is no longer wanted and is on its way.
    When: intent in ("wants_to_cancel", "wants_money_back") and facts["status"] == "on its way"
    Rules: 4
    >>> refuse_to_stop_parcel()
    {'do': 'refuse', 'reason': 'on its way'}
    """
    return {"do": "refuse", "reason": "on its way"}
