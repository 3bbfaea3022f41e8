from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.errors import BaseError
from logicdistill.students.calibration import (
    MANY_TEXTS,
    SHARPNESS_FACTORS,
    USUAL_SCALE,
    HeldOut,
    Scored,
    _evidence_weight,
    calibrate,
    least_confidence,
    parted,
    score,
)
from logicdistill.students.evidence import Evidence
from logicdistill.students.scoring import Scoring, Vectors, agreements
from logicdistill.types import Function, Manual

WIDTH = 16
DRAWS = 150


def unit(rng: np.random.Generator, count: int) -> Vectors:
    rows = rng.normal(size=(count, WIDTH)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def function(name: str, *texts: str) -> Function:
    return Function(name, "reply", f"# {name}", ("message",), Manual(name, ""), texts)


class Space:
    """Texts at places of our choice."""

    def __init__(self) -> None:
        self.at: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.at[text] for text in texts])


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 4), min_size=1, max_size=5),
    st.sampled_from([0.0, 10.0, 30.0]),
    st.data(),
)
def test_a_text_that_does_not_count_scores_as_if_it_were_not_there(
    seed: int, sizes: list[int], sharpness: float, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    texts, view = unit(rng, sum(sizes)), unit(rng, 1)
    starts = np.cumsum([0, *sizes[:-1]]).tolist()
    gone = data.draw(st.integers(0, sum(sizes) - 1))
    owner = max(index for index, start in enumerate(starts) if start <= gone)
    scoring = Scoring(20.0, sharpness, 0.4)
    found = scoring.scores(view, texts, starts, own=[(0, gone)])
    if sizes[owner] == 1:
        assert np.allclose(found, scoring.scores(view, texts, starts))
        return
    left = [start - (start > gone) for start in starts]
    assert np.allclose(found, scoring.scores(view, np.delete(texts, gone, axis=0), left), atol=1e-5)


def crowd(noise: float, seed: int, absent: int = 0) -> tuple[Space, list[Function], list[HeldOut]]:
    """Ten functions in random directions, thirty messages around each, and some around none."""
    rng, space = np.random.default_rng(seed), Space()
    functions, held = [], []
    for number, centre in enumerate(unit(rng, 10)):
        functions.append(function(f"f{number}", f"manual {number}"))
        space.at[f"manual {number}"] = centre
        for index in range(30):
            text = f"message {number} {index}"
            place = centre + noise * unit(rng, 1)[0]
            space.at[text] = np.asarray(place / np.linalg.norm(place), np.float32)
            held.append(HeldOut("reply", text, f"f{number}"))
    for index, place in enumerate(unit(rng, absent)):
        space.at[f"nothing {index}"] = place
        held.append(HeldOut("reply", f"nothing {index}", None))
    return space, functions, held


@pytest.mark.parametrize("noise", [1.2, 2.0, 3.0])
def test_calibrated_probabilities_are_right_on_other_messages(noise: float) -> None:
    space, functions, held = crowd(noise, seed=1)
    others, known = held[::2], held[1::2]
    scoring = calibrate(Scoring(20.0, 30.0, 0.4), known, functions, space.embed)
    judged = score(scoring, others, functions, space.embed)
    logits = scoring.scale * judged.scores
    probabilities = np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None])
    right = judged.scores.argmax(axis=1) == judged.labels
    assert abs(probabilities.max(axis=1).mean() - right.mean()) < 0.08


