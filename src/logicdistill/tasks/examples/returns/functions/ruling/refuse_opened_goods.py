def refuse_opened_goods() -> dict[str, str]:
    """Refuse to take back or exchange opened software or cosmetics.

    Use when: opened software or opened cosmetics should be returned or exchanged.
    When: opened and category in ("software", "cosmetics")
        and intent in ("wants_money_back", "wants_to_cancel", "wants_exchange")
    Rules: 10
    >>> refuse_opened_goods()
    {'do': 'refuse', 'reason': 'opened'}
    """
    return {"do": "refuse", "reason": "opened"}
