from typing import Any


def give_store_credit(facts: dict[str, Any]) -> dict[str, str | int]:
    """Take the goods back for store credit.

    Use when: a return or an exchange is wanted after the days for returns, by day 60.
    When: intent in ("wants_money_back", "wants_to_cancel", "wants_exchange")
        and facts["status"] == "delivered"
        and facts["return_days"] < facts["days_since_delivery"] <= 60
    Rules: 12, 14
    >>> give_store_credit(facts={"return_value_cents": 4165})
    {'do': 'store_credit', 'amount_cents': 4165}
    """
    return {"do": "store_credit", "amount_cents": facts["return_value_cents"]}
