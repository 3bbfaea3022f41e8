"""``logicdistill run``: write, review edits, collect, train, evaluate; what is done is skipped.

One file, because the steps share the run's folder, settings and keys, and are read in their order.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from logicdistill.deciding.log import folded_states
from logicdistill.deciding.parts import TOP_K, Parts, student_of_run
from logicdistill.errors import BaseError, TaskError
from logicdistill.evaluation import evaluate
from logicdistill.evaluation.evaluate import RIGHT_ACTION, play_chunk
from logicdistill.evaluation.summary import label_floor, message_figures, summarise_player
from logicdistill.files import (
    digest,
    read_json,
    read_lines,
    read_record,
    write_atomic,
    write_lines,
    write_record,
)
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.lint import lint, literal, missing_actions
from logicdistill.functions.sandbox import PATIENT, Sandbox
from logicdistill.functions.unreached import coverage_line
from logicdistill.pipeline.edits import commit_edits
from logicdistill.pipeline.recipe import WaitedFor, content_of, made_by
from logicdistill.pipeline.results import current_records, play_missing
from logicdistill.pipeline.settings import Reporter, RunSettings, training_episodes
from logicdistill.protocols import Student, Task, Teacher
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.runs import COVERAGE, Run, begun, peak_rss_mb
from logicdistill.students.floor import FirstStudent
from logicdistill.students.pretrained import FORMAT
from logicdistill.students.weights import EncoderOptions, find_weights
from logicdistill.tasks.messages import MESSAGE_TASKS, unpublished
from logicdistill.tasks.record_folder import Record
from logicdistill.tasks.records import RecordTask, drawn_seeds, shots
from logicdistill.tasks.registry import TASK_FOLDER, get_task, own_task
from logicdistill.tasks.seeds import (
    FIRST_TEST_SEED,
    evaluation_seeds,
    training_seeds,
    validation_seeds,
)
from logicdistill.teacher.recorded import LIVE, SHIPPED, RecordedTeacher, ReplyStore
from logicdistill.teacher.write import Author
from logicdistill.training import collect
from logicdistill.training.collect import Collected, TrainingExample
from logicdistill.training.frozen import fit_notes, fit_pretrained
from logicdistill.training.labelling import LabelBudget, Labeller
from logicdistill.training.logged import LoggedLabeller, labeller_for
from logicdistill.training.witness import Witness
from logicdistill.types import Function, Json
from logicdistill.writing.base import LOST_FUNCTIONS, OnEvent, Written, build_base, journal_entry
from logicdistill.writing.by_hand import by_hand
from logicdistill.writing.events import Event, GivenUp
from logicdistill.writing.judging import judge, judgeable, unknown_choices
from logicdistill.writing.reask import set_rejected_aside
from logicdistill.writing.replies import recorded_stores
from logicdistill.writing.revise import CONTRADICTED, Revised, revise

RECORD_SAMPLES = 8
"""States of a record task that the teacher sees; of an environment it sees two."""

FROM_FOLDER = "from_folder"
"""Key of a run's step ``write``: hashes of the functions of the task's folder, by name."""

RIGHT = "training_states"
"""Key of a run's step ``judge``: how many training states are right, and how many there are."""

FEWEST_JUDGED = 10
"""With fewer states of a known action no run stops because few of them are right."""

NEEDLESS = 0.005
"""Success that a student has to add to that of conditions alone; below, `run` says so."""

UNPRINTED = (LOST_FUNCTIONS, FROM_FOLDER, CONTRADICTED)
"""Keys of steps whose values are not printed."""

SHOWN = 5
"""Notes and disagreements that are printed; their files hold all."""

SHOWN_REASONS = 3
"""Of them, those that stand in the line which stops a run."""

WRONG = "wrong-training.jsonl"
"""A run's file of the training states in which its functions do not give the recorded action."""

COLLECTED = ("examples.jsonl", "notes.txt", "disagreements.jsonl", COVERAGE)
Work = Callable[[], Mapping[str, Json]]


