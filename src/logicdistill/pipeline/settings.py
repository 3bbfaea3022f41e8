"""A run's settings: ``run --set KEY=VALUE`` gives them, and the run's ``run.toml`` keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, TypeVar

from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass

from logicdistill.errors import CorruptError, LogicDistillError, TaskError, UnknownNameError
from logicdistill.protocols import Task
from logicdistill.runs import Run
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.seeds import FIRST_VALIDATION_SEED
from logicdistill.teacher.joint import TOGETHER
from logicdistill.training.collect import USAGE_EXAMPLES
from logicdistill.types import Json

if TYPE_CHECKING:
    from logicdistill.teacher.live import TeacherOptions

TRAIN_EPISODES = 300

NO_OTHERS = ConfigDict(extra="forbid")
# Strict, for else true would be 1.
Whole = Annotated[int, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1)]
Natural = Annotated[int, Field(strict=True, ge=0)]
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, config=NO_OTHERS)
class TeacherSettings:
    """The table ``[teacher]``: limits of a live teacher, for one command.

    Attributes:
        max_calls: requests.
        max_tokens: tokens, in and out.
        max_answer: tokens of one answer; None takes 4,000 to 16,000 by the kind of question.
        parallel: requests under way at once.
        timeout: seconds until a request without an answer is given up.
        together: texts of one request for labels at most.
        prices: price list (a TOML file); None takes the prices of genai-prices.
    """

    max_calls: Whole | None = None
    max_tokens: Whole | None = None
    max_answer: Whole | None = None
    parallel: Whole = 8
    timeout: Annotated[float, Field(strict=True)] = 300.0
    together: Count = TOGETHER
    prices: str | None = None

    def options(self, model: str, base_url: str | None, budget: float | None) -> TeacherOptions:
        """The live teacher of that name within these limits."""
        from logicdistill.teacher.limits import Limits
        from logicdistill.teacher.live import TeacherOptions
        from logicdistill.teacher.prices import PriceList

        asking = self.max_answer, self.parallel, self.timeout
        limits = Limits(budget, self.max_calls, self.max_tokens, *asking, together=self.together)
        prices = PriceList(Path(self.prices)).token_prices() if self.prices else None
        return TeacherOptions(model, base_url, limits, prices)


@dataclass(frozen=True, slots=True, config=NO_OTHERS)
class RunSettings:
    """What a run is made with.

    Attributes:
        task: id or name of a built-in task, or the folder of a record task.
        sizes: the task's own parameters.
        episodes: evaluation episodes a player; None takes the task's default.
        train_episodes: episodes played to collect examples; 0 takes all training states of a record
            task, and 300 of an environment.
        seed: of the training.
        encoder: name, path or hub name of the sentence encoder.
        pooling: of the encoder, ``mean`` or ``cls``; None takes what its files say.
        prefix: text that the encoder wants before each text; None takes what its files say.
        max_tokens: of a text that the encoder reads; None takes what its files say, 128 at most.
        picture_encoder: names or paths of encoders of pictures, with commas; of several, each stage
            takes the one that reads held-out example pictures best. ``auto``: ``pixels``, and
            ``efficientnet-lite0`` where its weights are installed.
        fine_tune: train the encoder itself, with torch; by default it stays as it is, and a head is
            fitted.
        train_steps: most steps of fine-tuning, which ends earlier where accuracy on held-out
            messages is flat; None takes the recipe's number.
        recording: whose replies are the teacher's: a recording's name, or ``live:`` and a model's.
            None takes the one that the folder was begun with, or the shipped one.
        data: folder with the data of a task of messages; None fetches them.
        shots: training states of each right action of a record task; None takes all.
        shots_seed: of the draw of ``shots``.
        usage_examples: training states that each manual shows, where a state is free text alone.
        repair_rounds: how often the teacher corrects its functions where training states have
            another recorded action.
        send_actions: whether it may be sent these states with their recorded actions.
        least_right: share of the training states below which functions are not trained with.
        label_budget: views that get a label from a live teacher at most; None: all that need one.
        jobs: processes for evaluation; -1 takes one a core.
        teacher: limits of a live teacher.
    """

    task: str
    sizes: Mapping[str, Any] = field(default_factory=dict)
    episodes: Count | None = None
    train_episodes: Natural = 0
    seed: Whole = 0
    encoder: str = "minilm"
    pooling: Literal["mean", "cls"] | None = None
    prefix: str | None = None
    max_tokens: Annotated[int, Field(strict=True, ge=8, le=512)] | None = None
    picture_encoder: str = "auto"
    fine_tune: bool = False
    train_steps: Natural | None = None
    recording: str | None = None
    data: str | None = None
    shots: Count | None = None
    shots_seed: Whole = 0
    usage_examples: Natural = USAGE_EXAMPLES
    repair_rounds: Natural = 5
    send_actions: bool = True
    least_right: Annotated[float, Field(strict=True, ge=0, le=1)] = 0.5
    label_budget: Natural | None = None
    jobs: Whole = -1
    teacher: TeacherSettings = field(default_factory=TeacherSettings)

    @classmethod
    def of(cls, values: Mapping[str, Json]) -> RunSettings:
        """Settings by their keys; errors are those of `settings_of`."""
        return settings_of(cls, values)

    @classmethod
    def read(cls, folder: Path) -> RunSettings:
        """The settings of a run.

        Raises:
            UnknownNameError: there is no run in that folder.
            CorruptError: its ``run.toml`` cannot be read, or another version wrote it.
        """
        values = Run.open(folder).settings
        try:
            return cls.of(values)
        except LogicDistillError as error:
            todo = "correct that line, or choose another --out"
            raise CorruptError(f"{folder / 'run.toml'}: {error}; {todo}") from None

    def to_toml(self) -> dict[str, Json]:
        """For ``run.toml``, which knows no null."""
        return asdict(self, dict_factory=lambda items: {k: v for k, v in items if v is not None})


def settings_of(kind: type[Kind], values: Mapping[str, Json]) -> Kind:
    """Settings of a kind, such as `RunSettings`, by their keys.

    Raises:
        UnknownNameError: there is no such key; the nearest is offered.
        TaskError: a value does not fit.
    """
    try:
        return kind(**values)
    except ValidationError as error:
        fault = error.errors()[0]
    key = ".".join(map(str, fault["loc"]))
    if fault["type"] == "unexpected_keyword_argument":
        known = ["episodes"] if hasattr(kind, "episodes") else []
        raise UnknownNameError("setting", key, [*setting_keys(kind), *known])
    said = fault["msg"][:1].lower() + fault["msg"][1:]  # allowed values keep their case
    raise TaskError(f"setting {key} is {fault['input']!r}: {said}")


@dataclass(frozen=True, slots=True, config=NO_OTHERS)
class AskingSettings:
    """What ``--set`` gives to a command that changes a run's base: the limits of a live teacher."""

    teacher: TeacherSettings = field(default_factory=TeacherSettings)


