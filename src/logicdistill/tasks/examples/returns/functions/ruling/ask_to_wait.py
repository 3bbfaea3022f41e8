from typing import Any


def ask_to_wait(facts: dict[str, Any]) -> dict[str, str | int]:
    """Ask the customer to wait until the refund is due.

    Use when: the customer asks for the money, and the goods came back less than 10 days ago.
    When: intent in ("awaits_refund", "wants_money_back") and facts["status"] == "returned"
        and facts["days_since_return"] < 10
    Rules: 8
    >>> ask_to_wait(facts={"status": "returned", "days_since_return": 7})
    {'do': 'wait', 'days': 3}
    """
    return {"do": "wait", "days": 10 - facts["days_since_return"]}
