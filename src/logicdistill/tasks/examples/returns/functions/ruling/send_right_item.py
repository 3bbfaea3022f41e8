def send_right_item() -> dict[str, str]:
    """Exchange a wrong item for the right one, at our cost.

    Use when: another item came than the one ordered.
    When: intent == "got_wrong_item"
    Rules: 6
    >>> send_right_item()
    {'do': 'exchange', 'label_paid_by': 'shop'}
    """
    return {"do": "exchange", "label_paid_by": "shop"}
