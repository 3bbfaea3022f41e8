def exchange_in_time() -> dict[str, str]:
    """Exchange the item for another size or colour; the customer pays the label.

    Use when: an exchange is wanted within the days for returns.
    When: intent == "wants_exchange" and facts["status"] == "delivered"
        and facts["days_since_delivery"] <= facts["return_days"]
    Rules: 11
    >>> exchange_in_time()
    {'do': 'exchange', 'label_paid_by': 'customer'}
    """
    return {"do": "exchange", "label_paid_by": "customer"}
