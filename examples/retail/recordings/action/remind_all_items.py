def remind_all_items(checks: dict[str, str]) -> dict[str, str]:
    """Remind the customer to confirm that all items to be changed are named.

    Use when: the obstacle is: reminder due.
    When: checks["obstacle"] == "reminder due"
    Rules: 19, 29, 38
    >>> remind_all_items(checks={'request': 'change items', 'obstacle': 'reminder due'})
    {'tool': 'reply', 'kind': 'remind_all_items'}
    >>> remind_all_items(checks={'request': 'exchange items', 'obstacle': 'reminder due'})
    {'tool': 'reply', 'kind': 'remind_all_items'}
    """
    return {"tool": "reply", "kind": "remind_all_items"}
