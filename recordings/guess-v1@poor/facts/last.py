def last(answers: list[str]) -> dict[str, str]:
    """Gives the answer.

    Use when: always.
    Rules: 4
    >>> last(answers=[])
    {'answer': 'no'}
    """
    return {"answer": answers[-1] if answers else "no"}
