"""``logicdistill compare``: Logic Distillation against knowledge distillation with the same small model, on the same unseen seeds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from logicdistill.baselines.actions import coder_for
from logicdistill.episodes import play
from logicdistill.errors import TaskError
from logicdistill.evaluation.evaluate import episode_record
from logicdistill.evaluation.metrics import mcnemar
from logicdistill.evaluation.summary import summarise_player
from logicdistill.pipeline import FIRST_EVALUATION_SEED, Reporter, RunPipeline, RunSettings
from logicdistill.policy import Policy
from logicdistill.protocols import Task
from logicdistill.runs import Run, append_lines, digest, locked, read_lines, write_atomic
from logicdistill.students.weights import find_weights
from logicdistill.training.logged import labeller_for
from logicdistill.types import Json

KD_TIME = 4.0
"""KD trains this many times as long as LD, so that its curve shows what more time would bring; the best checkpoint plays."""

VALIDATION_SEEDS = range(50_000, 50_050)
"""KD's checkpoint is chosen on the states of these training seeds."""

CHUNK = 50


def compare_task(
    folder: Path,
    settings: RunSettings,
    reporter: Reporter,
    *,
    kd_seconds: float | None = None,
    jobs: int = -1,
) -> dict[str, Json]:
    """LD's run (see `RunPipeline`) and its KD twin in one folder; what is done is skipped.

    Args:
        folder: the run's folder; KD's model and results lie in ``kd/``.
        settings: of the run; ``episodes`` holds for every player.
        reporter: where progress goes.
        kd_seconds: training time of KD; None takes `KD_TIME` times what LD's training took.
        jobs: processes for LD's evaluation.

    Returns:
        The run's summary with the player ``kd-encoder``, for each player ``mcnemar_p`` against ``ld-encoder`` on common seeds, and
        ``kd_training``: KD's curve.
    """
    if kd_seconds is not None and not kd_seconds > 0:
        raise TaskError(f"KD's training time is {kd_seconds}; give seconds above 0")
    pipeline = RunPipeline(folder, settings, reporter, jobs=jobs)
    summary = pipeline.run()
    seconds = kd_seconds or KD_TIME * summary["seconds"]["train"]
    with locked(folder):
        training = _imitate(pipeline, seconds, kd_seconds)
        episodes = settings.episodes or pipeline.task.episodes
        kd = _play(folder, pipeline.task, digest(training, dict(settings.sizes)), episodes, reporter)
    made = _by_player(read_lines(folder / "results.jsonl"), episodes) | {"kd-encoder": kd}
    summary["players"]["kd-encoder"] = summarise_player([kd[seed] for seed in sorted(kd)], [])
    for name, row in summary["players"].items():
        pairs = [(bool(made["ld-encoder"][seed]["success"]), bool(made[name][seed]["success"])) for seed in made[name]]
        row["mcnemar_p"] = None if name == "ld-encoder" else float(f"{mcnemar(pairs):.3g}")
    summary["kd_training"] = training
    return summary


def _imitate(pipeline: RunPipeline, seconds: float, asked: float | None) -> Mapping[str, Json]:
    folder, task, settings, reporter = pipeline.folder, pipeline.task, pipeline.settings, pipeline.reporter

    def work() -> Mapping[str, Json]:
        from logicdistill.baselines.imitation import collect_actions, fit_imitation  # a second run does without torch

        with Policy.load(folder, student="first") as policy:
            last = policy.base.stages[-1].name
            labeller = labeller_for(pipeline.author, policy.parts.sandbox, task, last, strict=False)
            coder = coder_for(task.id)
            examples = collect_actions(policy.parts, labeller, coder, range(settings.train_episodes))
            validation = collect_actions(policy.parts, labeller, coder, VALIDATION_SEEDS, explore=0.0)
        return fit_imitation(
            examples,
            validation,
            find_weights(settings.encoder),
            folder / "kd",
            seconds,
            settings.seed,
            lambda done, total: reporter.progress("imitate", done, total),
        )

    snapshot = json.loads((folder / "summary.json").read_text())["snapshot"]
    key = digest(snapshot, {**asdict(settings), "episodes": None}, asked)
    record, skipped = Run.open(folder).step("imitate", key, work, [folder / "kd" / "model.pt", folder / "kd" / "labels.json"])
    reporter.line(f"imitate   {'unchanged, skipped' if skipped else f'{seconds:.0f} s'}; action accuracy: {record['accuracy']}")
    return {name: record[name] for name in ("curve", "accuracy", "labels", "states")}


def _play(folder: Path, task: Task, key: str, episodes: int, reporter: Reporter) -> dict[int, dict[str, Json]]:
    """Records of the KD player by seed; each finished chunk is appended at once."""
    file, wanted = folder / "kd" / "results.jsonl", range(FIRST_EVALUATION_SEED, FIRST_EVALUATION_SEED + episodes)
    done = {record["seed"]: record for record in read_lines(file) if record["key"] == key and record["seed"] in wanted}
    missing = [seed for seed in wanted if seed not in done]
    if missing:
        from logicdistill.baselines.imitation import ImitationPlayer

        player = ImitationPlayer(folder / "kd", find_weights(Run.open(folder).settings.get("encoder", "minilm")), coder_for(task.id))
        for start in range(0, len(missing), CHUNK):
            records = [episode_record(episode) for episode in play(task, player, missing[start : start + CHUNK])]
            rows = [{"player": "kd-encoder", "key": key, **record} for record in records]
            append_lines(file, [json.dumps(row) for row in rows])
            done |= {row["seed"]: row for row in rows}
            reporter.progress("kd plays", len(done), episodes)
    return done


def _by_player(records: Sequence[Mapping[str, Json]], episodes: int) -> dict[str, dict[int, Mapping[str, Json]]]:
    found: dict[str, dict[int, Mapping[str, Json]]] = {}
    for record in records:
        if record.get("seed", -1) in range(FIRST_EVALUATION_SEED, FIRST_EVALUATION_SEED + episodes):
            found.setdefault(record["player"], {})[record["seed"]] = record
    return found


def write_comparison(out: Path, summaries: Mapping[str, Mapping[str, Json]]) -> None:
    """``summary.json`` of a comparison: one entry a task."""
    write_atomic(out / "summary.json", json.dumps({"tasks": summaries}, indent=1) + "\n")
