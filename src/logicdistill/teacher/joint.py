"""Requests that go out together: labels of one stage and the same candidates, many in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from logicdistill.protocols import Joint, Request

TOGETHER = 15
"""Texts of one request for labels at most."""

MOST_CHARACTERS = 12_000
"""Of these texts together, unless one alone is longer."""


def bundles(requests: Iterable[Request], most: int = TOGETHER) -> list[list[Request]]:
    """The requests in bundles, each of which goes out as one, in the order of their first ones.

    Args:
        requests: distinct ones.
        most: of a bundle.
    """
    found: list[list[Request]] = []
    filling: dict[object, list[Request]] = {}
    for request in requests:
        joint = request.joint
        bundle = filling.get(joint.key) if joint else None
        if joint is None or bundle is None or not _fits(bundle, joint, most):
            found.append(bundle := [])
            if joint:
                filling[joint.key] = bundle
        bundle.append(request)
    return found


def joined(bundle: Sequence[Request], faults: Sequence[str] = ()) -> Request:
    """The request for a bundle; ``faults`` says why each one's last answer was unusable, or ""."""
    first = bundle[0]
    if first.joint is None or len(bundle) == 1:
        return first
    texts = [request.joint.text for request in bundle if request.joint]
    return first.joint.request(list(zip(texts, faults or [""] * len(texts), strict=True)))


def _fits(bundle: Sequence[Request], joint: Joint, most: int) -> bool:
    there = sum(len(request.joint.text) for request in bundle if request.joint)
    return len(bundle) < most and there + len(joint.text) <= MOST_CHARACTERS
