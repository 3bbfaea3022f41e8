def refuse_late_claim(days_ago: int) -> str:
    """Refuse a claim that comes too late.

    Use when: the expense is more than 90 days ago.
    When: days_ago > 90
    Rules: 1
    >>> refuse_late_claim(days_ago=91)
    'refuse'
    """
    return "refuse"


def ask_the_manager(amount_eur: float, receipt: bool) -> str:
    """Let the manager decide.

    Use when: the amount is above 500 euros, or there is no receipt.
    When: amount_eur > 500 or not receipt
    Rules: 2
    >>> ask_the_manager(amount_eur=500.01, receipt=True)
    'manager'
    >>> ask_the_manager(amount_eur=12.5, receipt=False)
    'manager'
    """
    return "manager"


def approve(amount_eur: float) -> str:
    """Pay the expense.

    Use when: no other rule fits.
    Rules: 3
    >>> approve(amount_eur=500)
    'approve'
    """
    return "approve"