class RunPipeline:
    """The steps of a run in its folder.

    Args:
        folder: the run's folder.
        settings: see `RunSettings`.
        reporter: where progress goes.
        teacher: who writes functions; by default the recorded replies.
        ask_again: re-ask the answers that led to rejected functions.
        task: the task, where it is an object; by default what the settings name.
        show_test: name the test states that are decided wrongly, too. They then have been seen.

    Raises:
        LogicDistillError: the settings do not fit the task or the folder.
    """

    def __init__(
        self,
        folder: Path,
        settings: RunSettings,
        reporter: Reporter,
        teacher: Teacher | None = None,
        ask_again: bool = False,
        task: Task | None = None,
        show_test: bool = False,
    ) -> None:
        data = Path(settings.data) if settings.data else None
        if task is None or settings.data:
            task = get_task(settings.task, data=data, **settings.sizes)
        self.task = task
        self.task.make_env()  # Refuses sizes out of range before anything is written.
        self.records = self.task if isinstance(self.task, RecordTask) else None
        self.own = own_task(self.task)
        self._check(settings)
        self.folder, self.reporter, self.ask_again = folder, reporter, ask_again
        self.stored = RunSettings.read(folder) if (folder / "run.toml").is_file() else None
        recording = settings.recording or (self.stored and self.stored.recording) or SHIPPED
        episodes = settings.train_episodes or training_episodes(self.task)
        self.settings = replace(
            settings, task=self.task.id, train_episodes=episodes, recording=recording
        )
        self.replies, self.store = ReplyStore(folder / "replies"), BaseFolder(folder / "base")
        recorded = RecordedTeacher(self.replies, recorded_stores(self.task, recording))
        self.author = Author(teacher or recorded, self.task)
        self.label_budget = LabelBudget(settings.label_budget)
        # What a step's key has to know of the task beside its id.
        self.variant = {**settings.sizes}
        if self.own:
            self.variant["records"] = self.own.fingerprint
        self.show_test = show_test
        self.seconds: dict[str, float] = {}

    def _check(self, settings: RunSettings) -> None:
        task, episodes = self.task, settings.episodes or 0
        if settings.jobs == 0:
            raise TaskError("jobs is 0; give a number of processes, or -1 for one a core")
        if self.records and episodes > task.episodes:
            repeated = f"{episodes} episodes would repeat some"
            raise TaskError(f"{task.id} has {task.episodes} test states; {repeated}")
        if settings.shots is not None and not self.records:
            use = "shots is for tasks that have, train_episodes for the others"
            raise TaskError(f"{task.id} has no recorded states; {use}")

    def check_folder(self) -> None:
        """Keep a person's base and results from being replaced.

        Raises:
            TaskError: the folder is a run of another task, rules, recording or draw of states.
        """
        if self.stored is None:
            return
        fixed = ["task", "sizes", "shots", "shots_seed", "usage_examples"]
        if self.store.exists() or not str(self.settings.recording).startswith(LIVE):
            fixed.append("recording")
        for name in fixed:
            there, wanted = getattr(self.stored, name), getattr(self.settings, name)
            if there != wanted:
                was, now = ("all" if value is None else repr(value) for value in (there, wanted))
                raise TaskError(
                    f"{self.folder} is a run with {name} {was}, not {now}; choose another --out"
                )
        if self.own:
            self.own.check_rules(self.folder / TASK_FOLDER)

    def run(self) -> dict[str, Json]:
        """Do what is not done yet, and return the summary.

        Raises:
            LogicDistillError: what is wrong, in one line; what was finished is kept.
        """
        with begun(self.folder, "base", "replies"):
            return self._evaluate(self._prepare())

    def prepare(self) -> FunctionBase:
        """Do what is not done yet up to the trained student, and return the base; see `run`."""
        with begun(self.folder, "base", "replies"):
            return self._prepare()

    def _prepare(self) -> FunctionBase:
        self.check_folder()
        settings, task = self.settings, self.task
        usual = RunSettings(task.id, train_episodes=training_episodes(task), recording=SHIPPED)
        for name, value in settings.to_toml().items():
            if name not in ("episodes", "jobs", "teacher") and value != getattr(usual, name):
                self.reporter.line(f"  setting: {name} = {value}")
        if settings.data and (names := unpublished(MESSAGE_TASKS[task.id], Path(settings.data))):
            alone = f"the figures are those of {settings.data} alone"
            self.reporter.line(f"  note: {', '.join(names)} is not the published data; {alone}")
        if self.own:
            self.own.copy_to(self.folder / TASK_FOLDER)
        if self.records:
            for note in self.records.notes():
                self.reporter.line(f"  note: {note}")
        self.record = Run.create(self.folder, settings.to_toml())
        again = self.ask_again and self._set_rejected_aside()
        key = digest(task.id)
        written = by_hand(task)
        if written or written.helpers:
            stages = [asdict(stage) for stage in written.stages]
            helpers = [dict(written.helpers)] if written.helpers else []
            fingerprint = self.records.fingerprint if self.records else ""
            parts = stages, dict(written.files), dict(written.handlers), fingerprint
            drawn = written.shown() if written.pictures else []
            key = digest(task.id, *parts, *helpers, *drawn)
        self._step("write", key, self._write, outputs=[self.store.head], again=again)
        if (of := self.store.load().task) != task.id:
            what = f"the function base is of task {of[:80]!r}, not of {task.id!r}"
            raise TaskError(f"{self.store.path}: {what}; choose another --out")
        base = self._review_edits()
        self._see(base)
        self._judge(base)
        self._train(base, self._collect(base))
        return base

    def _step(
        self,
        name: str,
        key: str,
        work: Work,
        *kept: Path,
        outputs: Sequence[Path] = (),
        again: bool = False,
    ) -> dict[str, Json]:
        """Do a step or skip it, and say so; see `logicdistill.runs.Run.step`."""
        record, skipped = self.record.step(name, key, work, outputs, again, kept)
        self.seconds[name] = record["seconds"]
        notes = [
            f"{note.replace('_', ' ')}: {value}"
            for note, value in record.items()
            if note not in ("key", "seconds", "kept", *UNPRINTED) and value
        ]
        state = "unchanged, skipped" if skipped else f"{record['seconds']:.1f} s"
        self.reporter.line(f"{name:<9} {state}{'; ' if notes else ''}{', '.join(notes)}")
        return record

    def _set_rejected_aside(self) -> bool:
        """Rename the answers that led to rejected functions; whether functions are missing."""
        given_up = self.record.record("write").get(LOST_FUNCTIONS)
        if self.store.exists() and not given_up:
            self.reporter.line("ask again: no answer led to a rejected function")
            return False
        count = set_rejected_aside(self.task, self.replies, self.samples())
        aside = f"the old ones are set aside in {self.replies.folder}"
        self.reporter.line(f"ask again {count} answer(s) that led to rejected functions; {aside}")
        return bool(given_up)

    def _write(self) -> Mapping[str, Json]:
        """Lines 1-2 of Algorithm 1."""
        given_up: list[str] = []

        def on_event(event: Event) -> None:
            self.reporter.line(str(event))
            if isinstance(event, GivenUp):
                given_up.append(f"{event.stage}/{event.refusal}")

        waited = WaitedFor(self.author.teacher)
        author = replace(self.author, teacher=waited)
        written = build_base(author, self.samples(), on_event)
        revised = self.revised(author, written, on_event)
        base, entries = revised.base, revised.entries
        count = self.settings.usage_examples
        if self.records and count and collect.reads_text_alone(base):
            drawn = shots(self.records, self.settings.shots, self.settings.shots_seed)
            with Sandbox(base.functions, PATIENT) as sandbox:
                parts, labeller = self._parts(base, sandbox), self.labeller(base, sandbox)
                base = collect.with_usage_examples(parts, labeller, drawn, count)
        origins = sorted(getattr(self.author.teacher, "origins", set()))
        persons = {f.name: _hash(f) for f in base.by_name.values() if f.origin == "person"}
        base = self._keep(base, entries)
        return {
            "functions": len(base.functions),
            "rules_without_function": base.uncovered_rules(len(self.task.rules)),
            "written_by": "; ".join([*origins, *(["a person"] if persons else [])]),
            FROM_FOLDER: persons,
            "seconds_of_waiting_for_the_teacher": round(waited.seconds, 1),
            "given_up": len(given_up),
            LOST_FUNCTIONS: given_up,
            "contradicted_states": len(revised.contradicted),
            CONTRADICTED: dict(revised.contradicted),
        }

    def revised(self, author: Author, written: Written, on_event: OnEvent) -> Revised:
        """What is written, corrected where recorded actions differ; see `writing.revise`."""
        if not self.records or not self.settings.send_actions:
            return Revised(*written)
        validation, rounds = self.records.split("validation"), self.settings.repair_rounds
        return revise(author, written, self._trained_on(), validation, rounds, on_event)

    def _trained_on(self) -> list[Record]:
        """The training states that the settings leave to the run."""
        assert self.records is not None
        count, seed = self.settings.shots, self.settings.shots_seed
        return self.records.split("train") if count is None else shots(self.records, count, seed)

    def samples(self) -> list[dict[str, Json]]:
        """States that the teacher sees when it writes."""
        if self.records:
            return self.records.samples(RECORD_SAMPLES)
        usual = self.task if self.own else get_task(self.task.id)  # without sizes
        return [evaluate.first_state(usual, seed) for seed in range(2)]

    def _keep(self, base: FunctionBase, entries: Sequence[dict[str, Json]]) -> FunctionBase:
        """Store the base. In one that is there stays what was changed there.

        Functions that are new join it. Those of the task's folder follow the folder.
        """
        parent, had, removed = None, set[Json](), list[Function]()
        if self.store.exists():
            old, had = self.store.load(), {entry.get("function") for entry in self.store.journal()}
            before = self.record.record("write").get(FROM_FOLDER, {})
            mine, theirs = old.by_name.values(), base.by_name.values()
            followed = [self._followed(f, before[f.name], base) for f in mine if f.name in before]
            kept = [f for f in mine if f.name not in before]
            joining = [f for f in theirs if f.name not in had and f.name not in before]
            removed = [f for f in mine if f.name in before and f.name not in base.by_name]
            changed = [f.name for f in followed if f and f != old.by_name[f.name]]
            had.difference_update(changed)
            whole = replace(old, stages=base.stages) if before else old
            base = whole.holding([*kept, *filter(None, followed), *joining])
            parent = old.snapshot
        new = [
            entry | ({"hash": base.function(entry["function"]).content_hash[:16]} if of else {})
            for entry in entries
            if (of := entry.get("function")) not in had
        ]
        new += [journal_entry("remove", function) for function in removed]
        if new or base.snapshot != parent:
            self.store.commit(base, new, parent)
        return base

    def _followed(self, old: Function, before: str, base: FunctionBase) -> Function | None:
        """A function of the task's folder, where the run's base may have another one by now.

        Raises:
            TaskError: it was changed in both.
        """
        new = base.by_name.get(old.name)
        if _hash(old) == before or (new and new.source == old.source):
            return new
        if new and _hash(new) == before:
            return old
        there = f"{self.store.path / old.stage / old.name}.py"
        raise TaskError(
            f"{old.name} was changed in the task's folder and in {there}; make the two the same, "
            "or delete the run's"
        )

    def _review_edits(self) -> FunctionBase:
        base, edits = commit_edits(self.store, self.task)
        if edits:
            passed = f"{edits} edited file(s) passed the gate"
            self.reporter.line(f"base      {passed}; snapshot {base.snapshot}")
        if missing := missing_actions(base, self.records.actions if self.records else []):
            names = ", ".join(map(literal, missing))
            self.reporter.line(f"  note: actions that no function gives: {names}")
        for note in unknown_choices(base, self.records.records if self.records else []):
            self.reporter.line(f"  note: {note}")
        for stage in base.stages:
            functions = base.of_stage(stage.name)
            if stage.asks and len(functions) > 1 and all(f.manual.when for f in functions):
                advice = "with mode 'first' or 'guarded' conditions decide it, without a model"
                self.reporter.line(
                    f"  note: every function of stage {stage.name!r} has a 'When:'; {advice}"
                )
        return base

    def _judge(self, base: FunctionBase) -> None:
        """Run the functions on the training states with a recorded action.

        Raises:
            BaseError: they give too few of these actions.
        """
        if self.records is None:
            return
        file, least, known = self.folder / WRONG, self.settings.least_right, self._trained_on()
        contradicted = self.record.record("write").get(CONTRADICTED, {})

        def work() -> Mapping[str, Json]:
            with Sandbox(base.functions, PATIENT) as sandbox:
                judged = judge(self.task, base, sandbox, judgeable(base, known))
            lines = [one.to_json() for one in judged.disagreements]
            for line in lines:
                line |= {CONTRADICTED: why} if (why := contradicted.get(line["id"])) else {}
            write_lines(file, lines)
            return {RIGHT: [judged.right, judged.states]}

        states = [[record.id, record.state, record.action] for record in known if record.known]
        key = digest(base.snapshot, states, contradicted, made_by())
        found, _ = self.record.step("judge", key, work, kept=[file])
        right, of = found[RIGHT]
        if right == of:
            return
        share = f"{right:,} of {of:,} training states"
        if of >= FEWEST_JUDGED and right < least * of:
            says = [line["says"] for line in itertools.islice(read_lines(file), SHOWN_REASONS)]
            raise BaseError(
                f"the functions decide {share} rightly, and least_right is {least:g}: "
                f"{'; '.join(says)}; all are in {file}; correct the functions in "
                f"{self.store.path}, name a larger model and another --out, or go on with "
                "--set least_right=0"
            )
        self.reporter.line(f"judge     {share} are decided rightly; the others: {file}")

    def _collect(self, base: FunctionBase) -> list[TrainingExample]:
        """Training examples from episodes, and from logged states that were taken into training."""
        file, notes, disagreements, covered = (self.folder / name for name in COLLECTED)
        logged = self._logged()

        def work() -> Mapping[str, Json]:
            with Sandbox(base.functions, PATIENT) as sandbox:
                labeller, witness = self.labeller(base, sandbox), Witness(self.task, base)
                found = self.examples(base, sandbox, labeller, logged, witness)
                lines = lint(base, found.scopes, sandbox.holds, found.chosen)
                lines += labeller.notes()
                reached = witness.coverage(sandbox, partial(self.reporter.progress, "coverage"))
            if said := self.label_budget.line():
                self.reporter.line(said)
            says = labeller.disagreements if isinstance(labeller, LoggedLabeller) else []
            write_atomic(notes, "".join(f"{line}\n" for line in lines))
            write_lines(disagreements, says)
            write_record(covered, reached)
            write_lines(file, [example.to_json() for example in found.examples])
            return {
                "examples": len(found.examples),
                "ambiguous": found.ambiguous,
                "disagreements": len(says),
                "views_without_label": labeller.unusable + len(self.label_budget.left),
            }

        seeds = list(self._seeds()) if self.settings.shots else self.settings.train_episodes
        most = self.settings.label_budget
        also = [*([logged] if logged else []), *([] if most is None else ["labels", most])]
        key = digest(base.snapshot, seeds, self.variant, made_by(), *also)
        self._step("collect", key, work, file, notes, disagreements, covered)
        self._show("note", notes, notes.read_text(encoding="utf-8").splitlines())
        self._show("disagreement", disagreements, [r["says"] for r in read_lines(disagreements)])
        reached = read_json(covered)
        if reached["branches"]["neither"] or reached["not_measured"]:
            see = f"'logicdistill base coverage --run {self.folder}' names them"
            self.reporter.line(f"  note: {coverage_line(reached)}; {see}")
        return collect.read_examples(file)

    def _logged(self) -> list[Json]:
        """Logged states that were taken into training."""
        taken = folded_states(self.folder, self.task)
        return [line["state"] for line in taken if line["split"] == "train"]

    def _show(self, kind: str, file: Path, lines: Sequence[str]) -> None:
        for line in lines[:SHOWN]:
            self.reporter.line(f"  {kind}: {line}")
        if len(lines) > SHOWN:
            self.reporter.line(f"  ... and {len(lines) - SHOWN} more in {file}")

    def examples(
        self,
        base: FunctionBase,
        sandbox: Sandbox,
        labeller: Labeller,
        logged: Sequence[Json] = (),
        witness: Witness | None = None,
    ) -> Collected:
        """Training episodes and logged states, labelled; see `logicdistill.training.collect`."""
        parts, progress = self._parts(base, sandbox), partial(self.reporter.progress, "collect")
        seen: dict[str, Any] = {"states": logged, "on_progress": progress, "witness": witness}
        seen["seer"] = self._seer(base)
        return collect.collect(parts, labeller, self._seeds(), **seen)

    def coverage(self) -> dict[str, Json]:
        """What usage examples and training states reach in the base as it is now.

        The file of the last run is read if the base is still the same. See
        `logicdistill.training.witness.Witness.coverage`.

        Raises:
            LogicDistillError: the run or its file is damaged.
        """
        base, file = self.store.load(), self.folder / COVERAGE
        found = read_record(file) if file.is_file() else {}
        if found.get("snapshot") == base.snapshot:
            return found
        logged = self._logged()
        with Sandbox(base.functions, PATIENT) as sandbox:
            witness, labeller = Witness(self.task, base), self.labeller(base, sandbox, strict=False)
            self.examples(base, sandbox, labeller, logged, witness)
            return witness.coverage(sandbox, partial(self.reporter.progress, "coverage"))

    def labeller(self, base: FunctionBase, sandbox: Sandbox, strict: bool = True) -> Labeller:
        """Names the right functions; see `logicdistill.training.logged.labeller_for`."""
        strict = strict and not by_hand(self.task)
        last, budget = base.stages[-1], self.label_budget
        return labeller_for(self.author, sandbox, self.task, last, strict, budget)

    def _parts(self, base: FunctionBase, sandbox: Sandbox) -> Parts:
        # Before training, words do not tell functions apart: all are candidates in free text.
        top_k = len(base.functions) if collect.reads_text_alone(base) else TOP_K
        return Parts(self.task, base, FusedRetriever(None), FirstStudent(), sandbox, top_k)

    def _seeds(self) -> Sequence[int]:
        if self.records and self.settings.shots is not None:
            drawn = drawn_seeds(self.records, self.settings.shots, self.settings.shots_seed)
            return drawn[: self.settings.train_episodes]
        return training_seeds(self.settings.train_episodes)

    def _see(self, base: FunctionBase, examples: Sequence[TrainingExample] = ()) -> None:
        """Fit the student of the stages that read a picture.

        First to its example pictures alone, since what later stages see depends on it.
        """
        stages = base.choosing(pictures=True)
        if not stages:
            return
        # Pillow is loaded for this alone.
        from logicdistill.students.kept_encoders import picture_encoders
        from logicdistill.students.picture_head import shown_by
        from logicdistill.students.pictured import FORMAT, SETTINGS_FILE
        from logicdistill.training.pictures import fit_pictures

        names = {stage.name for stage in stages}
        functions = [function for function in base.functions if function.stage in names]
        labelled = [one for one in examples if one.stage in names]
        encoders, say = picture_encoders(self.settings.picture_encoder), self.reporter.progress
        folder = self.folder / "student"

        def work() -> Mapping[str, Json]:
            return fit_pictures(stages, functions, labelled, encoders, folder, say)

        shown = [
            [one.name, one.stage, *(part for by in encoders for part in shown_by(one, by))]
            for one in functions
        ]
        seen = [one.to_json() for one in labelled]
        prints = [encoder.fingerprint for encoder in encoders]
        key = digest(shown, seen, prints, FORMAT, [asdict(one) for one in stages], made_by())
        self._step("see", key, work, folder / SETTINGS_FILE)

    def _seer(self, base: FunctionBase) -> Student | None:
        if not base.choosing(pictures=True):
            return None
        from logicdistill.students.pictured import PictureStudent

        return PictureStudent(self.folder / "student")

    def _train(self, base: FunctionBase, examples: list[TrainingExample]) -> None:
        student, settings = self.folder / "student", self.settings
        if any(one.pictures for one in examples):
            self._see(base, examples)
        if not base.needs_student:
            self.reporter.line("train     no model needed: conditions decide every stage")
            return
        if not base.choosing(pictures=False):
            self.reporter.line("train     no model of words needed")
            return
        examples = [one for one in examples if not one.pictures]
        seed, steps, weights = settings.seed, settings.train_steps, find_weights(settings.encoder)
        reading = {stage.name for stage in base.stages if stage.asks and not stage.pictures}
        functions = [function for function in base.functions if function.stage in reading]
        stages = [stage for stage in base.stages if not stage.pictures]
        parts, say = (stages, functions, examples, weights), self.reporter.progress
        options = EncoderOptions(settings.pooling, settings.prefix, settings.max_tokens)

        def work() -> Mapping[str, Json]:
            if settings.fine_tune:
                # Torch is loaded for this alone.
                from logicdistill.training.export import fine_tune

                record = fine_tune(*parts, student, seed, steps, say)
            else:
                record = fit_pretrained(*parts, student, options, say)
            return {**record, "peak_rss_mb": peak_rss_mb()}

        texts = [[function.name, function.stage, *function.texts] for function in functions]
        seen = [example.to_json() for example in examples]
        how = [seed, steps] if settings.fine_tune else [asdict(options), FORMAT]
        key = digest(seen, texts, settings.fine_tune, *how, content_of(weights), made_by())
        files = [student / name for name in ("student.toml", "model.onnx", "tokenizer.json")]
        self._step("train", key, work, *files)
        if settings.train_steps is not None and not settings.fine_tune:
            self.reporter.line("  note: train_steps is for --fine-tune; no step was taken")
        for line in fit_notes(stages, functions, examples):
            self.reporter.line(f"  note: {line}")

    def _evaluate(self, base: FunctionBase) -> dict[str, Json]:
        episodes, file = self.settings.episodes or self.task.episodes, self.folder / "results.jsonl"
        keys, progress = self._player_keys(base), partial(self.reporter.progress, "evaluate")

        def work() -> Mapping[str, Json]:
            play_missing(self.folder, base.snapshot, keys, episodes, self.settings.jobs, progress)
            return {"episodes": episodes}

        records = current_records(file, keys, bool(self.records)) if file.is_file() else {}
        played = [{line.get("seed") for line in lines} for lines in records.values()]
        missing = not all(seeds.issuperset(evaluation_seeds(episodes)) for seeds in played)
        self._step("evaluate", digest(keys, episodes), work, outputs=[file], again=missing)
        records = current_records(file, keys, bool(self.records))
        summary = self._summary(base, records, episodes)
        if self.records:
            summary |= self._named_wrong(base, keys, records, episodes)
        write_atomic(self.folder / "summary.json", json.dumps(summary, indent=1) + "\n")
        return summary

    def _player_keys(self, base: FunctionBase) -> dict[str, str]:
        """For each player the digest of what it consists of."""
        optimum = evaluate.has_optimum(self.task)
        if not base.needs_student:
            players = ("conditions", *(["optimum"] if optimum else []))
            return {name: digest(base.snapshot, self.variant, name, made_by()) for name in players}
        messages = optimum and self.records and collect.reads_text_alone(base)
        players = evaluate.MESSAGE_PLAYERS if messages else evaluate.PLAYERS
        made_of = {name: name for name in players if name != "optimum" or optimum}
        made = sorted((self.folder / "student").glob("*.toml"))
        made_of["ld-encoder"] = digest(*(file.read_bytes() for file in made))
        return {
            name: digest(base.snapshot, self.variant, of, made_by()) for name, of in made_of.items()
        }

    def _summary(
        self, base: FunctionBase, records: Mapping[str, list[dict[str, Json]]], episodes: int
    ) -> dict[str, Json]:
        last, played, rows = FIRST_TEST_SEED + episodes, {}, {}
        main = student_of_run(base)
        for name, lines in records.items():
            played[name] = [line for line in lines if line.get("seed", last) < last]
            times = [milliseconds for line in lines for milliseconds in line.get("times_ms", ())]
            rows[name] = summarise_player(played[name], times)
        summary: dict[str, Json] = {
            "task": self.task.id,
            "snapshot": base.snapshot,
            "seconds": self.seconds,
            "players": rows,
            "floor": label_floor(played[main]),
        }
        if main != "conditions" and "conditions" in rows:
            self._note_needless(*(rows[name]["success"] for name in (main, "conditions")))
        if self.records:
            tested, outside = self.records.split("test")[:episodes], self.records.settings.fallback
            summary["frequent"] = evaluate.frequent_action(self.records.split("train"), tested)
            if list(records) == list(evaluate.MESSAGE_PLAYERS):
                figures = {name: message_figures(played[name], tested, outside) for name in played}
                summary["messages"] = figures
        return summary

    def _named_wrong(
        self,
        base: FunctionBase,
        keys: Mapping[str, str],
        records: Mapping[str, list[dict[str, Json]]],
        episodes: int,
    ) -> dict[str, Json]:
        """Decide the validation states, and say which are wrong; of the test states say how many.

        Whoever corrects a rule because of a test state has no unseen states left.
        """
        assert self.records is not None
        main, say = student_of_run(base), self.reporter.line
        validation, tested = self.records.split("validation"), self.records.split("test")[:episodes]
        file = self.folder / "wrong.jsonl"

        def work() -> Mapping[str, Json]:
            made_of = {main: keys[main]}
            seeds = validation_seeds(len(validation))
            decided = play_chunk(str(self.folder), base.snapshot, made_of, seeds) if seeds else []
            wrong = evaluate.wrong_states(decided, validation)
            write_lines(file, wrong)
            known = sum(record.known for record in validation)
            return {"validation_states_with_a_right_action": known, "wrong": len(wrong)}

        seen = [[record.id, record.state, record.action] for record in validation]
        found = self._step("validate", digest(keys[main], seen), work, file)
        known = found["validation_states_with_a_right_action"]
        if known:
            say(evaluate.wrong_line(read_lines(file), known, "validation", file))
        else:
            todo = 'give some states "split": "validation", and those decided wrongly are named'
            say(f"  note: no validation state has a right action; {todo}")
        lines = [line for line in records[main] if "seed" in line][: len(tested)]
        unseen = evaluate.wrong_states(lines, tested)
        count = {"known": sum(r.known for r in tested), "states": len(tested)}
        if count["known"] and self.show_test:
            file = self.folder / "wrong-test.jsonl"
            write_lines(file, unseen)
            say(evaluate.wrong_line(unseen, count["known"], "test", file))
        elif count["known"]:
            more = "; --show-test names them, and they are unseen no more" if unseen else ""
            say(f"wrong     {len(unseen)} of {count['known']} test states{RIGHT_ACTION}{more}")
        return {
            "right_actions": count,
            "wrong": len(unseen),
            "validation": {"known": known, "states": len(validation), "wrong": found["wrong"]},
        }

    def _note_needless(self, student: float, conditions: float) -> None:
        if conditions >= student - NEEDLESS:
            shares = f"{conditions:.1%} of the episodes, the student {student:.1%}"
            self.reporter.line(f"  note: conditions alone win {shares}; no model may be needed")


def _hash(function: Function) -> str:
    """Of its file alone: what it calls is followed by itself."""
    return hashlib.sha256(function.source.encode()).hexdigest()
