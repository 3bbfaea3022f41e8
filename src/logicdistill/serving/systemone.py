"""``POST /v1/systemone``, as TypeSafe's clients speak it; the models are in `decisions`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from logicdistill.errors import QuestionError
from logicdistill.serving.bodies import Refused, object_of, taken
from logicdistill.serving.decisions import model_of
from logicdistill.serving.inputs import Said
from logicdistill.serving.questions import Answer, Answering, Asked
from logicdistill.serving.service import service_of
from logicdistill.serving.shown import Shown, beside, headers_of, tokens_read
from logicdistill.types import Decision, Json

router = APIRouter(default_response_class=Shown)

MOST_QUESTIONS, MOST_CHOICES = 400, 255

_PICTURES = "a picture is a data URL in a field of the state"


@router.post("/v1/systemone", tags=["systemone"], summary="TypeSafe's decision API")
async def systemone(request: Request) -> Response:
    """Answers to named questions about one state; ``model`` is a policy's name."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise Refused(415, f"send the request as JSON; {_PICTURES}")
    service, body = service_of(request), await object_of(request)
    if body.get("assets"):
        raise Refused(422, f"assets are not read; {_PICTURES}", param="assets")
    served = model_of(service, _taken(body, "model", str))
    questions = _questions(_taken(body, "questions", dict))
    said = Said()
    said.add(_taken(body, "state", (str, dict, list)))
    state = said.state(served.policy.task.state_schema)

    def use(answering: Answering) -> tuple[Decision, dict[str, Answer], int]:
        found = {name: _answered(answering, name, asked) for name, asked in questions.items()}
        decision = answering.decision
        return decision, found, tokens_read(answering.parts, decision)

    request_id = request.state.request_id
    decision, answers, tokens = await service.answering(served, state, request_id, use)
    shown = {
        name: {**_answer_json(questions[name], answer), "logicdistill": beside(decision, answer)}
        for name, answer in answers.items()
    }
    usage = {"input_tokens": tokens, "output_tokens": 0}
    found = {"model": served.name, "answers": shown, "usage": usage}
    return Shown(found, headers=headers_of(decision, answers.values()))


def _taken(body: dict[str, Json], name: str, kind: type | tuple[type, ...]) -> Json:
    """`taken`, with the status that this dialect's clients expect."""
    try:
        return taken(body, name, kind)
    except Refused as error:
        raise Refused(422, str(error), param=name) from None


def _questions(given: dict[str, Json]) -> dict[str, Asked]:
    if not 1 <= len(given) <= MOST_QUESTIONS:
        what = f"ask 1 to {MOST_QUESTIONS} questions; got {len(given)}"
        raise Refused(422, what, param="questions")
    return {name: _question(name, one, len(given) == 1) for name, one in given.items()}


def _question(name: str, given: Json, alone: bool) -> Asked:
    where = f"questions.{name}"
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "noul":
        return Asked("predicate", name, alone=alone)
    if kind == "box":
        raise Refused(422, "no policy here reads pictures, so it finds no box in one", param=where)
    if kind not in ("choice", "score"):
        what = "a question is an object whose type is noul, choice or score"
        raise Refused(422, what, param=where)
    criteria = given.get("criteria")
    wanted = dict if kind == "choice" else list
    if not isinstance(criteria, wanted) or not 1 <= len(criteria) <= MOST_CHOICES:
        form = "an object of choices" if kind == "choice" else "a list of levels"
        what = f"criteria is {form}, 1 to {MOST_CHOICES} of them"
        raise Refused(422, what, param=f"{where}.criteria")
    if isinstance(criteria, list):
        if not all(isinstance(one, str | dict | list) for one in criteria):
            what = "a level is text, an object or an array"
            raise Refused(422, what, param=f"{where}.criteria")
        return Asked("score", name, tuple(criteria), alone=alone)
    if not all(one is None or isinstance(one, str | dict | list) for one in criteria.values()):
        what = "a choice is described by text, an object, an array or null"
        raise Refused(422, what, param=f"{where}.criteria")
    words = tuple(one if isinstance(one, str) else None for one in criteria.values())
    return Asked("choice", name, tuple(criteria), alone=alone, descriptions=words)


def _answered(answering: Answering, name: str, asked: Asked) -> Answer:
    try:
        return answering.answer(asked)
    except QuestionError as error:
        where = f"questions.{name}.criteria"
        raise Refused(422, str(error), code="invalid_choices", param=where) from None


def _answer_json(asked: Asked, answer: Answer) -> dict[str, Json]:
    if answer.refusal is not None:
        return {"type": "refusal"}
    if asked.kind == "predicate":
        return {"type": "noul", "noul": answer.probability}
    if asked.kind == "choice":
        return {
            "type": "choice",
            "choice": asked.options[answer.index],
            "confidence": answer.confidence,
            "probabilities": dict(zip(asked.options, answer.shares, strict=True)),
        }
    return {
        "type": "score",
        "score": answer.score,
        "confidence": answer.confidence,
        "legend": {str(at): level for at, level in enumerate(asked.options)},
        "probabilities": {str(at): share for at, share in enumerate(answer.shares)},
    }
