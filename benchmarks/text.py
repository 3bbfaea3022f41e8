"""Decisions from text, side by side in one run, each player with the same information.

    python benchmarks/text.py --data clinc150=DIR banking77=DIR [--shots 10] [--draws 3]
    [--only logicdistill nearest] [--json FILE] [--plot FILE]

Every player is given, for each intent: so many training messages (drawn anew in each draw), the
handler's manual (one or two sentences), and the handler's doctest (a message that its author
wrote). Where a player has no place for a sentence, it is one more message. Nobody is given a
message out of scope. All start from the same MiniLM-L6 weights, run with one thread, one
after the other, and are judged on the whole test split. ``manuals`` is given no
message at all: the manuals alone.

What was chosen, and on what: the head of ``logicdistill`` and the recipe of ``fine-tuned`` on
validation messages of both sets (the head's share of "none of these" on ICD-10 as well); C of
``logistic`` on validation messages of the first draw, among `PENALTIES`; ``semantic-router`` and
``nearest`` have nothing to choose (``nearest-five`` decides by semantic-router's rule, without its
thresholds, on the encoder as the package runs it); rate, steps and C of ``setfit`` and rate and
steps of ``fastfit`` on validation messages of the first draw. What is not installed is left out and
said so. A finished draw is kept in ``--work`` and not measured again.

in scope: share of the messages of a known intent that get it, nothing being out of scope (no "none
of these"): the mean of the draws. The 95 % interval holds the draw of the training messages (t
distribution over the draws) and that of the test messages. selective: where the player can say
"none of these": in-scope accuracy and out-of-scope recall together, at its own threshold.
at -2: out-of-scope recall at the threshold that costs just two points of in-scope accuracy (found
on the test split: a property of the scores, not of a threshold that one could have known).
ECE: gap between confidence and accuracy of the answers to messages in scope; ``ece_all`` of all,
where "none of these" is an answer. train: processor seconds from labelled messages to a player that
answers. ms: median processor milliseconds of single messages, one after the other. MB at rest: what
deciding reads from disk.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from hot_add import with_filler
from rich.console import Console
from scipy.stats import t as student_t
from selecting import write_result
from stamps import log_scoring
from text_figures import Answers, figures, pareto, plot, table

from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.files import digest, read_json
from logicdistill.functions.manual import constant_result
from logicdistill.students.weights import find_weights
from logicdistill.tasks.messages import OUT_OF_SCOPE
from logicdistill.tasks.records import RecordTask, shots
from logicdistill.tasks.registry import get_task

TIMED = 200
JUDGED = 1000
"""Validation messages on which a peer's setting is chosen."""
FLAT = 0.003
"""What more steps have to gain there: a third of what chance alone moves."""
RATES, STEPS = (1e-4, 3e-4), (50, 100)
SETFIT = tuple(({"loss": "contrast", "rate": rate}, STEPS) for rate in RATES)
"""Supervised contrast in batches of 64 texts; ``cosine`` is SetFit's default, pairs in batches of
16."""
FASTFIT = tuple(({"labels": "manuals", "rate": rate}, STEPS) for rate in RATES)
"""The manuals as the labels' texts, which FastFit has a place for; ``names`` is its default."""
USAGE_EXAMPLES = 10
PENALTIES = (3.0, 10.0, 30.0, 100.0)
MEANS = (
    *("accuracy", "auroc", "oos_recall_at_2", "selective_accuracy", "oos_recall"),
    *("ece", "ece_all"),
)
LEFT_OUT = ("draw", "key", "command", "versions", "machine", "n")
"""Of a draw: what its row does not say. Its commit and date stay."""
COLUMNS = 4
"""Raised when rows get other columns, so that kept ones are measured again."""