def test_a_few_held_out_messages_are_weighed_against_the_share_that_is_expected() -> None:
    """Five messages say little about how often the student is right; what is expected says more."""
    space, functions, held = crowd(3.0, seed=1)

    def gap(few: Sequence[HeldOut], expected: float) -> float:
        unfitted = Scoring(20.0, 30.0, 0.4, expected=expected)
        scoring = calibrate(unfitted, few, functions, space.embed)
        judged = score(scoring, held, functions, space.embed)
        logits = scoring.scale * judged.scores
        sure = np.exp(logits.max(axis=1) - np.logaddexp.reduce(logits, axis=1)).mean()
        return abs(sure - (judged.scores.argmax(axis=1) == judged.labels).mean())

    judged = score(Scoring(20.0, 30.0, 0.4), held, functions, space.embed)
    share = float((judged.scores.argmax(axis=1) == judged.labels).mean())
    draws = [held[start::50] for start in range(50)]
    alone = np.mean([gap(few, 0.0) for few in draws])
    weighed = np.mean([gap(few, share - 0.03) for few in draws])
    assert weighed < 0.7 * alone
    assert gap(held, 0.3) < 0.12  # three hundred messages know better


def test_a_wrong_label_among_a_few_dozen_does_not_make_all_choices_look_uncertain() -> None:
    space, functions, held = crowd(0.5, seed=1)
    few = held[::6]
    wrong = [*few[1:], replace(few[0], label="f9")]
    scales = [
        calibrate(Scoring(20.0, 30.0, 0.4), messages, functions, space.embed).scale
        for messages in (few, wrong)
    ]
    assert scales[1] > 0.4 * scales[0]


def test_messages_that_no_function_fits_set_the_score_of_none() -> None:
    space, functions, held = crowd(0.7, seed=2, absent=200)
    scoring = calibrate(Scoring(20.0, 30.0, 0.0), held[::2], functions, space.embed)
    judged = score(scoring, held[1::2], functions, space.embed)
    none = judged.scores.max(axis=1) < scoring.none_score
    assert none[judged.labels < 0].mean() > 0.85
    assert none[judged.labels >= 0].mean() < 0.05


def test_a_message_that_is_a_usage_example_does_not_recognise_itself() -> None:
    space, functions, held = crowd(3.0, seed=3)
    with_usage = [
        function(f.name, *f.texts, *(message.view for message in held if message.label == f.name))
        for f in functions
    ]
    judged = score(Scoring(20.0, 30.0, 0.4), held, with_usage, space.embed)
    assert judged.scores.max() < 0.999


def test_evidence_is_weighed_by_what_it_says_of_held_out_messages() -> None:
    """Facts that go with the right function decide more messages rightly; others weigh less."""
    space, functions, held = crowd(3.0, seed=5)
    rng = np.random.default_rng(0)
    right = {}
    for kind in ("telling", "chance"):
        facts = [
            f"form: {message.label if kind == 'telling' else rng.integers(10)}" for message in held
        ]
        seen = [((fact,), message.label) for fact, message in zip(facts, held, strict=True)]
        evidence = Evidence.of(seen[::2])
        known, others = (
            [
                replace(message, facts=(fact,))
                for message, fact in list(zip(held, facts, strict=True))[start::4]
            ]
            for start in (1, 3)
        )
        scoring = calibrate(Scoring(20.0, 30.0, 0.4), known, functions, space.embed, evidence)
        judged = score(scoring, others, functions, space.embed, evidence).weighed(scoring.evidence)
        right[kind] = scoring.evidence, (judged.scores.argmax(axis=1) == judged.labels).mean()
    unaided = score(scoring, others, functions, space.embed)
    assert right["telling"][0] > 0
    assert right["telling"][1] > (unaided.scores.argmax(axis=1) == unaided.labels).mean() + 0.1
    assert right["chance"][0] < right["telling"][0]


def test_one_message_against_its_facts_does_not_make_them_worth_less() -> None:
    scores = np.zeros((20, 3))
    labels = np.zeros(20, np.int64)
    nats = np.tile([2.0, -2.0, -2.0], (20, 1))
    agreeing = Scored(np.where(np.arange(3) == 0, 0.1, scores), labels, nats)
    nats = nats.copy()
    nats[0] = [-0.3, 0.3, -0.3]
    assert (
        _evidence_weight(replace(agreeing, nats=nats))
        == _evidence_weight(agreeing)
        == 1 / USUAL_SCALE
    )
    assert _evidence_weight(replace(agreeing, nats=-nats)) < 0.5 / USUAL_SCALE


