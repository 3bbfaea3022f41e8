"""What a person wrote into a task's folder beside rules and states: stages, functions, handlers."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, ValidationError

from logicdistill.files import digest
from logicdistill.pictures import is_url
from logicdistill.tasks.schema import is_picture, is_text
from logicdistill.types import HELPERS, PICTURES, Json, Mode, Stage, stages_fault

STAGES, FUNCTIONS, MODULE = "stages.toml", "functions", "functions.py"
HELPERS_IN = f"{FUNCTIONS}/{HELPERS.name}"
PICTURE_KINDS = (".png", ".jpg", ".jpeg", ".webp")

OnFault = Callable[[str, int, str], None]
"""Takes file, line (0: the whole file) and what is wrong."""


class _StageSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    name: str
    mode: Mode
    output: str = ""
    question: str = ""
    reads: list[str] = []
    order: list[str] = []
    grid: list[int] = []
    answers: dict[str, str] = {}


class _Stages(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    stages: list[_StageSettings]


@dataclass(frozen=True, slots=True)
class ByHand:
    """What need not be asked of a teacher.

    Attributes:
        stages: of ``stages.toml``; empty where there is none.
        files: text of each function file and module, by its path in the task's folder.
        handlers: sentence that says when an action is right, by action; they stand for functions.
        helpers: text of each file of ``functions/helpers/``, by its path in the task's folder.
        answers: by stage that reads pictures, and by answer, the sentence that says when it is
            right; they stand for functions that return their names.
        pictures: by such a stage, and by function or answer, its example pictures: paths in the
            task's folder, or data URLs.
        folder: of the task.
    """

    stages: tuple[Stage, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    handlers: Mapping[str, str] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pictures: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    folder: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.stages or self.files or self.handlers)

    @property
    def picture_files(self) -> list[str]:
        """Paths of all example pictures in the task's folder."""
        named = (paths for of in self.pictures.values() for paths in of.values())
        return [path for paths in named for path in paths if not is_url(path)]

    def shown(self) -> list[Json]:
        """Answers, and digests of the pictures, by which a change is noticed."""
        folder = self.folder or Path()
        return [
            {stage: dict(of) for stage, of in self.answers.items()},
            [
                [stage, name, [digest(one if is_url(one) else (folder / one).read_bytes())]]
                for stage, of in self.pictures.items()
                for name, paths in of.items()
                for one in paths
            ],
        ]

    def of_stage(self, stage: str) -> dict[str, str]:
        """Files of a stage: ``functions/STAGE/*.py`` or ``functions/STAGE.py``."""
        module, folder = f"{FUNCTIONS}/{stage}.py", f"{FUNCTIONS}/{stage}/"
        return {
            path: text
            for path, text in self.files.items()
            if path == module or path.startswith(folder)
        }


@runtime_checkable
class WrittenTask(Protocol):
    """A task for which a person wrote stages or functions, in its folder or in the package."""

    @property
    def by_hand(self) -> ByHand:
        """What need not be asked of a teacher."""


def read_by_hand(
    folder: Path,
    schema: Mapping[str, Json],
    handlers: Mapping[str, str],
    text_of: Callable[[str], str | None],
    on_fault: OnFault,
) -> ByHand:
    """What a person wrote.

    Args:
        folder: of the task.
        schema: of a state.
        handlers: see `ByHand`.
        text_of: reads a file of the folder; None after a fault.
        on_fault: called with each fault.
    """
    stages, answers = tuple[Stage, ...](), dict[str, Mapping[str, str]]()
    if (folder / STAGES).is_file() and (text := text_of(STAGES)) is not None:
        stages, answers = _read_stages(text, schema, on_fault)
    paths = sorted(path for path in folder.glob(f"{FUNCTIONS}/**/*.py") if path.is_file())
    paths += [folder / MODULE] if (folder / MODULE).is_file() else []
    named = [path.relative_to(folder).as_posix() for path in paths]
    texts = {name: text for name in named if (text := text_of(name)) is not None}
    helpers = {name: text for name, text in texts.items() if name.startswith(f"{HELPERS_IN}/")}
    files = {name: text for name, text in texts.items() if name not in helpers}
    pictures = _read_pictures(folder, stages, on_fault)
    found = ByHand(stages, files, handlers, helpers, answers, pictures, folder)
    _check_places(found, on_fault)
    return found


