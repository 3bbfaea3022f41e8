"""Is a policy as sure as it is right, on sets of texts on which nothing was chosen?

    python benchmarks/calibration.py [--sets bbc debian home] [--shots 10] [--draws 5]
    [--fine-tune] [--json FILE]

The sets are those of `text_sets`, from packages. A task's folder is made of each: an action a
label, with one sentence of the label's words, and so many training texts of each label. The policy
is made as ``run`` makes it and decides the set's test texts.

accuracy: "none of these" counts as an answer, and is wrong. ECE: 15 bins, of these answers. ``ece``
is the mean of the draws, ``ece_floor`` what a policy that is right just as often as it says would
have by chance. logistic: `sklearn`'s, C 30, on the same encoder, texts and sentences,
with one temperature by four-fold cross-validation. Intervals of ECE hold the draw of the training
texts and that of the test texts. AUROC: a fifth of the labels, drawn anew, is
left out of training, and their test texts fit no function. ``by_none`` is the policy's probability
of "none of these", ``by_confidence`` that of its best function. promises: each of `PROMISED` as
``--max-error``; ``kept``: no more of the decided test texts are wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from rich.console import Console
from selecting import Cells, write_result
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from text_figures import calibration_error, calibration_floor, calibration_spread
from text_sets import SETS, Pair, TextSet, text_set

from logicdistill.cli.terminal import TerminalReporter
from logicdistill.errors import BaseError
from logicdistill.files import write_atomic
from logicdistill.functions.manual import constant_result
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy

FALLBACK = "none_of_these"
LEFT_OUT = 5
"""One in so many labels is left out for the AUROC."""
PROMISED = (0.1, 0.2)
"""Error rates that are asked for."""


def words(label: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label).replace("_", " ").replace("-", " ").lower()


def sentence(label: str) -> str:
    return f"The message is about {words(label)}."


def make_task(folder: Path, name: str, train: Sequence[Pair], labels: Sequence[str]) -> Path:
    """A task's folder of labelled texts; one test state stands for those that are decided here."""
    task = {
        "id": f"{name}-v1",
        "title": f"Texts of {name}",
        "fallback": FALLBACK,
        "text": ["message"],
        "actions": {label: sentence(label) for label in labels},
    }
    states = [
        {"id": f"train-{number}", "split": "train", "state": {"message": text}, "action": label}
        for number, (text, label) in enumerate(train)
    ]
    states.append({"id": "test", "split": "test", "state": {"message": "?"}})
    write_atomic(folder / "task.toml", tomli_w.dumps(task))
    write_atomic(folder / "states.jsonl", "".join(json.dumps(state) + "\n" for state in states))
    return folder


def made_policy(
    folder: Path, name: str, train: Sequence[Pair], labels: Sequence[str], fine_tune: bool
) -> tuple[Policy, float]:
    """A policy, and the seconds from texts to student."""
    task = make_task(folder / "task", name, train, labels)
    settings = RunSettings(str(task), fine_tune=fine_tune, train_steps=None)
    pipeline = RunPipeline(folder / "run", settings, TerminalReporter(Console(quiet=True)))
    pipeline.prepare()
    return Policy.load(folder / "run"), sum(pipeline.seconds.values())


