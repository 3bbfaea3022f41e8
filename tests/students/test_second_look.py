from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from logicdistill.students.head import Message, fit_head, lessons
from logicdistill.students.scoring import Vectors
from logicdistill.students.second_look import LOOKED_AT, WEIGHT, Words, added, weight_of

PLACES, ASKED = ("card", "loan", "cash", "visa"), ("open", "close")
MEANING = dict(zip((*PLACES, *ASKED), np.eye(6, dtype=np.float16), strict=True))
NAMES = {f"{verb} {place}": (verb, place) for verb, place in product(ASKED, PLACES)}


def read(texts: Sequence[str]) -> list[Words]:
    return [np.stack([MEANING[word] for word in text.split()]) for text in texts]


def embed(texts: Sequence[str]) -> Vectors:
    """Vectors that know what a text is about, and nothing of what is asked for."""
    rows = np.zeros((len(texts), 12), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.split():
            if word in PLACES:
                row[PLACES.index(word)] += 1
        row[6:] = np.random.default_rng([*text.encode()]).normal(0, 0.3, 6)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_words_tell_apart_what_one_vector_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logicdistill.students.head.WORDS", 0.0)  # hashed words would know as well
    said = [
        Message(f"{verb} {place} {place} {extra}", name)
        for name, (verb, place) in NAMES.items()
        for extra in PLACES
        if extra != place
    ]
    kept = {name: (name, *(m.text for m in said if m.label == name)) for name in NAMES}
    head = fit_head(kept, lessons(kept, said, False), embed, reads_text=True, read=read)
    assert head.calibration.again == WEIGHT
    asked = [f"{verb} {place} {place}" for verb, place in NAMES.values()]
    logits, _ = head.scores(asked, [()] * len(asked), embed(asked))
    columns = [*range(len(head.texts))]
    right = [head.column[name] for name in NAMES]
    assert (logits.argmax(axis=1) == right).mean() < 0.8
    looked = head.looked(logits, columns, read(asked))
    assert (looked.argmax(axis=1) == right).all()
    backwards = head.looked(logits[:, ::-1], columns[::-1], read(asked))
    assert (backwards[:, ::-1] == looked).all()


def test_nothing_speaks_against_a_function_without_examples() -> None:
    logits = np.array([[3.0, 2.0, 1.0, *[0.0] * LOOKED_AT]])
    known = [read(["open card"]), read(["close card"]), [], *[read(["visa cash"])] * LOOKED_AT]
    found = added(logits, read(["open card"]), known)[0]
    looked = found[[0, 1, *range(3, LOOKED_AT)]]
    assert found[0] == found[2] == looked.max() > found[1]
    assert set(found[LOOKED_AT:]) == {looked.min()}


def test_a_second_look_that_loses_messages_counts_for_nothing() -> None:
    logits, labels = np.tile([1.0, 0.0], (40, 1)), np.zeros(40, np.int64)
    against = np.tile([-9.0, 0.0], (40, 1))
    assert weight_of(logits, against, labels) == 0.0
    assert weight_of(logits, np.where(np.arange(40)[:, None] < 2, against, 0.0), labels) == WEIGHT
    assert weight_of(logits, against, 1 - labels) == WEIGHT
