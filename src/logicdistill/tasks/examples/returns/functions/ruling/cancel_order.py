from typing import Any


def cancel_order(facts: dict[str, Any], price_cents: int) -> dict[str, str | int]:
    """Cancel the order, and pay the full price back.

    Use when: the order is no longer wanted and has not been shipped.
    When: intent in ("wants_to_cancel", "wants_money_back") and facts["status"] == "not shipped"
    Rules: 3, 15
    >>> cancel_order(facts={"status": "not shipped", "pay_as": "refund"}, price_cents=4660)
    {'do': 'refund', 'amount_cents': 4660}
    """
    return {"do": facts["pay_as"], "amount_cents": price_cents}
