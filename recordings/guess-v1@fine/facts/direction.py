def direction(answers: list[str]) -> dict[str, str]:
    """Where the last answer points.

    Use when: in every state.
    Rules: 4
    >>> direction(answers=[])
    {'direction': 'open'}
    >>> direction(answers=['higher', 'higher', 'higher', 'higher'])
    {'direction': 'up'}
    >>> direction(answers=['higher', 'lower'])
    {'direction': 'down'}
    """
    if len(answers) == 0:
        return {"direction": "open"}
    return {"direction": {"higher": "up", "lower": "down"}[answers[-1]]}
