from typing import Any


def pay_late_refund(facts: dict[str, Any]) -> dict[str, str | int]:
    """Pay a refund that is due.

    Use when: the customer asks for the money, and the goods came back 10 or more days ago.
    When: intent in ("awaits_refund", "wants_money_back") and facts["status"] == "returned"
        and facts["days_since_return"] >= 10
    Rules: 8, 14, 15
    >>> pay_late_refund(facts={"pay_as": "refund", "return_value_cents": 4165})
    {'do': 'refund', 'amount_cents': 4165}
    """
    return {"do": facts["pay_as"], "amount_cents": facts["return_value_cents"]}
