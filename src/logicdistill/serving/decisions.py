"""``POST /v1/decisions`` and ``GET /v1/models``, as OpenAI's clients speak them.

A model is a policy. Questions are understood by their names and choices; instructions are for
models that read them, and no policy does.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import cast

from fastapi import APIRouter, Request, Response

from logicdistill.errors import QuestionError
from logicdistill.serving.bodies import Refused, object_of, taken
from logicdistill.serving.inputs import Said
from logicdistill.serving.questions import Answer, Answering, Asked, Kind
from logicdistill.serving.service import Served, Service, service_of
from logicdistill.serving.shown import Shown, beside, headers_of, tokens_read
from logicdistill.types import Decision, Json

router = APIRouter(default_response_class=Shown)

MOST_QUESTIONS, MOST_CHOICES = 400, 255

_MESSAGES = ("user", "developer", "system", "assistant")
_CALLS = ("function_call", "custom_tool_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output")
_TEXTS = ("input_text", "output_text")


def model_of(service: Service, name: str) -> Served:
    """The policy that a model's name means.

    Raises:
        Refused: there is none, with status 404.
    """
    if name not in service.served:
        known = ", ".join(service.served)
        raise Refused(
            404,
            f"there is no model {name[:120]!r} here; a model is a policy's name: {known}",
            code="model_not_found",
            param="model",
        )
    return service.named(name)


@router.post("/v1/decisions", tags=["decisions"], summary="OpenAI's decisions API")
async def decisions(request: Request) -> Response:
    """Answers to questions about one state; ``model`` is a policy's name."""
    service, body = service_of(request), await object_of(request)
    served = model_of(service, taken(body, "model", str))
    said = said_in(taken(body, "input", (str, list)))
    questions = questions_in(taken(body, "questions", list))
    state = said.state(served.policy.task.state_schema)

    def use(answering: Answering) -> tuple[Decision, list[Answer], int]:
        answers = [_answered(answering, at, one) for at, one in enumerate(questions)]
        decision = answering.decision
        return decision, answers, tokens_read(answering.parts, decision)

    request_id = request.state.request_id
    decision, answers, tokens = await service.answering(served, state, request_id, use)
    found = {
        "model": served.name,
        "answers": [
            {**_answer_json(asked, given), "logicdistill": beside(decision, given)}
            for asked, given in zip(questions, answers, strict=True)
        ],
        "usage": {
            "input_tokens": tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": tokens,
        },
    }
    return Shown(found, headers=headers_of(decision, answers))


@router.get("/v1/models", tags=["decisions"], summary="The policies as models")
async def models(request: Request) -> Response:
    """In one object, as OpenAI's clients (``data``) and TypeSafe's (``models``) read it."""
    service = service_of(request)
    rows = await service.in_thread(lambda: [_model(one) for one in service.served.values()])
    data = [
        {"id": name, "object": "model", "created": int(at.timestamp()), "owned_by": "logicdistill"}
        for name, _, at in rows
    ]
    listed = [
        {"name": name, "description": title, "release_date": at.date().isoformat()}
        for name, title, at in rows
    ]
    return Shown({"object": "list", "data": data, "models": listed})


@router.get("/v1/models/{model}", tags=["decisions"], summary="A policy as a model")
async def model(model: str, request: Request) -> Response:
    """As OpenAI's clients read it."""
    service = service_of(request)
    name, _, at = await service.in_thread(_model, model_of(service, model))
    created = int(at.timestamp())
    return Shown({"id": name, "object": "model", "created": created, "owned_by": "logicdistill"})


def _model(served: Served) -> tuple[str, str, datetime.datetime]:
    """Name, title, and when the base was last changed; the epoch where that is not known."""
    folder, at = served.policy.folder, datetime.datetime.fromtimestamp(0, datetime.UTC)
    if folder is not None and (entries := folder.journal()):
        at = datetime.datetime.fromisoformat(entries[-1]["time"])
    return served.name, served.policy.task.title, at


def said_in(given: str | list[Json]) -> Said:
    """What the input says; messages of the assistant and calls of tools say nothing of a state.

    Raises:
        Refused: an item or a part of an unknown kind.
    """
    said = Said()
    if isinstance(given, str):
        said.add(given)
        return said
    for at, item in enumerate(given):
        where = f"input[{at}]"
        if not isinstance(item, dict):
            raise Refused(400, f"{where} is an object", param=where)
        kind = item.get("type", "message")
        if kind in _CALLS:
            continue
        if kind in _OUTPUTS:
            _add(said, item.get("output"), f"{where}.output", reads_text=True)
        elif kind == "message" and item.get("role") in _MESSAGES:
            reads = item["role"] == "user"
            if item["role"] != "assistant":
                _add(said, item.get("content"), f"{where}.content", reads_text=reads)
        else:
            known = ", ".join(("message", *_CALLS, *_OUTPUTS))
            raise Refused(400, f"{where} has an unknown type or role; types: {known}", param=where)
    return said


