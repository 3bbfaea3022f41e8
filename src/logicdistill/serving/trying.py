"""States to try a policy on, and a decision explained in words; neither is logged."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from logicdistill.deciding.decide import decide
from logicdistill.errors import InvalidStateError
from logicdistill.policy import Policy
from logicdistill.protocols import Task
from logicdistill.serving.bodies import Refused, check_fields, limit_of, object_of, taken
from logicdistill.serving.service import service_of
from logicdistill.serving.shown import Shown, decision_json, headers_of
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.schema import check_state
from logicdistill.types import Json

router = APIRouter(default_response_class=Shown, tags=["deciding"])

MOST_EXAMPLES = 200
"""Example states that one request gets at most."""

BEGINNINGS = 8
"""Episodes of an environment whose first states are examples."""


@router.get("/policies/{name}/examples", summary="States to try the policy on")
async def examples(name: str, request: Request) -> Response:
    """Recorded states with their right actions, drawn evenly; or first states of episodes.

    Empty for a packed policy of a folder: it was packed without its states.
    """
    service = service_of(request)
    limit = limit_of(request, 40, MOST_EXAMPLES)
    task = service.named(name).policy.task
    return Shown({"examples": await service.in_thread(states_of, task, limit)})


def states_of(task: Task, most: int) -> list[dict[str, Json]]:
    """``{"id", "state"}`` each, and ``action`` where the right one is recorded."""
    if not isinstance(task, RecordTask):
        from logicdistill.evaluation.evaluate import first_state

        seeds = range(min(most, BEGINNINGS))
        return [{"id": f"episode {seed}", "state": first_state(task, seed)} for seed in seeds]
    if not task.has_states:
        named = enumerate(task.settings.samples[:most], start=1)
        return [{"id": f"sample {number}", "state": state} for number, state in named]
    records = task.records
    step = max(1, -(-len(records) // most))
    return [
        {"id": one.id, "state": one.state, **({"action": one.action} if one.known else {})}
        for one in records[::step]
    ]


@router.post("/policies/{name}/explain", summary="Decide one state and say why; not logged")
async def explain(name: str, request: Request) -> Response:
    """What ``decide`` answers, with the state as it was filled in, marks, and reasons in words."""
    service = service_of(request)
    served, body = await service.current(name), await object_of(request)
    check_fields(body, ("state",))
    found, headers = await service.in_thread(explained, served.policy, taken(body, "state", dict))
    return Shown(found, headers=headers)


def explained(policy: Policy, given: Json) -> tuple[dict[str, Json], dict[str, str]]:
    """A decision by the base in force, and its headers; raises `InvalidStateError`."""
    parts = policy.parts
    try:
        state = check_state(parts.task, given)
    except InvalidStateError as error:
        raise Refused(422, str(error)) from None
    [decision] = decide(parts, [state])
    beside = {"state": state, "marks": list(decision.marks), "explanation": decision.explain()}
    return {**decision_json(decision), **beside}, headers_of(decision)
