def turn_of_turned_answers(known: dict[str, int], answers: list[str], notices: dict[str, int]) -> dict[str, str]:
    """What the last answer means and how many numbers are left, in words, where the later answers mean the opposite.

    Use when: answers mean the opposite from some answer on.
    When: "turned_from" in notices
    Rules: 2, 4
    Replaces: turn
    >>> turn_of_turned_answers(known={"low": 1, "high": 100}, answers=[], notices={"turned_from": 0})
    {'last_answer': 'none yet', 'numbers_left': 'many'}
    >>> turn_of_turned_answers(known={"low": 51, "high": 52}, answers=["lower"], notices={"turned_from": 0})
    {'last_answer': 'higher', 'numbers_left': 'two'}
    >>> turn_of_turned_answers(known={"low": 51, "high": 100}, answers=["higher"], notices={"turned_from": 1})
    {'last_answer': 'higher', 'numbers_left': 'many'}
    """
    left = known["high"] - known["low"] + 1
    words = {1: "one", 2: "two"}
    amount = words[left] if left in words else "several" if left < 10 else "many"
    if not answers:
        return {"last_answer": "none yet", "numbers_left": amount}
    higher = (answers[-1] == "higher") == (len(answers) <= notices["turned_from"])
    return {"last_answer": "higher" if higher else "lower", "numbers_left": amount}