def many_wishes(texts: int) -> tuple[Space, list[Function], list[HeldOut]]:
    """One function's texts lie together, the other's everywhere; a message lies near a text."""
    rng, space = np.random.default_rng(2), Space()
    centre = unit(rng, 1)
    near = {"one": np.repeat(centre, texts, axis=0), "all_else": unit(rng, texts)}
    functions, held = [], []
    for name, places in near.items():
        functions.append(function(name, *(f"{name} {index}" for index in range(texts))))
        for index, place in enumerate(places):
            for text, noise in ((f"{name} {index}", 0.3), (f"asks {name} {index}", 1.0)):
                moved = place + 0.4 * centre[0] * (name == "all_else") + noise * unit(rng, 1)[0]
                space.at[text] = np.asarray(moved / np.linalg.norm(moved), np.float32)
            held.append(HeldOut("reply", f"asks {name} {index}", name))
    return space, functions, held


def test_where_functions_have_many_texts_held_out_messages_choose_the_sharpness() -> None:
    space, functions, held = many_wishes(MANY_TEXTS)
    plain = Scoring(1.0, 5.0, 0.0)
    kept, fitted = (
        calibrate(plain, held[::2], functions, space.embed, None, factors)
        for factors in (SHARPNESS_FACTORS[:1], SHARPNESS_FACTORS)
    )
    assert (kept.sharpness, fitted.sharpness) == (5.0, 20.0)

    def right(scoring: Scoring) -> int:
        scored = score(scoring, held[1::2], functions, space.embed)
        return int((scored.scores.argmax(axis=1) == scored.labels).sum())

    assert right(fitted) > right(kept)
    space, functions, held = many_wishes(MANY_TEXTS - 1)
    assert calibrate(plain, held, functions, space.embed, None, SHARPNESS_FACTORS).sharpness == 5.0


def test_without_held_out_messages_nothing_is_calibrated() -> None:
    space, functions, _ = crowd(1.0, seed=4)
    scoring = Scoring(20.0, 30.0, 0.4)
    for messages in ([], [HeldOut("reply", "message 0 0", "gone")]):
        assert calibrate(scoring, messages, functions, space.embed) is None


def judged(rng: np.random.Generator, messages: int, wrong_at: tuple[float, float]) -> Scored:
    """Messages of two functions; the share of wrong choices falls linearly as the margin grows."""
    margin = rng.uniform(0.0, 1.0, messages)
    wrong = rng.uniform(size=messages) < wrong_at[0] + (wrong_at[1] - wrong_at[0]) * margin
    return Scored(np.column_stack([margin, np.zeros(messages)]), wrong.astype(np.int64))


@pytest.mark.parametrize("wrong_at", [(0.06, 0.06), (0.1, 0.1), (0.2, 0.0), (0.5, 0.0)])
@pytest.mark.parametrize("max_error", [0.03, 0.05])
def test_a_promised_error_rate_is_broken_in_at_most_one_calibration_of_ten(
    max_error: float, wrong_at: tuple[float, float]
) -> None:
    rng, scoring = np.random.default_rng(0), Scoring(10.0, 0.0, -1.0)
    broken = promised = 0
    for _ in range(DRAWS):
        try:
            least = least_confidence(judged(rng, 300, wrong_at), scoring, max_error)
        except BaseError:
            continue
        promised += 1
        margin = math.log(least / (1 - least)) / 10.0
        broken += (
            wrong_at[0] + (wrong_at[1] - wrong_at[0]) * (max(margin, 0.0) + 1.0) / 2
        ) > max_error
    assert broken / DRAWS < 0.13
    assert promised or wrong_at[1] > 0


