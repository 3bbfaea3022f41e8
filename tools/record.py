"""Make the recorded replies that ship with the package from the texts under ``recordings/``.

    python tools/record.py [TASK | TASK@RECORDING | FOLDER ...]

Each request of `logicdistill run` at default settings is answered from ``recordings/TASK``:

- ``stages.toml``, and one file a function; ``helpers/`` goes with the first stage;
- ``labels.py`` for the states where no ``When:`` decides;
- ``changes/CHANGE/STAGE`` with the functions for each change of the rules.

``recordings/TASK@NAME`` is another decomposition of the same rules (``run --set recording=NAME``).
``TASK@wrong-manuals`` is made here: the functions of ``recordings/TASK`` with each other's manuals.
A task of messages has ``handlers.toml`` instead of function files; its ``rules.md`` is written from
there. A record task's FOLDER has its texts in ``recordings/``, with ``labels.jsonl`` instead of
``labels.py``; its replies go to ``replies/``.

Without arguments everything is recorded. Run it after a change of a prompt, a rule or a recording.
It replaces all replies of a recording.
"""

from __future__ import annotations

import itertools
import json
import runpy
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from handlers import FILE, function_files, read_handlers, rules_text

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import play
from logicdistill.deciding.parts import TOP_K, Parts
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.steps import RECORD_SAMPLES
from logicdistill.policy import Policy
from logicdistill.protocols import Request, Task
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.messages import MESSAGE_TASKS, package_folder
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task, task_ids
from logicdistill.tasks.scaffold import example_folder
from logicdistill.tasks.seeds import FIRST_TEST_SEED, FIRST_VALIDATION_SEED
from logicdistill.teacher.recorded import LABELS_FILE, ReplyStore, shipped_replies
from logicdistill.teacher.write import Author
from logicdistill.training.collect import LabelStudent, collect
from logicdistill.training.labelling import Labeller
from logicdistill.types import Choice, Example, Function, Json, Query
from logicdistill.views import example_call
from logicdistill.writing.base import build_base, write_for_rule

ROOT = Path(__file__).resolve().parent.parent / "recordings"
FOLDERS = sorted(file.parent for file in (ROOT.parent / "examples").glob("*/recordings"))
ORIGIN = (
    "recorded: written for logicdistill by its authors with an AI assistant, {how}; "
    "no run called a model"
)
HOW = {
    "pursuit-v2": "from the task's rules and from lost games, with constants chosen on played "
    "games",
    "mountain-car-v1": "from the task's rules, with constants searched over 183 combinations in a "
    "simulation",
    "pendulum-v1": "from the task's rules, with constants searched over 432 combinations in a "
    "simulation",
}
"""How a task's functions came about where it was not from its rules; docs/log.md has the seeds."""

HANDLERS_HOW = "from intent names and training messages"
FOLDER_HOW = (
    "from the task's rules; of the usage examples in words some are training states, "
    "the others were written knowing the kinds of validation mistakes"
)

WRONG = "wrong-manuals"
TEMPLATE = "parcels-v1"
"""The example of a record task; its replies lie in its folder."""

SCOPES, EXAMPLES = 20, 4
"""Scopes kept for each function, and usage examples made of them."""


def _texts(folder: Path) -> list[str]:
    return [file.read_text() for file in sorted(folder.glob("*.py"))]


