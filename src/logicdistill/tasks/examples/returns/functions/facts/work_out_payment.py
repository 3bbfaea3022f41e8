def work_out_payment(
    price_cents: int, category: str, opened: bool, gift: bool
) -> dict[str, str | int]:
    """Work out how we pay, and how much for returned goods: the price less label and fee.

    Use when: in every state.
    Rules: 14, 15
    >>> work_out_payment(price_cents=4660, category="clothing", opened=True, gift=False)
    {'pay_as': 'refund', 'return_value_cents': 4165}
    >>> work_out_payment(price_cents=23990, category="electronics", opened=True, gift=False)
    {'pay_as': 'refund', 'return_value_cents': 19896}
    >>> work_out_payment(price_cents=2500, category="electronics", opened=True, gift=True)
    {'pay_as': 'store_credit', 'return_value_cents': 1505}
    >>> work_out_payment(price_cents=999, category="books", opened=False, gift=False)
    {'pay_as': 'refund', 'return_value_cents': 999}
    """
    label, fee = 495, 0
    if category == "electronics" and opened:
        fee = max(500, (price_cents * 15 + 50) // 100)  # 15 %, half a cent up
    kept = label + fee if price_cents >= 1000 else 0
    return {
        "pay_as": "store_credit" if gift else "refund",
        "return_value_cents": price_cents - kept,
    }
