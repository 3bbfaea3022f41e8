"""The function base D_f as a value: stages, functions, and the snapshot id of this content."""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, get_args

import tomli_w

from logicdistill.errors import BaseError, ManualError, UnknownNameError, one_line
from logicdistill.functions.helpers import callers, is_helper, linked, linked_helpers
from logicdistill.functions.manual import parse_function
from logicdistill.functions.pictured import checked_pictures, illustrated
from logicdistill.types import HELPERS, STAGE_NAME, Function, Json, Mode, Stage, is_device

_TUPLES = ("reads", "text", "order", "pictures", "grid")
"""Fields of a stage that are lists in ``base.toml``."""

_OPTIONAL = ("text", "order", "pictures", "grid")
"""Fields of a stage that ``base.toml`` leaves out while they are empty."""


@dataclass(frozen=True)
class FunctionBase:
    """All functions of a task, in stages.

    Attributes:
        task: id of the task whose rules the functions serve.
        stages: in the order of the decision.
        functions: in order of stage, then as the stage orders them, or by name.
        decides_nothing: numbers of the rules that explain and decide nothing.
        helpers: by name. Functions and helpers here are linked to the helpers that they call.
        pictures: data URL of each example picture by its name, which holds the picture's hash.
            Functions here have those that their manuals show.

    Raises:
        BaseError: a stage's name cannot name a folder, two stages or functions share a name, the
            last stage gives no action, a function lacks the ``When:`` that its stage needs, an
            example picture is not there, or helpers call each other in a circle.
    """

    task: str
    stages: tuple[Stage, ...]
    functions: tuple[Function, ...] = ()
    decides_nothing: tuple[int, ...] = ()
    helpers: tuple[Function, ...] = ()
    pictures: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._link()
        if any(stage.pictures for stage in self.stages):
            shown = tuple(illustrated(one, self.pictures) for one in self.functions)
            object.__setattr__(self, "functions", shown)
        for stage in self.stages:
            if stage.name.casefold() == HELPERS.name:
                kept = "is kept for functions that others call; take another"
                raise BaseError(f"stage name {stage.name!r}: {kept}")
            if not STAGE_NAME.fullmatch(stage.name) or is_device(stage.name):
                allowed = "at most 60 letters (a to z), digits, '_' and '-'; it names a folder"
                allowed += ", and Windows keeps con, prn, aux, nul, com1, lpt1 ... for devices"
                raise BaseError(f"stage name {stage.name[:80]!r}: {allowed}")
        stages = Counter(stage.name.casefold() for stage in self.stages)
        functions = Counter(function.name for function in (*self.functions, *self.helpers))
        for kind, names in (("stages", stages), ("functions", functions)):
            if twice := sorted(name for name, times in names.items() if times > 1):
                problem = f"two {kind} have the name {twice[0]!r}"
                raise BaseError(f"{problem}; names are unique in a base")
        if self.stages and not self.stages[-1].selects:
            chosen = "its result is the action, so one function has to be chosen"
            raise BaseError(f"the last stage {self.stages[-1].name!r} has mode 'all'; {chosen}")
        for stage in self.stages:
            mine = [f for f in self.functions if f.stage == stage.name]
            needing = {"guarded": mine, "first": mine[:-1]}.get(stage.mode, [])
            for function in needing:
                if function.manual.when is None:
                    raise BaseError(f"{function.name}: {_no_condition(stage)}; give it a 'When:'")

    def _link(self) -> None:
        if not self.helpers and not any(function.helpers for function in self.functions):
            return
        try:
            helpers = linked_helpers(self.helpers)
        except ManualError as error:
            raise BaseError(str(error)) from None
        for function in (*self.functions, *self.helpers):
            if gone := [one.name for one in function.helpers if one.name not in helpers]:
                todo = "bring it back, or change or remove what calls it first"
                raise BaseError(f"{function.name} calls {gone[0]}, a helper that is gone; {todo}")
        functions = tuple(linked(function, helpers) for function in self.functions)
        object.__setattr__(self, "functions", functions)
        if len(helpers) == len(self.helpers):  # two of one name are refused
            object.__setattr__(self, "helpers", tuple(helpers.values()))

    def stage(self, name: str) -> Stage:
        """The stage with this name; raises `UnknownNameError` if there is none.

        For ``helpers`` it is `logicdistill.types.HELPERS`, which is none of `stages`.
        """
        for stage in (*self.stages, HELPERS):
            if stage.name == name:
                return stage
        raise UnknownNameError("stage", name, (stage.name for stage in self.stages))

    def function(self, name: str) -> Function:
        """The function or helper with this name; raises `UnknownNameError` if there is none."""
        if name not in self.by_name:
            raise UnknownNameError("function", name, self.by_name)
        return self.by_name[name]

    def of_stage(self, name: str) -> tuple[Function, ...]:
        """Functions of a stage, in its order, or by name."""
        return self._by_stage.get(name, ())

    def guarded(self, stage: str) -> tuple[Function, ...]:
        """Functions of a stage that apply only while their ``When:`` holds.

        All of a stage of mode ``guarded``; of another stage, its emergencies (see
        `Function.guarded`).
        """
        return self._guarded.get(stage, ())

    def having(self, functions: Iterable[Function]) -> FunctionBase:
        """This base with exactly these functions, and its helpers; raises as the class does."""
        by_stage: dict[str, list[Function]] = {stage.name: [] for stage in self.stages}
        for function in sorted(functions, key=lambda function: function.name):
            if function.stage not in by_stage:
                problem = f"function {function.name} is of stage {function.stage!r}"
                raise BaseError(f"{problem}; the base has: {', '.join(by_stage)}")
            by_stage[function.stage].append(function)
        stages = []
        for stage in self.stages:
            if stage.mode == "first":
                mine = by_stage[stage.name] = _in_order(stage.order, by_stage[stage.name])
                stage = replace(stage, order=tuple(function.name for function in mine))
            stages.append(stage)
        ordered = (function for mine in by_stage.values() for function in mine)
        return replace(self, stages=tuple(stages), functions=tuple(ordered))

    def having_helpers(self, helpers: Iterable[Function]) -> FunctionBase:
        """This base with exactly these helpers, and its functions; raises as the class does."""
        return replace(self, helpers=tuple(helpers))

    def holding(self, functions: Iterable[Function]) -> FunctionBase:
        """This base with exactly these functions and helpers; raises as the class does."""
        given = list(functions)
        helpers = tuple(filter(is_helper, given))
        bare = replace(self, functions=(), helpers=helpers)
        return bare.having(function for function in given if not is_helper(function))

    def joined(self, function: Function) -> FunctionBase:
        """This base with a function or helper, in the place of the one with its name, if any."""
        mine = self.helpers if is_helper(function) else self.functions
        others = [other for other in mine if other.name != function.name]
        having = self.having_helpers if is_helper(function) else self.having
        return having([*others, function])

    def without(self, function: Function) -> FunctionBase:
        """This base without a function or helper of this name."""
        if is_helper(function):
            return self.having_helpers(one for one in self.helpers if one.name != function.name)
        return self.having(one for one in self.functions if one.name != function.name)

    @property
    def needs_student(self) -> bool:
        """Whether some stage leaves a choice that no condition decides."""
        return bool(self.choosing())

    def choosing(self, pictures: bool | None = None) -> tuple[Stage, ...]:
        """The stages that leave a choice that no condition decides.

        Args:
            pictures: whether of those that read a picture, or of the others; None: of all.
        """
        return tuple(
            stage
            for stage in self.stages
            if stage.asks
            and (len(self.of_stage(stage.name)) > 1 or stage.reads_text or stage.pictures)
            and pictures in (None, bool(stage.pictures))
        )

    def place(self, function: Function) -> str | None:
        """Where a stage of mode ``first`` tries a function, or what calls a helper, for a person.

        None for any other function.
        """
        if is_helper(function):
            calling = ", ".join(one.name for one in callers(function.name, self.functions))
            return f"a helper of {calling or 'no function'}"
        order = self.stage(function.stage).order
        if function.name not in order:
            return None
        at = order.index(function.name)
        following = f", before {order[at + 1]}" if at + 1 < len(order) else ""
        return f"tried as number {at + 1} of {len(order)}{following}"

    def uncovered_rules(self, rules: int) -> list[int]:
        """Numbers of the rules of x that no function cites, and no helper that one calls.

        Those that decide nothing are left out.
        """
        cited = {number for function in self.functions for number in function.rules}
        cited.update(self.decides_nothing)
        return [number for number in range(1, rules + 1) if number not in cited]

    @cached_property
    def by_name(self) -> dict[str, Function]:
        """Functions and helpers by name."""
        return {function.name: function for function in (*self.functions, *self.helpers)}

    @cached_property
    def _by_stage(self) -> dict[str, tuple[Function, ...]]:
        stages = (stage.name for stage in self.stages)
        return {name: tuple(f for f in self.functions if f.stage == name) for name in stages}

    @cached_property
    def _guarded(self) -> dict[str, tuple[Function, ...]]:
        return {
            stage.name: tuple(
                f for f in self.of_stage(stage.name) if stage.mode == "guarded" or f.guarded
            )
            for stage in self.stages
        }

    @cached_property
    def snapshot(self) -> str:
        """First 16 hex digits of the SHA-256 of the whole content.

        A picture's name holds its hash, so the pictures themselves are left out.
        """
        manifest = {key: part for key, part in self.to_manifest().items() if key != "pictures"}
        text = json.dumps(manifest, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_manifest(self) -> dict[str, Any]:
        """The base as JSON: file name to text, each function's origin, and the rules told.

        Beside them the data URL of each picture that a function shows, by its name.
        """
        items = (*self.functions, *self.helpers)
        sources = {f"{item.stage}/{item.name}.py": item.source for item in items}
        told = {item.name: item.told for item in items if item.told is not None}
        pictures = {name: url for one in self.functions for name, url in one.pictures.items()}
        return {
            "files": {"base.toml": self._toml(), **sources},
            "origins": {item.name: item.origin for item in items},
            **({"told": told} if told else {}),
            **({"pictures": dict(sorted(pictures.items()))} if pictures else {}),
        }

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> FunctionBase:
        """The base that `to_manifest` wrote; raises `BaseError` if it is not one."""
        try:
            files, origins = manifest["files"], manifest.get("origins", {})
            told = manifest.get("told", {})
            settings = tomllib.loads(files["base.toml"])
            stages = tuple(
                Stage(**item | {key: tuple(item[key]) for key in _TUPLES if key in item})
                for item in settings["stages"]
            )
            if unknown := [stage.mode for stage in stages if stage.mode not in get_args(Mode)]:
                allowed = ", ".join(get_args(Mode))
                raise BaseError(f"{unknown[0]!r} is no mode of a stage; there are: {allowed}")
            idle = tuple(settings.get("decides_nothing", ()))
            if not all(isinstance(number, int) for number in idle):
                raise BaseError(f"decides_nothing is {list(idle)!r:.80}; it lists rules by number")
            pictures = checked_pictures(manifest.get("pictures", {}))
            base = cls(settings["task"], stages, decides_nothing=idle, pictures=pictures)
            functions = []
            for path, source in files.items():
                if path != "base.toml":
                    stage, _, file = path.partition("/")
                    name, home = file.removesuffix(".py"), base.stage(stage)
                    origin = origins.get(name, "teacher")
                    functions.append(parse_function(source, home, origin, path, told.get(name)))
            return base.holding(functions)
        except (BaseError, ManualError, UnknownNameError) as error:
            raise BaseError(f"not a function base: {error}") from None
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            what = f"{type(error).__name__}: {one_line(error)}"
            raise BaseError(f"not a function base: {what}") from None

    def _toml(self) -> str:
        stages = [
            {key: value for key, value in asdict(stage).items() if value or key not in _OPTIONAL}
            for stage in self.stages
        ]
        idle = {"decides_nothing": list(self.decides_nothing)} if self.decides_nothing else {}
        content = {"task": self.task, **idle, "stages": stages}
        return tomli_w.dumps(content, multiline_strings=False)


def _no_condition(stage: Stage) -> str:
    if stage.mode == "guarded":
        return f"the functions of stage {stage.name!r} apply only while their 'When:' holds"
    return f"it always holds, and stage {stage.name!r} has functions after it in its order"


def _in_order(order: Sequence[str], functions: Sequence[Function]) -> list[Function]:
    """The functions of a stage of mode ``first``, those that ``order`` does not name put in.

    One that replaces others goes directly before the first of them. Any other emergency goes first:
    it joined to overrule what is there. One without a ``When:`` goes last. Any other goes before
    the first function that cites only later rules.
    """
    known = {function.name: function for function in functions}
    found = [known.pop(name) for name in order if name in known]

    def first_rule(function: Function) -> float:
        return min(function.manual.rules, default=math.inf)

    for function in sorted(
        known.values(), key=lambda function: (first_rule(function), function.name)
    ):
        later = (i for i, other in enumerate(found) if first_rule(other) > first_rule(function))
        open_end = len(found) - (bool(found) and found[-1].manual.when is None)
        replaced = (i for i, other in enumerate(found) if other.name in function.manual.replaces)
        usual = 0 if function.emergency else min(next(later, open_end), open_end)
        place = next(replaced, usual)
        found.insert(len(found) if function.manual.when is None else place, function)
    return found


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of a base that is not in force; `logicdistill.policy.Policy.accept` makes it so.

    Attributes:
        old: the base that it was made and checked for.
        new: the base as it would be.
        entries: for the journal.
        refused: by name, functions that would not join, and why not, in one line each.
    """

    old: FunctionBase
    new: FunctionBase
    entries: Sequence[Mapping[str, Json]]
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions that would join, in the order of the entries."""
        names = [str(entry.get("function")) for entry in self.entries]
        return tuple(self.new.by_name[name] for name in names if name in self.new.by_name)