@dataclass(slots=True)
class Trained:
    """A player that answers.

    Attributes:
        answers: messages to answers.
        one: one message to its answer: what is timed.
        bytes: what deciding reads from disk.
        seconds: of training.
        choice: a setting that was chosen on validation messages, and what else was tried.
    """

    answers: Callable[[Sequence[str]], Answers]
    one: Callable[[str], object]
    bytes: int
    seconds: float
    choice: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What every player is given.

    Attributes:
        task: name of the task.
        data: folder of its data, without messages out of scope to train on.
        count: training messages of each intent; None is all.
        draw: of those messages.
        train: those messages with their intents, then each doctest's message, then each manual.
        base: the functions, with manual and doctest.
        validation: messages with their intents, of the first draw alone.
        threads: of the training and of answering.
        folder: for whatever the player keeps.
    """

    task: str
    data: str
    count: int | None
    draw: int
    train: list[tuple[str, str]]
    validation: list[tuple[str, str]]
    base: Any
    threads: int
    folder: Path


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def without_out_of_scope(data: str, folder: Path) -> str:
    """A folder of the same data, in which no training message is out of scope."""
    file = Path(data) / "data_full.json"
    if not file.is_file():
        return data
    folder.mkdir(parents=True, exist_ok=True)
    less = json.loads(file.read_text()) | {"oos_train": []}
    (folder / file.name).write_text(json.dumps(less))
    return str(folder)


def handlers_base(task: str, data: str, folder: Path) -> Any:
    """The functions as the run of a task writes them, without usage examples."""
    from logicdistill.pipeline.settings import RunSettings, training_episodes
    from logicdistill.pipeline.steps import RunPipeline

    episodes = training_episodes(get_task(task, data=Path(data)))
    settings = RunSettings(task, train_episodes=episodes, data=data, shots=1, usage_examples=0)
    return RunPipeline(folder / f"handlers-{task}", settings, quiet()).prepare()


def handlers(base: Any) -> list[tuple[str, str, str]]:
    """Intent, manual and doctest's message of each function."""
    return [
        (str(intent), function.texts[0], function.texts[1])
        for function in base.functions
        for intent in constant_result(function) or ()
    ]


def quiet() -> Any:
    from logicdistill.cli.terminal import TerminalReporter

    return TerminalReporter(Console(quiet=True))


def logicdistill(given: Given, fine_tune: bool = False) -> Trained:
    """The package: its functions, and a student of the messages, made as ``run`` makes it."""
    from logicdistill.functions.manual import fits_docstring, parse_function, with_examples
    from logicdistill.policy import Policy
    from logicdistill.students.pretrained import load_student
    from logicdistill.training.collect import TrainingExample
    from logicdistill.training.frozen import fit_pretrained

    names = {intent: name for name, intent in intents_of(given.base).items()}
    known, [stage] = tuple(sorted(names.values())), given.base.stages
    messages = given.train[: len(given.train) - 2 * len(names)]
    said: dict[str, list[str]] = {name: [] for name in known}
    for text, label in messages:
        if fits_docstring(text) and len(said[names[label]]) < USAGE_EXAMPLES:
            said[names[label]].append(" ".join(text.split()))
    shown = [with_examples(f.source, said[f.name]) for f in given.base.functions]
    base = given.base.having(parse_function(source, stage) for source in shown)
    asked = [TrainingExample(stage.name, text, known, names[label]) for text, label in messages]
    parts = base.stages, base.functions, asked, find_weights("minilm"), given.folder / "student"
    started = time.process_time()
    if fine_tune:
        import torch

        from logicdistill.training.export import fine_tune as tuned

        torch.set_num_threads(given.threads)
        tuned(*parts, given.draw, None, lambda *_: None)
    else:
        fit_pretrained(*parts)
    seconds = time.process_time() - started
    task = get_task(given.task, data=Path(given.data))
    policy = Policy(task, base, load_student(given.folder / "student"))
    forgetful = policy.with_student(load_student(given.folder / "student", cached_views=0))
    return Trained(
        partial(answers_of, policy),
        lambda message: forgetful.decide({"message": message}),
        size_of(given.folder / "student"),
        seconds,
    )


def intents_of(base: Any) -> dict[str, str]:
    """Intent of each function, by its name."""
    return {f.name: str(intent) for f in base.functions for intent in constant_result(f) or ()}


