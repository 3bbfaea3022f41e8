"""``logicdistill run``: write, gate, collect, train, export, evaluate; each step is skipped when nothing that it reads has changed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import joblib

from logicdistill.deciding.log import folded_states
from logicdistill.deciding.parts import TOP_K, Parts, make_student, whole_or_top
from logicdistill.errors import BaseError, CorruptError, GateRefusal, TaskError
from logicdistill.evaluation.evaluate import (
    MESSAGE_PLAYERS,
    PLAYERS,
    first_state,
    has_optimum,
    name_wrong,
    play_chunk,
    time_decisions,
)
from logicdistill.evaluation.summary import label_floor, message_figures, summarise_player
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.functions.lint import lint, literal, missing_actions
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.settings import Reporter, RunSettings
from logicdistill.policy import Policy
from logicdistill.protocols import Task, Teacher
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.runs import (
    TASK_FOLDER,
    PeakMemory,
    Run,
    append_lines,
    begun,
    digest,
    read_lines,
    write_atomic,
    write_lines,
)
from logicdistill.seeds import FIRST_TEST_SEED, evaluation_seeds, training_seeds
from logicdistill.students.floor import FirstStudent
from logicdistill.students.weights import find_weights
from logicdistill.tasks.records import RecordTask, drawn_seeds, shots
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import LIVE, SHIPPED, RecordedTeacher, ReplyStore
from logicdistill.teacher.write import Author
from logicdistill.training.collect import (
    USAGE_EXAMPLES,
    Collected,
    Labeller,
    TrainingExample,
    collect,
    read_examples,
    reads_text_alone,
    with_usage_examples,
)
from logicdistill.training.logged import LoggedLabeller, labeller_for
from logicdistill.types import Json
from logicdistill.writing.again import put_aside
from logicdistill.writing.base import LOST, LOST_FUNCTIONS, build_base, journal_entry
from logicdistill.writing.replies import recorded_stores

CHUNK = 50
"""Seeds that a worker process plays side by side with every player before it reports."""

RECORD_SAMPLES = 5
"""States of a record task that the teacher sees; of an environment it sees two."""

SHOWN = 5
"""Notes and disagreements that are printed; their files hold all."""


class RunPipeline:
    """The steps of a run in its folder.

    Args:
        folder: the run's folder.
        settings: see `RunSettings`.
        reporter: where progress goes.
        teacher: who writes functions; by default the recorded replies.
        jobs: processes for evaluation.
        again: answers that ended in a refusal are put aside and asked again (see `logicdistill.writing.again`).
    """

    def __init__(
        self,
        folder: Path,
        settings: RunSettings,
        reporter: Reporter,
        teacher: Teacher | None = None,
        jobs: int = -1,
        again: bool = False,
    ) -> None:
        self.task: Task = get_task(
            settings.task, data=Path(settings.data) if settings.data else None, **settings.sizes
        )
        self.task.make_env()  # refuses sizes out of range before anything is written
        if jobs == 0:
            raise TaskError("jobs is 0; give a number of processes, or -1 for one a core")
        self.folder = folder
        self.settings = replace(
            settings, recording=settings.recording or self._begun_with().get("recording", SHIPPED)
        )
        self.reporter = reporter
        self.jobs, self.again = jobs, again
        self.replies = ReplyStore(folder / "replies")
        known = recorded_stores(self.task, self.settings.recording or SHIPPED)
        self.author = Author(teacher or RecordedTeacher(self.replies, known), self.task)
        if isinstance(self.task, RecordTask) and (settings.episodes or 0) > self.task.episodes:
            raise TaskError(
                f"{self.task.id} has {self.task.episodes} test states; {settings.episodes} episodes would repeat some"
            )
        if settings.shots is not None and not isinstance(self.task, RecordTask):
            raise TaskError(
                f"{self.task.id} has no recorded states; --shots is for tasks that have, --train-episodes for the others"
            )
        # What a step's key has to know of the task beside its id.
        self.variant: dict[str, Json] = dict(self.settings.sizes)
        if isinstance(self.task, RecordTask):
            self.variant["records"] = self.task.fingerprint
        self.store = BaseFolder(folder / "base")
        self.seconds: dict[str, float] = {}

    def run(self) -> dict[str, Json]:
        """Do what is not done yet, and return the summary.

        Raises:
            LogicDistillError: what is wrong, in one line; what was finished is kept.
        """
        with begun(self.folder, "base", "replies"):
            return self._evaluate(self._prepare())

    def prepare(self) -> FunctionBase:
        """Do what is not done yet up to the trained student, without evaluating it; see `run`.

        Returns:
            The function base.
        """
        with begun(self.folder, "base", "replies"):
            return self._prepare()

    def _prepare(self) -> FunctionBase:
        self.check_folder()
        if isinstance(self.task, RecordTask):
            self.task.copy_to(self.folder / TASK_FOLDER)
        self.record = Run.create(self.folder, asdict(self.settings) | {"task": self.task.id})
        self._write()
        base = self._review_edits()
        if isinstance(self.task, RecordTask) and (
            missing := missing_actions(base, self.task.actions)
        ):
            self.reporter.line(
                f"  note: actions that no function gives: {', '.join(map(literal, missing))}"
            )
        examples = self._collect(base)
        self._train(base, examples)
        return base

    def _begun_with(self) -> Mapping[str, Json]:
        """Settings of the run that is in the folder already, if any."""
        with contextlib.suppress(CorruptError):
            return Run(self.folder).settings if (self.folder / "run.toml").is_file() else {}
        return {}

    def check_folder(self) -> None:
        """A folder belongs to one task with its rules, sizes and recording: another one would replace a person's base and results."""
        begun = self._begun_with()
        if not begun:
            return
        there, wanted = (
            (begun.get("task"), begun.get("sizes", {})),
            (self.task.id, dict(self.settings.sizes)),
        )
        if there != wanted:
            raise TaskError(
                f"{self.folder} is a run of {there[0]} {there[1] or ''}, not of {wanted[0]} {wanted[1] or ''}; choose another --out"
            )
        recording = begun.get("recording", SHIPPED)
        if recording != self.settings.recording and (
            self.store.exists() or not str(self.settings.recording).startswith(LIVE)
        ):
            raise TaskError(
                f"{self.folder} is a run of recording {recording!r}, not {self.settings.recording!r}; choose another --out"
            )
        had = (begun.get("shots"), begun.get("usage_examples", USAGE_EXAMPLES))
        if had != (self.settings.shots, self.settings.usage_examples):
            shots, examples = had[0] or "full", had[1]
            raise TaskError(
                f"{self.folder} is a run with --shots {shots} --usage-examples {examples}; say the same or choose another --out"
            )
        if isinstance(self.task, RecordTask):
            self.task.check_rules(self.folder / TASK_FOLDER)

    def _step(
        self,
        name: str,
        key: str,
        work: Callable[[], Mapping[str, Json]],
        *outputs: Path,
        again: bool = False,
    ) -> dict[str, Json]:
        record, skipped = self.record.step(name, key, work, outputs, again)
        self.seconds[name] = record["seconds"]
        state = "unchanged, skipped" if skipped else f"{record['seconds']:.1f} s"
        notes = ", ".join(
            f"{key.replace('_', ' ')}: {value}"
            for key, value in record.items()
            if key not in ("key", "seconds", LOST_FUNCTIONS) and value
        )
        self.reporter.line(f"{name:<9} {state}{'; ' if notes else ''}{notes}")
        return record

    def _write(self) -> None:
        """Lines 1-2 of Algorithm 1. A base that is there already stays: from then on it is the person's."""
        samples = self.samples()
        lost_before = self.record.record("write").get(LOST_FUNCTIONS)
        if self.again and (lost_before or not self.store.exists()):
            count = put_aside(self.task, self.replies, samples)
            self.reporter.line(
                f"ask again {count} answer(s) that ended in a refusal are put aside in {self.replies.folder}"
            )
        elif self.again:
            self.reporter.line("ask again: no answer ended in a refusal")

        def work() -> Mapping[str, Json]:
            lost: list[str] = []

            def event(text: str) -> None:
                self.reporter.line(text)
                lost.extend([text] if text.startswith(LOST) else [])

            base, entries = build_base(self.author, samples, event)
            if (
                isinstance(self.task, RecordTask)
                and self.settings.usage_examples
                and reads_text_alone(base)
            ):
                with Sandbox(base.functions) as sandbox:
                    labeller = labeller_for(self.author, sandbox, self.task, base.stages[-1].name)
                    drawn = shots(self.task, self.settings.shots)
                    base = with_usage_examples(
                        self._parts(base, sandbox), labeller, drawn, self.settings.usage_examples
                    )
                entries = [
                    entry | {"hash": base.function(entry["function"]).content_hash[:16]}
                    for entry in entries
                ]
            base = self._kept(base, entries)
            origins = sorted(getattr(self.author.teacher, "origins", set()))
            uncovered = base.uncovered_rules(len(self.task.rules))
            return {
                "functions": len(base.functions),
                "rules_without_function": uncovered,
                "written_by": "; ".join(origins),
                "given_up": len(lost),
                LOST_FUNCTIONS: [text.removeprefix(f"{LOST}: ") for text in lost],
            }

        self._step(
            "write",
            digest(self.task.id),
            work,
            self.store.head,
            again=self.again and bool(lost_before),
        )

    def _kept(self, base: FunctionBase, entries: Sequence[dict[str, Json]]) -> FunctionBase:
        """Keep the base; to one that is there already only functions join that it never had."""
        parent = None
        if self.store.exists():
            old, had = self.store.load(), {entry.get("function") for entry in self.store.journal()}
            entries, parent = (
                [entry for entry in entries if entry["function"] not in had],
                old.snapshot,
            )
            base = old.having(
                [*old.functions, *(base.function(entry["function"]) for entry in entries)]
            )
        if entries:
            self.store.commit(base, entries, parent)
        return base

    def samples(self) -> list[dict[str, Json]]:
        """States that the teacher sees when it writes."""
        if isinstance(self.task, RecordTask):
            return self.task.samples(RECORD_SAMPLES)
        return [first_state(get_task(self.task.id), seed) for seed in range(2)]

    def _review_edits(self) -> FunctionBase:
        """Functions that a person edited in the folder pass the gate and become part of the base, or stop the run."""
        self.store.repair()
        base = self.store.load()
        edits = self.store.edits()
        if not edits:
            return base
        gate = Gate.of(self.task, base.stages)
        functions = {
            name: function
            for name, function in base.by_name.items()
            if f"{function.stage}/{name}.py" not in edits
        }
        entries = [
            journal_entry("remove", base.function(Path(path).stem))
            for path, source in edits.items()
            if source is None
        ]
        # A function that replaces another one is looked at after it: both may have been edited.
        for path, source in sorted(edits.items(), key=lambda item: "Replaces:" in (item[1] or "")):
            if source is None:
                continue
            known = base.by_name.get(Path(path).stem)
            try:
                function, evidence = gate.admit(
                    source,
                    base.stage(path.partition("/")[0]),
                    functions,
                    origin=known.origin if known else "person",
                )
            except GateRefusal as error:
                back = f"logicdistill base rollback {base.snapshot} --discard-edits --run {self.folder}"
                undo = f"undo the edit: {back}" if known else "delete it"
                raise GateRefusal(
                    f"{self.store.path / path}: {error}; correct the file or {undo}"
                ) from None
            functions[function.name] = function
            entries.append(journal_entry("edit", function, evidence.to_json()))
        edited = base.having(functions.values())
        for stage in edited.stages:
            if not edited.of_stage(stage.name):
                raise BaseError(
                    f"{self.store.path / stage.name}: no function is left in this stage; bring a file back or add one"
                )
        for function in edited.functions:
            for name in function.manual.replaces:
                if name not in edited.by_name:
                    raise BaseError(
                        f"{function.name} replaces {name} ('Replaces:'), whose file is gone; remove {function.name} first"
                    )
        self.store.commit(edited, entries, parent=base.snapshot)
        self.reporter.line(
            f"base      {len(edits)} edited file(s) passed the gate; snapshot {edited.snapshot}"
        )
        return edited

    def _collect(self, base: FunctionBase) -> list[TrainingExample]:
        file = self.folder / "examples.jsonl"
        folded = [
            line["state"]
            for line in folded_states(self.folder, self.task)
            if line["split"] == "train"
        ]

        def work() -> Mapping[str, Json]:
            with Sandbox(base.functions) as sandbox:
                labeller = labeller_for(self.author, sandbox, self.task, base.stages[-1].name)
                found = self.examples(base, sandbox, labeller, folded)
                notes = lint(base, found.scopes, sandbox.holds, found.chosen)
            write_atomic(self.folder / "notes.txt", "".join(f"{note}\n" for note in notes))
            disagreements = labeller.disagreements if isinstance(labeller, LoggedLabeller) else []
            write_lines(self.folder / "disagreements.jsonl", disagreements)
            write_lines(file, [example.to_json() for example in found.examples])
            notes_of = {
                "ambiguous": found.ambiguous,
                "disagreements": len(disagreements),
                "views_without_label": labeller.unusable,
            }
            return {"examples": len(found.examples)} | notes_of

        seeds = list(self._seeds()) if self.settings.shots else self.settings.train_episodes
        key = digest(base.snapshot, seeds, self.variant, *([folded] if folded else []))
        self._step("collect", key, work, file)
        for name, shown in (
            ("notes.txt", str),
            ("disagreements.jsonl", lambda line: json.loads(line)["says"]),
        ):
            lines = (
                (self.folder / name).read_text(encoding="utf-8").splitlines()
                if (self.folder / name).is_file()
                else []
            )
            for line in lines[:SHOWN]:
                self.reporter.line(
                    f"  {'note' if name == 'notes.txt' else 'disagreement'}: {shown(line)}"
                )
            if len(lines) > SHOWN:
                self.reporter.line(f"  ... and {len(lines) - SHOWN} more in {self.folder / name}")
        return read_examples(file)

    def examples(
        self, base: FunctionBase, sandbox: Sandbox, labeller: Labeller, folded: Sequence[Json] = ()
    ) -> Collected:
        """Play the training episodes, and look at states of logged decisions; see `logicdistill.training.collect.collect`."""
        return collect(
            self._parts(base, sandbox),
            labeller,
            self._seeds(),
            states=folded,
            on_progress=lambda done, total: self.reporter.progress("collect", done, total),
        )

    def _parts(self, base: FunctionBase, sandbox: Sandbox) -> Parts:
        # In free text the words do not say which function is right before the student has learnt it: all are candidates.
        top_k = len(base.functions) if reads_text_alone(base) else TOP_K
        return Parts(self.task, base, FusedRetriever(None), FirstStudent(), sandbox, top_k)

    def _seeds(self) -> Sequence[int]:
        if isinstance(self.task, RecordTask) and self.settings.shots is not None:
            return drawn_seeds(self.task, self.settings.shots)[: self.settings.train_episodes]
        return training_seeds(self.settings.train_episodes)

    def _train(self, base: FunctionBase, examples: list[TrainingExample]) -> None:
        student = self.folder / "student"
        selecting = [stage.name for stage in base.stages if stage.selects]
        functions = [function for function in base.functions if function.stage in selecting]

        def work() -> Mapping[str, Json]:
            from logicdistill.training.export import (
                fine_tune,  # a second run, with nothing to train, does without torch
            )

            settings = self.settings
            with PeakMemory() as memory:
                record = fine_tune(
                    base.stages,
                    functions,
                    examples,
                    weights,
                    student,
                    settings.seed,
                    settings.train_steps,
                    self.reporter.progress,
                )
            return {**record, "peak_rss_mb": memory.peak_mb}

        weights = find_weights(self.settings.encoder)
        texts = [[function.name, function.stage, *function.texts] for function in functions]
        key = digest(
            [asdict(example) for example in examples],
            texts,
            self.settings.seed,
            self.settings.train_steps,
            weights.name,
        )
        record = self._step(
            "train",
            key,
            work,
            student / "student.toml",
            student / "model.onnx",
            student / "tokenizer.json",
        )
        self.seconds["export"] = record["export_seconds"]

    def _evaluate(self, base: FunctionBase) -> dict[str, Json]:
        episodes = self.settings.episodes or self.task.episodes
        student = digest((self.folder / "student" / "student.toml").read_bytes())
        messages = (
            isinstance(self.task, RecordTask) and reads_text_alone(base) and has_optimum(self.task)
        )
        players = [
            name
            for name in (MESSAGE_PLAYERS if messages else PLAYERS)
            if name != "optimum" or has_optimum(self.task)
        ]
        made_of = {
            name: digest(base.snapshot, self.variant, student if name == "ld-encoder" else name)
            for name in players
        }
        file = self.folder / "results.jsonl"

        def work() -> Mapping[str, Json]:
            self._play(base.snapshot, file, made_of, episodes)
            return {"episodes": episodes}

        self._step("evaluate", digest(made_of, episodes), work, file)
        records, last = current_records(file, made_of), FIRST_TEST_SEED + episodes
        played = {
            name: [record for record in records[name] if record.get("seed", last) < last]
            for name in made_of
        }
        times: dict[str, list[float]] = {
            name: next((record["times_ms"] for record in records[name] if "times_ms" in record), [])
            for name in made_of
        }
        summary = {
            "task": self.task.id,
            "snapshot": base.snapshot,
            "seconds": self.seconds,
            "players": {name: summarise_player(played[name], times[name]) for name in made_of},
            "floor": label_floor(played["ld-encoder"]),
        }
        if isinstance(self.task, RecordTask):
            tested = self.task.split("test")[:episodes]
            summary |= name_wrong(
                played["ld-encoder"], tested, self.folder / "wrong.jsonl", self.reporter.line
            )
            if messages:
                outside = self.task.settings.fallback
                summary["messages"] = {
                    name: message_figures(played[name], tested, outside) for name in made_of
                }
        write_atomic(self.folder / "summary.json", json.dumps(summary, indent=1) + "\n")
        return summary

    def _play(self, snapshot: str, file: Path, made_of: Mapping[str, str], episodes: int) -> None:
        """Play what ``results.jsonl`` does not hold yet; each finished chunk is appended at once."""
        known = current_records(file, made_of)
        write_atomic(
            file, "".join(json.dumps(record) + "\n" for name in made_of for record in known[name])
        )
        done = {
            name: {record["seed"] for record in known[name] if "seed" in record} for name in made_of
        }
        last = FIRST_TEST_SEED + episodes
        chunks = []
        for start in range(FIRST_TEST_SEED, last, CHUNK):
            seeds = range(start, min(start + CHUNK, last))
            missing = {
                name: key for name, key in made_of.items() if not done[name].issuperset(seeds)
            }
            if missing:
                chunks.append((missing, seeds))
        total = sum(len(seeds) * len(missing) for missing, seeds in chunks)
        count = 0
        for records in joblib.Parallel(
            n_jobs=self.jobs, return_as="generator_unordered", batch_size=1
        )(
            joblib.delayed(play_chunk)(str(self.folder), snapshot, missing, seeds)
            for missing, seeds in chunks
        ):
            append_lines(file, [json.dumps(record) for record in records])
            count += len(records)
            self.reporter.progress("evaluate", count, total)
        for name in (name for name in made_of if name != "optimum"):
            if not any("times_ms" in record for record in known[name]):
                base, student = (
                    self.store.load(),
                    make_student(name, self.folder / "student", keeps=False),
                )
                with Policy(
                    self.task, base, student, top_k=whole_or_top(student, base), folder=self.store
                ) as policy:
                    times = time_decisions(policy, evaluation_seeds(episodes))
                append_lines(
                    file, [json.dumps({"player": name, "key": made_of[name], "times_ms": times})]
                )


def current_records(file: Path, made_of: Mapping[str, str]) -> dict[str, list[dict[str, Json]]]:
    """Records of the players as they are made now, once a seed, in the order of the seeds."""
    found: dict[str, dict[int, dict[str, Json]]] = {name: {} for name in made_of}
    for record in read_lines(file):
        if isinstance(record, dict) and made_of.get(record.get("player", "")) == record.get("key"):
            found[record["player"]][record.get("seed", -1)] = record
    return {name: [by_seed[seed] for seed in sorted(by_seed)] for name, by_seed in found.items()}
