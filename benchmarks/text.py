"""Decisions from text, side by side in one run.

This package, SetFit, semantic-router, and what needs no fine-tuning.

    python benchmarks/text.py --data clinc150=DIR banking77=DIR --shots 10 full [--only logicdistill
    nearest] [--json FILE] [--plot FILE]

All start from the same MiniLM-L6 weights, see the same training messages (the fixed draw of
``--shots``), run in a process of their own with the same number of threads, one after the other,
and are judged on the whole test split. ``setfit`` and ``semantic-router`` need their packages (pip
install setfit semantic-router); what is not installed is left out and said so. A finished row is
kept in ``--work`` and not measured again. ``nearest`` and ``logistic`` run the pretrained encoder
as the package runs its own (by onnxruntime), the other two run it as they do (torch). The package
alone is also given the handlers' manuals, and, where there are any, as many messages out of scope
as of one intent.

in scope: share of the messages of a known intent that get it, with its 95 % interval, nothing being
out of scope (no "none of these"). selective: where the player can say "none of these": in-scope
accuracy and out-of-scope recall together, at its own threshold. at -2: out-of-scope recall at the
threshold that costs just two points of in-scope accuracy (found on the test split: a property of
the scores, not of a threshold that one could have known). recall@10: whether the package's
retriever has the right function among ten. ECE: gap between confidence and accuracy of the answers
to messages in scope; ``ece_all`` of all, where "none of these" is an answer. train: seconds from
labelled messages to a player that answers. ms: median of single messages, one after the other. MB
at rest: what deciding reads from disk. peak MB: resident memory of the process that trained and
answered.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from selecting import write_result
from stamps import log_scoring
from text_figures import Answers, figures, plot, table

from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.files import digest, read_json
from logicdistill.functions.manual import constant_result
from logicdistill.runs import Run, peak_rss_mb
from logicdistill.students.weights import find_weights
from logicdistill.tasks.messages import OUT_OF_SCOPE
from logicdistill.tasks.records import RecordTask, shots
from logicdistill.tasks.registry import get_task

TIMED = 200
SETFIT_ITERATIONS = 20
"""Pairs of each kind that SetFit makes of a message, as in its paper; with all training messages
`SETFIT_FULL`."""
SETFIT_FULL = 1
COLUMNS = 2
"""Raised when rows get other columns, so that kept ones are measured again."""


@dataclass(slots=True)
class Trained:
    """A player that answers.

    Attributes:
        answers: messages to answers.
        one: one message to its answer: what is timed.
        bytes: what deciding reads from disk.
        seconds: of training.
        peak_mb: resident memory of a training that was done in another process.
    """

    answers: Callable[[Sequence[str]], Answers]
    one: Callable[[str], object]
    bytes: int
    seconds: float
    peak_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class Given:
    """What every player is given.

    Attributes:
        task: name of the task.
        data: folder of its data.
        count: training messages of each intent; None is all.
        train: those messages with their intents.
        threads: of the training and of answering.
        folder: for whatever the player keeps.
    """

    task: str
    data: str
    count: int | None
    train: list[tuple[str, str]]
    threads: int
    folder: Path


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def logicdistill(given: Given, fine_tune: bool = False) -> Trained:
    from logicdistill.cli.terminal import TerminalReporter
    from logicdistill.deciding.students import make_student
    from logicdistill.pipeline.settings import RunSettings, training_episodes
    from logicdistill.pipeline.steps import RunPipeline
    from logicdistill.policy import Policy

    if fine_tune:
        import torch

        torch.set_num_threads(given.threads)
    episodes = training_episodes(get_task(given.task, data=Path(given.data)))
    settings = RunSettings(
        given.task,
        train_episodes=episodes,
        data=given.data,
        shots=given.count,
        fine_tune=fine_tune,
    )
    pipeline = RunPipeline(given.folder, settings, TerminalReporter(Console(stderr=True)))
    pipeline.prepare()
    seconds = sum(
        pipeline.seconds[step] for step in ("write", "collect", "train")
    )  # as they were, where a step was done before
    policy = Policy.load(given.folder)
    make = make_student("ld-encoder", given.folder / "student", keeps=False)
    forgetful = policy.with_student(make(policy.parts.sandbox))  # as if no message came twice

    def answers(messages: Sequence[str]) -> Answers:
        decisions = policy.decide_many([{"message": message} for message in messages])
        choices = [decision.trace[-1].choice for decision in decisions]
        names = [choice.ranked[0].name for choice in choices if choice]
        intents = {
            function.name: str(constant_result(function)[0]) for function in policy.base.functions
        }
        top = [choice.ranked[0].probability for choice in choices if choice]
        none = [choice.none for choice in choices if choice]
        found = policy.parts.retriever.top(messages, policy.base.functions, 10)
        return Answers(
            [intents[name] for name in names],
            top,
            [decision.action for decision in decisions],
            none,
            [max(pair) for pair in zip(none, top, strict=True)],
            [[intents[function.name] for function in ten] for ten in found],
        )

    return Trained(
        answers,
        lambda message: forgetful.decide({"message": message}),
        size_of(given.folder / "student") + size_of(given.folder / "base"),
        seconds,
        float(Run.open(given.folder).record("train")["peak_rss_mb"]),
    )


def embedder(given: Given) -> Callable[[Sequence[str]], Any]:
    """The pretrained encoder as the package runs its own: by onnxruntime."""
    from logicdistill.students.encoder import OnnxEmbedder
    from logicdistill.students.weights import EncoderOptions
    from logicdistill.training.frozen import encoder_model

    weights = find_weights("minilm")
    given.folder.mkdir(parents=True, exist_ok=True)
    model, words = given.folder / "model.onnx", given.folder / "tokenizer.json"
    model.write_bytes(encoder_model(weights, EncoderOptions())[0])
    words.write_bytes((weights / words.name).read_bytes())
    return OnnxEmbedder(model, words, threads=given.threads).vectors


def nearest(given: Given) -> Trained:
    embed = embedder(given)
    started = time.perf_counter()
    known, labels = embed([text for text, _ in given.train]), [label for _, label in given.train]
    seconds = time.perf_counter() - started

    def answers(messages: Sequence[str]) -> Answers:
        cosines = embed(messages) @ known.T
        return Answers(
            [labels[index] for index in cosines.argmax(axis=1)], cosines.max(axis=1).tolist()
        )

    return Trained(
        answers, lambda message: answers([message]), size_of(given.folder) + known.nbytes, seconds
    )


def logistic(given: Given) -> Trained:
    from sklearn.linear_model import LogisticRegression

    embed = embedder(given)
    started = time.perf_counter()
    model = LogisticRegression(C=30.0, max_iter=1000).fit(
        embed([text for text, _ in given.train]), [label for _, label in given.train]
    )
    seconds = time.perf_counter() - started

    def answers(messages: Sequence[str]) -> Answers:
        probabilities = model.predict_proba(embed(messages))
        top = probabilities.max(axis=1)
        return Answers(
            list(model.classes_[probabilities.argmax(axis=1)]), top.tolist(), sure=top.tolist()
        )

    return Trained(
        answers,
        lambda message: answers([message]),
        size_of(given.folder) + model.coef_.nbytes,
        seconds,
    )


def setfit(given: Given) -> Trained:
    import torch
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    torch.set_num_threads(given.threads)
    names = sorted({label for _, label in given.train})
    rows = Dataset.from_dict(
        {
            "text": [text for text, _ in given.train],
            "label": [names.index(label) for _, label in given.train],
        }
    )
    model = SetFitModel.from_pretrained(str(find_weights("minilm")))
    arguments = TrainingArguments(
        output_dir=str(given.folder / "checkpoints"),
        batch_size=16,
        num_epochs=1,
        num_iterations=SETFIT_ITERATIONS if given.count is not None else SETFIT_FULL,
        save_strategy="no",
        report_to="none",
        show_progress_bar=False,
    )
    started = time.perf_counter()
    Trainer(model=model, args=arguments, train_dataset=rows).train()
    seconds = time.perf_counter() - started
    model.save_pretrained(str(given.folder / "model"))

    def answers(messages: Sequence[str]) -> Answers:
        probabilities = np.asarray(model.predict_proba(list(messages)))
        top = probabilities.max(axis=1)
        return Answers(
            [names[index] for index in probabilities.argmax(axis=1)],
            top.tolist(),
            sure=top.tolist(),
        )

    return Trained(
        answers, lambda message: answers([message]), size_of(given.folder / "model"), seconds
    )


def semantic_router(given: Given) -> Trained:
    import torch
    from semantic_router import IndexedRouter, Route
    from semantic_router.encoders.local import LocalEncoder

    torch.set_num_threads(given.threads)
    by_intent: dict[str, list[str]] = {}
    for text, label in given.train:
        by_intent.setdefault(label, []).append(text)
    encoder = LocalEncoder(name=str(find_weights("minilm")))
    started = time.perf_counter()
    router = IndexedRouter(
        encoder=encoder,
        routes=[
            Route(name=intent, utterances=texts) for intent, texts in sorted(by_intent.items())
        ],
    )
    seconds = time.perf_counter() - started

    def answers(messages: Sequence[str]) -> Answers:
        choices = [router(message) for message in messages]
        return Answers(
            [choice.name or "" for choice in choices],
            [choice.confidence or 0.0 for choice in choices],
        )

    return Trained(
        answers, router, size_of(find_weights("minilm")) + 4 * 384 * len(given.train), seconds
    )


PLAYERS: dict[str, tuple[Callable[[Given], Trained], str | None]] = {
    "logicdistill": (logicdistill, None),
    "fine-tuned": (partial(logicdistill, fine_tune=True), "torch"),
    "setfit": (setfit, "setfit"),
    "semantic-router": (semantic_router, "semantic_router"),
    "logistic": (logistic, "sklearn"),
    "nearest": (nearest, None),
}


def key_of(player: str, name: str, data: str, count: str, threads: int) -> str:
    """What a row is about; a kept one of another key is measured again."""
    files = sorted(file for file in Path(data).iterdir() if file.is_file())
    return digest(
        player, name, count, threads, COLUMNS, *(digest(file.read_bytes()) for file in files)
    )


def measure(
    player: str, name: str, data: str, count: int | None, threads: int, folder: Path
) -> dict[str, Any]:
    """One row, in this process."""
    task = get_task(name, data=Path(data))
    assert isinstance(task, RecordTask)
    train = [
        (str(record.state["message"]), str(record.action))
        for record in shots(task, count)
        if record.action != OUT_OF_SCOPE
    ]
    test = [(str(record.state["message"]), str(record.action)) for record in task.split("test")]
    trained = PLAYERS[player][0](Given(name, data, count, train, threads, folder))
    found = trained.answers([text for text, _ in test])
    peak = peak_rss_mb()
    spent = []
    for text, _ in test[:: max(1, len(test) // TIMED)]:
        started = time.perf_counter()
        trained.one(text)
        spent.append(1000 * (time.perf_counter() - started))
    inside = [index for index, (_, label) in enumerate(test) if label != OUT_OF_SCOPE]
    right = sum(found.best[index] == test[index][1] for index in inside)
    row: dict[str, Any] = {
        "task": task.id,
        "shots": count,
        "player": player,
        "messages": len(inside),
        "accuracy": right / len(inside),
        "ci95": wilson_interval(right, len(inside)),
        "train_seconds": trained.seconds,
        "train_messages": len(train),
        "ms": statistics.median(spent),
        "mb_at_rest": trained.bytes / 1e6,
        "peak_mb": max(peak, trained.peak_mb),
        "threads": threads,
    }
    row |= figures(found, [label for _, label in test])
    log_scoring(task.id, "test", player, len(test), shots=count, accuracy=row["accuracy"])
    return row


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data",
        nargs="+",
        required=True,
        metavar="TASK=DIR",
        help="task and the folder of its data",
    )
    parser.add_argument(
        "--shots",
        nargs="+",
        default=["10"],
        help="training messages of each intent: numbers, or full",
    )
    parser.add_argument("--only", nargs="+", choices=list(PLAYERS), default=list(PLAYERS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("runs/text"),
        help="where rows and trained players are kept",
    )
    parser.add_argument("--json", type=Path, dest="out")
    parser.add_argument("--plot", type=Path, help="draw risk against coverage, as SVG")
    parser.add_argument(
        "--one", nargs=3, metavar=("PLAYER", "TASK", "SHOTS"), help=argparse.SUPPRESS
    )
    options = parser.parse_args()
    folders = dict(item.partition("=")[::2] for item in options.data)
    if options.one:
        player, name, count = options.one
        folder = options.work / f"{name}-{count}-{player}"
        row = measure(
            player,
            name,
            folders[name],
            None if count == "full" else int(count),
            options.threads,
            folder,
        )
        write_result(
            folder.with_suffix(".json"),
            row | {"key": key_of(player, name, folders[name], count, options.threads)},
        )
        return
    say, rows = Console(width=None if sys.stdout.isatty() else 160), []
    for name in folders:
        for count in options.shots:
            for player in options.only:
                package = PLAYERS[player][1]
                file = options.work / f"{name}-{count}-{player}.json"
                key = key_of(player, name, folders[name], count, options.threads)
                if not file.is_file() or read_json(file).get("key") != key:
                    if package is not None and importlib.util.find_spec(package) is None:
                        say.print(f"{player}: left out, the package {package} is not installed")
                        continue
                    say.print(f"{name}, {count} shots, {player} ...")
                    one = [
                        "--one",
                        player,
                        name,
                        count,
                        "--threads",
                        str(options.threads),
                        "--work",
                        str(options.work),
                    ]
                    environment = os.environ | {
                        "OMP_NUM_THREADS": str(options.threads),
                        "TOKENIZERS_PARALLELISM": "false",
                    }
                    subprocess.run(
                        [sys.executable, __file__, "--data", *options.data, *one],
                        check=True,
                        env=environment,
                    )
                rows.append(json.loads(file.read_text()))
    say.print(table(rows))
    if options.out:
        write_result(options.out, {"command": "python " + " ".join(sys.argv), "rows": rows})
    if options.plot:
        plot(rows, options.plot)


if __name__ == "__main__":
    main()
