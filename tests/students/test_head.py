from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from logicdistill.errors import BaseError
from logicdistill.students.calibration import promised
from logicdistill.students.head import (
    SPREAD,
    STRANGERS,
    USUAL,
    Head,
    Message,
    cross_fitted,
    fit_head,
    lessons,
    likeliest_factor,
)
from logicdistill.students.lexical import Grams
from logicdistill.students.scoring import Vectors

NAMES = ("buy", "hold", "sell", "wait")
WIDTH = 10


class World:
    """Messages about four functions, at places of our choice; some are near a wrong one."""

    def __init__(self, seed: int, spread: float) -> None:
        self.rng, self.spread = np.random.default_rng(seed), spread
        self.centres = self.rng.normal(size=(len(NAMES), WIDTH))
        self.at = {name: self.centres[index] for index, name in enumerate(NAMES)}
        self.at |= {text: 2 * self.rng.normal(size=WIDTH) for text in STRANGERS}

    def draw(self, count: int) -> list[Message]:
        found = list[Message]()
        for label in self.rng.integers(len(NAMES), size=count):
            text = f"m{len(self.at)}"
            self.at[text] = self.centres[label] + self.spread * self.rng.normal(size=WIDTH)
            found.append(Message(text, NAMES[label]))
        return found

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.stack([self.at[text] for text in texts]).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize(("spread", "max_error"), [(1.0, 0.08), (1.5, 0.2)])
def test_a_promised_error_rate_is_kept_in_nine_draws_of_ten(
    spread: float, max_error: float
) -> None:
    manuals = {name: (name,) for name in NAMES}
    broken, made, draws = 0, 0, 20
    for seed in range(draws):
        world = World(seed, spread)
        said = world.draw(160)
        known = lessons(manuals, said, False)
        head = fit_head(manuals, known, world.embed, reads_text=False, proving=said)
        proven = head.calibration
        try:
            least = promised(np.array(proven.sure), np.array(proven.right), len(said), max_error)
        except BaseError:
            continue
        fresh = world.draw(1000)
        texts = [one.text for one in fresh]
        scores = head.scores(texts, [()] * len(texts), world.embed(texts))
        shares = proven.probabilities(*scores)
        chosen = shares.argmax(axis=1)
        taken = (chosen < len(NAMES)) & (shares.max(axis=1) >= least)
        wrong = chosen != np.array([NAMES.index(str(one.label)) for one in fresh])
        made += 1
        broken += wrong[taken].sum() > max_error * max(1, taken.sum())
    assert made > draws / 4
    assert broken <= 0.1 * draws


def test_usage_examples_prove_no_error_rate() -> None:
    world = World(0, 0.3)
    said, shown = world.draw(12), world.draw(12)
    texts = {name: (name, *(one.text for one in shown if one.label == name)) for name in NAMES}
    known = lessons(texts, said, False)
    assert len(known) == 24
    made = fit_head(texts, known, world.embed, reads_text=True, proving=said).calibration
    assert 0 < len(made.sure) <= len(said)
    none = fit_head(texts, known, world.embed, reads_text=True).calibration
    assert (none.sure, none.factor) == ((), made.factor)


@pytest.mark.parametrize("spread", [1.0, 2.0, 3.0])
def test_a_head_of_few_messages_is_as_sure_as_it_is_right(spread: float) -> None:
    """Whether the messages are told apart easily or not."""
    gaps = []
    for seed in range(12):
        world = World(seed, spread)
        known = lessons({name: (name,) for name in NAMES}, world.draw(60), False)
        head = fit_head({name: (name,) for name in NAMES}, known, world.embed, reads_text=False)
        fresh = world.draw(500)
        texts = [one.text for one in fresh]
        logits, familiar = head.scores(texts, [()] * len(texts), world.embed(texts))
        shares = head.calibration.probabilities(logits, familiar)[:, :-1]
        shares /= shares.sum(axis=1, keepdims=True)
        right = shares.argmax(axis=1) == [NAMES.index(str(one.label)) for one in fresh]
        gaps.append(float(shares.max(axis=1).mean() - right.mean()))
    assert abs(np.mean(gaps)) < 0.04
    assert np.mean(np.abs(gaps)) < 0.08


