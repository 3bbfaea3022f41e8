"""The questions to a teacher (paper section 3.1): stages, functions, repairs, new rules, labels."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from string import Template
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from logicdistill.errors import BaseError, LogicDistillError, MissingReplyError
from logicdistill.pictures import without_pictures
from logicdistill.protocols import BatchTeacher, Joint, KnowingTeacher, Request, Task, Teacher
from logicdistill.types import (
    ALLOWED_IMPORTS,
    HELPERS,
    Function,
    Json,
    Mode,
    Scope,
    Stage,
    stages_fault,
)
from logicdistill.views import render_manual


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StageReply(_Reply):
    """One stage, as the teacher describes it."""

    name: str
    output: str
    question: str
    mode: Mode
    reads: list[str]


class StagesReply(_Reply):
    """The stages of a decision, in order, and the rules that decide nothing, by number."""

    stages: list[StageReply]
    decides_nothing: list[int] = []


class FunctionsReply(_Reply):
    """Function files, each a complete Python file, and the helpers that they call."""

    files: list[str]
    helpers: list[str] = []


class EmergencyFile(_Reply):
    """One function file for a new rule, with the stage that it joins."""

    stage: str
    file: str


class EmergencyReply(_Reply):
    """The functions for a new rule, and the files of helpers that they call."""

    functions: list[EmergencyFile]
    helpers: list[str] = []


class LabelReply(_Reply):
    """The right function for a state, None where none of them is right, and why."""

    function: str | None
    why: str


class NumberedLabel(LabelReply):
    """The same for one of several states."""

    number: int


class LabelsReply(_Reply):
    """The right function for each of several states."""

    labels: list[NumberedLabel]


_FENCE = re.compile(r"```[a-z]*\n(.*\n)```", re.DOTALL)

MAX_FILES = 1000
"""Most files of one answer."""

SYSTEM = {"act": None, "label": "label-system", "labels": "label-system"}
"""System prompts by kind of request; ``system`` is that of any other kind."""

_Model = TypeVar("_Model", bound=BaseModel)
_Check = Callable[[_Model], str | None]
Question = tuple[Stage, str, Sequence[Function]]
"""Stage, view, and the candidates, of which at most one is right."""


@dataclass(frozen=True, slots=True)
class Author:
    """Asks a teacher about one task.

    A teacher raises `MissingReplyError` or `TeacherError` where it does not answer. Every method
    raises `BaseError` for an answer that does not fit. The teacher sees ``samples`` of states.
    """

    teacher: Teacher
    task: Task

    def stages(self, samples: Sequence[Json]) -> tuple[tuple[Stage, ...], tuple[int, ...]]:
        """The stages of a decision, and the numbers of the rules that decide nothing."""
        fields, rules = self.task.state_schema["properties"], len(self.task.rules)

        def fault(reply: StagesReply) -> str | None:
            if wrong := [number for number in reply.decides_nothing if not 1 <= number <= rules]:
                return f"decides_nothing names rule {wrong[0]}; there are rules 1 to {rules}"
            return stages_fault(self._stages(reply), fields)

        request = self.request("stages", StagesReply, {"samples": _lines(samples)}, check=fault)
        reply = self._ask(request, StagesReply)
        return self._stages(reply), tuple(sorted({*reply.decides_nothing}))

    def functions(
        self, stages: Sequence[Stage], stage: Stage, samples: Sequence[Json], earlier: str = ""
    ) -> FunctionsReply:
        """Function files for one stage, and helpers.

        Args:
            stages: of a decision.
            stage: one of them.
            samples: states that the teacher sees.
            earlier: helpers, and the functions before with what they give in these states.
        """
        texts = {
            "samples": _lines(samples),
            "stages": _list(map(_describe, stages)),
            "stage": _describe(stage),
            "mode": _ASKED[stage.mode],
            "earlier": earlier,
        }
        return self._files("functions", MAX_FILES, texts)

    def repair(
        self,
        stage: Stage,
        source: str,
        refusal: str,
        beside: Sequence[Function] = (),
        earlier: str = "",
        told: str | None = None,
    ) -> str:
        """The function file again, after the gate refused it.

        Args:
            stage: of the function.
            source: the file.
            refusal: in one line.
            beside: the other functions of the stage.
            earlier: helpers, and the functions before with what they give.
            told: the rule, in words, for which it was written.
        """
        others = f"Beside it stand:\n\n{_list(map(_manual, beside))}\n\n" if beside else ""
        texts = {
            "stage": _describe(stage),
            "source": source.strip(),
            "refusal": refusal,
            "beside": others,
            "earlier": earlier,
            "told": f"It is for a rule that was told later: {told}\n\n" if told else "",
        }
        return self._files("repair", 1, texts).files[0]

    def write_for_rule(
        self,
        rule: str,
        stages: Sequence[Stage],
        functions: Sequence[Function],
        samples: Sequence[Json],
        earlier: str = "",
    ) -> list[tuple[Stage, str]]:
        """Stage and file of each function f_E for a new rule, behind those of new helpers.

        Args:
            rule: the new rule in one sentence.
            stages: of the base.
            functions: of the base; the teacher sees their files, or, of many, their manuals.
            samples: states in which the new rule is in force, if there are any to show.
            earlier: helpers, and the functions before the last stage with what they give there.
        """
        by_name = {stage.name: stage for stage in stages}

        def fault(reply: EmergencyReply) -> str | None:
            for item in reply.functions:
                if item.stage not in by_name:
                    known = f"there are: {', '.join(by_name)}"
                    return f"the teacher's function is for stage {item.stage!r}; {known}"
            return None

        shown = f"States in which it is in force:\n\n{_lines(samples)}\n\n" if samples else ""
        texts = {
            "samples": shown,
            "stages": _list(map(_describe, stages)),
            "functions": _shown(functions),
            "earlier": earlier,
            "rule": rule,
        }
        subject, words = f"emergency | {rule}", _about_words(stages)
        request = self.request("emergency", EmergencyReply, texts, subject, fault, more=words)
        reply = self._ask(request, EmergencyReply)
        files = [(by_name[item.stage], _unfenced(item.file)) for item in reply.functions]
        return [*((HELPERS, _unfenced(file)) for file in reply.helpers), *files]

    def write_for_state(
        self,
        stages: Sequence[Stage],
        stage: Stage,
        scope: Scope,
        candidates: Sequence[Function],
        why: str,
        helpers: str = "",
    ) -> list[tuple[Stage, str]]:
        """The function file f_E for a state that no function of a stage fits, with its stage.

        Before it come files of new helpers.

        Args:
            stages: of the base.
            stage: the one that came to no result.
            scope: the state, with the results of the earlier stages.
            candidates: the functions that the student selected from.
            why: why none of them fits, in one line.
            helpers: that it can call, with their parameters.
        """
        texts = {
            "stages": _list(map(_describe, stages)),
            "stage": _describe(stage),
            "state": _compact(dict(scope)),
            "manuals": _list(map(_manual, candidates)) or "(none)",
            "why": why,
            "helpers": helpers,
        }
        subject = f"unfitting | {stage.name} | {texts['state']}"
        reply = self._files("unfitting", 1, texts, subject)
        return [*((HELPERS, file) for file in reply.helpers), (stage, reply.files[0])]

    def known_label(self, question: Question) -> LabelReply | None:
        """A stored answer; nobody is asked."""
        if not isinstance(self.teacher, KnowingTeacher):
            return None
        request = self._label(*question)
        answer = self.teacher.known(request)
        return None if answer is None else _fitting(request, LabelReply, answer)

    def labels(self, questions: Sequence[Question]) -> list[str | LogicDistillError | None]:
        """Name of the right candidate for each question, None for none, or why there is no answer.

        A `BatchTeacher` may answer those of the same stage and candidates together.
        """
        requests = [self._label(*question) for question in questions]
        found: list[str | LogicDistillError | None] = []
        for request, answer in zip(requests, self._ask_many(requests), strict=True):
            if not isinstance(answer, LogicDistillError):
                try:
                    answer = _fitting(request, LabelReply, answer).function
                except BaseError as error:
                    answer = error
            found.append(answer)
        return found

    def request(
        self,
        kind: str,
        model: type[_Model],
        texts: Mapping[str, str],
        subject: str | None = None,
        check: _Check[_Model] = lambda _: None,
        new_rules: Sequence[str] = (),
        more: str = "",
    ) -> Request:
        """A question about the task.

        Args:
            kind: names the prompt.
            model: of the answer.
            texts: for the prompt, besides the rules and the schema of a state.
            subject: see `Request`.
            check: why an answer cannot be used, or None.
            new_rules: they follow the task's own rules.
            more: stands behind the prompt.
        """
        rules = enumerate((*self.task.rules, *new_rules), start=1)
        texts = {
            "rules": "\n".join(f"{number}. {rule}" for number, rule in rules),
            "schema": _compact(dict(self.task.state_schema)),
            "actions": self.task.action_form,
            "fallback": self.task.fallback_form,
            **texts,
        }
        texts["task"] = _prompt("task").substitute(texts)
        asked = ("user", _prompt(kind).substitute(texts) + more)
        limits = {"imports": ", ".join(ALLOWED_IMPORTS)}
        name = SYSTEM.get(kind, "system")
        system = (("system", _prompt(name).substitute(limits)),) if name else ()

        def fault(reply: Json) -> str | None:
            try:
                json.dumps(reply, ensure_ascii=False).encode()
                return check(model.model_validate(reply))
            except UnicodeEncodeError:
                return "it holds half of a Unicode character; write whole ones"
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"])) or "reply"
                return f"it does not fit the schema: {where}: {first['msg']}"

        schema = model.model_json_schema()
        return Request(kind, self.task.id, (*system, asked), schema, subject, fault)

    def _ask(self, request: Request, model: type[_Model]) -> _Model:
        return _fitting(request, model, self.teacher.ask(request))

    def _files(
        self, kind: str, most: int, texts: Mapping[str, str], subject: str | None = None
    ) -> FunctionsReply:
        def fault(reply: FunctionsReply) -> str | None:
            wanted, count = "1" if most == 1 else f"1 to {most}", len(reply.files)
            return None if 1 <= count <= most else f"there are {count} files; write {wanted}"

        request = self.request(kind, FunctionsReply, texts, subject, fault)
        reply = self._ask(request, FunctionsReply)
        files, helpers = (list(map(_unfenced, part)) for part in (reply.files, reply.helpers))
        return FunctionsReply(files=files, helpers=helpers)

    def _ask_many(self, requests: Sequence[Request]) -> list[Json | LogicDistillError]:
        if isinstance(self.teacher, BatchTeacher):
            return self.teacher.ask_many(requests)
        found: list[Json | LogicDistillError] = []
        for request in requests:
            try:
                found.append(self.teacher.ask(request))
            except MissingReplyError as error:
                found.append(error)
        return found

    def _label(self, stage: Stage, view: str, candidates: Sequence[Function]) -> Request:
        names = sorted(function.name for function in candidates)
        listed = ", ".join(names)

        def fault(reply: LabelReply) -> str | None:
            if reply.function is None or reply.function in names:
                return None
            wrong = f"the teacher's label {reply.function[:80]!r} is no candidate"
            return f"{wrong}; there were: {listed}, or null"

        texts = {"question": stage.question, "manuals": _list(sorted(map(_manual, candidates)))}
        subject = f"{stage.name} | {view} | {listed}"
        request = self.request("label", LabelReply, texts | {"view": view}, subject, fault)
        key = tuple(texts.values())
        return replace(request, joint=Joint(key, view, partial(self._labels, texts), _labels_of))

    def _labels(self, texts: Mapping[str, str], views: Sequence[tuple[str, str]]) -> Request:
        """One request for the labels of several views; each may have an unusable answer."""
        numbered = list(enumerate(views, start=1))
        # Quoted, so that a text of several lines is no list of its own.
        quoted = [json.dumps(view, ensure_ascii=False) for view, _ in views]
        shown = "\n".join(f"{number}. {view}" for number, view in enumerate(quoted, start=1))
        faults = _list(f"{number}: {fault}" for number, (_, fault) in numbered if fault)
        again = f"\n\nEarlier answers could not be used:\n\n{faults}" if faults else ""
        request = self.request("labels", LabelsReply, {**texts, "views": shown, "again": again})

        def fault(reply: Json) -> str | None:
            return None if any(_labels_of(reply, len(views))) else "it has no numbered label"

        return replace(request, check=fault)

    def _stages(self, reply: StagesReply) -> tuple[Stage, ...]:
        fields = self.task.state_schema["properties"].items()
        texts = {name for name, of in fields if isinstance(of, dict) and of.get("format") == "text"}
        return tuple(
            Stage(
                *(item.name, item.output, item.question, item.mode, tuple(item.reads)),
                text=tuple(name for name in item.reads if name in texts),
            )
            for item in reply.stages
        )


def _unfenced(file: str) -> str:
    """A file without the Markdown fence that models put around code."""
    fenced = _FENCE.fullmatch(file.strip())
    return fenced[1] if fenced else file


def _fitting(request: Request, model: type[_Model], reply: Json) -> _Model:
    if fault := request.check(reply):
        raise BaseError(f"the teacher's reply to {request.kind!r} cannot be used: {fault}")
    return model.model_validate(reply)


def _labels_of(reply: Json, count: int) -> list[Json]:
    """The label of each number from 1 on; None where there is none, or several that differ."""
    items = reply.get("labels") if isinstance(reply, dict) else None
    found: list[list[Json]] = [[] for _ in range(count)]
    for item in items if isinstance(items, list) else []:
        number = item.get("number") if isinstance(item, dict) else None
        if type(number) is int and 1 <= number <= count:
            found[number - 1].append({key: item[key] for key in item if key != "number"})
    functions = ({str(label.get("function")) for label in labels} for labels in found)
    pairs = zip(found, functions, strict=True)
    return [labels[0] if len(named) == 1 else None for labels, named in pairs]


def _prompt(name: str) -> Template:
    file = resources.files("logicdistill.teacher") / "prompts" / f"{name}.md"
    return Template(file.read_text(encoding="utf-8"))


def _about_words(stages: Sequence[Stage]) -> str:
    """What is different for a new rule where the student reads words; "" where it reads none."""
    names = [f"`{stage.name}`" for stage in stages if stage.by_words]
    where = f"the stage{'s' if len(names) > 1 else ''} {', '.join(names)}"
    return _prompt("emergency-words").substitute(stages=where) if names else ""


_HOW: Mapping[Mode, str] = {
    "one": "the student selects one function",
    "all": "every function runs, their dicts are merged",
    "guarded": "the function runs whose 'When:' holds; each needs one, and no two may hold at "
    "once unless one names the other in 'Replaces:'",
    "first": "the functions stand in the order of the rules that they cite, and the first runs "
    "whose 'When:' holds; only the last may lack one",
}


_ASKED: Mapping[Mode, str] = {
    "one": "Together they cover every state, and in each state exactly one is right.",
    "all": "Every function runs in each state and returns a dict; none may fail in a state that "
    "the rules decide, and no two give the same key.",
    "guarded": "Together their conditions cover every state that the rules decide.",
    "first": "Together their conditions cover every state that the rules decide.",
}
"""What the functions of a stage of each mode have to be together."""

MOST_SHOWN = 12_000
"""Characters of function files that one question shows; beyond that it shows manuals."""


def _shown(functions: Sequence[Function]) -> str:
    """Files of functions, or their manuals where the files are too long together."""
    if sum(len(function.source) for function in functions) > MOST_SHOWN:
        return _list(f"{function.stage}/{_manual(function)}" for function in functions)
    files = ((f"{f.stage}/{f.name}.py", f.source.strip()) for f in functions)
    return "\n\n".join(f"{name}\n```python\n{source}\n```" for name, source in files)


def _describe(stage: Stage) -> str:
    if stage == HELPERS:
        return f"{stage.name} (functions that others call by their names)"
    reads = f"; its view shows: {', '.join(stage.reads)}" if stage.reads else ""
    return f"{stage.name} -> {stage.output} ({_HOW[stage.mode]}): {stage.question}{reads}"


def _manual(function: Function) -> str:
    return f"{function.name}: {render_manual(function.manual)}"


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _compact(value: Json) -> str:
    """JSON on one line; no picture is sent."""
    return json.dumps(without_pictures(value), sort_keys=True, separators=(", ", ": "))


def _lines(samples: Sequence[Json]) -> str:
    return "\n".join(map(_compact, samples))
