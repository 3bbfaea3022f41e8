from typing import Any


def check_reason_and_address(details: dict[str, Any]) -> dict[str, str]:
    """Say whether one of the two reasons for a cancellation is given, and whether an address is.

    Use when: in every state.
    Rules: 21
    >>> check_reason_and_address(details={"reason": "no longer needed", "address": ""})
    {'reason': 'given', 'address': 'missing'}
    >>> check_reason_and_address(details={"reason": "found it cheaper", "address": "1 Elm Road"})
    {'reason': 'missing', 'address': 'given'}
    >>> check_reason_and_address(details={"reason": "ordered by mistake", "address": ""})
    {'reason': 'given', 'address': 'missing'}
    """
    given = details["reason"] in ("no longer needed", "ordered by mistake")
    return {"reason": "given" if given else "missing", "address": "given" if details["address"] else "missing"}
