from datetime import date


def count_days(
    today: str, delivered_on: str | None, returned_on: str | None
) -> dict[str, int | None]:
    """Count the days since the delivery and since the return; the day itself counts as 0.

    Use when: in every state.
    Rules: 5, 7, 8, 11, 12, 13
    >>> count_days(today="2026-03-15", delivered_on="2026-03-01", returned_on=None)
    {'days_since_delivery': 14, 'days_since_return': None}
    >>> count_days(today="2024-03-01", delivered_on="2024-02-14", returned_on="2024-02-28")
    {'days_since_delivery': 16, 'days_since_return': 2}
    >>> count_days(today="2026-01-02", delivered_on=None, returned_on=None)
    {'days_since_delivery': None, 'days_since_return': None}
    """

    def since(day: str | None) -> int | None:
        return None if day is None else (date.fromisoformat(today) - date.fromisoformat(day)).days

    return {
        "days_since_delivery": since(delivered_on),
        "days_since_return": since(returned_on),
    }
