"""What the teacher is asked (paper section 3.1): stages, functions with manuals, repairs, and labels where they are needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from logicdistill.errors import BaseError, LogicDistillError, MissingReplyError
from logicdistill.protocols import BatchTeacher, Request, Task, Teacher
from logicdistill.types import STAGE_NAME, Function, Json, Scope, Stage
from logicdistill.views import render_manual


class StageReply(BaseModel):
    """One stage, as the teacher describes it."""

    model_config = ConfigDict(extra="forbid")
    name: str
    output: str
    question: str
    mode: Literal["one", "all"]
    reads: list[str]
    guarded: bool = False


class StagesReply(BaseModel):
    """The stages of a decision, in order."""

    model_config = ConfigDict(extra="forbid")
    stages: list[StageReply]


class FunctionsReply(BaseModel):
    """Function files, each a complete Python file."""

    model_config = ConfigDict(extra="forbid")
    files: list[str]


class EmergencyFile(BaseModel):
    """One function file for a new rule, with the stage that it joins."""

    model_config = ConfigDict(extra="forbid")
    stage: str
    file: str


class EmergencyReply(BaseModel):
    """The functions for a new rule."""

    model_config = ConfigDict(extra="forbid")
    functions: list[EmergencyFile]


class LabelReply(BaseModel):
    """The right function for a state, and why."""

    model_config = ConfigDict(extra="forbid")
    function: str
    why: str


MOST_FILES = 1000
"""Files of one answer at most."""

_Reply = TypeVar("_Reply", bound=BaseModel)
Question = tuple[Stage, str, Sequence[Function]]
"""Stage, view and candidates, one of which is to be named."""


@dataclass(frozen=True, slots=True)
class Author:
    """Asks a teacher about one task.

    Attributes:
        teacher: who answers.
        task: whose rules are distilled.
    """

    teacher: Teacher
    task: Task

    def stages(self, samples: Sequence[Json]) -> tuple[Stage, ...]:
        """The stages of a decision; ``samples`` are states that show the teacher what it has to work with."""
        schema = _compact(self.task.state_model.model_json_schema())
        reply = self._ask(
            "stages", StagesReply, check=self._stages_fault, schema=schema, samples=_lines(samples)
        )
        texts = {
            name
            for name, field in self.task.state_model.model_fields.items()
            if field.json_schema_extra == {"format": "text"}
        }
        return tuple(
            Stage(
                *(item.name, item.output, item.question, item.mode, tuple(item.reads)),
                text=tuple(name for name in item.reads if name in texts),
                guarded=item.guarded,
            )
            for item in reply.stages
        )

    def functions(
        self, stages: Sequence[Stage], stage: Stage, samples: Sequence[Json]
    ) -> list[str]:
        """Function files for one stage."""
        reply = self._ask(
            "functions",
            FunctionsReply,
            check=_files_fault,
            schema=_compact(self.task.state_model.model_json_schema()),
            samples=_lines(samples),
            stages="\n".join(f"- {_describe(item)}" for item in stages),
            stage=_describe(stage),
        )
        return reply.files

    def repair(self, stage: Stage, source: str, refusal: str) -> str:
        """The function file again, after the gate refused it."""

        def fault(reply: FunctionsReply) -> str | None:
            return (
                None
                if len(reply.files) == 1
                else f"the teacher's repair has {len(reply.files)} files; one was asked for"
            )

        reply = self._ask(
            "repair",
            FunctionsReply,
            check=fault,
            stage=_describe(stage),
            source=source.strip(),
            refusal=refusal,
        )
        return reply.files[0]

    def react(
        self,
        rule: str,
        stages: Sequence[Stage],
        functions: Sequence[Function],
        samples: Sequence[Json],
    ) -> list[tuple[Stage, str]]:
        """Stage and file of each function f_E for a new rule.

        Args:
            rule: the new rule in one sentence.
            stages: of the base.
            functions: of the base; the teacher sees their manuals.
            samples: states in which the new rule is in force, if there are any to show.

        Raises:
            BaseError: the teacher names a stage that is not there.
        """
        by_name = {stage.name: stage for stage in stages}
        shown = f"States in which it is in force:\n\n{_lines(samples)}\n\n" if samples else ""

        def fault(reply: EmergencyReply) -> str | None:
            unknown = [item.stage for item in reply.functions if item.stage not in by_name]
            return (
                f"the teacher's function is for stage {unknown[0]!r}; there are: {', '.join(by_name)}"
                if unknown
                else None
            )

        reply = self._ask(
            "emergency",
            EmergencyReply,
            f"emergency | {rule}",
            check=fault,
            schema=_compact(self.task.state_model.model_json_schema()),
            samples=shown,
            stages="\n".join(f"- {_describe(item)}" for item in stages),
            manuals="\n".join(
                f"- {function.stage}/{function.name}: {render_manual(function.manual)}"
                for function in functions
            ),
            rule=rule,
        )
        return [(by_name[item.stage], item.file) for item in reply.functions]

    def meet(
        self,
        stages: Sequence[Stage],
        stage: Stage,
        scope: Scope,
        candidates: Sequence[Function],
        why: str,
    ) -> str:
        """The function file f_E for a state that no function of a stage fits (out-of-scope input).

        Args:
            stages: of the base.
            stage: the one that came to no result.
            scope: the state, with the results of the earlier stages.
            candidates: the functions that were to be chosen from.
            why: why none of them fits, in one line.

        Raises:
            BaseError: the teacher gives no file, or several.
        """
        known = _compact(dict(scope))
        reply = self._ask(
            "unfitting",
            FunctionsReply,
            f"unfitting | {stage.name} | {known}",
            schema=_compact(self.task.state_model.model_json_schema()),
            stages="\n".join(f"- {_describe(item)}" for item in stages),
            stage=_describe(stage),
            state=known,
            manuals="\n".join(
                f"- {function.name}: {render_manual(function.manual)}" for function in candidates
            )
            or "(none)",
            why=why,
        )
        if len(reply.files) != 1:
            raise BaseError(
                f"the teacher gives {len(reply.files)} files for a state that no function fits; one was asked for"
            )
        return reply.files[0]

    def label(self, stage: Stage, view: str, candidates: Sequence[Function]) -> str:
        """Name of the right candidate in a state.

        Raises:
            BaseError: the teacher names no candidate.
        """
        found = self.labels([(stage, view, candidates)])[0]
        if isinstance(found, LogicDistillError):
            raise found
        return found

    def labels(self, questions: Sequence[Question]) -> list[str | LogicDistillError]:
        """Name of the right candidate for each question, or why there is none; a live teacher is asked several at once."""
        found: list[str | LogicDistillError] = []
        requests = [self._label(*question) for question in questions]
        for request, answer in zip(requests, answers(self.teacher, requests), strict=True):
            try:
                found.append(
                    answer
                    if isinstance(answer, LogicDistillError)
                    else _fitting(request, LabelReply, answer).function
                )
            except BaseError as error:
                found.append(error)
        return found

    def _label(self, stage: Stage, view: str, candidates: Sequence[Function]) -> Request:
        manuals = sorted(
            f"- {function.name}: {render_manual(function.manual)}" for function in candidates
        )
        names = sorted(function.name for function in candidates)

        def fault(reply: LabelReply) -> str | None:
            known = reply.function in names
            return (
                None
                if known
                else f"the teacher's label {reply.function[:80]!r} is no candidate; there were: {', '.join(names)}"
            )

        subject, texts = (
            f"{stage.name} | {view} | {', '.join(names)}",
            {"question": stage.question, "view": view},
        )
        return self._request(
            "label", LabelReply, subject, fault, texts | {"manuals": "\n".join(manuals)}
        )

    def _stages_fault(self, reply: StagesReply) -> str | None:
        """What a base, or the student's view, could not be made of."""
        if not reply.stages:
            return "there is no stage; describe at least one"
        seen, names = (
            set(self.task.state_model.model_fields),
            [stage.name.casefold() for stage in reply.stages],
        )
        for stage in reply.stages:
            if not STAGE_NAME.fullmatch(stage.name) or names.count(stage.name.casefold()) > 1:
                return f"the stage name {stage.name[:80]!r} cannot be a folder's, or is there twice; take letters, digits, '_' and '-'"
            unknown = [name for name in stage.reads if name not in seen]
            if unknown:
                return f"stage {stage.name!r} reads {unknown[0]!r}; there are: {', '.join(sorted(seen))}"
            if (
                stage.output in seen
                or not stage.output.isidentifier()
                or stage.output.startswith("_")
            ):
                return f"the output {stage.output!r} of stage {stage.name!r} is no new Python name; there are: {', '.join(sorted(seen))}"
            seen.add(stage.output)
        if reply.stages[-1].mode != "one":
            return f"the last stage {reply.stages[-1].name!r} has the mode 'all'; its result is the action, so one function is selected"
        return None

    def _ask(
        self,
        kind: str,
        model: type[_Reply],
        subject: str | None = None,
        /,
        *,
        check: Callable[[_Reply], str | None] = lambda _: None,
        **values: str,
    ) -> _Reply:
        request = self._request(kind, model, subject, check, values)
        return _fitting(request, model, self.teacher.ask(request))

    def request(
        self, kind: str, model: type[BaseModel], texts: Mapping[str, str], told: Sequence[str] = ()
    ) -> Request:
        """A question of one's own about the task.

        Args:
            kind: names the prompt.
            model: of the answer.
            texts: for the prompt, besides the rules.
            told: rules that hold beside the task's own.
        """
        return self._request(kind, model, None, lambda _: None, texts, told)

    def _request(
        self,
        kind: str,
        model: type[_Reply],
        subject: str | None,
        check: Callable[[_Reply], str | None],
        values: Mapping[str, str],
        told: Sequence[str] = (),
    ) -> Request:
        rules = "\n".join(
            f"{number}. {rule}" for number, rule in enumerate((*self.task.rules, *told), start=1)
        )
        asked = ("user", _prompt(kind).substitute(values, rules=rules))
        messages = (
            (asked,) if kind == "act" else (("system", _prompt("system").substitute()), asked)
        )

        def fault(reply: Json) -> str | None:
            try:
                return check(model.model_validate(reply))
            except ValidationError as error:
                first = error.errors()[0]
                return f"it does not fit the schema: {'.'.join(map(str, first['loc'])) or 'reply'}: {first['msg']}"

        return Request(kind, self.task.id, messages, model.model_json_schema(), subject, fault)


