def weigh_under_higher_limit(player_total: int, usable_ace: bool, dealer_card: int, notices: dict[str, int]) -> str:
    """Work out whether one more card is worth more than stopping, with the limit that holds now.

    Use when: the limit of the sums has changed.
    When: "limit" in notices
    Rules: 2, 3, 5, 6, 7
    Replaces: draw_against_strong_dealer, draw_without_risk, improve_soft_hand, keep_soft_high, stand_on_high_total, wait_for_dealer_to_bust, weigh_soft_eighteen, weigh_twelve
    >>> weigh_under_higher_limit(player_total=14, usable_ace=False, dealer_card=5, notices={"limit": 23})
    'hit'
    >>> weigh_under_higher_limit(player_total=17, usable_ace=False, dealer_card=10, notices={"limit": 23})
    'hit'
    >>> weigh_under_higher_limit(player_total=21, usable_ace=False, dealer_card=6, notices={"limit": 23})
    'stick'
    """
    limit = notices["limit"]
    sums = dealer_sums(dealer_card, limit, 17)
    drawn = drawing(player_total, usable_ace, sums, limit)
    return "hit" if drawn > standing(player_total, sums, limit) else "stick"
