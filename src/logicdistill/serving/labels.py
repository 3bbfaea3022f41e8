"""A person's labels: the right action for a state; ``labels.jsonl`` in a run.

The impact of a change counts them (`logicdistill.writing.labelled`). No training reads them by
itself: their lines, less ``by`` and ``time``, are lines of a task's ``states.jsonl``.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path

import filelock
from fastapi import APIRouter, Request, Response

from logicdistill.errors import StorageError
from logicdistill.files import append_lines
from logicdistill.policy import Policy
from logicdistill.protocols import Task
from logicdistill.serving.bodies import Refused, check_fields, object_of, taken
from logicdistill.serving.changing import signature
from logicdistill.serving.logged import newest
from logicdistill.serving.service import Served, service_of
from logicdistill.serving.shown import Shown
from logicdistill.tasks.schema import check_state
from logicdistill.types import Json, same
from logicdistill.writing.labelled import LABELS

router = APIRouter(default_response_class=Shown, tags=["labels"])

MOST_LABELS = 1000
"""Labels that one request gets, and logged decisions among which a labelled one is looked for."""

LOCK_SECONDS = 10
"""Seconds that a writer waits for the lock."""


@router.get("/policies/{name}/labels", summary="The last labels that people gave")
async def labels(name: str, request: Request) -> Response:
    """The newest first, a thousand at most."""
    service = service_of(request)
    policy = service.named(name).policy
    file = labels_of(policy)
    found = await service.in_thread(newest, file, MOST_LABELS) if file else []
    return Shown({"keeps": file is not None, "labels": found})


@router.post("/policies/{name}/labels", summary="Say which action is right for a state")
async def label(name: str, request: Request) -> Response:
    """Keep a label. Where the state was logged, the label has it as it was logged."""
    service = service_of(request)
    body = await object_of(request)
    check_fields(body, ("state", "action", "by"))
    state, by = taken(body, "state", dict), taken(body, "by", str, None)
    if "action" not in body:
        raise Refused(400, "the field 'action' is missing", param="action")
    served = service.named(name)
    signed = signature(by, request.state.key)
    line = await service.in_changing(_kept, served, state, body["action"], signed)
    return Shown({"label": line}, 201)


def labels_of(policy: Policy) -> Path | None:
    """The file of a policy's labels; None where it has no run."""
    return policy.folder.path.parent / LABELS if policy.folder else None


def _kept(served: Served, state: dict[str, Json], action: Json, by: str) -> dict[str, Json]:
    policy = served.policy
    file = labels_of(policy)
    if file is None:
        what = f"the policy {served.name!r} is a packed file, which keeps no labels"
        raise Refused(409, f"{what}; serve the run's folder")
    if policy.log_options.hides:
        why = "a label keeps the whole state, and the log leaves fields of it out"
        raise Refused(409, f"{why}; serve without --log-redact and --log-hash to label")
    filled = check_state(policy.task, state)
    if (fault := illegal(policy.task, filled, action)) is not None:
        raise Refused(422, f"no action of this task: {fault}", param="action")
    line = {
        "state": _as_logged(policy, state) or filled,
        "action": action,
        "by": by,
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    lock = filelock.FileLock(file.with_name(f".{file.name}.lock"), timeout=LOCK_SECONDS)
    try:
        with lock:
            append_lines(file, [json.dumps(line, ensure_ascii=False)])
    except filelock.Timeout:
        held = f"another process has held its lock for {LOCK_SECONDS} s"
        raise StorageError(f"cannot write {file}: {held}; end it and try again") from None
    return line


def illegal(task: Task, state: Mapping[str, Json], action: Json) -> str | None:
    """Why an action is none of the task in that state; the fallback always is one."""
    if same(action, task.fallback(state)):
        return None
    try:
        return task.illegal(state, action)
    except (TypeError, KeyError, ValueError) as error:
        # A game's own check may take the kind of its actions for granted.
        return f"{json.dumps(action)[:80]} is of another kind ({type(error).__name__})"


def _as_logged(policy: Policy, state: dict[str, Json]) -> dict[str, Json] | None:
    """The logged state that this one came from: a browser writes 1.0 as 1."""
    lines = newest(policy.log, MOST_LABELS) if policy.log else []
    found = (line.get("state") for line in lines if isinstance(line, dict))
    return next((one for one in found if same(one, state)), None)
