def clean(defect: str) -> str:
    """A part without a defect passes.

    Use when: The part has no defect.
    When: defect == "good"
    Rules: 1

    >>> clean(defect="good")
    'pass'
    """
    return "pass"


def cracked(defect: str) -> str:
    """A cracked part is scrapped.

    Use when: The part has a crack.
    When: defect == "crack"
    Rules: 2

    >>> cracked(defect="crack")
    'scrap'
    """
    return "scrap"


def hole(defect: str, kind: str) -> str:
    """A missing hole can be drilled into a bracket.

    Use when: A hole is missing.
    When: defect == "missing_hole"
    Rules: 3

    >>> hole(defect="missing_hole", kind="bracket")
    'rework'
    """
    return "rework" if kind == "bracket" else "scrap"


def stained(defect: str, coated: bool) -> str:
    """A coat covers a stain.

    Use when: The part is stained.
    When: defect == "stain"
    Rules: 4

    >>> stained(defect="stain", coated=True)
    'pass'
    """
    return "pass" if coated else "rework"


def marked(defect: str, kind: str) -> str:
    """A scratch or a dent counts on a cover.

    Use when: The part has a scratch or a dent.
    When: defect in ("scratch", "dent")
    Rules: 5

    >>> marked(defect="dent", kind="cover")
    'rework'
    """
    return "rework" if kind == "cover" else "pass"
