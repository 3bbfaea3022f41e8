from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from logicdistill.protocols import Retriever
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.types import Function, Manual

TOPICS = (
    "lost card",
    "exchange rate",
    "new passport",
    "broken screen",
    "late parcel",
    "wrong size",
)


class HashedWords:
    """A text is the normalised sum of its words' pseudo-random vectors. Counts what it embeds."""

    def __init__(self) -> None:
        self.texts = 0

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts += len(texts)
        return [self._vector(text).tolist() for text in texts]

    @staticmethod
    def _vector(text: str) -> np.ndarray:
        seeds = [
            int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])
            for word in text.lower().split()
        ]
        vector = np.sum([np.random.default_rng(seed).normal(size=64) for seed in seeds], axis=0)
        return np.asarray(vector / np.linalg.norm(vector))


def function(name: str, *texts: str) -> Function:
    return Function(name, "pick", f"def {name}(): ...", (), Manual(texts[0], texts[0]), texts)


FUNCTIONS = tuple(
    function(topic.replace(" ", "_"), f"the customer reports a {topic}", f"help my {topic}")
    for topic in TOPICS
)


@pytest.mark.parametrize(
    "retriever",
    [
        FusedRetriever(HashedWords(), kinds=("dense",)),
        FusedRetriever(None),
        FusedRetriever(HashedWords()),
    ],
)
def test_the_function_about_the_views_words_comes_first_whatever_the_order_of_the_base(
    retriever: Retriever,
) -> None:
    views = [f"i have a {topic} what now" for topic in TOPICS]
    for functions in (FUNCTIONS, FUNCTIONS[::-1]):
        found = retriever.top(views, functions, 3)
        assert [top[0].name for top in found] == [topic.replace(" ", "_") for topic in TOPICS]
        assert {len(set(top)) for top in found} == {3}


@pytest.mark.parametrize(
    "retriever",
    [
        FusedRetriever(None),
        FusedRetriever(HashedWords(), kinds=("dense",)),
        FusedRetriever(HashedWords()),
    ],
)
def test_a_function_added_later_is_found(retriever: Retriever) -> None:
    retriever.top(["lost card"], FUNCTIONS, 2)
    added = function("stolen_bike", "the customer reports a stolen bike")
    assert retriever.top(["my bike was stolen"], (*FUNCTIONS, added), 1)[0][0].name == "stolen_bike"


def test_a_view_without_words_still_gets_k_candidates() -> None:
    assert len(FusedRetriever(HashedWords()).top(["?"], FUNCTIONS, 2)[0]) == 2
    assert len(FusedRetriever(None).top(["..."], FUNCTIONS, 2)[0]) == 2


def test_a_text_is_embedded_once_also_when_two_sets_take_turns() -> None:
    embedder = HashedWords()
    retriever = FusedRetriever(embedder)
    for _ in range(3):
        for functions in (FUNCTIONS, FUNCTIONS[1:]):
            retriever.top(
                ["lost card"], (*functions,), 2
            )  # another tuple of the same functions, as each decision makes one
    assert embedder.texts == 12 + 6


def test_what_was_searched_before_does_not_change_a_small_sets_order() -> None:
    views = [f"{topic} of the customer" for topic in TOPICS]
    seasoned = FusedRetriever(HashedWords())
    more = [
        function(
            f"other_{number}", f"the customer lost number {number}", "lost card of my customer"
        )
        for number in range(40)
    ]
    seasoned.top(views, (*more, *FUNCTIONS), 3)
    assert seasoned.top(views, FUNCTIONS, 6) == FusedRetriever(HashedWords()).top(
        views, FUNCTIONS, 6
    )


def test_vectors_of_a_function_are_those_that_the_embedder_gave() -> None:
    retriever = FusedRetriever(HashedWords())
    assert retriever.vectors(FUNCTIONS[0]) is None
    retriever.top(["lost card"], FUNCTIONS, 2)
    found = retriever.vectors(FUNCTIONS[0])
    assert found is not None
    np.testing.assert_array_equal(
        found, np.asarray(HashedWords().embed(FUNCTIONS[0].texts), np.float32)
    )


def test_vectors_are_kept_in_a_file_and_those_of_another_encoder_are_removed(
    tmp_path: Path,
) -> None:
    first, again, other = HashedWords(), HashedWords(), HashedWords()
    FusedRetriever(first, tmp_path, "words").top(["lost card"], FUNCTIONS, 2)
    FusedRetriever(again, tmp_path, "words").top(["lost card"], FUNCTIONS, 2)
    assert (first.texts, again.texts) == (12 + 1, 1)
    FusedRetriever(other, tmp_path, "other words").top(["lost card"], FUNCTIONS, 2)
    assert other.texts == 12 + 1
    assert len(list(tmp_path.glob("pick-*.npz"))) == 1


@pytest.mark.parametrize("harm", ["cut", "garbled"])
def test_a_damaged_file_of_vectors_is_one_line_and_is_written_again(
    harm: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    right = FusedRetriever(HashedWords(), tmp_path).top(["lost card"], FUNCTIONS, 3)
    file = next(tmp_path.glob("*.npz"))
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle:] = b"" if harm == "cut" else bytes(64) + data[middle + 64 :]
    file.write_bytes(bytes(data))
    assert FusedRetriever(HashedWords(), tmp_path).top(["lost card"], FUNCTIONS, 3) == right
    assert len(caplog.records) == 1
    assert "its vectors are computed anew" in caplog.text
    embedder = HashedWords()
    assert FusedRetriever(embedder, tmp_path).top(["lost card"], FUNCTIONS, 3) == right
    assert embedder.texts == 1


def test_a_folder_that_cannot_be_written_leaves_vectors_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "index").write_text("a file in the way")
    retriever = FusedRetriever(HashedWords(), tmp_path / "index")
    assert retriever.top(["lost card"], FUNCTIONS, 2)[0][0].name == "lost_card"
    assert len(caplog.records) == 1
    assert "vectors are kept in memory this time" in caplog.text
