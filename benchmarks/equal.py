"""Logic Distillation against imitation, on equal terms.

    python benchmarks/equal.py --run runs/guess [--train-episodes 3 30 300] --out FILE

All learn from the same training episodes of the same teacher, see the same (the state, and the
facts that the base computes), and play the same evaluation seeds; McNemar's exact test pairs them
with LD. What LD has beside that is the function base: it is the method.

- ``ld``: the pretrained student, its head fitted on the right functions. It has no curve.
- ``kd-table``: learners for tables, on the state's fields and the facts or on the facts alone:
  random forests, and where actions are whole numbers lines (of least squares, and of least absolute
  deviations, which a few odd actions do not move). Validation states choose.
- ``kd-encoder``: the encoder that LD has, with a layer for each part of an action. It is trained in
  rounds of 5,000 examples, each from where the last one ended, until four rounds in a row gain no
  more than a point on validation states; ``flat`` says whether that came before ``--most``
  examples. Who agrees there no more often than the most frequent action has not begun to learn, and
  goes on; so does who has seen the lessons fewer than five times. There are several trainings,
  each of another seed: the row is their mean, its interval holds their spread.

``-legal`` takes the most probable legal action.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

import numpy as np
from inputs import outcome
from selecting import Cells, interval_over_draws, student_digest, write_result
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression, QuantileRegressor

from logicdistill.compare.baselines.actions import MOVES, ActionCoder, coder_for
from logicdistill.compare.baselines.imitation import MAX_LABELS, ImitationPlayer, fit_imitation
from logicdistill.compare.baselines.teaching import (
    TeacherStep,
    Training,
    collect_actions,
    facts_of,
)
from logicdistill.deciding.episodes import Move, Position
from logicdistill.deciding.parts import Parts
from logicdistill.evaluation.metrics import mcnemar
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.students.pretrained import load_student
from logicdistill.students.weights import find_weights
from logicdistill.tasks.seeds import training_seeds, validation_seeds
from logicdistill.training.collect import collect
from logicdistill.training.frozen import fit_pretrained
from logicdistill.training.logged import recorded_labeller
from logicdistill.types import Json

EPISODES = (3, 10, 30, 100, 300)
VALIDATION = validation_seeds(20)
ROUND, MOST = 5_000, 60_000
"""Examples shown to the encoder in a round, and in a training that never gets flat."""

TRAININGS = 3
FLAT, FLAT_ROUNDS, LEAST_PASSES = 0.01, 4, 5
TREES = 300


class Imitation(Protocol):
    """What a fitted imitator says of states: for each its labels, most probable first."""

    def ranked(self, rows: Sequence[Mapping[str, Any]]) -> list[Iterator[str]]: ...


def fields(value: Json, name: str = "") -> Iterator[tuple[str, float | str]]:
    """A state's fields one by one: ``pursuers.0.1``; a text is one of several values."""
    if isinstance(value, dict):
        for key in value:
            yield from fields(value[key], f"{name}.{key}")
    elif isinstance(value, list):
        yield f"{name}.count", float(len(value))
        for place, item in enumerate(value):
            yield from fields(item, f"{name}.{place}")
            yield from fields(item, f"{name}.{place - len(value)}")
    elif isinstance(value, str) and set(value) <= {".", "#"}:
        for place, mark in enumerate(value):
            yield f"{name}.{place}", float(mark == "#")
    elif isinstance(value, int | float):
        yield name, float(value)
    elif value is not None:
        yield f"{name}={value}", 1.0


def row_of(state: Mapping[str, Json], facts: Mapping[str, Json]) -> dict[str, Any]:
    """What an imitator sees: the state, the facts, and on a board who is where from whom."""
    row = dict(fields({**state, "facts": dict(facts)}))
    if "board" in state:
        board, target = state["board"], state["evader"]
        free = {
            (x, y) for y, line in enumerate(board) for x, mark in enumerate(line) if mark == "."
        }
        pieces = {"evader": target, **dict(enumerate(state["pursuers"]))}
        for name, (x, y) in pieces.items():
            row[f"{name}.across"], row[f"{name}.down"] = target[0] - x, target[1] - y
            for step, way in MOVES.items():
                row[f"{name}.{way}"] = float((x + step[0], y + step[1]) in free)
    return row


