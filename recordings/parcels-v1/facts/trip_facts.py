def trip_facts(country: str, declared: bool, express: bool) -> dict[str, str]:
    """Say where the item goes, whether its customs papers are there, and how fast it has to be.

    Use when: always.
    Rules: 2, 3, 5
    >>> trip_facts(country="inland", declared=False, express=True)
    {'destination': 'inland', 'customs': 'not needed', 'speed': 'express'}
    >>> trip_facts(country="abroad", declared=False, express=False)
    {'destination': 'abroad', 'customs': 'missing', 'speed': 'normal'}
    >>> trip_facts(country="abroad", declared=True, express=False)
    {'destination': 'abroad', 'customs': 'in order', 'speed': 'normal'}
    """
    customs = "not needed" if country == "inland" else "in order" if declared else "missing"
    return {"destination": country, "customs": customs, "speed": "express" if express else "normal"}