def _add(said: Said, content: Json, where: str, *, reads_text: bool) -> None:
    """Take a message's content. Its plain text replaces that of earlier messages."""
    mine = Said()
    if isinstance(content, str):
        mine.add(content)
    elif isinstance(content, list):
        for at, part in enumerate(content):
            _add_part(mine, part, f"{where}[{at}]")
    else:
        raise Refused(400, f"{where} is text or a list of parts", param=where)
    said.fields.update(mine.fields)
    said.objects += mine.objects
    said.pictures += mine.pictures
    if reads_text and mine.texts:
        said.texts = mine.texts


def _add_part(said: Said, part: Json, where: str) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in _TEXTS and isinstance(part.get("text"), str):
        said.add(part["text"])
    elif kind == "input_json" and isinstance(part.get("data"), dict | list):
        said.add(part["data"])
    elif kind == "input_image":
        said.pictures.append(_picture(part, where))
    elif kind != "refusal":
        known = "input_text, input_json, output_text"
        raise Refused(400, f"{where} is no part of a message; types: {known}", param=where)


def _picture(part: Mapping[str, Json], where: str) -> str:
    """The data URL of a picture; nothing is fetched."""
    url = part.get("image_url")
    if not isinstance(url, str) or not url.startswith("data:"):
        raise Refused(
            400,
            f"{where}.image_url is a base64 data URL; this server fetches no picture",
            param=f"{where}.image_url",
        )
    return url


def questions_in(given: list[Json]) -> list[Asked]:
    """The questions.

    Raises:
        Refused: too few or too many, or one that breaks the form.
    """
    if not 1 <= len(given) <= MOST_QUESTIONS:
        raise Refused(
            400, f"ask 1 to {MOST_QUESTIONS} questions; got {len(given)}", param="questions"
        )
    return [_question(one, f"questions[{at}]", len(given) == 1) for at, one in enumerate(given)]


def _question(given: Json, where: str, alone: bool) -> Asked:
    if not isinstance(given, dict) or given.get("type") not in ("predicate", "choice", "score"):
        raise Refused(
            400, f"{where} is an object whose type is predicate, choice or score", param=where
        )
    kind, name = cast(Kind, given["type"]), given.get("name")
    if name is not None and not isinstance(name, str):
        raise Refused(400, f"{where}.name is text", param=f"{where}.name")
    said = given.get("instructions")
    parts = said if isinstance(said, list) else []
    if not isinstance(said, str | list) or not all(isinstance(one, dict) for one in parts):
        raise Refused(
            400, f"{where}.instructions is text or a list of parts", param=f"{where}.instructions"
        )
    if kind == "predicate":
        return Asked(kind, name, alone=alone)
    key, field = ("choices", "value") if kind == "choice" else ("levels", "label")
    kinds = str | bool if kind == "choice" else str
    listed = given.get(key)
    if not isinstance(listed, list) or not 2 <= len(listed) <= MOST_CHOICES:
        raise Refused(
            400, f"{where}.{key} is a list of 2 to {MOST_CHOICES}", param=f"{where}.{key}"
        )
    if not all(isinstance(one, dict) and isinstance(one.get(field), kinds) for one in listed):
        raise Refused(
            400, f"each of {where}.{key} is an object with {field!r}", param=f"{where}.{key}"
        )
    options = tuple(one[field] for one in listed)
    if len({(type(one), one) for one in options}) < len(options):
        raise Refused(400, f"{where}.{key} holds one of them twice", param=f"{where}.{key}")
    words = tuple(one.get("description") for one in listed)
    if kind == "choice":
        described = tuple(one if isinstance(one, str) else None for one in words)
        return Asked(kind, name, options, (), alone, described)
    complete = words if all(isinstance(one, str) for one in words) else ()
    return Asked(kind, name, options, complete, alone)


def _answered(answering: Answering, at: int, asked: Asked) -> Answer:
    try:
        return answering.answer(asked)
    except QuestionError as error:
        param = f"questions[{at}].{'levels' if asked.kind == 'score' else 'choices'}"
        raise Refused(400, str(error), code="invalid_choices", param=param) from None


def _answer_json(asked: Asked, answer: Answer) -> dict[str, Json]:
    if answer.refusal is not None:
        return {"type": "refusal", "name": asked.name}
    if asked.kind == "predicate":
        return {"type": "predicate", "name": asked.name, "probability": answer.probability}
    if asked.kind == "choice":
        shares = zip(asked.options, answer.shares, strict=True)
        return {
            "type": "choice",
            "name": asked.name,
            "choice": asked.options[answer.index],
            "confidence": answer.confidence,
            "probabilities": [{"value": one, "probability": share} for one, share in shares],
        }
    levels = enumerate(zip(asked.options, answer.shares, strict=True))
    return {
        "type": "score",
        "name": asked.name,
        "score": answer.score,
        "confidence": answer.confidence,
        "probabilities": [
            {"label": label, "value": at, "probability": share} for at, (label, share) in levels
        ],
    }