def test_one_half_of_the_held_out_messages_fits_and_the_other_proves() -> None:
    held = [
        HeldOut("reply", f"{label} {index}", label, (fact,))
        for label in ("a", "b", None)
        for index in range(5)
        for fact in ("new", "old")
    ]
    held += [HeldOut("reply", f"only {label}", label) for label in "cdef"]
    fit, prove = parted(held)
    assert sorted(map(str, [*fit, *prove])) == sorted(map(str, held))
    assert not {one.view for one in fit} & {one.view for one in prove}
    for label in ("a", "b", None):
        assert {sum(one.label == label for one in half) for half in (fit, prove)} == {4, 6}
    assert len({one.label for one in fit} & set("cdef")) == 2
    assert parted([]) == ([], [])


def test_a_rate_promised_after_fitting_holds_on_messages_that_nobody_saw() -> None:
    broken, made, draws, max_error = 0, 0, 25, 0.1
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        space, centres = Space(), unit(rng, 3)
        functions = [function(f"f{index}", f"manual {index}") for index in range(3)]
        space.at |= {f"manual {index}": centres[index] for index in range(3)}

        def drawn(count: int, rng=rng, space=space, centres=centres) -> list[HeldOut]:
            found = []
            for label in rng.integers(3, size=count):
                view = f"message {len(space.at)}"
                row = centres[label] + 0.55 * rng.normal(size=WIDTH).astype(np.float32)
                space.at[view] = row / np.linalg.norm(row)
                found.append(HeldOut("reply", view, f"f{label}"))
            return found

        fit, prove = parted(drawn(160))
        scoring = calibrate(Scoring(20.0, 30.0, 0.0), fit, functions, space.embed)
        try:
            proven = score(scoring, prove, functions, space.embed)
            least = least_confidence(proven, scoring, max_error)
        except BaseError:
            continue
        fresh = score(scoring, drawn(1000), functions, space.embed)
        shares = scoring.probabilities(fresh.scores)
        taken = (shares.argmax(axis=1) < 3) & (shares.max(axis=1) >= least)
        wrong = shares.argmax(axis=1) != fresh.labels
        made += 1
        broken += wrong[taken].sum() > max_error * max(1, taken.sum())
    assert made > draws / 4
    assert broken <= 0.13 * draws


def test_too_much_is_not_promised() -> None:
    space, functions, held = crowd(1.2, seed=1)
    scoring = calibrate(Scoring(20.0, 30.0, 0.4), held, functions, space.embed)
    scored = score(scoring, held, functions, space.embed)
    with pytest.raises(
        BaseError,
        match=r"at most 0\.10% cannot be promised from 300 held-out messages; the least is \d",
    ):
        least_confidence(scored, scoring, 0.001)


def test_a_function_with_loose_texts_does_not_lose_for_that_alone() -> None:
    rng = np.random.default_rng(5)
    centres = unit(rng, 2)

    def around(centre: Vectors, noise: float, count: int) -> Vectors:
        rows = centre + noise * unit(rng, count)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    tight, loose = around(centres[0], 0.2, 10), around(centres[0] + 0.8 * centres[1], 1.2, 10)
    texts, views = np.concatenate([tight, loose]), around(centres[0] + 0.8 * centres[1], 1.2, 200)
    plain = Scoring(20.0, 20.0, 0.4)
    usual = float(agreements(texts, [0, 10]).mean())
    corrected = Scoring(20.0, 20.0, 0.4, agreement=0.3, usual=usual)
    right = [
        (scoring.scores(views, texts, [0, 10]).argmax(axis=1) == 1).mean()
        for scoring in (plain, corrected)
    ]
    assert right[1] > right[0]


def test_the_agreement_of_texts_is_their_mean_cosine_and_unknown_of_one() -> None:
    texts = unit(np.random.default_rng(6), 4)
    found = agreements(texts, [0, 3])
    cosines = texts[:3] @ texts[:3].T
    assert found[0] == pytest.approx((cosines.sum() - 3) / 6, abs=1e-6)
    assert np.isnan(found[1])
    assert np.allclose(
        Scoring(20.0, 20.0, 0.4, 0.3, 0.5).scores(texts, texts[3:]),
        Scoring(20.0, 20.0, 0.4).scores(texts, texts[3:]),
    )
