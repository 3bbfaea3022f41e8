"""What the teacher is asked (paper section 3.1): stages, functions with manuals, repairs, and labels where they are needed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from logicdistill.errors import BaseError
from logicdistill.protocols import Request, Task, Teacher
from logicdistill.types import Function, Json, Scope, Stage
from logicdistill.views import render_manual


class StageReply(BaseModel):
    """One stage, as the teacher describes it."""

    model_config = ConfigDict(extra="forbid")
    name: str
    output: str
    question: str
    mode: Literal["one", "all"]
    reads: list[str]


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


_Reply = TypeVar("_Reply", bound=BaseModel)


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
        reply = self._ask("stages", StagesReply, schema=_compact(self.task.state_model.model_json_schema()), samples=_lines(samples))
        texts = {name for name, field in self.task.state_model.model_fields.items() if field.json_schema_extra == {"format": "text"}}
        return tuple(
            Stage(item.name, item.output, item.question, item.mode, tuple(item.reads), tuple(name for name in item.reads if name in texts))
            for item in reply.stages
        )

    def functions(self, stages: Sequence[Stage], stage: Stage, samples: Sequence[Json]) -> list[str]:
        """Function files for one stage."""
        reply = self._ask(
            "functions",
            FunctionsReply,
            schema=_compact(self.task.state_model.model_json_schema()),
            samples=_lines(samples),
            stages="\n".join(f"- {_describe(item)}" for item in stages),
            stage=_describe(stage),
        )
        return reply.files

    def repair(self, stage: Stage, source: str, refusal: str) -> str:
        """The function file again, after the gate refused it."""
        reply = self._ask("repair", FunctionsReply, stage=_describe(stage), source=source.strip(), refusal=refusal)
        if len(reply.files) != 1:
            raise BaseError(f"the teacher's repair has {len(reply.files)} files; one was asked for")
        return reply.files[0]

    def react(self, rule: str, stages: Sequence[Stage], functions: Sequence[Function], samples: Sequence[Json]) -> list[tuple[Stage, str]]:
        """Stage and file of each function f_E for a new rule.

        Args:
            rule: the new rule in one sentence.
            stages: of the base.
            functions: of the base; the teacher sees their manuals.
            samples: states in which the new rule is in force.

        Raises:
            BaseError: the teacher names a stage that is not there.
        """
        reply = self._ask(
            "emergency",
            EmergencyReply,
            f"emergency | {rule}",
            schema=_compact(self.task.state_model.model_json_schema()),
            samples=_lines(samples),
            stages="\n".join(f"- {_describe(item)}" for item in stages),
            manuals="\n".join(f"- {function.stage}/{function.name}: {render_manual(function.manual)}" for function in functions),
            rule=rule,
        )
        by_name = {stage.name: stage for stage in stages}
        unknown = [item.stage for item in reply.functions if item.stage not in by_name]
        if unknown:
            raise BaseError(f"the teacher's function is for stage {unknown[0]!r}; there are: {', '.join(by_name)}")
        return [(by_name[item.stage], item.file) for item in reply.functions]

    def meet(self, stages: Sequence[Stage], stage: Stage, scope: Scope, candidates: Sequence[Function], why: str) -> str:
        """The function file f_E for a state that no function of a stage fits.

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
            manuals="\n".join(f"- {function.name}: {render_manual(function.manual)}" for function in candidates) or "(none)",
            why=why,
        )
        if len(reply.files) != 1:
            raise BaseError(f"the teacher gives {len(reply.files)} files for a state that no function fits; one was asked for")
        return reply.files[0]

    def label(self, stage: Stage, view: str, candidates: Sequence[Function]) -> str:
        """Name of the right candidate in a state.

        Raises:
            BaseError: the teacher names no candidate.
        """
        manuals = sorted(f"- {function.name}: {render_manual(function.manual)}" for function in candidates)
        subject = f"{stage.name} | {view} | {', '.join(sorted(function.name for function in candidates))}"
        reply = self._ask("label", LabelReply, subject, question=stage.question, view=view, manuals="\n".join(manuals))
        if reply.function not in {function.name for function in candidates}:
            raise BaseError(f"the teacher's label {reply.function!r} is no candidate; there were: {', '.join(f.name for f in candidates)}")
        return reply.function

    def _ask(self, kind: str, model: type[_Reply], subject: str | None = None, /, **values: str) -> _Reply:
        rules = "\n".join(f"{number}. {rule}" for number, rule in enumerate(self.task.rules, start=1))
        messages = (("system", _prompt("system").substitute()), ("user", _prompt(kind).substitute(values, rules=rules)))
        request = Request(kind, self.task.id, messages, model.model_json_schema(), subject)
        try:
            return model.model_validate(self.teacher.ask(request))
        except ValidationError as error:
            first = error.errors()[0]
            raise BaseError(f"the teacher's reply to {kind!r} does not fit its schema: {first['loc']}: {first['msg']}") from None


def _prompt(name: str) -> Template:
    return Template((resources.files("logicdistill.teacher") / "prompts" / f"{name}.md").read_text(encoding="utf-8"))


def _describe(stage: Stage) -> str:
    how = "the student selects one function" if stage.mode == "one" else "every function runs, their dicts are merged"
    reads = f"; its view shows: {', '.join(stage.reads)}" if stage.reads else ""
    return f"{stage.name} -> {stage.output} ({how}): {stage.question}{reads}"


def _compact(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(", ", ": "))


def _lines(samples: Sequence[Json]) -> str:
    return "\n".join(_compact(sample) for sample in samples)
