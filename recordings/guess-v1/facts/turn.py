def turn(known: dict[str, int], answers: list[str]) -> dict[str, str]:
    """Which answer came last and how many numbers are left, in words.

    Use when: in every state.
    Rules: 2, 4
    >>> turn(known={"low": 1, "high": 100}, answers=[])
    {'last_answer': 'none yet', 'numbers_left': 'many'}
    >>> turn(known={"low": 51, "high": 52}, answers=["higher"])
    {'last_answer': 'higher', 'numbers_left': 'two'}
    >>> turn(known={"low": 7, "high": 7}, answers=["higher", "lower"])
    {'last_answer': 'lower', 'numbers_left': 'one'}
    """
    left = known["high"] - known["low"] + 1
    words = {1: "one", 2: "two"}
    amount = words[left] if left in words else "several" if left < 10 else "many"
    return {"last_answer": answers[-1] if answers else "none yet", "numbers_left": amount}