class Forest:
    """A forest for each word of a label.

    Args:
        rows: one for each step.
        labels: of the steps.
        seed: of the trees.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], labels: Sequence[str], seed: int) -> None:
        self._vectors = DictVectorizer(sparse=False)
        inputs = self._vectors.fit_transform(rows)
        words = zip(*(label.split(" ") for label in labels), strict=True)
        self._forests = [
            RandomForestClassifier(TREES, random_state=seed, n_jobs=1).fit(inputs, list(place))
            for place in words
        ]

    def ranked(self, rows: Sequence[Mapping[str, Any]]) -> list[Iterator[str]]:
        """See `Imitation`."""
        inputs = self._vectors.transform(rows)
        odds = [forest.predict_proba(inputs) for forest in self._forests]
        return [self._labels([place[number] for place in odds]) for number in range(len(inputs))]

    def _labels(self, odds: Sequence[Any]) -> Iterator[str]:
        joint = np.asarray([1.0])
        for place in odds:
            joint = np.outer(joint, place).ravel()
        sizes = [len(forest.classes_) for forest in self._forests]
        for number in np.argsort(-joint, kind="stable"):
            found = np.unravel_index(number, sizes)
            names = zip(self._forests, found, strict=True)
            yield " ".join(str(forest.classes_[at]) for forest, at in names)


class Numbers:
    """A regression whose answer is rounded; the nearest whole numbers are tried next.

    Args:
        model: linear regression or a forest.
        rows: one for each step.
        labels: whole numbers.
    """

    def __init__(
        self, model: Any, rows: Sequence[Mapping[str, Any]], labels: Sequence[str]
    ) -> None:
        self._vectors = DictVectorizer(sparse=False)
        inputs = self._vectors.fit_transform(rows)
        self._model = model.fit(inputs, [float(label) for label in labels])

    def ranked(self, rows: Sequence[Mapping[str, Any]]) -> list[Iterator[str]]:
        """See `Imitation`."""
        found = self._model.predict(self._vectors.transform(rows))
        return [self._near(float(value)) for value in found]

    @staticmethod
    def _near(value: float) -> Iterator[str]:
        first = round(value)
        yield str(first)
        for away in range(1, MAX_LABELS // 2):
            yield str(first - away)
            yield str(first + away)


class Facts:
    """An imitator that looks at the facts alone."""

    def __init__(self, model: Imitation) -> None:
        self._model = model

    def ranked(self, rows: Sequence[Mapping[str, Any]]) -> list[Iterator[str]]:
        """See `Imitation`."""
        return self._model.ranked([facts_alone(row) for row in rows])


def facts_alone(row: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a row that the base's facts stages computed."""
    return {name: value for name, value in row.items() if name.startswith(".facts.")}


def agreement(model: Imitation, rows: Sequence[Any], labels: Sequence[str]) -> float:
    """Share of steps whose first label is the teacher's."""
    best = [next(found) for found in model.ranked(rows)]
    return sum(map(str.__eq__, best, labels)) / max(1, len(labels))


def player_of(
    model: Imitation, parts: Parts, coder: ActionCoder, legal_only: bool
) -> Callable[[Sequence[Position]], list[Move]]:
    """Plays what was imitated."""

    def act(state: Mapping[str, Json], labels: Iterator[str]) -> Json:
        if not legal_only:
            return coder.decode(state, next(labels))
        tried = (coder.decode(state, label) for label in islice(labels, MAX_LABELS))
        legal = (action for action in tried if parts.task.illegal(state, action) is None)
        return next(legal, parts.task.fallback(state))

    def play(positions: Sequence[Position]) -> list[Move]:
        states = [position.state for position in positions]
        rows = list(map(row_of, states, facts_of(parts, states)))
        return [(act(*pair), None) for pair in zip(states, model.ranked(rows), strict=True)]

    return play


