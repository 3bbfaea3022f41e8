"""Many callers' states are decided together, and each caller gets its own answer."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.serving.conftest import HEAVY, LIGHT

from logicdistill.errors import InvalidStateError
from logicdistill.policy import Policy
from logicdistill.serving.batching import Batcher


def together(parcels: Policy, states: list[Any]) -> tuple[list[Any], list[int]]:
    """What the callers get, and how many states each call of the policy had."""
    sizes = list[int]()
    decide_many = parcels.decide_many

    def counted(states: Any, *given: Any, **named: Any) -> Any:
        sizes.append(len(states))
        return decide_many(states, *given, **named)

    parcels.decide_many = counted  # type: ignore[method-assign]

    async def ask() -> list[Any]:
        with ThreadPoolExecutor(2) as pool:
            batcher = Batcher(parcels, pool)
            asked = (batcher.decide(state) for state in states)
            return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(ask()), sizes


def test_what_waits_is_decided_together(parcels: Policy) -> None:
    found, sizes = together(parcels, [HEAVY, LIGHT] * 50)
    assert [one.action for one in found] == ["freight", "post"] * 50
    assert sum(sizes) == 100
    assert len(sizes) < 10


def test_a_state_that_does_not_fit_is_its_caller_s_error_alone(parcels: Policy) -> None:
    found, _ = together(parcels, [HEAVY, {"weight_kg": "much"}, LIGHT])
    assert [getattr(one, "action", None) for one in found] == ["freight", None, "post"]
    assert isinstance(found[1], InvalidStateError)
    assert str(found[1]).startswith("field 'weight_kg'")


def test_a_caller_that_goes_away_holds_up_nobody(parcels: Policy) -> None:
    async def ask() -> Any:
        with ThreadPoolExecutor(2) as pool:
            batcher = Batcher(parcels, pool)
            gone = asyncio.create_task(batcher.decide(HEAVY))
            stays = asyncio.create_task(batcher.decide(LIGHT))
            await asyncio.sleep(0)
            gone.cancel()
            with pytest.raises(asyncio.CancelledError):
                await gone
            return await stays

    assert asyncio.run(ask()).action == "post"
