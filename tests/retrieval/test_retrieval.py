from __future__ import annotations

import hashlib
from collections.abc import Sequence

import bm25s
import numpy as np
import pytest

from logicdistill.protocols import Retriever
from logicdistill.retrieval.dense import DenseRetriever
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.retrieval.lexical import LexicalRetriever
from logicdistill.types import Function, Manual

TOPICS = ("lost card", "exchange rate", "new passport", "broken screen", "late parcel", "wrong size")


class HashedWords:
    """An embedder without a model: a text is the normalised sum of its words' pseudo-random vectors."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._vector(text).tolist() for text in texts]

    @staticmethod
    def _vector(text: str) -> np.ndarray:
        seeds = [int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) for word in text.lower().split()]
        vector = np.sum([np.random.default_rng(seed).normal(size=64) for seed in seeds], axis=0)
        return np.asarray(vector / np.linalg.norm(vector))


def function(name: str, *texts: str) -> Function:
    return Function(name, "pick", f"def {name}(): ...", (), Manual(texts[0], texts[0]), texts)


FUNCTIONS = tuple(function(topic.replace(" ", "_"), f"the customer reports a {topic}", f"help my {topic}") for topic in TOPICS)


@pytest.mark.parametrize(
    "retriever", [LexicalRetriever(), DenseRetriever(HashedWords()), FusedRetriever(None), FusedRetriever(HashedWords())]
)
def test_the_function_about_the_views_words_comes_first_whatever_the_order_of_the_base(retriever: Retriever) -> None:
    views = [f"i have a {topic} what now" for topic in TOPICS]
    for functions in (FUNCTIONS, FUNCTIONS[::-1]):
        found = retriever.top(views, functions, 3)
        assert [top[0].name for top in found] == [topic.replace(" ", "_") for topic in TOPICS]
        assert {len(set(top)) for top in found} == {3}


@pytest.mark.parametrize("retriever", [LexicalRetriever(), DenseRetriever(HashedWords()), FusedRetriever(HashedWords())])
def test_a_function_added_later_is_found(retriever: Retriever) -> None:
    retriever.top(["lost card"], FUNCTIONS, 2)
    added = function("stolen_bike", "the customer reports a stolen bike")
    assert retriever.top(["my bike was stolen"], (*FUNCTIONS, added), 1)[0][0].name == "stolen_bike"


def test_a_view_without_words_still_gets_k_candidates() -> None:
    assert len(FusedRetriever(HashedWords()).top(["?"], FUNCTIONS, 2)[0]) == 2
    assert len(LexicalRetriever().top(["..."], FUNCTIONS, 2)[0]) == 2


class Counting(HashedWords):
    """Counts the texts that it embeds."""

    def __init__(self) -> None:
        self.texts = 0

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts += len(texts)
        return super().embed(texts)


def test_an_index_is_built_once_for_a_set_of_functions_also_when_two_sets_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    index = bm25s.BM25.index
    monkeypatch.setattr(bm25s.BM25, "index", lambda self, words, **rest: built.append(len(words)) or index(self, words, **rest))
    stacked = []
    stack = np.stack
    monkeypatch.setattr(np, "stack", lambda rows: stacked.append(len(rows)) or stack(rows))
    embedder = Counting()
    retriever = FusedRetriever(embedder)
    for _ in range(3):
        for functions in (FUNCTIONS, FUNCTIONS[1:]):
            retriever.top(["lost card"], (*functions,), 2)  # another tuple of the same functions, as each decision makes one
    assert built == [6, 5]
    assert stacked == [12, 10]
    assert embedder.texts == 12 + 6