def table(
    steps: Sequence[TeacherStep], validation: Sequence[TeacherStep], coder: ActionCoder, seed: int
) -> tuple[Imitation, dict[str, Any]]:
    """The learner for tables, with the fields, that agrees most on validation states."""
    rows, labels = pairs_of(steps, coder)
    some = [facts_alone(row) for row in rows]
    models: dict[str, Imitation] = {}
    if all(label.lstrip("-").isdigit() for label in labels):
        grown = RandomForestRegressor(TREES, random_state=seed)
        models["forest"] = Numbers(grown, rows, labels)
        models["line"] = Numbers(LinearRegression(), rows, labels)
        models["line on facts"] = Facts(Numbers(LinearRegression(), some, labels))
        median = QuantileRegressor(quantile=0.5, alpha=0.0)
        models["median line on facts"] = Facts(Numbers(median, some, labels))
    else:
        models["forest"] = Forest(rows, labels, seed)
        models["forest on facts"] = Facts(Forest(some, labels, seed))
    judged = pairs_of(validation, coder)
    scores = {name: agreement(model, *judged) for name, model in models.items()}
    best = max(scores, key=lambda name: scores[name])
    rounded = {name: round(score, 4) for name, score in scores.items()}
    return models[best], {"accuracy": rounded[best], "model": best, "tried": rounded}


def pairs_of(
    steps: Sequence[TeacherStep], coder: ActionCoder
) -> tuple[list[dict[str, Any]], list[str]]:
    rows = [row_of(step.state, step.facts) for step in steps]
    return rows, [coder.encode(step.state, step.action) for step in steps]


def imitated(
    steps: Sequence[TeacherStep],
    validation: Sequence[TeacherStep],
    coder: ActionCoder,
    weights: Path,
    folder: Path,
    seed: int,
    most: int,
) -> tuple[Path, dict[str, Any]]:
    """Train the encoder in rounds until it is flat; the best checkpoint's folder, and figures."""
    curve: list[dict[str, Any]] = []
    actions = Counter(coder.encode(step.state, step.action) for step in validation)
    floor = max(actions.values()) / actions.total()
    best, since, seconds, seen, kept = 0.0, 0, 0.0, 0, folder

    def flat() -> bool:
        """Whether no round gained any more, after some passes, beyond one action everywhere."""
        passes = seen / len(steps)
        return since >= FLAT_ROUNDS and best > floor + FLAT and passes >= LEAST_PASSES

    while seen < most and best < 1.0 and not flat():
        start = folder / str(len(curve) - 1) if curve else None
        training = Training(folder / str(len(curve)), ROUND, seed + len(curve), start)
        found = fit_imitation(steps, validation, coder, weights, training)
        seconds, seen = seconds + float(found["seconds"]), seen + int(found["examples"])
        curve.append({"examples": seen, "accuracy": found["accuracy"]})
        print(curve[-1], flush=True)
        since = 0 if found["accuracy"] > best + FLAT else since + 1
        if found["accuracy"] >= best:
            best, kept = float(found["accuracy"]), training.folder
    figures = {"curve": curve, "accuracy": best, "flat": best == 1.0 or flat()}
    return kept, figures | {"seconds": round(seconds), "floor": round(floor, 4)}


class Terms:
    """One run, its teacher's steps, and the players that learn from them."""

    def __init__(self, run: Path, policy: Policy, episodes: int, most: int) -> None:
        self.run, self.policy, self.episodes, self.most = run, policy, episodes, most
        self.settings = Run.open(run).settings
        self.coder = coder_for(policy.task.id)
        self._taught: dict[int, list[TeacherStep]] = {}

    def steps(self, count: int) -> list[TeacherStep]:
        """The teacher's decisions in the first so many training episodes."""
        if count not in self._taught:
            labeller = recorded_labeller(self.run, self.policy.parts)
            self._taught[count] = collect_actions(
                self.policy.parts, labeller, training_seeds(count)
            )
        return self._taught[count]

    def validation(self) -> list[TeacherStep]:
        """The teacher's decisions in validation episodes."""
        labeller = recorded_labeller(self.run, self.policy.parts)
        return collect_actions(self.policy.parts, labeller, VALIDATION, explore=0.0)

    def ld(self, count: int) -> dict[str, Any]:
        """The pretrained student, fitted on what so many episodes show."""
        base, parts = self.policy.base, self.policy.parts
        labeller = recorded_labeller(self.run, parts, strict=True)
        examples = collect(parts, labeller, training_seeds(count)).examples
        functions = [function for function in base.functions if base.stage(function.stage).selects]
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "student"
            weights = find_weights(self.settings["encoder"])
            fit_pretrained(base.stages, functions, examples, weights, folder)
            trained = self.policy.with_student(load_student(folder))
            played = outcome(self.policy.task, trained.player, self.episodes)
        return {"lessons": len(examples), "flat": True, **played}

    def table(self, count: int, legal_only: bool) -> dict[str, Any]:
        """Learners for tables on what so many episodes show."""
        steps = self.steps(count)
        seed = int(self.settings["seed"])
        model, found = table(steps, self.validation(), self.coder, seed)
        player = player_of(model, self.policy.parts, self.coder, legal_only)
        played = outcome(self.policy.task, player, self.episodes)
        return {"lessons": len(steps), "flat": True, **found, **played}

    def encoder(self, count: int, training: int) -> dict[str, Any]:
        """The encoder, trained until it is flat; both ways to play."""
        steps, weights = self.steps(count), find_weights(self.settings["encoder"])
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            seed = int(self.settings["seed"]) + 1_000 * training
            how = self.coder, weights, folder, seed, self.most
            kept, found = imitated(steps, self.validation(), *how)
            both = {}
            for name, legal_only in (("played", False), ("legal", True)):
                player = ImitationPlayer(kept, weights, self.coder, self.policy.parts, legal_only)
                both[name] = outcome(self.policy.task, player, self.episodes)
        return {"lessons": len(steps), **found, **both["played"], "legal": both["legal"]}