def answers(teacher: Teacher, requests: Sequence[Request]) -> list[Json | LogicDistillError]:
    """The teacher's answers in order, or in their place why one is not to be had."""
    if isinstance(teacher, BatchTeacher):
        return teacher.ask_many(requests)
    found: list[Json | LogicDistillError] = []
    for request in requests:
        try:
            found.append(teacher.ask(request))
        except MissingReplyError as error:
            found.append(error)
    return found


def _fitting(request: Request, model: type[_Reply], reply: Json) -> _Reply:
    if fault := request.check(reply):
        raise BaseError(f"the teacher's reply to {request.kind!r} cannot be used: {fault}")
    return model.model_validate(reply)


def _files_fault(reply: FunctionsReply) -> str | None:
    if not 1 <= len(reply.files) <= MOST_FILES:
        return f"there are {len(reply.files)} files; write 1 to {MOST_FILES}"
    return None


def _prompt(name: str) -> Template:
    return Template(
        (resources.files("logicdistill.teacher") / "prompts" / f"{name}.md").read_text(
            encoding="utf-8"
        )
    )


def _describe(stage: Stage) -> str:
    how = (
        "the student selects one function"
        if stage.selects
        else "every function runs, their dicts are merged"
    )
    how += (
        "; each function needs a 'When:' and stands only while that holds" if stage.guarded else ""
    )
    reads = f"; its view shows: {', '.join(stage.reads)}" if stage.reads else ""
    return f"{stage.name} -> {stage.output} ({how}): {stage.question}{reads}"


def _compact(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(", ", ": "))


def _lines(samples: Sequence[Json]) -> str:
    return "\n".join(_compact(sample) for sample in samples)