class RecordingTeacher:
    """Answers from a folder of texts and stores each answer."""

    def __init__(self, folder: Path, store: ReplyStore, how: str | None = None) -> None:
        told = how or HOW.get(folder.name.partition("@")[0], "from the task's rules")
        self.origin = ORIGIN.format(how=told)
        self.folder = folder
        self.store = store
        self.stages = tomllib.loads((self.folder / "stages.toml").read_text())["stages"]
        labels = self.folder / "labels.jsonl"
        lines = (
            [json.loads(line) for line in labels.read_text().splitlines()]
            if labels.is_file()
            else []
        )
        self.texts = {line["text"]: line["function"] for line in lines}
        labels = self.folder / "labels.py"
        self.label = runpy.run_path(str(labels))["label"] if labels.is_file() else None

    def ask(self, request: Request) -> Any:
        """The answer to a request."""
        reply = getattr(self, f"_{request.kind}")(request.messages[-1][1])
        if self.store.get(request) is None:
            self.store.put(request, reply, self.origin)
        return reply

    def known(self, request: Request) -> Any:
        """A label costs nothing here, so every one is recorded; see `KnowingTeacher`."""
        return self.ask(request) if request.kind == "label" else None

    def _stages(self, text: str) -> Any:
        return {"stages": self.stages}

    def _functions(self, text: str) -> Any:
        stage = text.split("Write the functions of this stage:")[1].split("->")[0].strip()
        if (self.folder / FILE).is_file():
            return {"files": function_files(read_handlers(self.folder))}
        return {"files": _texts(self.folder / stage)} | self._helpers(stage)

    def _helpers(self, stage: str) -> dict[str, list[str]]:
        """Files of helpers; they go with the first stage."""
        helpers = _texts(self.folder / "helpers") if stage == self.stages[0]["name"] else []
        return {"helpers": helpers} if helpers else {}

    def _emergency(self, text: str) -> Any:
        rule = text.split("goes before the others where they disagree:\n\n")[1].split("\n")[0]
        change = next(
            change for change in get_task(self.folder.name).changes.values() if change.rule == rule
        )
        files = sorted((self.folder / "changes" / change.name).glob("*/*.py"))
        return {
            "functions": [{"stage": file.parent.name, "file": file.read_text()} for file in files]
        }

    def _repair(self, text: str) -> Any:
        raise SystemExit(f"the gate refused a recorded function:\n{text}")

    def _label(self, text: str) -> Any:
        view = text.split("State: ")[1].split("\n")[0]
        if self.label is None:
            said = max(
                (text for text in self.texts if f"{view}, ".startswith(f"{text}, ")), key=len
            )
            return {"function": self.texts[said], "why": "This is what the customer asks for."}
        question = text.split("Question: ")[1].split("\n")[0]
        stage = next(stage["name"] for stage in self.stages if stage["question"] == question)
        facts = dict(part.split(": ", 1) for part in view.split(", "))
        name, why = self.label(
            stage, {key.replace(" ", "_"): value for key, value in facts.items()}
        )
        return {"function": name, "why": why}


class Watcher(LabelStudent):
    """Follows the labels and keeps some of the scopes in which each function is right."""

    def __init__(self, labeller: Labeller) -> None:
        super().__init__(labeller, explore=0.3, seed=0)
        self.labeller = labeller
        self.scopes: dict[str, list[dict[str, Json]]] = {}

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        for query, label in zip(queries, self.labeller.labels(queries), strict=True):
            kept = self.scopes.setdefault(label or "", [])
            scope = json.loads(json.dumps(query.scope))
            if len(kept) < SCOPES and scope not in kept:
                kept.append(scope)
        return super().select(queries)


class WrongManuals(RecordingTeacher):
    """Gives each function of a selecting stage another one's ``Use when:`` and ``When:``.

    Bodies and summaries stay. A usage example has to fit its ``When:``, so the examples are
    replaced: states in which the manual's old owner was right, with what the new owner returns
    there. The labels go along with the manuals. The exchange is the first one, in the order of the
    names, in which no function keeps its manual and each function runs in some state.
    """

    def __init__(
        self,
        folder: Path,
        store: ReplyStore,
        base: FunctionBase,
        scopes: dict[str, list[dict[str, Json]]],
    ) -> None:
        super().__init__(folder, store)
        self.origin += "; 'Use when:' and 'When:' exchanged by tools/record.py"
        self.owner: dict[str, str] = {}
        self.files: dict[str, list[str]] = {}
        with Sandbox(base.functions) as sandbox:
            for stage in base.stages:
                functions = base.of_stage(stage.name)
                if not stage.selects:
                    self.files[stage.name] = [function.source for function in functions]
                    continue
                fits = {
                    (f.name, g.name): _runs(sandbox, f, scopes.get(g.name, []))
                    for f in functions
                    for g in functions
                    if f is not g
                }
                orders = itertools.permutations(functions)
                order = next(
                    o
                    for o in orders
                    if all(fits.get((f.name, g.name)) for f, g in zip(functions, o, strict=True))
                )
                pairs = list(zip(functions, order, strict=True))
                self.owner |= {g.name: f.name for f, g in pairs}
                self.files[stage.name] = [
                    _with_manual_of(f, g, fits[f.name, g.name]) for f, g in pairs
                ]

    def _functions(self, text: str) -> Any:
        stage = text.split("Write the functions of this stage:")[1].split("->")[0].strip()
        return {"files": self.files[stage]} | self._helpers(stage)

    def _label(self, text: str) -> Any:
        reply = super()._label(text)
        return {"function": self.owner[reply["function"]], "why": "Its manual says so."}


