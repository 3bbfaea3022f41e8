def refuse_final_sale() -> dict[str, str]:
    """Refuse to take back or exchange goods from a final sale.

    Use when: goods from a final sale should be returned or exchanged.
    When: final_sale and intent in ("wants_money_back", "wants_to_cancel", "wants_exchange")
    Rules: 9
    >>> refuse_final_sale()
    {'do': 'refuse', 'reason': 'final sale'}
    """
    return {"do": "refuse", "reason": "final sale"}