@pytest.mark.parametrize("best", [USUAL / 2, USUAL, USUAL * 2])
def test_what_is_usual_decides_beside_few_messages_and_not_beside_many(best: float) -> None:
    rng = np.random.default_rng(0)

    def factors(messages: int, prior: tuple[float, float] | None) -> list[float]:
        found = []
        for _ in range(40):
            logits = rng.normal(scale=1.5, size=(messages, 5))
            shares = np.exp(best * logits)
            shares /= shares.sum(axis=1, keepdims=True)
            labels = np.array([rng.choice(5, p=row) for row in shares])
            found.append(float(np.log(likeliest_factor(logits, labels, prior) / USUAL)))
        return found

    few, free = factors(20, (USUAL, SPREAD)), factors(20, None)
    assert np.std(few) < 0.7 * np.std(free)
    assert abs(np.mean(few)) < abs(np.log(best / USUAL)) + 0.1
    assert abs(np.mean(factors(1000, (USUAL, SPREAD))) - np.log(best / USUAL)) < 0.06


def test_cross_fitting_says_what_share_a_head_gets_right() -> None:
    world = World(0, 1.5)
    manuals = {name: (name,) for name in NAMES}
    known, fresh = lessons(manuals, world.draw(200), False), world.draw(1000)
    texts = [one.text for one in fresh]
    head = fit_head(manuals, known, world.embed, reads_text=True)
    scores, _ = head.scores(texts, [()] * len(texts), world.embed(texts))
    right = scores.argmax(axis=1) == [NAMES.index(str(one.label)) for one in fresh]
    logits, labels = cross_fitted(manuals, known, world.embed)
    assert abs((logits.argmax(axis=1) == labels).mean() - right.mean()) < 0.08
    single = [Message(text, name) for text, name in zip(texts, NAMES, strict=False)]
    assert len(cross_fitted(manuals, single, world.embed)[1]) == 0


def test_what_lies_between_functions_is_unfamiliar_though_it_is_near_them() -> None:
    """None of these is told by the logit as well: nearness alone takes the middle of two."""
    world = World(1, 0.4)
    manuals = {name: (name,) for name in NAMES}
    head = fit_head(manuals, lessons(manuals, world.draw(200), False), world.embed, reads_text=True)
    inside = [one.text for one in world.draw(300)]
    world.at |= {
        f"between {index}": (world.centres[index % 4] + world.centres[(index + 1) % 4]) / 2
        + 0.4 * world.rng.normal(size=WIDTH)
        for index in range(300)
    }
    between = [f"between {index}" for index in range(300)]

    def overlap(score: str) -> float:
        found = []
        for texts in (inside, between):
            vectors = world.embed(texts)
            _, familiar = head.scores(texts, [()] * len(texts), vectors)
            cosines = vectors @ head.centres.T
            found.append((familiar if score == "familiar" else cosines).max(axis=1))
        return float((found[0][:, None] < found[1][None]).mean())

    assert overlap("familiar") < 0.8 * overlap("cosine")


def test_a_function_known_by_its_manual_alone_is_not_strange_for_that() -> None:
    world = World(3, 0.8)
    world.at |= {f"o{number}": 2 * world.rng.normal(size=WIDTH) for number in range(10)}
    known = [one for one in world.draw(80) if one.label != "wait"]
    functions = {name: (name,) for name in NAMES}
    outside = [Message(f"o{number}", None) for number in range(10)]
    asked = [*lessons(functions, known, view_facts=False), *outside]
    head = fit_head(functions, asked, world.embed, reads_text=True)
    mine = [one.text for one in world.draw(200) if one.label == "wait"]
    strange = [f"s{number}" for number in range(200)]
    world.at |= {text: 2 * world.rng.normal(size=WIDTH) for text in strange}

    def none(texts: list[str], known: Head) -> float:
        scores = known.scores(texts, [()] * len(texts), world.embed(texts))
        return float(known.calibration.probabilities(*scores)[:, -1].mean())

    without = replace(head, bias=np.zeros_like(head.bias))
    assert none(mine, head) < 0.7 * none(mine, without)
    assert none(strange, head) > 3 * none(mine, head)


def test_grams_stand_in_the_order_of_the_texts_whatever_the_hash_seed() -> None:
    texts = [[f"gram {number}" for number in range(start, start + 20)] for start in (0, 10)]
    weights = [*Grams.of(texts).weights]
    assert weights == [*Grams.of([[gram] for grams in texts for gram in grams]).weights]