def together(trainings: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several trainings as one row: means, with an interval for the games and the trainings."""

    def played(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
        asked, shares = found[0]["success"]["asked"], [one["success"]["share"] for one in found]
        ends = [round(end, 4) for end in interval_over_draws(shares, asked)]
        means = {name: mean(found, name) for name in ("return_mean", "steps_mean")}
        return {"success": {"asked": asked, "share": round(fmean(shares), 4), "ci95": ends}} | means

    def mean(found: Sequence[dict[str, Any]], name: str) -> float:
        return round(fmean(one[name] for one in found), 4)

    same = {name: trainings[0][name] for name in ("player", "episodes", "lessons", "floor")}
    figures = {name: mean(trainings, name) for name in ("accuracy", "seconds")}
    legal = played([training["legal"] for training in trainings])
    flat = all(training["flat"] for training in trainings)
    found = same | figures | {"flat": flat} | played(trainings)
    return found | {"legal": legal, "trainings": list(trainings)}


def paired(rows: Sequence[dict[str, Any]]) -> None:
    """Add McNemar's p against LD with as many episodes, on the same seeds.

    Each training of several is paired; the largest p is the row's.
    """
    won = {row["episodes"]: row["won"] for row in rows if row["player"] == "ld"}
    for row in rows:
        if row["player"] != "ld":
            known = [one == "1" for one in won[row["episodes"]]]
            row["mcnemar_p"] = max(
                mcnemar(list(zip([mark == "1" for mark in played["won"]], known, strict=True)))
                for played in row.get("trainings", [row])
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--train-episodes", type=int, nargs="+", default=EPISODES)
    parser.add_argument(
        "--encoder-episodes", type=int, nargs="*", default=(300,), help="none: no kd-encoder"
    )
    parser.add_argument("--trainings", type=int, default=TRAININGS, help="of kd-encoder")
    parser.add_argument("--most", type=int, default=MOST, help="examples shown to kd-encoder")
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    made_of = student_digest(options.run), options.episodes, options.most
    cells, rows = Cells(options.out, *made_of), list[dict[str, Any]]()
    with Policy.load(options.run, student="first") as policy:
        terms = Terms(options.run, policy, options.episodes, options.most)
        for count in sorted({*options.train_episodes, *options.encoder_episodes}):
            works: dict[str, Callable[[], dict[str, Any]]] = {
                "ld": lambda count=count: terms.ld(count),
                "kd-table": lambda count=count: terms.table(count, False),
                "kd-table-legal": lambda count=count: terms.table(count, True),
            }
            for name, work in works.items():
                rows.append(cells.cell({"player": name, "episodes": count}, work))
            if count in options.encoder_episodes:
                trainings = [
                    cells.cell(
                        {"player": "kd-encoder", "episodes": count, "training": number},
                        lambda asked=(count, number): terms.encoder(*asked),
                    )
                    for number in range(options.trainings)
                ]
                rows.append(together(trainings))
        paired(rows)
        found = {"task": policy.task.id, "episodes": options.episodes, "rows": rows}
    write_result(options.out, found, {"episodes": options.episodes})


if __name__ == "__main__":
    main()
