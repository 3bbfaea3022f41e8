"""The function base D_f as a value: stages, functions, and the snapshot id of this content."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import tomli_w

from logicdistill.errors import BaseError, ManualError, UnknownNameError, one_line
from logicdistill.functions.manual import parse_function
from logicdistill.types import STAGE_NAME, Function, Json, Stage


@dataclass(frozen=True)
class FunctionBase:
    """All functions of a task, in stages.

    Attributes:
        task: id of the task whose rules the functions serve.
        stages: in the order of the decision.
        functions: in order of stage, then name.

    Raises:
        BaseError: a stage's name cannot name a folder, two stages or functions share a name, or a
            function of a guarded stage has no ``When:``.
    """

    task: str
    stages: tuple[Stage, ...]
    functions: tuple[Function, ...] = ()

    def __post_init__(self) -> None:
        for stage in self.stages:
            if not STAGE_NAME.fullmatch(stage.name):
                raise BaseError(
                    f"stage name {stage.name[:80]!r}: at most 60 letters (a to z), digits, "
                    "'_' and '-'; it names a folder"
                )
        for kind, names in (
            ("stages", [stage.name.casefold() for stage in self.stages]),
            ("functions", [function.name for function in self.functions]),
        ):
            if len(set(names)) < len(names):
                twice = min(name for name in names if names.count(name) > 1)
                raise BaseError(f"two {kind} have the name {twice!r}; names are unique in a base")
        guarded = {stage.name for stage in self.stages if stage.guarded}
        for function in self.functions:
            if function.stage in guarded and function.manual.when is None:
                raise BaseError(
                    f"{function.name}: its stage {function.stage!r} is guarded; give it a 'When:'"
                )

    def stage(self, name: str) -> Stage:
        """The stage with this name.

        Raises:
            UnknownNameError: there is none.
        """
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise UnknownNameError("stage", name, (stage.name for stage in self.stages))

    def function(self, name: str) -> Function:
        """The function with this name.

        Raises:
            UnknownNameError: there is none.
        """
        if name not in self.by_name:
            raise UnknownNameError("function", name, self.by_name)
        return self.by_name[name]

    def of_stage(self, name: str) -> tuple[Function, ...]:
        """Functions of a stage, by name."""
        return self._by_stage.get(name, ())

    def guarded(self, stage: str) -> tuple[Function, ...]:
        """Functions of a stage that apply only while their ``When:`` holds.

        All of a guarded stage; of another stage, its emergencies (see `Function.guarded`).
        """
        return self._guarded.get(stage, ())

    def having(self, functions: Iterable[Function]) -> FunctionBase:
        """This base with exactly these functions.

        Raises:
            BaseError: a function's stage is not in the base, or see the class.
        """
        order = {stage.name: index for index, stage in enumerate(self.stages)}
        functions = list(functions)
        for function in functions:
            if function.stage not in order:
                raise BaseError(
                    f"function {function.name} is of stage {function.stage!r}; "
                    f"the base has: {', '.join(order)}"
                )
        functions.sort(key=lambda function: (order[function.stage], function.name))
        return replace(self, functions=tuple(functions))

    def uncovered_rules(self, rules: int) -> list[int]:
        """Numbers of the rules of x that no function cites."""
        cited = {number for function in self.functions for number in function.manual.rules}
        return [number for number in range(1, rules + 1) if number not in cited]

    @cached_property
    def by_name(self) -> dict[str, Function]:
        """Functions by name."""
        return {function.name: function for function in self.functions}

    @cached_property
    def _by_stage(self) -> dict[str, tuple[Function, ...]]:
        return {
            stage.name: tuple(f for f in self.functions if f.stage == stage.name)
            for stage in self.stages
        }

    @cached_property
    def _guarded(self) -> dict[str, tuple[Function, ...]]:
        return {
            stage.name: tuple(f for f in self.of_stage(stage.name) if stage.guarded or f.guarded)
            for stage in self.stages
        }

    @cached_property
    def snapshot(self) -> str:
        """First 16 hex digits of the SHA-256 of the whole content."""
        text = json.dumps(self.to_manifest(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_manifest(self) -> dict[str, Any]:
        """The base as JSON: file name to text, and each function's origin."""
        sources = {f"{item.stage}/{item.name}.py": item.source for item in self.functions}
        return {
            "files": {"base.toml": self._toml(), **sources},
            "origins": {function.name: function.origin for function in self.functions},
        }

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> FunctionBase:
        """The base that `to_manifest` wrote.

        Raises:
            BaseError: not a manifest.
        """
        try:
            files, origins = manifest["files"], manifest.get("origins", {})
            settings = tomllib.loads(files["base.toml"])
            stages = tuple(map(_stage, settings["stages"]))
            base, by_name = cls(settings["task"], stages), {item.name: item for item in stages}
            functions = []
            for path, source in files.items():
                if path != "base.toml":
                    folder, _, file = path.partition("/")
                    origin = origins.get(file.removesuffix(".py"), "teacher")
                    functions.append(parse_function(source, by_name[folder], origin, path))
            return base.having(functions)
        except (BaseError, ManualError) as error:
            raise BaseError(f"not a function base: {error}") from None
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise BaseError(
                f"not a function base: {type(error).__name__}: {one_line(error)}"
            ) from None

    def _toml(self) -> str:
        stages = [
            {"name": stage.name, "output": stage.output, "question": stage.question}
            | {"mode": stage.mode, "reads": list(stage.reads)}
            | ({"text": list(stage.text)} if stage.text else {})
            | ({"guarded": True} if stage.guarded else {})
            for stage in self.stages
        ]
        return tomli_w.dumps({"task": self.task, "stages": stages}, multiline_strings=False)


def _stage(item: Mapping[str, Any]) -> Stage:
    return Stage(
        *(item["name"], item["output"], item["question"]),
        mode=item.get("mode", "one"),
        reads=tuple(item.get("reads", ())),
        text=tuple(item.get("text", ())),
        guarded=bool(item.get("guarded", False)),
    )


@dataclass(frozen=True, slots=True)
class Proposal:
    """Functions that a teacher wrote for a new rule: checked, not yet in force.

    Attributes:
        old: the base that they were written for.
        new: the base with them.
        entries: their journal entries.
    """

    old: FunctionBase
    new: FunctionBase
    entries: Sequence[Mapping[str, Json]]

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions that would join."""
        return tuple(self.new.function(str(entry["function"])) for entry in self.entries)