def answers_of(policy: Any, messages: Sequence[str]) -> Answers:
    """A policy's answers."""
    decisions = policy.decide_many([{"message": message} for message in messages])
    choices = [decision.trace[-1].choice for decision in decisions]
    names = [choice.ranked[0].name for choice in choices if choice]
    intents = intents_of(policy.base)
    top = [choice.ranked[0].probability for choice in choices if choice]
    none = [choice.none for choice in choices if choice]
    return Answers(
        [intents[name] for name in names],
        top,
        [decision.action for decision in decisions],
        none,
        [max(pair) for pair in zip(none, top, strict=True)],
    )


def manuals(given: Given) -> Trained:
    """The package with no message at all: each function has its manual, and a filler as doctest."""
    from logicdistill.functions.manual import parse_function
    from logicdistill.policy import Policy
    from logicdistill.students.pretrained import load_student
    from logicdistill.training.frozen import fit_pretrained

    base, task = given.base, get_task(given.task, data=Path(given.data))
    bare = [parse_function(with_filler(f), base.stage(f.stage)) for f in base.functions]
    started = time.process_time()
    fit_pretrained(base.stages, bare, [], find_weights("minilm"), given.folder / "bare")
    seconds = time.process_time() - started
    policy = Policy(task, base.having(bare), load_student(given.folder / "bare"))
    forgetful = policy.with_student(load_student(given.folder / "bare", cached_views=0))
    return Trained(
        partial(answers_of, policy),
        lambda message: forgetful.decide({"message": message}),
        size_of(given.folder / "bare"),
        seconds,
    )


class Embedder:
    """The pretrained encoder as the package runs its own: by onnxruntime.

    Vectors of test and validation messages are kept for the next player, who would compute the same
    ones. Training texts are embedded by each player, as their time is measured.
    """

    def __init__(self, given: Given) -> None:
        from logicdistill.students.encoder import OnnxEmbedder
        from logicdistill.students.weights import EncoderOptions
        from logicdistill.training.frozen import encoder_model

        weights = find_weights("minilm")
        given.folder.mkdir(parents=True, exist_ok=True)
        model, words = given.folder / "model.onnx", given.folder / "tokenizer.json"
        model.write_bytes(encoder_model(weights, EncoderOptions())[0])
        words.write_bytes((weights / words.name).read_bytes())
        self.vectors = OnnxEmbedder(model, words, threads=given.threads).vectors
        self._folder = given.folder.parent

    def kept(self, texts: Sequence[str]) -> Any:
        if len(texts) == 1:
            return self.vectors(texts)
        file = self._folder / f"vectors-{digest(list(texts))[:16]}.npy"
        if not file.is_file():
            np.save(file, self.vectors(texts))
        return np.load(file)


def nearest(given: Given, most: int = 1) -> Trained:
    """The nearest text; of the ``most`` nearest ones the intent with the greatest mean cosine."""
    embed = Embedder(given)
    started = time.process_time()
    known = embed.vectors([text for text, _ in given.train])
    seconds, labels = time.process_time() - started, [label for _, label in given.train]

    def answers(messages: Sequence[str]) -> Answers:
        cosines = embed.kept(messages) @ known.T
        if most == 1:
            best = [labels[index] for index in cosines.argmax(axis=1)]
            return Answers(best, cosines.max(axis=1).tolist())
        best, sure = list[str](), list[float]()
        for row, near in zip(cosines, np.argsort(-cosines, axis=1)[:, :most], strict=True):
            scores: dict[str, list[float]] = {}
            for index in near:
                scores.setdefault(labels[index], []).append(float(row[index]))
            means = {label: statistics.mean(mine) for label, mine in scores.items()}
            best.append(max(means, key=means.__getitem__))
            sure.append(means[best[-1]])
        return Answers(best, sure)

    return Trained(
        answers, lambda message: answers([message]), size_of(given.folder) + known.nbytes, seconds
    )


def _fit_logistic(rows: Any, labels: Sequence[object], penalty: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=penalty, max_iter=1000).fit(rows, labels)


