def weigh_against_timid_dealer(player_total: int, usable_ace: bool, dealer_card: int, notices: dict[str, int]) -> str:
    """Work out whether one more card is worth more than stopping, against a dealer who stops at another sum.

    Use when: the dealer stops drawing at another sum.
    When: "dealer_stands" in notices
    Rules: 3, 5, 6, 7
    Replaces: draw_against_strong_dealer, draw_without_risk, improve_soft_hand, keep_soft_high, stand_on_high_total, wait_for_dealer_to_bust, weigh_soft_eighteen, weigh_twelve
    >>> weigh_against_timid_dealer(player_total=12, usable_ace=False, dealer_card=5, notices={"dealer_stands": 14})
    'hit'
    >>> weigh_against_timid_dealer(player_total=18, usable_ace=True, dealer_card=9, notices={"dealer_stands": 14})
    'hit'
    >>> weigh_against_timid_dealer(player_total=20, usable_ace=False, dealer_card=1, notices={"dealer_stands": 14})
    'stick'
    """
    limit = 21
    sums = dealer_sums(dealer_card, limit, notices["dealer_stands"])
    drawn = drawing(player_total, usable_ace, sums, limit)
    return "hit" if drawn > standing(player_total, sums, limit) else "stick"
