from __future__ import annotations

from collections import Counter
from math import log

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.retrieval.words import K1, B, Postings, words

TEXTS = st.lists(
    st.lists(st.sampled_from("abcdef"), max_size=12).map(" ".join), min_size=1, max_size=12
)


def by_the_book(view: str, texts: list[str]) -> list[float]:
    """BM25 as the formula is printed, text by text."""
    counts = [Counter(text.split()) for text in texts]
    average = max(1.0, sum(count.total() for count in counts) / len(counts))
    found = []
    for count in counts:
        score = 0.0
        for word in view.split():
            holding = sum(word in other for other in counts)
            weight = log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
            score += (
                weight
                * count[word]
                * (K1 + 1)
                / (count[word] + K1 * (1 - B + B * count.total() / average))
            )
        found.append(score)
    return found


@given(TEXTS, st.lists(st.sampled_from("abcdefg"), max_size=6).map(" ".join), st.data())
def test_scores_are_the_formulas_over_the_live_texts_alone(
    texts: list[str], view: str, data: st.DataObject
) -> None:
    postings = Postings()
    for text in texts:
        postings.add(text)
    live = data.draw(st.lists(st.sampled_from(range(len(texts))), unique=True, min_size=1))
    np.testing.assert_allclose(
        postings.scores(view, np.asarray(live)),
        by_the_book(view, [texts[number] for number in live]),
    )


@given(st.text())
def test_words_are_lower_case_letters_and_digits(text: str) -> None:
    assert all(word and word.isalnum() for word in words(text))