def _runs(
    sandbox: Sandbox, function: Function, scopes: Sequence[dict[str, Json]]
) -> list[tuple[dict[str, Json], Json]]:
    """Inputs among the scopes on which the function runs, with what it returns."""
    outcomes = sandbox.call_many(function, scopes)
    found = [
        ({name: scope[name] for name in function.parameters}, outcome.value)
        for scope, outcome in zip(scopes, outcomes, strict=True)
        if outcome.error is None
    ]
    return [pair for index, pair in enumerate(found) if pair not in found[:index]][:EXAMPLES]


def _with_manual_of(
    function: Function, other: Function, examples: Sequence[tuple[dict[str, Json], Json]]
) -> str:
    """The file with the other one's ``Use when:`` and ``When:``, and these usage examples."""
    head, manual, body = function.source.split('"""', 2)
    lines = [
        line
        for line in manual.partition("    >>>")[0].splitlines()
        if not line.strip().startswith(("Use when:", "When:"))
    ]
    taken = [f"    Use when: {other.manual.use_when}"] + (
        [f"    When: {other.manual.when}"] if other.manual.when else []
    )
    at = next(number for number, line in enumerate(lines) if line.strip().startswith("Rules:"))
    calls = [
        f"    >>> {example_call(function, Example(inputs))}\n    {result!r}"
        for inputs, result in examples
    ]
    return '"""'.join(
        [head, "\n".join([*lines[:at], *taken, *lines[at:], *calls]) + "\n    ", body]
    )


def record(name: str) -> None:
    """Record one task or another decomposition of it."""
    task_id, _, variant = name.partition("@")
    task = _template() if name == TEMPLATE else get_task(task_id)
    folder = (
        example_folder("parcels") / "replies"
        if name == TEMPLATE
        else shipped_replies(task.id).folder.parent / name
    )
    store = ReplyStore(folder)
    shutil.rmtree(store.folder, ignore_errors=True)
    if variant == WRONG:
        teacher: RecordingTeacher = _wrong_manuals(task, store)
    else:
        teacher = RecordingTeacher(ROOT / name, store)
    author = Author(teacher, task)
    base, _ = build_base(author, _samples(task), print)
    # All states of the example, of whatever split: a person may move them.
    starts = (0, FIRST_VALIDATION_SEED, FIRST_TEST_SEED) if isinstance(task, RecordTask) else (0,)
    seeds = [start + number for start in starts for number in range(300)]
    with Sandbox(base.functions) as sandbox:
        parts = Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, TOP_K)
        for explore in (0.1, 0.15, 0.5, 1.0):  # 0.15 as a run does
            # Recorded actions do not count: a person may remove them, and a run then needs labels.
            found = collect(parts, Labeller(author, sandbox), seeds, explore=explore)
    for change in [] if variant else task.changes.values():
        changed = get_task(name, change=change.name)
        states = [first_state(changed, seed) for seed in range(2)]
        write_for_rule(author, base, change.rule, states, print)
    _report(name, task, base, f"{len(found.examples)} views, {_replies(store)} replies")
    for stage, examples in itertools.groupby(found.examples, key=lambda example: example.stage):
        counts: dict[str, int] = {}
        for example in examples:
            counts[example.label] = counts.get(example.label, 0) + example.count
        total = sum(counts.values())
        print(
            f"  {stage}: "
            + ", ".join(
                f"{label} {count / total:.0%}"
                for label, count in sorted(counts.items(), key=lambda item: -item[1])
            )
        )


