def hand_over_threat() -> dict[str, str]:
    """Let a person answer a threat.

    Use when: the customer threatens with a lawyer, a court, the press or the authorities.
    When: intent == "makes_a_threat"
    Rules: 1
    >>> hand_over_threat()
    {'do': 'person', 'reason': 'threat'}
    """
    return {"do": "person", "reason": "threat"}