def _read_pictures(
    folder: Path, stages: Sequence[Stage], on_fault: OnFault
) -> dict[str, dict[str, list[str]]]:
    """Paths of the pictures in ``pictures/STAGE/NAME/``, by stage and name."""
    found: dict[str, dict[str, list[str]]] = {}
    looking = {stage.name for stage in stages if stage.pictures}
    for path in sorted((folder / PICTURES).glob("*/*/*")):
        stage, name, _ = path.relative_to(folder / PICTURES).parts
        where = path.relative_to(folder).as_posix()
        if path.suffix.lower() not in PICTURE_KINDS:
            if not path.name.startswith("."):
                kinds = ", ".join(PICTURE_KINDS)
                on_fault(where, 0, f"is no picture by its name; they end in {kinds}")
        elif stage not in looking:
            names = ", ".join(sorted(looking)) or "none"
            on_fault(where, 0, f"stage {stage!r} reads no picture; those that do: {names}")
        elif not name.isidentifier():
            on_fault(where, 0, f"{name!r} names a function, so it is a Python name")
        else:
            found.setdefault(stage, {}).setdefault(name, []).append(where)
    return found


def _read_stages(
    text: str, schema: Mapping[str, Json], on_fault: OnFault
) -> tuple[tuple[Stage, ...], dict[str, Mapping[str, str]]]:
    """The stages, and the answers of those that read pictures."""
    try:
        read = _Stages.model_validate(tomllib.loads(text)).stages
    except tomllib.TOMLDecodeError as error:
        on_fault(STAGES, 0, f"not TOML: {error}")
        return (), {}
    except ValidationError as error:
        for item in error.errors():
            table = item["loc"][1] if len(item["loc"]) > 1 else 0
            where = f"stage {int(table) + 1}: " if len(item["loc"]) > 1 else ""
            key, said = item["loc"][-1], item["msg"][:1].lower() + item["msg"][1:]
            on_fault(STAGES, 0, f"{where}{key}: {said}")
        return (), {}
    fields = schema["properties"]
    stages = tuple(
        Stage(
            item.name,
            item.output or ("action" if item is read[-1] else item.name),
            item.question or f"{item.name.replace('_', ' ')}?",
            item.mode,
            tuple(item.reads),
            text=tuple(name for name in item.reads if is_text(fields.get(name))),
            order=tuple(item.order),
            pictures=tuple(name for name in item.reads if is_picture(fields.get(name))),
            grid=tuple(item.grid),
        )
        for item in read
    )
    if fault := stages_fault(stages, fields):
        on_fault(STAGES, 0, fault)
        return (), {}
    answers: dict[str, Mapping[str, str]] = {one.name: one.answers for one in read if one.answers}
    for stage in stages:
        if stage.name in answers and not stage.pictures:
            what = "'answers' are for a stage that reads a picture; write functions"
            on_fault(STAGES, 0, f"stage {stage.name!r}: {what}")
        for name in answers.get(stage.name, ()):
            if not name.isidentifier():
                on_fault(STAGES, 0, f"answer {name!r} names a function, so it is a Python name")
    for stage in stages:
        if stage.order and stage.mode != "first":
            on_fault(STAGES, 0, f"stage {stage.name!r}: 'order' is for mode 'first'; leave it out")
        if stage.asks and not stage.reads:
            what = "'reads' is empty, so the student would see nothing; name what it reads"
            on_fault(STAGES, 0, f"stage {stage.name!r}: {what}")
    return stages, answers


def _check_places(found: ByHand, on_fault: OnFault) -> None:
    """Each file belongs to a stage, or is a helper's."""
    if f"{HELPERS_IN}.py" in found.files:
        on_fault(f"{HELPERS_IN}.py", 0, f"put each helper into a file of its own in {HELPERS_IN}/")
        return
    inside = [path for path in found.files if path != MODULE]
    folders = sorted({path.split("/")[1].removesuffix(".py") for path in inside})
    if found.stages:
        for path in found.files:
            if not any(path in found.of_stage(stage.name) for stage in found.stages):
                names = ", ".join(stage.name for stage in found.stages)
                on_fault(path, 0, f"belongs to no stage; put it into functions/STAGE/: {names}")
    elif len(folders) > 1 and any(path.count("/") > 1 for path in inside):
        todo = f"write {STAGES}: a table [[stages]] with 'name' and 'mode' for each, in order"
        on_fault(FUNCTIONS, 0, f"has {len(folders)} stages ({', '.join(folders)}); {todo}")
    elif MODULE in found.files and inside:
        on_fault(MODULE, 0, f"and {FUNCTIONS}/ are two places for functions; keep one")
