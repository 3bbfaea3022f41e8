from typing import Any


def refund_in_time(facts: dict[str, Any]) -> dict[str, str | int]:
    """Take the goods back, and pay the price less label and fee.

    Use when: a return is wanted within the days for returns.
    When: intent in ("wants_money_back", "wants_to_cancel") and facts["status"] == "delivered"
        and facts["days_since_delivery"] <= facts["return_days"]
    Rules: 4, 11, 14, 15
    >>> refund_in_time(facts={"pay_as": "refund", "return_value_cents": 4165})
    {'do': 'refund', 'amount_cents': 4165}
    >>> refund_in_time(facts={"pay_as": "store_credit", "return_value_cents": 999})
    {'do': 'store_credit', 'amount_cents': 999}
    """
    return {"do": facts["pay_as"], "amount_cents": facts["return_value_cents"]}