def record_folder(folder: Path) -> None:
    """Record a record task: its functions, and labels of the views where no ``When:`` decides."""
    task = RecordTask(folder)
    store = ReplyStore(folder / "replies")
    shutil.rmtree(store.folder, ignore_errors=True)
    teacher = RecordingTeacher(folder / "recordings", store, FOLDER_HOW)
    author = Author(teacher, task)
    base, _ = build_base(author, _samples(task), print)
    with Sandbox(base.functions) as sandbox:
        student = LabelStudent(Labeller(author, sandbox), explore=0.0, seed=0)
        decide(
            Parts(task, base, FusedRetriever(None), student, sandbox, TOP_K),
            [record.state for record in task.records],
        )
    labels = []
    for file in store.folder.glob("*.json"):
        reply = json.loads(file.read_text())
        # A label is found by its subject; rules and manuals would make it 30 times as long.
        if reply["request"]["kind"] == "label":
            reply["request"]["messages"] = []
            labels.append(json.dumps(reply, ensure_ascii=False) + "\n")
            file.unlink()
    if labels:
        (store.folder / LABELS_FILE).write_text("".join(sorted(labels)))
    _report(folder, task, base, f"{_replies(store)} replies, {len(labels)} labels")


def record_messages(name: str) -> None:
    """Record a task of messages: rules and functions. Its data has the right actions, no labels."""
    package, source = package_folder(MESSAGE_TASKS[name]), ROOT / name
    title = tomllib.loads((package / "task.toml").read_text())["title"]
    (package / "rules.md").write_text(rules_text(title, read_handlers(source)))
    store = ReplyStore(package / "replies")
    shutil.rmtree(store.folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(package, Path(scratch) / name))
        states = [
            {"state": {"message": "?"}, "split": split} for split in ("train", "test")
        ]  # no message plays a part here
        (folder / "states.jsonl").write_text("".join(f"{json.dumps(state)}\n" for state in states))
        task = RecordTask(folder)
        teacher = RecordingTeacher(source, store, HANDLERS_HOW)
        base, _ = build_base(Author(teacher, task), _samples(task), lambda _: None)
    _report(name, task, base, "no labels")


def _report(name: str | Path, task: Task, base: FunctionBase, counts: str) -> None:
    print(f"{name}: {len(base.functions)} functions, {counts}; snapshot {base.snapshot}")
    print("uncovered rules:", base.uncovered_rules(len(task.rules)))


def _replies(store: ReplyStore) -> int:
    return len(list(store.folder.glob("*.json")))


def _samples(task: Task) -> list[dict[str, Json]]:
    return (
        task.samples(RECORD_SAMPLES)
        if isinstance(task, RecordTask)
        else [first_state(task, seed) for seed in range(2)]
    )


def _template() -> RecordTask:
    """The example of ``logicdistill new``, in a copy, since reading writes a schema beside it."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "task"
        shutil.copytree(example_folder("parcels"), copy)
        return RecordTask(copy)


def _wrong_manuals(task: Task, store: ReplyStore) -> WrongManuals:
    folder = ROOT / task.id
    with tempfile.TemporaryDirectory() as scratch:
        author = Author(RecordingTeacher(folder, ReplyStore(Path(scratch))), task)
        base, _ = build_base(author, _samples(task), lambda _: None)
        with Policy(task, base, lambda sandbox: Watcher(Labeller(author, sandbox))) as policy:
            play(task, policy.player, range(60))
            return WrongManuals(folder, store, base, policy.parts.student.scopes)


if __name__ == "__main__":
    names = {folder.name for folder in ROOT.iterdir()}
    # Tasks with other decompositions have the one with wrong manuals as well.
    wrong = {
        f"{task_id}@{WRONG}"
        for task_id in task_ids()
        if any(name.startswith(f"{task_id}@") for name in names)
    }
    for recording in sys.argv[1:] or [*sorted(names | wrong), *map(str, FOLDERS)]:
        if Path(recording).is_dir():
            record_folder(Path(recording))
        elif recording in MESSAGE_TASKS:
            record_messages(recording)
        else:
            record(recording)