def logistic(given: Given) -> Trained:
    embed, chosen = Embedder(given), given.folder.parent / f"{given.task}-penalty.json"
    labels, held = [label for _, label in given.train], given.validation
    started = time.process_time()
    rows = embed.vectors([text for text, _ in given.train])
    fit, seconds = partial(_fit_logistic, rows, labels), time.process_time() - started
    if not chosen.is_file():
        asked, right = embed.kept([text for text, _ in held]), [label for _, label in held]
        chosen.write_text(json.dumps(max(PENALTIES, key=lambda c: fit(c).score(asked, right))))
    started = time.process_time()
    model = fit(json.loads(chosen.read_text()))
    seconds += time.process_time() - started

    def answers(messages: Sequence[str]) -> Answers:
        probabilities = model.predict_proba(embed.kept(messages))
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


def chosen(
    given: Given,
    player: str,
    trials: Sequence[tuple[dict[str, Any], Sequence[int]]],
    train: Callable[..., Any],
    score: Callable[[Any], Iterable[dict[str, Any]]],
) -> dict[str, Any]:
    """The setting that is right most often on validation messages of the first draw.

    Of those within `FLAT` of it the one with the fewest steps. It is kept in a file with all that
    were tried and the processor seconds of trying.

    Args:
        given: what the player is given; the first draw's, where nothing is kept yet.
        player: names the file.
        trials: settings, each with the steps after which it is scored; the last one is the length
            of its schedule.
        train: trains with a setting and shows the model after each step.
        score: a model to its shares of right answers, with what else is chosen there.
    """
    file = given.folder.parent / f"{given.task}-{player}.json"
    if not file.is_file():
        started, found = time.process_time(), list[dict[str, Any]]()
        for setting, steps in trials:

            def seen(
                model: Any,
                step: int,
                setting: dict[str, Any] = setting,
                steps: Sequence[int] = steps,
            ) -> None:
                if step in steps:
                    at = setting | {"schedule": steps[-1], "steps": step}
                    found.extend(at | scored for scored in score(model))

            train(setting | {"schedule": steps[-1], "steps": steps[-1]}, seen)
        flat = max(one["right"] for one in found) - FLAT
        best = min(
            (one for one in found if one["right"] >= flat),
            key=lambda one: (one["steps"], -one["right"]),
        )
        spent = round(time.process_time() - started)
        file.write_text(json.dumps({"setting": best, "search_seconds": spent, "tried": found}))
    return dict(json.loads(file.read_text()))


def judged(given: Given) -> tuple[list[str], list[str]]:
    """Validation messages on which a setting is chosen, with their intents."""
    drawn = random.Random(0).sample(given.validation, min(JUDGED, len(given.validation)))
    return [text for text, _ in drawn], [label for _, label in drawn]


