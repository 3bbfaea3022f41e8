from typing import Any


def refund_damage(facts: dict[str, Any], price_cents: int) -> dict[str, str | int]:
    """Pay the full price for goods that came damaged; nothing is sent back.

    Use when: the goods came damaged, at most 7 days ago.
    When: intent == "came_damaged" and facts["status"] == "delivered"
        and facts["days_since_delivery"] <= 7
    Rules: 5, 15
    >>> refund_damage(facts={"pay_as": "refund"}, price_cents=1999)
    {'do': 'refund', 'amount_cents': 1999}
    >>> refund_damage(facts={"pay_as": "store_credit"}, price_cents=31500)
    {'do': 'store_credit', 'amount_cents': 31500}
    """
    return {"do": facts["pay_as"], "amount_cents": price_cents}
