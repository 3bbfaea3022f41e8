def what_was_told(answers: list[str]) -> dict[str, str]:
    """Say in which direction the last answer points.

    Use when: in every state.
    Rules: 4
    >>> what_was_told(answers=[])
    {'told': 'nothing'}
    >>> what_was_told(answers=['higher', 'higher', 'higher', 'lower'])
    {'told': 'go down'}
    >>> what_was_told(answers=['higher', 'higher'])
    {'told': 'go up'}
    """
    if not answers:
        return {"told": "nothing"}
    return {"told": "go up" if answers[-1] == "higher" else "go down"}
