"""Decisions, policies and functions as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from fastapi import Response

from logicdistill.deciding.parts import Parts
from logicdistill.functions.helpers import is_helper
from logicdistill.serving.questions import Answer, enum_of
from logicdistill.serving.service import Served
from logicdistill.types import HELPERS, Choice, Decision, Function, Json, Step

SNAPSHOT_HEADER, RULES_HEADER = "x-logicdistill-snapshot", "x-logicdistill-rules"

OPEN_HEADER = "x-logicdistill-open"
"""Places, from 1, of the questions that were answered from their options' words alone."""


class Shown(Response):
    """JSON, its letters as they are."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """See `fastapi.Response`."""
        return json_bytes(content)


def json_bytes(value: Json) -> bytes:
    """A value as JSON in UTF-8; half of a Unicode character is escaped."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def decision_json(decision: Decision) -> dict[str, Json]:
    """The object that ``logicdistill decide`` prints; `dataclasses.asdict` copies more."""
    return {
        "action": decision.action,
        "confidence": decision.confidence,
        "fallback": decision.fallback,
        "trace": [_step_json(step) for step in decision.trace],
        "snapshot": decision.snapshot,
        "written": decision.written,
        "cited": {str(number): rule for number, rule in decision.cited.items()},
    }


def _step_json(step: Step) -> dict[str, Json]:
    return {
        "stage": step.stage,
        "view": step.view,
        "choice": None if step.choice is None else _choice_json(step.choice),
        "function": step.function,
        "rules": step.rules,
        "outcome": {"value": step.outcome.value, "error": step.outcome.error},
        "failed": dict(step.failed),
        "ran": [
            {"name": one.name, "summary": one.summary, "rules": one.rules, "told": one.told}
            for one in step.ran
        ],
        "sure": step.sure,
    }


def _choice_json(choice: Choice) -> dict[str, Json]:
    ranked = [{"name": one.name, "probability": one.probability} for one in choice.ranked]
    return {"ranked": ranked, "none": choice.none, "why": choice.why}


def headers_of(decision: Decision, answers: Iterable[Answer] = ()) -> dict[str, str]:
    """The snapshot that decided, the numbers of the rules cited, and which answers are open ones.

    ``answers``: in the order of the questions.
    """
    rules = ",".join(map(str, decision.rules))
    found = {SNAPSHOT_HEADER: decision.snapshot, RULES_HEADER: rules}
    if places := [str(at) for at, one in enumerate(answers, start=1) if one.by is not None]:
        found[OPEN_HEADER] = ",".join(places)
    return found


def beside(decision: Decision, answer: Answer) -> dict[str, Json]:
    """What stands beside an answer of the other dialects, under ``logicdistill``."""
    if answer.by is not None:
        # No rule and no function stands behind it: what the policy decided is another question's.
        return {
            "about": answer.about,
            "reason": None,
            "by": answer.by,
            "snapshot": decision.snapshot,
            "explanation": f"The policy was not made for this question. {answer.by} compared the "
            "state with the options' words; no rule and no function stands behind the answer.",
        }
    return {
        "about": answer.about,
        "reason": answer.refusal,
        "rest": answer.rest,
        "action": decision.action,
        "confidence": decision.confidence,
        "fallback": decision.fallback,
        "marks": list(decision.marks),
        "rules": {str(number): rule for number, rule in decision.cited.items()},
        "snapshot": decision.snapshot,
        "explanation": decision.explain(),
    }


def tokens_read(parts: Parts, decision: Decision) -> int:
    """Tokens of the views that an encoder was asked about; 0 where no model reads."""
    embedder = getattr(parts.student, "embedder", None)
    tokenizer = getattr(embedder, "tokenizer", None)
    if tokenizer is None:
        return 0
    from tokenizers import Tokenizer

    from logicdistill.students.encoder import MAX_LETTERS

    if not isinstance(tokenizer, Tokenizer):
        return 0
    views = [step.view for step in decision.trace if step.choice and _asked(step.choice)]
    return sum(len(tokenizer.encode(view[:MAX_LETTERS]).ids) for view in views)


def _asked(choice: Choice) -> bool:
    """Whether a student had something to choose."""
    return len(choice.ranked) > 1 or choice.none > 0


def policy_json(served: Served) -> dict[str, Json]:
    """All of a policy that a client may want to know, for its page and for other programs."""
    policy = served.policy
    task, base = policy.task, policy.base
    citing: dict[int, list[str]] = {}
    for function in base.functions:
        for number in function.rules:
            citing.setdefault(number, []).append(function.name)
    return {
        "name": served.name,
        "task": task.id,
        "title": task.title,
        "snapshot": base.snapshot,
        "kind": "run" if policy.folder else "packed",
        "student": policy.parts.student.name,
        "changeable": policy.folder is not None,
        "tells": served.teacher is not None,
        "logs": policy.log is not None,
        "rules": [
            {"number": number, "text": text, "functions": citing.get(number, [])}
            for number, text in enumerate(task.rules, start=1)
        ],
        "uncovered": base.uncovered_rules(len(task.rules)),
        "schema": task.state_schema,
        "action_form": task.action_form,
        "actions": enum_of(task.action_form),
        "fallback": task.fallback_form,
        "stages": [
            {
                "name": stage.name,
                "output": stage.output,
                "question": stage.question,
                "mode": stage.mode,
                "reads": stage.reads,
                "functions": [function.name for function in base.of_stage(stage.name)],
            }
            for stage in base.stages
        ],
    }


def function_json(function: Function, *, source: bool = False) -> dict[str, Json]:
    """A function with its manual, and with its file's text where ``source`` is set."""
    about: dict[str, Json] = {
        "name": function.name,
        "stage": HELPERS.name if is_helper(function) else function.stage,
        "origin": function.origin,
        "rules": function.rules,
        "told": function.told,
        "emergency": function.emergency,
        "hash": function.content_hash,
        "manual": asdict(function.manual),
    }
    return {**about, "source": function.source} if source else about


def functions_json(served: Served) -> dict[str, Json]:
    """All functions with their manuals, by stage, and then the helpers."""
    base = served.policy.base
    found = [function_json(one) for one in (*base.functions, *base.helpers)]
    return {"snapshot": base.snapshot, "functions": found}


def listing(served: Mapping[str, Served]) -> list[dict[str, Json]]:
    """The policies, a line each."""
    return [
        {
            "name": one.name,
            "task": one.policy.task.id,
            "title": one.policy.task.title,
            "snapshot": one.policy.base.snapshot,
            "rules": len(one.policy.task.rules),
            "functions": len(one.policy.base.functions),
        }
        for one in served.values()
    ]
