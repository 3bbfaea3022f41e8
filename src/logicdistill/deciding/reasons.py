"""Fixed sentences in the place of reasons that may hold what a state's fields hold.

A reason of a stage begins with words of `deciding.stage` or `deciding.standing`; they give its
kind. What stands behind them came from a function, a condition, or the check of an action, and may
be any text. So no part of a reason is kept: a kind that is read wrongly tells no more than another.
"""

from __future__ import annotations

import builtins
import re

LEFT_OUT = "[redacted]"
"""Says that a reason was left out."""

WHY = f"the student does not say which function is right {LEFT_OUT}"

_MISSING = "it needs a result that is missing"

_OF_STAGES = (
    (r"no function of stage {} fits this state", "no function fits this state"),
    (r"not sure enough in stage {}", "no function is sure enough"),
    (r"every candidate of stage {} failed", "every function that was tried failed"),
    (r"\w+ of stage {} failed: ", "every function that was tried failed"),
    (r"no 'When:' of stage {} holds", "no 'When:' holds"),
    (r"the 'When:' of \w+ cannot be evaluated", "a 'When:' cannot be evaluated"),
    (r"stage {} reads '\w+', which is missing", _MISSING),
    (r"\w+ of stage {} cannot be a candidate: ", _MISSING),
    (r"\w+ cannot decide: ", _MISSING),
    (r"\w+ and \w+ give different values of ", "two functions give a fact different values"),
    (r"\w+ and \w+ both hold in stage {}", "two functions that hold give different results"),
    (r"\w+ failed: ", "the function failed"),
)
"""How reasons of stages begin, with the stage's name in the place of ``{}``; and their kinds."""

_OF_FUNCTIONS = (
    (r"its 'When:' does not hold", "its 'When:' does not hold"),
    (r"its 'When:' cannot be evaluated", "its 'When:' cannot be evaluated"),
    (r"it takes '\w+', which is ", _MISSING),
    (r"TimeoutError: more than [\d.]+ s", "it took too long"),
    (r"worker lost", "its process was lost"),
    (r"did not return a dict", "it did not return a dict"),
)

_ERRORS = frozenset(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
)


def stage_kind(reason: str, stage: str) -> str:
    """Of which kind the reason is why a stage of this name has no result."""
    name = re.escape(repr(stage))
    for begin, kind in _OF_STAGES:
        if re.match(begin.replace("{}", name), reason):
            return kind
    return "it has no result"


def failure_kind(reason: str) -> str:
    """A fixed sentence on why a function failed; a built-in exception is named."""
    for begin, kind in _OF_FUNCTIONS:
        if re.match(begin, reason):
            return f"{kind} {LEFT_OUT}"
    error = reason.partition(":")[0]
    kind = f"it raised {error}" if error in _ERRORS else "it failed, or gave no allowed action"
    return f"{kind} {LEFT_OUT}"
