from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from logicdistill.errors import BaseError
from logicdistill.students.calibration import promised
from logicdistill.students.head import STRANGERS, Message, fit_head, lessons
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
