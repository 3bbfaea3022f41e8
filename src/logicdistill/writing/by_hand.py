"""Functions that a person wrote into a task's folder pass the gate; no teacher is asked."""

from __future__ import annotations

import builtins
import itertools
import json
import keyword
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from logicdistill.deciding.parts import utc_now
from logicdistill.errors import (
    BaseError,
    GateRefusal,
    InvalidStateError,
    ManualError,
    TaskError,
    one_line,
)
from logicdistill.files import plain_text
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Evidence, Gate
from logicdistill.functions.helpers import called_first, outside_names
from logicdistill.functions.manual import NOWHERE, parse_definition, parse_function
from logicdistill.functions.module import Module, Part, split_module
from logicdistill.functions.pictured import taken_in, with_pictures
from logicdistill.functions.sandbox import PATIENT, Sandbox
from logicdistill.pictures import is_url, picture_value
from logicdistill.protocols import Task
from logicdistill.tasks.by_hand import FUNCTIONS, HELPERS_IN, MODULE, ByHand, WrittenTask
from logicdistill.tasks.record_folder import SETTINGS
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.schema import is_text
from logicdistill.types import HELPERS, PICTURES, Function, Stage, stages_fault
from logicdistill.writing.contradictions import first_refused
from logicdistill.writing.states import scopes_by_conditions

ONLY_STAGE = "decide"
"""Name of the stage where ``stages.toml`` names none."""

_DRAFT = Stage(ONLY_STAGE, "action", "Which rule decides?")


@dataclass(frozen=True, slots=True)
class _Source:
    """A function's text, and the file it is from."""

    path: str
    text: str
    part: Part | None = None

    def located(self, error: Exception) -> str:
        """What is wrong, behind file and line of the function, with the lines of that file."""
        said = str(error).removeprefix(f"{NOWHERE}: ")
        said = self.part.located(said) if self.part else said
        named = re.search(r"^def (\w+)", self.text, flags=re.MULTILINE)
        if named is None or self.path == SETTINGS:
            return f"{self.path}: {said}"
        line = self.text[: named.start()].count("\n") + 1
        line = self.part.lines[line - 1] if self.part else line
        said = said if re.match(rf"{named[1]}\b", said) else f"{named[1]}: {said}"
        return f"{self.path}:{line}: {said}"


def by_hand(task: Task) -> ByHand:
    """What a person wrote for a task; nothing where it offers nothing."""
    return task.by_hand if isinstance(task, WrittenTask) else ByHand()


def stages_by_hand(task: Task) -> tuple[Stage, ...]:
    """The stages of a decision that need not be asked of a teacher; () where they have to be.

    Without ``stages.toml`` the functions make one stage. Its mode is ``first`` where all but one
    have a ``When:``; else the student selects, and reads the free text of a state, or all of it.

    Raises:
        TaskError: the stages do not fit the task.
    """
    written = by_hand(task)
    if written.stages or not written:
        return written.stages
    fields = task.state_schema["properties"]
    text = tuple(name for name, of in fields.items() if is_text(of))
    names = {path.split("/")[1].removesuffix(".py") for path in written.files if path != MODULE}
    nested = any(path.count("/") > 1 for path in written.files)
    name = names.pop() if nested else ONLY_STAGE
    stage = replace(_DRAFT, name=name, reads=text or tuple(fields), text=text)
    sources = _sources(written, stage)
    drafts = [_draft(source, _DRAFT) for source in sources]
    conditions = sum(draft.manual.when is not None for draft in drafts)
    if conditions and conditions >= len(drafts) - 1:
        stage = replace(stage, mode="first", reads=(), text=())
    if fault := stages_fault([stage], fields):
        raise TaskError(fault)
    return (stage,)