def decided(policy: Policy, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The best label of each text, its probability, and that of "none of these"."""
    labels = {f.name: constant_result(f) for f in policy.base.functions}
    rows = []
    for decision in policy.decide_many([{"message": text} for text in texts]):
        choice = decision.trace[-1].choice
        assert choice is not None
        best, found = choice.ranked[0], labels[choice.ranked[0].name]
        assert found is not None
        rows.append({"best": found[0], "sure": best.probability, "none": choice.none})
    return rows


def calibrated(rows: Sequence[Mapping[str, Any]], test: Sequence[Pair]) -> dict[str, float]:
    right = [
        row["none"] < row["sure"] and row["best"] == label
        for row, (_, label) in zip(rows, test, strict=True)
    ]
    best = [row["best"] == label for row, (_, label) in zip(rows, test, strict=True)]
    sure = [max(row["none"], row["sure"]) for row in rows]
    alone = [row["sure"] / max(1e-9, 1 - row["none"]) for row in rows]
    return {
        "accuracy": statistics.mean(right),
        "best_accuracy": statistics.mean(best),
        "ece": calibration_error(sure, right, range(len(test))),
        "ece_spread": calibration_spread(sure, right),
        "ece_floor": calibration_floor(sure, 50),
        "ece_if_one_fits": calibration_error(alone, best, range(len(test))),
        "sure": statistics.mean(sure),
    }


def promise(
    policy: Policy, rows: Sequence[Mapping[str, Any]], test: Sequence[Pair], rate: float
) -> dict[str, Any]:
    """What comes of a promised error rate: the share that is decided, and what is wrong of it."""
    student: Any = policy.parts.student
    try:
        [least] = student.least_confidences(policy.base.functions, rate).values()
    except BaseError:
        return {"rate": rate, "decided": 0.0, "wrong": None}
    wrong = [
        row["best"] != label
        for row, (_, label) in zip(rows, test, strict=True)
        if row["sure"] >= max(least, row["none"])
    ]
    return {"rate": rate, "decided": len(wrong) / len(test), "wrong": statistics.mean(wrong or [0])}


def promises(draws: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[dict[str, Any]]:
    """For each rate: in how many draws it was promised, and in how many of them it was kept."""
    for found in zip(*draws, strict=True):
        made = [one for one in found if one["wrong"] is not None]
        yield {
            "rate": found[0]["rate"],
            "draws": len(found),
            "promised": len(made),
            "kept": sum(one["wrong"] <= one["rate"] for one in made),
            "decided": statistics.mean(one["decided"] for one in found),
            "most_wrong": max((one["wrong"] for one in made), default=None),
        }


def logistic(policy: Policy, train: Sequence[Pair], test: Sequence[Pair]) -> dict[str, float]:
    """Logistic regression on what the student's encoder says, with the sentences as texts."""
    known = [*train, *((sentence(label), label) for label in sorted({one for _, one in train}))]
    student: Any = policy.parts.student
    rows, asked = (student.embedder.vectors([text for text, _ in pairs]) for pairs in (known, test))
    labels = np.array([label for _, label in known])
    model = LogisticRegression(C=30.0, max_iter=1000)
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    held = cross_val_predict(model, rows, labels, cv=folds, method="decision_function")
    fitted = model.fit(rows, labels)
    places = np.searchsorted(fitted.classes_, labels)

    def shares(logits: Any, factor: float) -> Any:
        found = np.exp(factor * (logits - logits.max(axis=1, keepdims=True)))
        return found / found.sum(axis=1, keepdims=True)

    def loss(factor: float) -> float:
        return float(-np.log(shares(held, factor)[np.arange(len(places)), places]).sum())

    factor = min(np.geomspace(0.2, 10.0, 100), key=loss)
    found = shares(fitted.decision_function(asked), factor)
    right = [
        bool(fitted.classes_[at] == label)
        for at, (_, label) in zip(found.argmax(axis=1), test, strict=True)
    ]
    sure = found.max(axis=1).tolist()
    return {
        "accuracy": statistics.mean(right),
        "ece": calibration_error(sure, right, range(len(test))),
        "ece_spread": calibration_spread(sure, right),
    }


def interval(draws: Sequence[Mapping[str, float]]) -> list[float]:
    """95 % interval of the mean ECE: the draw of the texts that are known, and of those asked."""
    known = statistics.variance(one["ece"] for one in draws) if len(draws) > 1 else 0.0
    asked = statistics.mean(one["ece_spread"] ** 2 for one in draws)
    middle = statistics.mean(one["ece"] for one in draws)
    half = 1.96 * (known / len(draws) + asked) ** 0.5
    return [max(0.0, middle - half), middle + half]


def cell(found: TextSet, shots: int, draw: int, fine_tune: bool, work: Path) -> dict[str, Any]:
    """One draw of one set."""
    train = found.shots(shots, draw)
    policy, seconds = made_policy(work / "all", found.name, train, found.labels, fine_tune)
    with policy:
        rows = decided(policy, [text for text, _ in found.test])
        result: dict[str, Any] = calibrated(rows, found.test) | {"train_seconds": round(seconds, 1)}
        result["promises"] = [promise(policy, rows, found.test, rate) for rate in PROMISED]
        if not fine_tune:
            result["logistic"] = logistic(policy, train, found.test)
    gone = set(random.Random(draw).sample(found.labels, max(1, len(found.labels) // LEFT_OUT)))
    kept = [pair for pair in train if pair[1] not in gone]
    labels = [label for label in found.labels if label not in gone]
    policy, _ = made_policy(work / "less", f"{found.name}-less", kept, labels, fine_tune)
    with policy:
        rows = decided(policy, [text for text, _ in found.test])
    outside = [label in gone for _, label in found.test]
    alone = [-row["sure"] / max(1e-9, 1 - row["none"]) for row in rows]
    return result | {
        "auroc": {
            "by_none": roc_auc_score(outside, [row["none"] for row in rows]),
            "by_confidence": roc_auc_score(outside, alone),
        }
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=["bbc", "debian", "home"])
    parser.add_argument("--shots", type=int, default=10)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--fine-tune", action="store_true")
    parser.add_argument("--work", type=Path, default=Path("runs/calibration"))
    parser.add_argument("--json", type=Path, dest="out", default=Path("runs/calibration.json"))
    options = parser.parse_args()
    cells, rows = Cells(options.out), []
    for name in options.sets:
        found, made = text_set(name), list[dict[str, Any]]()
        for draw in range(options.draws):
            settings = {
                "set": name,
                "shots": options.shots,
                "draw": draw,
                "fine_tune": options.fine_tune,
            }
            folder = options.work / "-".join(map(str, settings.values()))

            def work(found: TextSet = found, draw: int = draw, folder: Path = folder) -> Any:
                return cell(found, options.shots, draw, options.fine_tune, folder)

            made.append(cells.cell(settings, work))
        rows.append(
            {
                "set": name,
                "labels": len(found.labels),
                "n": len(found.test),
                "draws": len(made),
                "messages": options.shots * len(found.labels),
                "sentences": len(found.labels),
                "accuracy": statistics.mean(one["accuracy"] for one in made),
                "best_accuracy": statistics.mean(one["best_accuracy"] for one in made),
                "ece": statistics.mean(one["ece"] for one in made),
                "ece_ci95": interval(made),
                "ece_floor": statistics.mean(one["ece_floor"] for one in made),
                "ece_by_draw": [round(one["ece"], 4) for one in made],
                "ece_if_one_fits": statistics.mean(one["ece_if_one_fits"] for one in made),
                "auroc_by_none": statistics.mean(one["auroc"]["by_none"] for one in made),
                "auroc_by_confidence": statistics.mean(
                    one["auroc"]["by_confidence"] for one in made
                ),
                "promises": list(promises([one["promises"] for one in made])),
                "train_seconds": statistics.median(one["train_seconds"] for one in made),
            }
        )
        if not options.fine_tune:
            rows[-1] |= {
                f"logistic_{key}": statistics.mean(one["logistic"][key] for one in made)
                for key in ("accuracy", "ece")
            } | {"logistic_ece_ci95": interval([one["logistic"] for one in made])}
    texts = sum(row["n"] for row in rows)
    found = {"fine_tuned": options.fine_tune, "shots": options.shots, "rows": rows}
    write_result(options.out, found, {"texts": texts}, options.draws)


if __name__ == "__main__":
    main()
