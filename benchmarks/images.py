"""Pictures in the state: what is decided from them, beside floors, ceilings and imitation.

    python benchmarks/images.py --out docs/measured/images.json [--quick] [--only PART ...]

- ``inspection``: the drawn parts of ``examples/inspection``. The pictures that are judged are
  drawn from seeds of their own. ``kd`` is the same encoder with a head fitted onto actions, from
  the same example pictures beside each possible record, and the labelled states.
- ``babyai``: levels of the package ``minigrid`` on evaluation seeds, from the cells (the ceiling)
  and from the picture. ``kd`` imitates the actions that the ceiling takes on training seeds.
- ``pursuit``, ``twentyone``: the board, or the cards, drawn anew each turn, of other light and
  noise. The cells are perceived, the state is put together, and the base that there is decides.
- ``cost``: processor time of a decision with a new picture, the sandbox's processes included,
  beside that of the encoder alone.

A part that is not asked for keeps its figures in the file. Needs ``minigrid`` and ``scikit-learn``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
from babyai import bot_player, random_player
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from selecting import share, write_result
from stamps import stamp

from logicdistill.cli.terminal import TerminalReporter
from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Episode, Move, Player, Position, play
from logicdistill.deciding.parts import Parts
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pictures import cells, decoded, picture_value
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import FirstStudent
from logicdistill.students.kept_encoders import picture_encoders
from logicdistill.students.picture_head import PENALTY
from logicdistill.students.pictured import PictureStudent
from logicdistill.students.regression import fit_softmax
from logicdistill.students.vision import PictureEncoder, Pixels, picture_encoder
from logicdistill.tasks.babyai import LEVELS
from logicdistill.tasks.babyai_world import SIDE
from logicdistill.tasks.registry import get_task
from logicdistill.tasks.seeds import evaluation_seeds, training_seeds
from logicdistill.tasks.twentyone import LIMIT
from logicdistill.training.pictures import fit_pictures
from logicdistill.types import Decision, Function, Query, Stage
from logicdistill.writing.by_hand import base_by_hand

sys.path.insert(0, str(Path(__file__).parents[1] / "examples" / "inspection"))
import make

Rows = npt.NDArray[np.float32]
Record = dict[str, Any]

FRESH_SEED, RUST_SEED, DISTURBED_SEED = 510_000, 610_000, 710_000
SEEDS = {"fresh": FRESH_SEED, "rust": RUST_SEED, "disturbed": DISTURBED_SEED}

DRAWS = 5
"""Of the pictures of a function that joins."""
SURE = 0.9
"""Confidence from which on an error counts as one of high confidence."""

SEEN_LEVELS = ("goto-local", "pickup-loc", "open-door", "unlock-local")

WRONG, WRONG_ACTION = f"wrong_defect_at_{SURE}", f"wrong_action_at_{SURE}"
ACTION = f"action_at_{SURE}"
"""Actions of high confidence, right or wrong; a fallback is none."""

SHEET = Path(__file__).parents[1] / "docs" / "images.png"
"""Decisions of the inspection as a picture."""

HOT = 5
"""Example pictures of the function that joins."""

HELD = 300
"""Views of later training episodes, on which imitations are compared with what they imitate."""

SMALL_NOISE = "small noise"

MOST_ROUNDS = 500
"""Over the rows of a network of two layers; it stops earlier where it gains no more."""

CELL_WIDTH = 16
"""Numbers that a cell has in the rows of the imitation by cells."""

PIECES = ("free", "wall", "first", "second", "both", "evader")
MARKS = {"first": "#1f6feb", "second": "#d29922", "evader": "#cf222e"}
CELL = 16
RANKS = dict(zip(("ace", "two", "three", "four", "five", "six", "seven"), "A234567", strict=True))
RANKS |= {"eight": "8", "nine": "9", "ten": "10", "jack": "J", "queen": "Q", "king": "K"}
WORTH = {card: min(place, 10) for place, card in enumerate(RANKS, start=1)}
SUITS = ("#b02020", "#202020")
CARD = 24
TABLE = 6
"""Cards for which the table of twenty-one has room; it grows with a larger hand."""

RUST = '''def rust() -> str:
    """Answer rust.

    Use when: An orange mottled patch lies on the face.
{examples}
    """
    return "rust"
'''
RUSTY = '''def rusty(defect: str) -> str:
    """A rusty part is scrapped.

    Use when: The part is rusty.
    When: defect == "rust"

    >>> rusty(defect="rust")
    'scrap'
    """
    return "scrap"
'''
RECALL = '''def recalled(defect: str, kind: str) -> str:
    """Stained covers are scrapped today.

    Use when: The part is a stained cover.
    When: defect == "stain" and kind == "cover"

    >>> recalled(defect="stain", kind="cover")
    'scrap'
    """
    return "scrap"
'''


def seconds() -> float:
    """Processor time of this process and of those that it started."""
    mine = psutil.Process()
    used = [one.cpu_times() for one in (mine, *mine.children(recursive=True))]
    ended = os.times()
    running = sum(one.user + one.system for one in used)
    return running + ended.children_user + ended.children_system


def inspected(policy: Policy, records: Sequence[Record]) -> list[Decision]:
    return policy.decide_many([record["state"] for record in records])


def defect_of(decision: Decision) -> str | None:
    return decision.trace[0].function


def confidence(decision: Decision) -> float:
    """Of the defect."""
    choice = decision.trace[0].choice
    return choice.ranked[0].probability if choice and choice.ranked else 0.0


def right(decisions: Sequence[Decision], records: Sequence[Record]) -> dict[str, Any]:
    """Right defects and actions, "none of these", wrong defects; those of high confidence."""
    pairs = list(zip(decisions, records, strict=True))
    wrong = [d for d, r in pairs if defect_of(d) not in (None, r["defect"])]
    sure = sum(confidence(d) >= SURE for d in wrong)
    acted = [(d, r) for d, r in pairs if not d.fallback and d.confidence >= SURE]
    acts = sum(d.action != r["action"] for d, r in acted)
    return {
        "action": share(sum(d.action == r["action"] for d, r in pairs), len(pairs)),
        "defect": share(sum(defect_of(d) == r["defect"] for d, r in pairs), len(pairs)),
        "none": share(sum(defect_of(d) is None for d, _ in pairs), len(pairs)),
        "wrong_defect": share(len(wrong), len(pairs)),
        WRONG: share(sure, len(pairs)),
        ACTION: share(len(acted), len(pairs)),
        WRONG_ACTION: share(acts, len(pairs)),
    }


def made_policy(folder: Path, examples: int) -> tuple[Policy, dict[str, Any]]:
    """The example as a user makes it: the folder drawn, then a run."""
    make.write(folder / "parts", pictures=examples)
    settings, begun = RunSettings(str(folder / "parts"), jobs=1), seconds()
    pipeline = RunPipeline(folder / "run", settings, TerminalReporter(Console(stderr=True)))
    pipeline.run()
    student = json.loads((folder / "run" / "steps" / "see.json").read_text(encoding="utf-8"))
    return Policy.load(folder / "run"), {
        "example_pictures": examples * len(make.DEFECTS),
        "see": student,
        "run_processor_seconds": round(seconds() - begun, 1),
    }


def inspection(quick: bool) -> dict[str, Any]:
    count, draws = (60, 2) if quick else (300, DRAWS)
    with tempfile.TemporaryDirectory() as scratch:
        policy, how = made_policy(Path(scratch), 10 if quick else 40)
        fresh = _as_urls(make.records(count, FRESH_SEED))
        first = inspected(policy, fresh)
        found = {"n": count, "made": how, "ld": right(first, fresh)}
        shown = disturbed(fresh)
        found["floors"] = floors(policy, Path(scratch) / "parts", fresh, shown)
        found["hot_add"] = [hot_added(policy, fresh, first, draw) for draw in range(draws)]
        found["emergency"] = emergency(policy, fresh, first)
        decided = {name: inspected(policy, mine) for name, mine in shown.items()}
        found["disturbed"] = {name: right(decided[name], shown[name]) for name in shown}
        if not quick:
            sheet({"as drawn": (fresh, first)} | {n: (shown[n], decided[n]) for n in shown})
        policy.close()
    return found


def _as_urls(records: Sequence[Record]) -> list[Record]:
    return [
        record | {"state": record["state"] | {"photo": picture_value(record["state"]["photo"])}}
        for record in records
    ]


def disturbed(records: Sequence[Record]) -> dict[str, list[Record]]:
    found = {}
    for name, change in make.DISTURBANCES.items():
        draw = random.Random(DISTURBED_SEED)
        changed = [change(decoded(record["state"]["photo"]), draw) for record in records]
        found[name] = [
            record | {"state": record["state"] | {"photo": picture_value(photo)}}
            for record, photo in zip(records, changed, strict=True)
        ]
    return found


def copied(policy: Policy) -> Policy:
    """A policy of its own that can change; the vectors of pictures are shared."""
    return Policy(policy.task, policy.base, policy.parts.student)


def hot_added(
    policy: Policy, fresh: Sequence[Record], before: Sequence[Decision], seed: int
) -> dict[str, Any]:
    """A function joins by `HOT` pictures: its own states, and the others' before and after."""
    draw = random.Random(RUST_SEED + seed)
    urls = [picture_value(make.drawn(make.LATER, draw)) for _ in range(HOT)]
    examples = "\n".join(f"    Example: ![]({url})" for url in urls)
    count = max(20, len(fresh) // 5)
    mine = _as_urls(make.records(count, RUST_SEED + 1_000 + seed, (make.LATER,)))
    with copied(policy) as changed:
        unknown, begun = right(inspected(changed, mine), mine), seconds()
        for source, stage in ((RUST.format(examples=examples), "look"), (RUSTY, "decide")):
            _, refused = changed.bring_in({"new.py": source}, stage)
            assert not refused, refused
        took = seconds() - begun
        own, others = right(inspected(changed, mine), mine), right(inspected(changed, fresh), fresh)
    was = right(before, fresh)
    return {
        "draw": seed,
        "before": {"none": unknown["none"], WRONG: unknown[WRONG]},
        "own": {"defect": own["defect"], "action": own["action"], "none": own["none"]},
        "others": {"defect": others["defect"], "action": others["action"]},
        "others_lose_points": round(100 * (was["defect"]["share"] - others["defect"]["share"]), 2),
        "processor_seconds": round(took, 2),
    }


def emergency(
    policy: Policy, fresh: Sequence[Record], before: Sequence[Decision]
) -> dict[str, Any]:
    """A rule in words in the later stage: the states it is about, and those it is not about."""
    with copied(policy) as changed, tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "recalled.py"
        file.write_text(RECALL, encoding="utf-8")
        changed.add(file, "decide", emergency=True)
        after = inspected(changed, fresh)
    about = [r["defect"] == "stain" and r["state"]["kind"] == "cover" for r in fresh]
    obeyed = sum(d.action == "scrap" for d, mine in zip(after, about, strict=True) if mine)
    same = [
        old.action == new.action
        for old, new, mine in zip(before, after, about, strict=True)
        if not mine
    ]
    return {"obeyed": share(obeyed, sum(about)), "others_as_before": share(sum(same), len(same))}


def floors(
    policy: Policy,
    folder: Path,
    fresh: Sequence[Record],
    disturbances: Mapping[str, Sequence[Record]],
) -> dict[str, Any]:
    """Players that hold no functions, with the same encoder and the same pictures."""
    stage, student = policy.base.stages[0], policy.parts.student
    head = student.heads[stage.name]
    encoder: PictureEncoder = student.encoders[head.encoder]

    def given(records: Sequence[Record]) -> Rows:
        photos = encoder.vectors([decoded(r["state"]["photo"]) for r in records])
        return np.hstack([photos, [_numbers(r["state"]) for r in records]])

    rows = given(fresh)
    asked = rows[:, : head.known.shape[1]]
    lines = (folder / "states.jsonl").read_text(encoding="utf-8").splitlines()
    states = [json.loads(line) for line in lines]
    usual = Counter(line["action"] for line in states).most_common(1)[0][0]
    draw = random.Random(0)
    nearest = [head.names[head.labels[place]] for place in (asked @ head.known.T).argmax(axis=1)]
    by_nearest = [
        make.right_action(defect, r["state"]["kind"], r["state"]["coated"])
        for defect, r in zip(nearest, fresh, strict=True)
    ]
    actions = [r["action"] for r in fresh]
    shown = [
        (digest, {"kind": kind, "coated": coated}, make.right_action(defect, kind, coated))
        for digest, label in zip(head.pictures, head.labels, strict=True)
        for defect in [head.names[label]]
        for kind in make.KINDS
        for coated in (False, True)
    ]
    known = dict(zip(head.pictures, head.known, strict=True))
    photos = encoder.vectors([decoded(picture_value(folder / s["state"]["photo"])) for s in states])
    for number, (line, vector) in enumerate(zip(states, photos, strict=True)):
        beside = {name: line["state"][name] for name in ("kind", "coated")}
        shown.append((f"state-{number}", beside, line["action"]))
        known[f"state-{number}"] = vector
    inputs = np.stack([[*known[name], *_numbers(beside)] for name, beside, _ in shown])
    answers = [action for _, _, action in shown]
    of_nearest = sum(d == r["defect"] for d, r in zip(nearest, fresh, strict=True))
    linear, layers = fitted(inputs, answers), two_layers(inputs, answers)
    return {
        f"most frequent ({usual})": agreeing([usual] * len(fresh), actions),
        "random": agreeing([draw.choice(policy.task.actions) for _ in fresh], actions),
        "nearest picture, then the rules": {
            **agreeing(by_nearest, actions),
            "defect": share(of_nearest, len(fresh)),
        },
        "kd, linear": agreeing(linear(rows), actions) | {"rows": len(shown)},
        "kd, two layers": of_network(layers, rows, actions)
        | {"rows": len(shown), **flat(layers)}
        | {name: of_network(layers, given(mine), actions) for name, mine in disturbances.items()},
    }


def of_network(network: Any, rows: Rows, actions: Sequence[str]) -> dict[str, Any]:
    """Its actions, those of high confidence, and which of these are wrong."""
    given, sure = network.predict(rows), network.predict_proba(rows).max(axis=1) >= SURE
    wrong = sum(a != b and c for a, b, c in zip(given, actions, sure, strict=True))
    return agreeing(given, actions) | {
        ACTION: share(int(sure.sum()), len(rows)),
        WRONG_ACTION: share(int(wrong), len(rows)),
    }


def sheet(found: Mapping[str, tuple[Sequence[Record], Sequence[Decision]]]) -> None:
    """`SHEET`: of each defect a right decision, then all kinds of wrong ones."""
    clean = list(zip(*found["as drawn"], strict=True))
    tiles, wrong = list[tuple[str, Record, Decision]](), list[tuple[str, Record, Decision]]()
    for defect in make.DEFECTS:
        tiles.append(next(("as drawn", r, d) for r, d in clean if r["defect"] == defect))
    for name, (records, decisions) in found.items():
        pairs = [(r, d) for r, d in zip(records, decisions, strict=True) if d.trace[0].function]
        pairs = [(r, d) for r, d in pairs if defect_of(d) != r["defect"]]
        pairs.sort(key=lambda pair: -confidence(pair[1]))
        wrong += [(name, r, d) for r, d in pairs[: 3 if name in ("as drawn", "brighter") else 1]]
        none = [(r, d) for r, d in zip(records, decisions, strict=True) if defect_of(d) is None]
        wrong += [(name, r, d) for r, d in none[:1]]
    tiles += wrong
    across, wide, high = 6, 118, 122
    image = Image.new("RGB", (across * wide, -(-len(tiles) // across) * high), "white")
    pen = ImageDraw.Draw(image)
    for number, (name, record, decision) in enumerate(tiles):
        x, y = number % across * wide + 4, number // across * high + 4
        image.paste(Image.fromarray(decoded(record["state"]["photo"])).resize((80, 80)), (x, y))
        says = defect_of(decision)
        colour = "#1a7f37" if says == record["defect"] else "#9a6700" if says is None else "#cf222e"
        sure = "none of these" if says is None else f"{says} {confidence(decision):.0%}"
        pen.text((x, y + 82), sure, colour)
        pen.text((x, y + 93), f"is {record['defect']}", "black")
        pen.text((x, y + 104), name, "grey")
    image.quantize(96).save(SHEET, optimize=True)


def agreeing(given: Sequence[str], actions: Sequence[str]) -> dict[str, Any]:
    return {"action": share(sum(a == b for a, b in zip(given, actions, strict=True)), len(given))}


def _numbers(state: Mapping[str, Any]) -> list[float]:
    return [float(state["kind"] == kind) for kind in make.KINDS] + [float(state["coated"])]


def fitted(inputs: Rows, answers: Sequence[str]) -> Callable[[Rows], list[str]]:
    """The softmax regression that the product's head is, onto any answers."""
    names, middle = sorted({*answers}), inputs.mean(axis=0)
    labels = np.array([names.index(answer) for answer in answers])
    start = np.zeros((inputs.shape[1], len(names)), np.float32)
    rows = (inputs - middle).astype(np.float32)
    importance = (len(labels) / (len(names) * np.bincount(labels)))[labels].astype(np.float32)
    weights = fit_softmax(rows, labels, importance, PENALTY, start)
    return lambda asked: [names[at] for at in ((asked - middle) @ weights).argmax(axis=1)]


def two_layers(inputs: Rows, answers: Sequence[str]) -> Any:
    """A network that can join what a linear head cannot, trained until its loss is flat."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = MLPClassifier((128,), alpha=0.01, max_iter=MOST_ROUNDS, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the row says so
        return make_pipeline(StandardScaler(), network).fit(inputs, list(answers))


def flat(network: Any) -> dict[str, Any]:
    """Whether it stopped by itself."""
    rounds = network[-1].n_iter_
    return {"rounds": rounds, "converged": rounds < MOST_ROUNDS}


class Walk:
    """What a player of a BabyAI level reads, as rows of numbers.

    Args:
        encoder: of pictures.
        training: states with pictures.
    """

    def __init__(self, encoder: PictureEncoder, training: Sequence[Record]) -> None:
        self.encoder = encoder
        self.words = sorted({word for state in training for word in state["mission"].split()})
        self.whole_known: dict[str, Rows] = {}
        self.cell_known: dict[bytes, Rows] = {}
        distinct = self._cells([state["view"] for state in training])
        self.middle = distinct.mean(axis=0)
        self.axes = np.linalg.svd(distinct - self.middle, full_matrices=False)[2][:CELL_WIDTH]

    def whole(self, states: Sequence[Record]) -> Rows:
        """The vector of the whole picture, and the mission's words."""
        new = [s["view"] for s in states if s["view"] not in self.whole_known]
        made = self.encoder.vectors([decoded(view) for view in new])
        self.whole_known |= zip(new, made, strict=True)
        return np.stack([[*self.whole_known[s["view"]], *self._said(s)] for s in states])

    def parts(self, states: Sequence[Record]) -> Rows:
        """The vectors of the cells, each along the axes in which cells differ, and the words."""
        self._cells([state["view"] for state in states])
        rows = []
        for state in states:
            grid = cells(decoded(state["view"]), SIDE, SIDE)
            found = [self.cell_known[pixels.tobytes()] for row in grid for pixels in row]
            flat_cells = ((np.stack(found) - self.middle) @ self.axes.T).ravel()
            rows.append(np.concatenate([flat_cells, self._said(state)]))
        return np.stack(rows).astype(np.float32)

    def _said(self, state: Record) -> list[float]:
        said = state["mission"].split()
        return [float(word in said) / 3 for word in self.words]

    def _cells(self, views: Sequence[str]) -> Rows:
        for view in views:
            grid = cells(decoded(view), SIDE, SIDE)
            new = {one.tobytes(): one for row in grid for one in row}
            new = {key: one for key, one in new.items() if key not in self.cell_known}
            self.cell_known |= zip(new, self.encoder.vectors([*new.values()]), strict=True)
        return np.stack([*self.cell_known.values()])


def babyai(level: str, curve: Sequence[int], quick: bool) -> dict[str, Any]:
    """A level from its cells, from its picture, and by players without functions.

    ``curve``: views that imitations are trained on; empty for none of them.
    """
    seeds = evaluation_seeds(10 if quick else 200)
    sizes = [100] if quick and curve else curve
    fewer = seeds[: len(seeds) // 4]  # of players that use up all steps of nearly each level
    symbolic, task = get_task(f"babyai-{level}-symbolic"), get_task(f"babyai-{level}")
    plain, refused = base_by_hand(symbolic)
    begun = seconds()
    base, also = base_by_hand(task)
    writing = seconds() - begun
    assert plain is not None, refused
    assert base is not None, also
    encoder = picture_encoder("pixels")
    shown = [f for f in base.functions if f.pictures]
    urls = {url for function in shown for url in function.pictures.values()}
    with (
        tempfile.TemporaryDirectory() as scratch,
        Sandbox(plain.functions) as plain_sandbox,
        Sandbox(base.functions) as sandbox,
    ):
        stages = [stage for stage in base.stages if stage.pictures]
        begun = seconds()
        made = fit_pictures(stages, base.functions, [], [encoder], Path(scratch))
        fitting = seconds() - begun
        student = PictureStudent(scratch)
        cell_parts = Parts(symbolic, plain, FusedRetriever(None), FirstStudent(), plain_sandbox, 1)
        parts = Parts(task, base, FusedRetriever(None), student, sandbox, student.most_candidates)
        ceiling = play(symbolic, partial(_deciding, cell_parts), seeds)
        begun = seconds()
        ours = play(task, partial(_deciding, parts), seeds)
        playing = seconds() - begun
        players = {
            "cells (ceiling)": row_of(ceiling),
            "picture": row_of(ours) | {"cells": cells_read(ours, ceiling)},
            "bot": row_of(play(symbolic, bot_player(), seeds)),
            "random": row_of(play(symbolic, random_player, fewer)),
        }
        print(level, {name: row["success"] for name, row in players.items()}, flush=True)
        if sizes:
            states, actions = imitated(task, cell_parts, max(sizes) + HELD)
            usual = Counter(actions).most_common(1)[0][0]
            always = play(symbolic, lambda positions: [(usual, None) for _ in positions], fewer)
            players[f"most frequent ({usual})"] = row_of(always)
            players |= imitations(task, encoder, states, actions, sizes, fewer)
    return {
        "level": LEVELS[level][0],
        "n": len(seeds),
        "n_of_players_without_functions": len(fewer),
        "labelled_pictures": len(urls),
        "picture_encoders": made["picture_encoders"],
        "processor_seconds": {
            "functions and example pictures": round(writing, 1),
            "fitting": round(fitting, 2),
            "an action": round(playing / sum(len(e.turns) for e in ours), 4),
        },
        "points_below_ceiling": round(
            100
            * (
                players["cells (ceiling)"]["success"]["share"]
                - players["picture"]["success"]["share"]
            ),
            2,
        ),
        "players": players,
    }


def _deciding(parts: Parts, positions: Sequence[Position]) -> list[Move]:
    decisions = decide(parts, [at.state for at in positions])
    return [(decision.action, decision) for decision in decisions]


def babyai_disturbed(quick: bool) -> dict[str, Any]:
    """Two levels from pictures that are disturbed; the example pictures are not."""
    seeds, found = evaluation_seeds(2 if quick else 30), dict[str, Any]()
    for level in ("goto-local", "pickup-loc"):
        task = get_task(f"babyai-{level}")
        base, refused = base_by_hand(task)
        assert base is not None, refused
        stages = [stage for stage in base.stages if stage.pictures]
        with tempfile.TemporaryDirectory() as scratch, Sandbox(base.functions) as sandbox:
            fit_pictures(stages, base.functions, [], [picture_encoder("pixels")], Path(scratch))
            student = PictureStudent(scratch)
            most = student.most_candidates
            parts = Parts(task, base, FusedRetriever(None), student, sandbox, most)
            for name in ("clean", "darker", "brighter", SMALL_NOISE, "noise"):
                shown = Disturbed(name, partial(_deciding, parts))
                # Under noise no two cells are equal, so a turn costs much more.
                some = seeds[: len(seeds) // 3] if "noise" in name else seeds
                row = row_of(play(task, shown, some)) | shown.found()
                found.setdefault(level, {})[name] = row
                print(level, name, row, flush=True)
    return {"n": len(seeds), "levels": found}


def _grainy(picture: Pixels, draw: random.Random) -> Pixels:
    """Noise of a quarter of the strength of `make.DISTURBANCES`."""
    noise = np.random.default_rng(draw.getrandbits(32)).normal(0, 5, picture.shape)
    return (picture + noise).clip(0, 255).astype(np.uint8)


class Disturbed:
    """A player that is shown the picture disturbed, each turn otherwise, and how it is read."""

    def __init__(self, name: str, player: Player) -> None:
        self.name, self.player, self.draw = name, player, random.Random(DISTURBED_SEED)
        self.counts = Counter[str]()

    def __call__(self, positions: Sequence[Position]) -> list[Move]:
        moves = self.player([Position(at.seed, at.env, self._shown(at.state)) for at in positions])
        for at, (_, decision) in zip(positions, moves, strict=True):
            assert decision is not None
            true, steps = at.env.cells(), decision.trace[:2]
            self.counts["turns"] += 1
            if any(step.outcome.value is None for step in steps):
                self.counts["no result"] += 1
                continue
            read = dict(zip(("kinds", "colours"), steps, strict=True))
            pairs = [
                pair
                for name, step in read.items()
                for row, wanted in zip(step.outcome.value, true[name], strict=True)
                for pair in zip(row, wanted, strict=True)
            ]
            wrong = any(mine not in (None, other) for mine, other in pairs)
            self.counts["none"] += any(mine is None for mine, _ in pairs)
            self.counts["wrong"] += wrong
            self.counts[WRONG] += wrong and steps[0].sure * steps[1].sure >= SURE
        return moves

    def _shown(self, state: Mapping[str, Any]) -> Record:
        if self.name == "clean":
            return dict(state)
        change = _grainy if self.name == SMALL_NOISE else make.DISTURBANCES[self.name]
        changed = change(decoded(state["view"]), self.draw)
        return {**state, "view": picture_value(changed)}

    def found(self) -> dict[str, Any]:
        """Shares of the turns."""
        named = {"no result": "no_result", "none": "some_cell_none", "wrong": "some_cell_wrong"}
        return {
            name: share(self.counts[key], self.counts["turns"])
            for key, name in {**named, WRONG: f"some_cell_wrong_at_{SURE}"}.items()
        }


def row_of(episodes: Sequence[Episode]) -> dict[str, Any]:
    turns = [turn for episode in episodes for turn in episode.turns]
    decided = [turn.decision for turn in turns if turn.decision is not None]
    fallbacks = {"fallbacks": share(sum(bool(d.fallback) for d in decided), len(decided))}
    return {
        "success": share(sum(episode.success for episode in episodes), len(episodes)),
        "steps_mean": round(len(turns) / len(episodes), 2),
        **(fallbacks if decided else {}),
    }


def cells_read(ours: Sequence[Episode], ceiling: Sequence[Episode]) -> dict[str, Any]:
    """Cells that are read as the environment says, in the turns in which both stood alike."""
    asked, good = 0, 0
    for one, other in zip(ours, ceiling, strict=True):
        for mine, true in zip(one.turns, other.turns, strict=False):
            assert mine.decision is not None
            for step, name in zip(mine.decision.trace, ("kinds", "colours"), strict=False):
                wanted = [cell for row in true.state[name] for cell in row]
                read = [cell for row in step.outcome.value or [] for cell in row]
                asked += len(wanted)
                good += sum(a == b for a, b in zip(read, wanted, strict=False))
            if mine.action != true.action:
                break
    return share(good, asked)


def imitated(task: Any, teacher: Parts, count: int) -> tuple[list[Record], list[str]]:
    """So many states of training episodes, and what the functions do in them by the cells."""

    def player(positions: Sequence[Position]) -> list[Move]:
        states = [{**at.state, **at.env.cells()} for at in positions]
        return [(decision.action, decision) for decision in decide(teacher, states)]

    states, actions, first = list[Record](), list[str](), 0
    while len(states) < count:
        seeds = training_seeds(first + 100)[first:]
        first += 100
        for episode in play(task, player, seeds):
            states += [dict(turn.state) for turn in episode.turns]
            actions += [str(turn.action) for turn in episode.turns]
    return states[:count], actions[:count]


def imitations(
    task: Any,
    encoder: PictureEncoder,
    states: Sequence[Record],
    actions: Sequence[str],
    sizes: Sequence[int],
    seeds: Sequence[int],
) -> dict[str, Any]:
    """The same encoder onto actions: the whole picture, then its cells; and the nearest view."""
    found = dict[str, Any]()
    walk = Walk(encoder, states[: len(states) - HELD])
    rows = {"whole": walk.whole(states), "cells": walk.parts(states)}
    read = {"whole": walk.whole, "cells": walk.parts}

    def played(name: str, of: str, answers: Callable[[Rows], Sequence[str]], **more: Any) -> None:
        def player(positions: Sequence[Position]) -> list[Move]:
            asked = read[of]([at.state for at in positions])
            return [(str(answer), None) for answer in answers(asked)]

        agree = agreeing(answers(rows[of][-HELD:]), actions[-HELD:])["action"]
        found[name] = row_of(play(task, player, seeds)) | {"same_action": agree} | more
        print(name, found[name], flush=True)

    for size in sizes:
        some = actions[:size]
        linear = fitted(rows["whole"][:size], some)
        played(f"kd, whole picture, {size}", "whole", linear, views=size)
        network = two_layers(rows["cells"][:size], some)
        more = {"views": size, **flat(network)}
        played(f"kd, cells and two layers, {size}", "cells", network.predict, **more)
    draw = np.random.default_rng(0)

    def drawn(asked: Rows) -> list[str]:
        return [str(draw.choice(network.classes_, p=row)) for row in network.predict_proba(asked)]

    played(f"kd, cells and two layers, {size}, drawn by probability", "cells", drawn, **more)
    near = rows["whole"][:size]
    length = (near * near).sum(axis=1)

    def nearest(asked: Rows) -> list[str]:
        return [actions[at] for at in (length - 2 * asked @ near.T).argmin(axis=1)]

    played(f"nearest picture, {size}", "whole", nearest, views=size)
    return found


def board_cell(piece: str, draw: random.Random) -> Pixels:
    """A cell of pursuit's board; place, size and light of what stands there are drawn."""
    light = draw.randint(-12, 12)
    ground = (70 + light,) * 3 if piece == "wall" else (225 + light,) * 3
    image = Image.new("RGB", (CELL, CELL), ground)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, CELL - 1, CELL - 1), outline=(160, 160, 160))
    x, y, radius = 8 + draw.randint(-1, 1), 8 + draw.randint(-1, 1), draw.randint(4, 5)
    box = (x - radius, y - radius, x + radius, y + radius)
    if piece == "both":
        pen.pieslice(box, 90, 270, fill=MARKS["first"])
        pen.pieslice(box, 270, 450, fill=MARKS["second"])
    elif piece in MARKS:
        pen.ellipse(box, fill=MARKS[piece])
    noise = np.random.default_rng(draw.getrandbits(32)).normal(0, 5, (CELL, CELL, 3))
    return (np.asarray(image) + noise).clip(0, 255).astype(np.uint8)


def board_picture(at: Position, draw: random.Random) -> str:
    """The board with its pieces, as a data URL; nothing else of the state is in it."""
    first, second = at.state["pursuers"]
    rows = []
    for y, line in enumerate(at.state["board"]):
        row = []
        for x, mark in enumerate(line):
            here = [x, y]
            piece = "wall" if mark == "#" else "free"
            if here == at.state["evader"]:
                piece = "evader"
            elif here in (first, second):
                piece = "both" if first == second else "first" if here == first else "second"
            row.append(board_cell(piece, draw))
        rows.append(np.concatenate(row, axis=1))
    return picture_value(np.concatenate(rows, axis=0))


def board_state(read: Sequence[Sequence[str | None]]) -> Record | None:
    """What was seen as the symbolic state has it; None where a piece is not seen once."""
    at = {
        piece: [[x, y] for y, row in enumerate(read) for x, seen in enumerate(row) if seen == piece]
        for piece in PIECES
    }
    first, second = (at["both"] or at[piece] for piece in ("first", "second"))
    if not len(first) == len(second) == len(at["evader"]) == 1:
        return None
    return {
        "board": ["".join("#" if seen == "wall" else "." for seen in row) for row in read],
        "pursuers": [first[0], second[0]],
        "evader": at["evader"][0],
    }


def card_cell(card: str, draw: random.Random) -> Pixels:
    """A card of twenty-one; place, size, suit and light are drawn."""
    light = draw.randint(-12, 12)
    image = Image.new("RGB", (CARD, CARD), (40, 110 + light, 60))
    if card in RANKS:
        pen = ImageDraw.Draw(image)
        pen.rectangle((1, 1, CARD - 2, CARD - 2), fill=(235 + light,) * 3)
        middle = CARD / 2 + draw.randint(-1, 1), CARD / 2 + draw.randint(-1, 1)
        font = ImageFont.load_default(draw.randint(17, 19))
        pen.text(middle, RANKS[card], draw.choice(SUITS), font, anchor="mm")
    noise = np.random.default_rng(draw.getrandbits(32)).normal(0, 5, (CARD, CARD, 3))
    return (np.asarray(image) + noise).clip(0, 255).astype(np.uint8)


def table_picture(at: Position, draw: random.Random) -> str:
    """The table as a data URL: the dealer's open card above, the player's cards below."""
    game: Any = at.env.unwrapped
    rows = []
    for hand in (game.dealer[:1], game.player):
        shown = [draw.choice([card for card in RANKS if WORTH[card] == value]) for value in hand]
        shown += ["nothing"] * (max(TABLE, len(game.player)) - len(shown))
        rows.append(np.concatenate([card_cell(card, draw) for card in shown], axis=1))
    return picture_value(np.concatenate(rows, axis=0))


def table_state(read: Sequence[Sequence[str | None]]) -> Record | None:
    """What was seen as the symbolic state has it; None where a card is not read."""
    if any(seen is None for row in read for seen in row):
        return None
    dealer, player = ([WORTH[seen] for seen in row if seen in RANKS] for row in read)
    if len(dealer) != 1:
        return None
    ace = 1 in player and sum(player) + 10 <= LIMIT
    total = sum(player) + 10 * ace
    return {"player_total": total, "dealer_card": dealer[0], "usable_ace": ace}


@dataclass(frozen=True)
class Drawn:
    """A game whose state is drawn, cell by cell.

    Attributes:
        task: whose base decides.
        training: episodes of which the base is made.
        games: that are played.
        examples: pictures of each thing that may stand in a cell.
        encoders: as the setting ``picture_encoder`` names them.
        pieces: what may stand in a cell.
        cell: draws one.
        side: of a cell in pixels.
        picture: of a position.
        state: what was read, as the symbolic state; None where that is impossible.
        beside: fields of the state that no picture shows.
    """

    task: str
    training: int
    games: int
    examples: int
    encoders: str
    pieces: tuple[str, ...]
    cell: Callable[[str, random.Random], Pixels]
    side: int
    picture: Callable[[Position, random.Random], str]
    state: Callable[[Sequence[Sequence[str | None]]], Record | None]
    beside: tuple[str, ...]


PURSUIT = Drawn(
    *("pursuit-v2", 40, 200, 10, "pixels", PIECES, board_cell, CELL, board_picture, board_state),
    ("steps_left", "notices"),
)
TWENTYONE = Drawn(
    *("twentyone-v1", 200, 1_000, 20, "auto", (*RANKS, "nothing"), card_cell, CARD, table_picture),
    *(table_state, ("notices",)),
)


class Reader:
    """The pictures of a game, read by a student fitted on example pictures of cells."""

    def __init__(self, game: Drawn, folder: Path) -> None:
        draw, self.functions, self.side = random.Random(0), list[Function](), game.side
        self.stage = Stage("see", "piece", "What stands here?", reads=("cell",), pictures=("cell",))
        for piece in game.pieces:
            source = f'def {piece}() -> str:\n    """Answer {piece}.\n\n    Use when: '
            source += f'It shows {piece}.\n    """\n    return "{piece}"\n'
            urls = [picture_value(game.cell(piece, draw)) for _ in range(game.examples)]
            shown = {f"{number}.png": url for number, url in enumerate(urls)}
            self.functions.append(replace(parse_function(source, self.stage), pictures=shown))
        encoders = picture_encoders(game.encoders)
        self.made = fit_pictures([self.stage], self.functions, [], encoders, folder)
        self.student = PictureStudent(folder)

    def read(self, view: str) -> list[list[str | None]]:
        """What stands in each cell; None where nothing known fits."""
        pixels = decoded(view)
        rows = cells(pixels, len(pixels) // self.side, pixels.shape[1] // self.side)
        scopes = [{"cell": picture_value(cell)} for row in rows for cell in row]
        asked = [Query(self.stage, "", tuple(self.functions), scope) for scope in scopes]
        found = iter(choice.selected for choice in self.student.select(asked))
        return [[next(found) for _ in row] for row in rows]


def drawn_game(game: Drawn, quick: bool) -> dict[str, Any]:
    """A game from its picture: the cells are perceived, then the base that there is decides."""
    seeds, draw = evaluation_seeds(5 if quick else game.games), random.Random(DISTURBED_SEED)
    training = 5 if quick else game.training
    settings = RunSettings(game.task, train_episodes=training, jobs=1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "run"
        RunPipeline(folder, settings, TerminalReporter(Console(stderr=True))).prepare()
        reader = Reader(game, Path(scratch) / "pictures")
        turns, alike = 0, 0
        with Policy.load(folder) as policy:

            def player(positions: Sequence[Position]) -> list[Move]:
                nonlocal turns, alike
                found: list[Record | None] = []
                for at in positions:
                    seen = game.state(reader.read(game.picture(at, draw)))
                    given = {name: at.state[name] for name in game.beside}
                    found.append(None if seen is None else {**seen, **given})
                    turns, alike = turns + 1, alike + (found[-1] == dict(at.state))
                known = [state for state in found if state is not None]
                decided = iter(policy.decide_many(known))
                moves = [None if state is None else next(decided) for state in found]
                return [(None, None) if one is None else (one.action, one) for one in moves]

            players = {
                "state (ceiling)": row_of(play(policy.task, policy.player, seeds)),
                "picture": row_of(play(policy.task, player, seeds)),
            }
    return {
        "n": len(seeds),
        "labelled_pictures": game.examples * len(game.pieces),
        "picture_encoder": reader.made["picture_encoders"]["see"],
        "states_read_rightly": share(alike, turns),
        "players": players,
    }


def cost(quick: bool) -> dict[str, Any]:
    """Processor time of decisions about new pictures, and of the encoder about the same ones."""
    count, found = 20 if quick else 150, {}
    records = _as_urls(make.records(count, FRESH_SEED + 50_000))
    with tempfile.TemporaryDirectory() as scratch:
        make.write(Path(scratch) / "parts")
        for name in ("pixels", "efficientnet-lite0"):
            settings = RunSettings(str(Path(scratch) / "parts"), picture_encoder=name, jobs=1)
            folder = Path(scratch) / name
            RunPipeline(folder, settings, TerminalReporter(Console(stderr=True))).run()
            see = json.loads((folder / "steps" / "see.json").read_text(encoding="utf-8"))
            with Policy.load(folder) as policy:
                encoder = policy.parts.student.encoders[name]
                policy.decide(records[0]["state"])
                begun = seconds()
                for record in records[1:]:
                    policy.decide(record["state"])
                deciding = (seconds() - begun) / (count - 1)
            pixels = [decoded(record["state"]["photo"]) for record in records[1:]]
            begun = seconds()
            for picture in pixels:
                encoder.vectors([picture])
            encoding = (seconds() - begun) / (count - 1)
            found["n"] = count - 1
            found[name] = {
                "decision_ms": round(1_000 * deciding, 2),
                "encoder_ms": round(1_000 * encoding, 2),
                "ratio": round(deciding / encoding, 2) if encoding else None,
                "beside_ms": round(1_000 * (deciding - encoding), 2),
                "see": see,
            }
    return found


PARTS: Mapping[str, Callable[[bool], dict[str, Any]]] = {
    "inspection": inspection,
    "babyai-goto-local": partial(babyai, "goto-local", [2_000]),
    "babyai-pickup-loc": partial(babyai, "pickup-loc", [500, 2_000]),
    "babyai-open-door": partial(babyai, "open-door", []),
    "babyai-unlock-local": partial(babyai, "unlock-local", []),
    "babyai-disturbed": babyai_disturbed,
    "pursuit": partial(drawn_game, PURSUIT),
    "twentyone": partial(drawn_game, TWENTYONE),
    "cost": cost,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--quick", action="store_true", help="few of everything: does it run")
    asked = parser.parse_args()
    made = stamp()
    for name in asked.only:
        begun = seconds()
        part = PARTS[name](asked.quick)
        used = {"processor_seconds_in_all": round(seconds() - begun)}
        known = json.loads(asked.out.read_text(encoding="utf-8")) if asked.out.is_file() else {}
        found = {**known.get("parts", {}), name: {**made, "quick": asked.quick, **used, **part}}
        ordered = {one: found[one] for one in PARTS if one in found}
        n = {one: mine["n"] for one, mine in ordered.items() if isinstance(mine["n"], int)}
        write_result(asked.out, {"seeds": SEEDS, "parts": ordered}, n, DRAWS)
        print(f"{name}: {used}", flush=True)


if __name__ == "__main__":
    main()