def decides_nothing(task: Task, said: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Numbers of the rules that decide nothing: those of the task's folder, or else ``said``."""
    own = task.settings.decides_nothing if isinstance(task, RecordTask) else None
    return said if own is None else tuple(sorted({*own}))


def base_by_hand(task: Task) -> tuple[FunctionBase | None, list[str]]:
    """The base of what a person wrote, stages without functions too, and what the gate refuses.

    None where the stages have to be asked of a teacher.
    """
    refused = list[str]()
    try:
        stages = stages_by_hand(task)
    except (ManualError, TaskError) as error:
        return None, [str(error)]
    if not stages:
        return None, []
    gate = Gate.of(task, stages)
    base = FunctionBase(task.id, stages, decides_nothing=decides_nothing(task))
    gate = replace(gate, to_allow="to allow it, add it to 'actions' in task.toml")
    with Sandbox(limits=PATIENT) as sandbox:
        try:
            base, _ = helpers_by_hand(base, gate, task, sandbox)
        except RefusedByHand as error:
            return base, error.refusals
        for stage in stages:
            try:
                base, _ = join_by_hand(base, gate, task, stage, sandbox)
            except RefusedByHand as error:
                refused += error.refusals
    return base, refused


def helpers_by_hand(
    base: FunctionBase, gate: Gate, task: Task, sandbox: Sandbox
) -> tuple[FunctionBase, list[tuple[Function, Evidence]]]:
    """The base with a person's helpers, and those with their evidence.

    They are the files of ``functions/helpers/`` and what the modules' functions share.

    Raises:
        RefusedByHand: what the gate refuses.
    """
    try:
        sources = _helper_sources(by_hand(task))
        order = called_first({name: source.text for name, source in sources.items()})
    except ManualError as error:
        raise RefusedByHand([str(error)]) from None
    refused, joined = dict[str, str](), list[tuple[Function, Evidence]]()
    for name in order:
        source = sources[name]
        if refused.keys() & outside_names(source.text):
            continue  # it is looked at when what it calls is right
        try:
            admitted = gate.admit(source.text, HELPERS, base.by_name, sandbox, "person")
        except GateRefusal as error:
            refused[name] = source.located(error)
            continue
        joined.append(admitted)
        base = base.joined(admitted[0])
    if refused:
        raise RefusedByHand([*refused.values()])
    return base, joined


def join_by_hand(
    base: FunctionBase, gate: Gate, task: Task, stage: Stage, sandbox: Sandbox
) -> tuple[FunctionBase, list[tuple[Function, Evidence]]]:
    """The base with a person's functions of a stage, and those with their evidence.

    Raises:
        RefusedByHand: what the gate refuses.
    """
    refused = list[str]()
    try:
        sources, pictures = _with_pictures(by_hand(task), stage, _sources(by_hand(task), stage))
    except ManualError as error:
        raise RefusedByHand([str(error)]) from None
    base = replace(base, pictures={**base.pictures, **pictures})
    joined: dict[str, tuple[Function, Evidence]] = {}
    by_name: dict[str, _Source] = {}
    for source in sources:
        known = {**base.by_name, **{name: function for name, (function, _) in joined.items()}}
        try:
            function, evidence = gate.admit(source.text, stage, known, sandbox, "person")
            joined[function.name] = function, evidence
            by_name[function.name] = source
        except (GateRefusal, ManualError) as error:
            refused.append(source.located(error))
    if not refused and (lost := [name for name in stage.order if name not in joined]):
        there = ", ".join(sorted(joined))
        refused.append(f"stages.toml: 'order' names {lost[0]!r}; stage {stage.name!r} has: {there}")
    if refused:
        raise RefusedByHand(refused)
    mine = _ordered(stage, sources)  # its order may have been lost while it had no functions
    stages = [mine if item.name == stage.name else item for item in base.stages]
    functions = [*base.functions, *(function for function, _ in joined.values())]
    try:
        base = replace(base, stages=tuple(stages)).having(functions)
    except BaseError as error:
        raise RefusedByHand([f"{FUNCTIONS}: {error}"]) from None
    new, scopes_of = [function for function, _ in joined.values()], scopes_by_conditions
    if found := first_refused(base, new, sandbox, utc_now(), scopes_of(task, sandbox)):
        raise RefusedByHand([by_name[found[0].name].located(found[1])])
    return base, [(base.by_name[name], evidence) for name, (_, evidence) in joined.items()]


class RefusedByHand(TaskError):
    """Functions that a person wrote do not pass the gate; ``refusals`` has a line for each."""

    def __init__(self, refusals: Sequence[str]) -> None:
        more = len(refusals) - 1
        super().__init__(refusals[0] + (f" (and {more} more: logicdistill check)" if more else ""))
        self.refusals = list(refusals)


def _sources(written: ByHand, stage: Stage) -> list[_Source]:
    """Functions of a stage: those of its files, modules taken apart, and those of the handlers."""
    files = written.of_stage(stage.name) if written.stages else dict(written.files)
    found = []
    for path, text in files.items():
        if path == MODULE or path == f"{FUNCTIONS}/{stage.name}.py":
            parts = _split(path, text).parts.values()
            found += [_Source(path, part.text, part) for part in parts]
        else:
            found.append(_Source(path, text))
    if not written.files and not written.stages:
        found += [_Source(SETTINGS, text) for text in handler_files(written.handlers)]
    return found


def _with_pictures(
    written: ByHand, stage: Stage, sources: Sequence[_Source]
) -> tuple[list[_Source], dict[str, str]]:
    """The functions of a stage that reads pictures, with those of their folders; and those by name.

    Each answer that has no function becomes one that returns its name.

    Raises:
        ManualError: a picture cannot be read.
    """
    if not stage.pictures:
        return [*sources], {}
    folder, known = written.folder or Path(), dict[str, str]()
    by_name: dict[str, _Source] = {}
    for source in sources:
        name = _draft_name(source)
        if by_name.setdefault(name, source) is not source:
            two = f"{by_name[name].path} has a function of this name; give one another"
            raise ManualError(source.located(ManualError(f"{name}: {two}")))
    said, drawn = written.answers.get(stage.name, {}), written.pictures.get(stage.name, {})
    for name in dict.fromkeys((*said, *drawn)):
        if name not in by_name:
            text = _answer_file(name, said.get(name, f"The picture shows {name}."))
            by_name[name] = _Source(f"{PICTURES}/{stage.name}/{name}", text)
    found = []
    for name, source in by_name.items():
        try:
            text, here = taken_in(source.text, (folder / source.path).parent, known)
            urls = [
                one if is_url(one) else picture_value((folder / one).read_bytes())
                for one in drawn.get(name, ())
            ]
            text, more = with_pictures(text, urls)
        except (ManualError, InvalidStateError, OSError) as error:
            raise ManualError(f"{source.path}: {one_line(error)}") from None
        known |= here | more
        found.append(replace(source, text=text))
    return found, known


def _draft_name(source: _Source) -> str:
    try:
        return parse_definition(source.text, NOWHERE).name
    except ManualError as error:
        raise ManualError(source.located(error)) from None


def _answer_file(name: str, sentence: str) -> str:
    said = _quoted(sentence)
    return (
        f'def {name}() -> str:\n    """Answer {name}.\n\n    Use when: {said}\n    """\n'
        f"    return {name!r}\n"
    )


def _helper_sources(written: ByHand) -> dict[str, _Source]:
    """The helpers by name: those that have files, and those that modules share."""
    given = [_Source(path, text) for path, text in written.helpers.items()]
    for path, text in written.files.items():
        if path == MODULE or path.count("/") == 1:
            parts = _split(path, text).helpers.values()
            given += [_Source(path, part.text, part) for part in parts]
    found: dict[str, _Source] = {}
    for source in given:
        name = _draft_name(source)
        other = found.setdefault(name, source)
        if other.text.strip() != source.text.strip():
            todo = f"give one another name, or put one of them into {HELPERS_IN}/ for both"
            two = f"{other.path} has another helper of this name"
            raise ManualError(source.located(ManualError(f"{name}: {two}; {todo}")))
    return found


def _split(path: str, text: str) -> Module:
    """A module taken apart; a `ManualError` names file and line."""
    module = split_module(text, path)
    for name, why in module.refused.items():
        at = re.search(rf"^def {name}\b", plain_text(text), flags=re.MULTILINE)
        line = plain_text(text)[: at.start()].count("\n") + 1 if at else 1
        raise ManualError(f"{path}:{line}: {why}")
    return module


def _draft(source: _Source, stage: Stage) -> Function:
    """The function of a text; a `ManualError` names file and line."""
    try:
        return parse_function(source.text, stage)
    except ManualError as error:
        raise ManualError(source.located(error)) from None


def _ordered(stage: Stage, sources: Sequence[_Source]) -> Stage:
    """A stage of mode ``first`` whose order nobody names: that of its module."""
    if stage.mode != "first" or stage.order or len({source.path for source in sources}) > 1:
        return stage
    functions = [_draft(source, stage) for source in sources]
    return replace(stage, order=tuple(function.name for function in functions))


def handler_files(handlers: Mapping[str, str]) -> list[str]:
    """A function file for each action of a table of sentences, in its order."""
    names, found = set[str](), []
    for number, (action, sentence) in enumerate(handlers.items(), start=1):
        name = _name(action, names)
        names.add(name)
        said, shown = _quoted(sentence), _quoted(action)
        found.append(
            f'def {name}() -> str:\n    """Answer {shown}.\n\n    Use when: {said}\n'
            f'    Rules: {number}\n    >>> {name}()\n    {action!r}\n    """\n'
            f"    return {json.dumps(action, ensure_ascii=False)}\n"
        )
    return found


def _quoted(text: str) -> str:
    """A text as it may stand in a docstring's line."""
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', "'")


def _name(action: str, taken: Collection[str]) -> str:
    """A function's name for an action, unlike those that are taken."""
    plain = unicodedata.normalize("NFKD", action.lower().replace("ß", "ss"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:50]
    if not words or not words[0].isalpha() or keyword.iskeyword(words) or words in dir(builtins):
        words = f"answer_{words}".rstrip("_")
    numbered = (f"{words}_{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain([words], numbered) if name not in taken)