def limits_of_run(folder: Path, pairs: Sequence[str]) -> TeacherSettings:
    """The limits that ``--set`` gives for one command, or else the run's ``run.toml``.

    Raises:
        TaskError, UnknownNameError: see `read_pairs` and `settings_of`.
    """
    given = read_pairs(pairs, AskingSettings).get("teacher", {})
    stored = asdict(RunSettings.read(folder).teacher)
    return settings_of(AskingSettings, {"teacher": {**stored, **given}}).teacher


def settings_of_run(
    folder: Path, name: str, task_id: str, given: Mapping[str, Json]
) -> RunSettings:
    """What is given, or else what the ``run.toml`` of the folder says."""
    stored = RunSettings.read(folder).to_toml() if (folder / "run.toml").is_file() else {}
    if stored.get("task") != task_id:
        stored = {}  # The pipeline refuses another task's folder.
    tables = {key: stored.get(key, {}) | given.get(key, {}) for key in ("sizes", "teacher")}
    return RunSettings.of({**stored, **given, **tables, "task": name})


def setting_keys(kind: type[Any]) -> list[str]:
    """Every key that ``--set`` takes."""
    names = {item.name for item in fields(kind)}
    own = sorted(names - {"task", "episodes", "sizes", "teacher"})
    sizes = ["sizes.NAME"] if "sizes" in names else []
    return [*own, *sizes, *(f"teacher.{item.name}" for item in fields(TeacherSettings))]


def read_pairs(pairs: Sequence[str], kind: type[Any]) -> dict[str, Json]:
    """What ``--set`` says. A dot leads into a table. A value that is not JSON is text.

    Raises:
        TaskError: a pair has no value, or a key is given twice.
        UnknownNameError: there is no such key; the nearest is offered.
    """
    found, keys = dict[str, Json](), setting_keys(kind)
    for pair in pairs:
        key, _, text = pair.partition("=")
        if not text:
            raise TaskError(f"--set takes KEY=VALUE, such as train_steps=200; got {pair!r}")
        table, _, name = key.partition(".")
        if (f"{table}.NAME" if table == "sizes" and name else key) not in keys:
            raise UnknownNameError("setting", key, keys)
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        target = found.setdefault(table, {}) if name else found
        if (last := name or key) in target:
            raise TaskError(f"--set gives {key} twice; give it once")
        target[last] = value
    return found


def training_episodes(task: Task) -> int:
    """By default: every training state of a record task, 300 episodes of an environment."""
    if isinstance(task, RecordTask):
        return min(FIRST_VALIDATION_SEED, len(task.split("train")))
    return TRAIN_EPISODES


class Reporter(Protocol):
    """Where a run says what it does."""

    def line(self, text: str) -> None:
        """Something that happened."""

    def progress(self, step: str, done: int, total: int) -> None:
        """How far a step is."""
