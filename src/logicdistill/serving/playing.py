"""Episodes of a game that a policy plays, with its reasons; nothing is logged."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position, Turn, play
from logicdistill.policy import Policy
from logicdistill.protocols import Task
from logicdistill.serving.bodies import Refused, check_fields, object_of, taken
from logicdistill.serving.service import service_of
from logicdistill.serving.shown import Shown
from logicdistill.tasks.records import RecordTask
from logicdistill.types import Json

router = APIRouter(default_response_class=Shown, tags=["deciding"])

LARGEST_SEED = 2**31 - 1


@router.post("/policies/{name}/play", summary="Play an episode of a game; not logged")
async def play_one(name: str, request: Request) -> Response:
    """Each turn with its state, its action and the reasons, and whether the episode succeeded."""
    service = service_of(request)
    served, body = await service.current(name), await object_of(request)
    check_fields(body, ("seed",))
    seed = taken(body, "seed", int, 0)
    if not 0 <= seed <= LARGEST_SEED:
        raise Refused(400, f"seed is a whole number from 0 to {LARGEST_SEED}; got {seed}")
    if isinstance(served.policy.task, RecordTask):
        what = f"the task of {name!r} is no game, so there is no episode to play"
        raise Refused(409, f"{what}; decide its states instead")
    return Shown(await service.in_changing(episode, served.policy, seed))


def episode(policy: Policy, seed: int) -> dict[str, Json]:
    """One episode by the base in force."""
    parts = policy.parts

    def player(positions: Sequence[Position]) -> list[Move]:
        found = decide(parts, [position.state for position in positions])
        return [(one.action, one) for one in found]

    [played] = play(parts.task, player, [seed])
    turns = [_shown(parts.task, turn) for turn in played.turns]
    return {"seed": seed, "success": played.success, "total": played.total, "turns": turns}


def _shown(task: Task, turn: Turn) -> dict[str, Json]:
    shown = {"state": turn.state, "shown": task.render(turn.state), "action": turn.action}
    decision = turn.decision
    assert decision is not None
    return {
        **shown,
        "reward": turn.reward,
        "confidence": decision.confidence,
        "fallback": decision.fallback,
        "explanation": decision.explain(),
    }