def watching(steps: int, seen: Callable[[Any, int], None] | None) -> Any:
    """Shows the model after each step, and ends the training after so many."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
        def on_step_end(self, _: Any, state: Any, control: Any, **known: Any) -> None:
            if seen is not None:
                seen(known["model"], state.global_step)
            control.should_training_stop = state.global_step >= steps

    return Watch()


def setfit(given: Given) -> Trained:
    """SetFit: its loss, the body's rate, the steps and the head's C chosen on validation."""
    import setfit
    import torch
    from datasets import Dataset
    from sentence_transformers.training_args import BatchSamplers
    from setfit.losses import SupConLoss

    torch.set_num_threads(given.threads)
    names = sorted({label for _, label in given.train})
    texts = [text for text, _ in given.train]
    labels = [names.index(label) for _, label in given.train]
    rows = Dataset.from_dict({"text": texts, "label": labels})

    def train(setting: dict[str, Any], seen: Callable[[Any, int], None] | None = None) -> Any:
        model = setfit.SetFitModel.from_pretrained(str(find_weights("minilm")))
        contrast = setting["loss"] == "contrast"
        arguments = setfit.TrainingArguments(
            output_dir=str(given.folder / "checkpoints"),
            **({"loss": SupConLoss} if contrast else {}),
            batch_size=64 if contrast else 16,
            max_steps=setting["schedule"],
            body_learning_rate=setting["rate"],
            seed=given.draw,
            save_strategy="no",
            report_to="none",
            show_progress_bar=False,
        )
        watch = watching(setting["steps"], seen)
        trainer = setfit.Trainer(model=model, args=arguments, train_dataset=rows, callbacks=[watch])
        if contrast:  # as SetFit means to, but it compares the loss with its class
            trainer.st_trainer.args.batch_sampler = BatchSamplers.GROUP_BY_LABEL
        trainer.train_embeddings(texts, labels)
        return model

    asked, right = judged(given)

    def score(model: Any) -> Iterator[dict[str, Any]]:
        rows, held = model.encode(texts), model.encode(asked)
        for penalty in (1.0, *PENALTIES):
            best = _fit_logistic(rows, labels, penalty).predict(held)
            yield {
                "C": penalty,
                "right": statistics.mean(
                    names[index] == label for index, label in zip(best, right, strict=True)
                ),
            }

    choice = chosen(given, "setfit", SETFIT, train, score)
    started = time.process_time()
    train(choice["setting"]).save_pretrained(str(given.folder / "model"))
    model = setfit.SetFitModel.from_pretrained(str(given.folder / "model"))  # in whole precision
    model.model_head = _fit_logistic(model.encode(texts), labels, choice["setting"]["C"])
    seconds = time.process_time() - started
    model.save_pretrained(str(given.folder / "model"))

    def answers(messages: Sequence[str]) -> Answers:
        probabilities = np.asarray(model.predict_proba(list(messages)))
        top = probabilities.max(axis=1)
        best = [names[index] for index in probabilities.argmax(axis=1)]
        return Answers(best, top.tolist(), sure=top.tolist())

    size = size_of(given.folder / "model")
    return Trained(answers, lambda message: answers([message]), size, seconds, choice)


def fastfit(given: Given) -> Trained:
    """FastFit: rate, steps and label texts (names or manuals) chosen on validation.

    Its release of 2024 calls what datasets and transformers have renamed since. It embeds the label
    texts anew for each message; here they are embedded once.
    """
    import datasets
    import torch
    import transformers

    datasets.load_metric = lambda *_, **__: None  # imported, and asked for nothing here
    from fastfit import train as library

    torch.set_num_threads(given.threads)
    manual_of = {label: text for text, label in given.train[-len(given.base.functions) :]}
    names, tell = sorted(manual_of), given.folder / "manuals.json"
    given.folder.mkdir(parents=True, exist_ok=True)
    tell.write_text(json.dumps(manual_of))
    words = transformers.AutoTokenizer.from_pretrained(str(find_weights("minilm")))

    def train(setting: dict[str, Any], seen: Callable[[Any, int], None] | None = None) -> Any:
        watch = watching(setting["steps"], seen)
        library.Trainer = lambda tokenizer, **rest: transformers.Trainer(
            processing_class=tokenizer, callbacks=[watch], **rest
        )
        told = setting["labels"] == "manuals"
        known = given.train[: -len(names)] if told else given.train
        rows = datasets.Dataset.from_dict(
            {"text": [text for text, _ in known], "intent": [label for _, label in known]}
        )
        shutil.rmtree(given.folder / "unused", ignore_errors=True)
        made = library.FastFitTrainer(
            train_dataset=rows,
            test_dataset=rows,  # wanted, and not looked at
            **({"doc_mapper": str(tell)} if told else {}),
            model_name_or_path=str(find_weights("minilm")),
            text_column_name="text",
            label_column_name="intent",
            per_device_train_batch_size=32,
            learning_rate=setting["rate"],
            max_steps=setting["schedule"],
            seed=given.draw,
            output_dir=str(given.folder / "unused"),
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        return made.train()

    def scores(model: Any, messages: Sequence[str]) -> Any:
        model.eval()
        rows = list[Any]()
        for start in range(0, len(messages), 128):
            batch = list(messages[start : start + 128])
            read = words(batch, padding=True, truncation=True, return_tensors="pt")
            rows.append(model.inference_forward(read["input_ids"], read["attention_mask"]))
        return torch.cat(rows)

    asked, right = judged(given)

    def score(model: Any) -> Iterator[dict[str, Any]]:
        best = scores(model, asked).argmax(dim=1).tolist()
        yield {
            "right": statistics.mean(
                names[index] == label for index, label in zip(best, right, strict=True)
            )
        }

    choice = chosen(given, "fastfit", FASTFIT, train, score)
    started = time.process_time()
    model = train(choice["setting"])
    model.eval()
    encode, (labels, mask) = model.encode_one, model.all_docs
    with torch.no_grad():
        kept = encode(labels, mask)
    model.encode_one = lambda tokens, seen: kept if tokens is labels else encode(tokens, seen)
    seconds = time.process_time() - started
    file = given.folder / "model.pt"
    torch.save(model.state_dict(), file)

    def answers(messages: Sequence[str]) -> Answers:
        top, best = scores(model, messages).softmax(dim=1).max(dim=1)
        return Answers([names[index] for index in best.tolist()], top.tolist(), sure=top.tolist())

    return Trained(
        answers, lambda message: answers([message]), file.stat().st_size, seconds, choice
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
    started = time.process_time()
    router = IndexedRouter(
        encoder=encoder,
        routes=[
            Route(name=intent, utterances=texts) for intent, texts in sorted(by_intent.items())
        ],
    )
    seconds = time.process_time() - started

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
    "manuals": (manuals, None),
    "setfit": (setfit, "setfit"),
    "fastfit": (fastfit, "fastfit"),
    "semantic-router": (semantic_router, "semantic_router"),
    "logistic": (logistic, "sklearn"),
    "nearest": (nearest, None),
    "nearest-five": (partial(nearest, most=5), None),
}


def key_of(player: str, name: str, data: str, count: str, draw: int) -> str:
    """What a finished draw is about; a kept one of another key is measured again."""
    files = sorted(file for file in Path(data).iterdir() if file.is_file())
    return digest(
        player, name, count, draw, COLUMNS, *(digest(file.read_bytes()) for file in files)
    )


def measure(
    player: str, name: str, data: str, count: int | None, draw: int, threads: int, work: Path
) -> dict[str, Any]:
    """One draw of a row, in this process."""
    data = without_out_of_scope(data, work / f"data-{name}")
    task = get_task(name, data=Path(data))
    assert isinstance(task, RecordTask)
    base = handlers_base(name, data, work)
    told = handlers(base)
    train = [
        *((str(one.state["message"]), str(one.action)) for one in shots(task, count, draw)),
        *((said, intent) for intent, _, said in told),
        *((manual, intent) for intent, manual, _ in told),
    ]
    held = [(str(one.state["message"]), str(one.action)) for one in task.split("validation")]
    held = [pair for pair in held if pair[1] != OUT_OF_SCOPE]
    test = [(str(record.state["message"]), str(record.action)) for record in task.split("test")]
    folder = work / f"{name}-{count or 'full'}-{player}-{draw}"
    trained = PLAYERS[player][0](Given(name, data, count, draw, train, held, base, threads, folder))
    found = trained.answers([text for text, _ in test])
    spent = []
    for text, _ in test[:: max(1, len(test) // TIMED)]:
        started = time.process_time()
        trained.one(text)
        spent.append(1000 * (time.process_time() - started))
    inside = [index for index, (_, label) in enumerate(test) if label != OUT_OF_SCOPE]
    right = sum(found.best[index] == test[index][1] for index in inside)
    none = player == "manuals"
    row: dict[str, Any] = {
        "task": task.id,
        "shots": count,
        "player": player,
        "draw": draw,
        "messages": len(inside),
        "accuracy": right / len(inside),
        "given": {
            "messages": 0 if none else len(train) - 2 * len(told),
            "doctests": 0 if none else len(told),
            "manuals": len(told),
        },
        "train_seconds": trained.seconds,
        "ms": statistics.median(spent),
        "mb_at_rest": trained.bytes / 1e6,
        "threads": threads,
    }
    row |= figures(found, [label for _, label in test])
    if trained.choice is not None:
        row |= trained.choice
    log_scoring(
        task.id, "test", player, len(test), shots=count, draw=draw, accuracy=row["accuracy"]
    )
    return row


def over_draws(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A row of the table: means over the draws, with an interval that holds the draw."""
    first, shares = rows[0], [row["accuracy"] for row in rows]
    mean, n = statistics.mean(shares), first["messages"]
    low, high = wilson_interval(round(mean * n), n)
    drawn = 0.0
    if len(rows) > 1:
        spread = statistics.stdev(shares) / len(rows) ** 0.5
        drawn = float(student_t.ppf(0.975, len(rows) - 1)) * spread
    row = {key: value for key, value in first.items() if key not in LEFT_OUT}
    for key in MEANS:
        if key in first:
            row[key] = statistics.mean(one[key] for one in rows)
    return row | {
        "draws": len(rows),
        "accuracy_by_draw": [round(share, 4) for share in shares],
        "ci95": [
            max(0.0, mean - math.hypot(mean - low, drawn)),
            min(1.0, mean + math.hypot(high - mean, drawn)),
        ],
        "train_seconds": statistics.median(one["train_seconds"] for one in rows),
        "ms": statistics.median(one["ms"] for one in rows),
    }


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
    parser.add_argument("--draws", type=int, default=3, help="of the training messages")
    parser.add_argument("--only", nargs="+", choices=list(PLAYERS), default=list(PLAYERS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("runs/text"),
        help="where finished draws and trained players are kept",
    )
    parser.add_argument("--json", type=Path, dest="out")
    parser.add_argument("--plot", type=Path, help="draw risk against coverage, as SVG")
    parser.add_argument("--pareto", type=Path, help="draw accuracy against cost, as SVG")
    parser.add_argument(
        "--one", nargs=3, metavar=("PLAYER:DRAW", "TASK", "SHOTS"), help=argparse.SUPPRESS
    )
    options = parser.parse_args()
    folders = dict(item.partition("=")[::2] for item in options.data)
    if options.one:
        wanted, name, count = options.one
        limit = None if count == "full" else int(count)
        for player, draw in (pair.split(":") for pair in wanted.split(",")):
            draw = int(draw)
            row = measure(player, name, folders[name], limit, draw, options.threads, options.work)
            write_result(
                options.work / f"{name}-{count}-{player}-{draw}.json",
                row | {"key": key_of(player, name, folders[name], count, draw)},
            )
        return
    say, rows = Console(width=None if sys.stdout.isatty() else 160), []
    options.work.mkdir(parents=True, exist_ok=True)
    players = list[str]()
    for player in options.only:
        package = PLAYERS[player][1]
        if package is not None and importlib.util.find_spec(package) is None:
            say.print(f"{player}: left out, the package {package} is not installed")
        else:
            players.append(player)
    for name, count in itertools.product(folders, options.shots):
        files = {
            (player, draw): options.work / f"{name}-{count}-{player}-{draw}.json"
            for player in players
            for draw in range(1 if player == "manuals" else options.draws)
        }
        missing = [
            f"{player}:{draw}"
            for (player, draw), file in files.items()
            if not file.is_file()
            or read_json(file).get("key") != key_of(player, name, folders[name], count, draw)
        ]
        if missing:
            say.print(f"{name}, {count} shots: {', '.join(missing)} ...")
            one = ["--one", ",".join(missing), name, count, "--work", str(options.work)]
            one += ["--threads", str(options.threads)]
            environment = os.environ | {
                "OMP_NUM_THREADS": str(options.threads),
                "TOKENIZERS_PARALLELISM": "false",
                "ACCELERATE_MIXED_PRECISION": "bf16",  # SetFit and FastFit train 2.7 times as fast
            }
            command = [sys.executable, __file__, "--data", *options.data, *one]
            subprocess.run(command, check=True, env=environment)
        for player in players:
            made = [
                json.loads(file.read_text()) for (who, _), file in files.items() if who == player
            ]
            rows.append(over_draws(made))
    say.print(table(rows))
    if options.out:
        write_result(
            options.out,
            {"rows": rows},
            {row["task"]: row["messages"] for row in rows},
            max(row["draws"] for row in rows),
        )
    if options.plot:
        plot(rows, options.plot)
    if options.pareto:
        pareto(rows, options.pareto)


if __name__ == "__main__":
    main()
