"""Players of `text.py`: the package, and what reads the same vectors without it."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from hot_add import with_filler
from text_figures import Answers, temperature

from logicdistill.files import digest
from logicdistill.functions.manual import constant_result
from logicdistill.students.head import Embed
from logicdistill.students.weights import find_weights
from logicdistill.tasks.registry import get_task

USAGE_EXAMPLES = 10
PENALTIES = (3.0, 10.0, 30.0, 100.0)
JUDGED = 1000
"""Validation messages on which a temperature, or a peer's setting, is chosen."""


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


def logicdistill(given: Given, fine_tune: bool = False) -> Trained:
    """The package: its functions, and a student of the messages, made as ``run`` makes it."""
    from logicdistill.functions.manual import fits_docstring, parse_function, with_examples
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
    return deciding(task, base, given.folder / "student", seconds)


def deciding(task: Any, base: Any, student: Path, seconds: float) -> Trained:
    """A policy as a player; it is timed on views that it has not kept."""
    from logicdistill.policy import Policy
    from logicdistill.students.pretrained import load_student

    policy = Policy(task, base, load_student(student))
    forgetful = policy.with_student(load_student(student, cached_views=0))
    return Trained(
        partial(answers_of, policy),
        lambda message: forgetful.decide({"message": message}),
        size_of(student),
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
    from logicdistill.training.frozen import fit_pretrained

    base, task = given.base, get_task(given.task, data=Path(given.data))
    bare = [parse_function(with_filler(f), base.stage(f.stage)) for f in base.functions]
    started = time.process_time()
    fit_pretrained(base.stages, bare, [], find_weights("minilm"), given.folder / "bare")
    seconds = time.process_time() - started
    return deciding(task, base.having(bare), given.folder / "bare", seconds)


def judged(given: Given) -> tuple[list[str], list[str]]:
    """Validation messages on which something is chosen, with their intents."""
    drawn = random.Random(0).sample(given.validation, min(JUDGED, len(given.validation)))
    return [text for text, _ in drawn], [label for _, label in drawn]


def tempered(
    predict: Callable[[Sequence[str]], Any], names: Sequence[str], given: Given
) -> Callable[[Sequence[str]], Answers]:
    """Answers by probabilities, as sure as one temperature makes them.

    Args:
        predict: messages to probabilities, shape (messages, intents).
        names: the intents.
        given: whose validation messages the temperature is fitted on.
    """
    asked, right = judged(given)
    place = {name: index for index, name in enumerate(names)}
    power = temperature(predict(asked), [place[label] for label in right])

    def answers(messages: Sequence[str]) -> Answers:
        found = np.asarray(predict(messages))
        top, scaled = found.max(axis=1), found**power
        sure = scaled.max(axis=1) / scaled.sum(axis=1)
        best = [names[index] for index in found.argmax(axis=1)]
        return Answers(best, top.tolist(), sure=sure.tolist(), raw=top.tolist())

    return answers


def encoder(folder: Path, threads: int = 1) -> Embed:
    """The pretrained encoder as the package runs its own, by onnxruntime; its files in a folder."""
    from logicdistill.students.encoder import OnnxEmbedder
    from logicdistill.students.weights import EncoderOptions
    from logicdistill.training.frozen import encoder_model

    weights = find_weights("minilm")
    folder.mkdir(parents=True, exist_ok=True)
    model, words = folder / "model.onnx", folder / "tokenizer.json"
    model.write_bytes(encoder_model(weights, EncoderOptions())[0])
    words.write_bytes((weights / words.name).read_bytes())
    return OnnxEmbedder(model, words, threads=threads).vectors


class Embedder:
    """Its `encoder`.

    Vectors of test and validation messages are kept for the next player, who would compute the same
    ones. Training texts are embedded by each player, as their time is measured.
    """

    def __init__(self, given: Given) -> None:
        self.vectors = encoder(given.folder, given.threads)
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


def fit_logistic(rows: Any, labels: Sequence[object], penalty: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=penalty, max_iter=1000).fit(rows, labels)


def logistic(given: Given) -> Trained:
    embed, chosen = Embedder(given), given.folder.parent / f"{given.task}-penalty.json"
    labels, held = [label for _, label in given.train], given.validation
    started = time.process_time()
    rows = embed.vectors([text for text, _ in given.train])
    fit, seconds = partial(fit_logistic, rows, labels), time.process_time() - started
    if not chosen.is_file():
        asked, right = embed.kept([text for text, _ in held]), [label for _, label in held]
        chosen.write_text(json.dumps(max(PENALTIES, key=lambda c: fit(c).score(asked, right))))
    started = time.process_time()
    model = fit(json.loads(chosen.read_text()))
    seconds += time.process_time() - started

    def predict(messages: Sequence[str]) -> Any:
        return model.predict_proba(embed.kept(messages))

    return Trained(
        tempered(predict, list(model.classes_), given),
        lambda message: predict([message]),
        size_of(given.folder) + model.coef_.nbytes,
        seconds,
    )
