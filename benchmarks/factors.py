"""What a stage's logits are usually multiplied by: the prior of the calibration of texts.

    python benchmarks/factors.py --data DIR [--tasks 90] [--json FILE]

So many tasks are drawn of each of three sets on which calibration is chosen: diagnoses by chapter
(``icd10`` of `text_sets`), and messages of CLINC150 and BANKING77 that are no test messages
(``DIR`` holds both). A task has `LABELS` labels, in half of the tasks near ones, and one of `SHOTS`
texts of each; up to `ASKED` others of each are asked. Its head is the pretrained student's.

The best factor is the one at which the head is as sure of the texts asked as it is right. ``usual``
is the geometric mean of the tasks' best factors, ``spread`` the deviation of their logarithm. ECE
of the texts asked, 15 bins, mean of the tasks with so many texts: ``alone`` with the factor that
the held-out texts give, ``prior`` with that and what is usual in the other two sets, ``usual`` with
what is usual there and nothing else, ``best`` with the best factor.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from calibration import sentence
from rich.console import Console
from rich.progress import track
from selecting import write_result
from text_figures import calibration_error
from text_players import encoder
from text_sets import text_set

from logicdistill.students.head import (
    SPREAD,
    USUAL,
    Embed,
    Message,
    cross_fitted,
    fit_head,
    likeliest_factor,
)
from logicdistill.tasks.messages import OUT_OF_SCOPE
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task

LABELS, SHOTS, ASKED = (3, 20), (5, 10, 20, 40), 40
SIZES = {"up to 60": (0, 60), "to 250": (61, 250), "more": (251, 10_000)}
"""Texts that a task has."""

SPLITS = {"clinc150": ("train", "validation"), "banking77": ("train",)}

Labelled = Mapping[str, Sequence[str]]
"""Texts by label."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One task's logits: of its own texts, held out in turn, and of those asked.

    Attributes:
        held, asked: logits, shape (texts, labels), and each text's right column.
    """

    held: tuple[Any, Any]
    asked: tuple[Any, Any]

    @property
    def texts(self) -> int:
        """How many it has: each is held out once."""
        return len(self.held[1])

    @property
    def best(self) -> float:
        """The factor at which the texts asked are as sure as they are right."""
        return likeliest_factor(*self.asked)

    def error(self, factor: float) -> float:
        """ECE of the texts asked."""
        logits, labels = self.asked
        shares = np.exp(factor * (logits - logits.max(axis=1, keepdims=True)))
        sure = (shares.max(axis=1) / shares.sum(axis=1)).tolist()
        return calibration_error(sure, (logits.argmax(axis=1) == labels).tolist(), range(len(sure)))


def labelled(name: str, data: Path) -> Labelled:
    """The texts of a set that may be learned from."""
    if name == "icd10":
        pairs = list(text_set(name).train)
    else:
        task = get_task(name, data=data / name)
        assert isinstance(task, RecordTask)
        records = [record for split in SPLITS[name] for record in task.split(split)]
        pairs = [(str(one.state["message"]), str(one.action)) for one in records]
    texts: dict[str, dict[str, None]] = defaultdict(dict)
    for text, label in pairs:
        if label != OUT_OF_SCOPE:
            texts[label][text] = None
    return {label: [*mine] for label, mine in sorted(texts.items())}


def draw(texts: Labelled, embed: Embed, rng: random.Random) -> Drawn:
    """One task."""
    shots = rng.choice(SHOTS)
    enough = [label for label, mine in texts.items() if len(mine) >= shots + min(SHOTS)]
    count = min(rng.randint(*LABELS), len(enough))
    labels = sorted(rng.sample(enough, count))
    if rng.random() < 0.5:
        said = embed([sentence(label) for label in enough])
        near = np.argsort(-(said @ said[rng.randrange(len(enough))]), kind="stable")
        labels = sorted(enough[place] for place in near[:count])
    mine, others = list[Message](), list[Message]()
    for label in labels:
        drawn = rng.sample(texts[label], min(shots + ASKED, len(texts[label])))
        mine += [Message(text, label) for text in drawn[:shots]]
        others += [Message(text, label) for text in drawn[shots:]]
    functions = {label: (sentence(label),) for label in labels}
    head = fit_head(functions, mine, embed, reads_text=True, calibrate=False)
    asked = [one.text for one in others]
    logits, _ = head.scores(asked, [()] * len(asked), embed(asked))
    right = np.array([labels.index(str(one.label)) for one in others])
    return Drawn(cross_fitted(functions, mine, embed), (logits, right))


def usual(tasks: Sequence[Drawn]) -> tuple[float, float]:
    """Geometric mean of the best factors, and the deviation of their logarithm."""
    logs = [float(np.log(task.best)) for task in tasks]
    return float(np.exp(statistics.mean(logs))), statistics.stdev(logs)


def errors(tasks: Sequence[Drawn], prior: tuple[float, float]) -> Iterator[dict[str, Any]]:
    """Mean ECE of tasks with so many texts, by how the factor is found."""
    for name, (least, most) in SIZES.items():
        some = [task for task in tasks if least <= task.texts <= most]
        factors = {
            "alone": [likeliest_factor(*task.held) for task in some],
            "prior": [likeliest_factor(*task.held, prior) for task in some],
            "usual": [prior[0] for _ in some],
            "best": [task.best for task in some],
        }
        yield {"texts": name, "tasks": len(some)} | {
            how: statistics.mean(task.error(one) for task, one in zip(some, found, strict=True))
            for how, found in factors.items()
            if some
        }


def remembering(embed: Embed) -> Embed:
    """Each text is embedded once."""
    known: dict[str, Any] = {}

    def embedded(texts: Sequence[str]) -> Any:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, embed(new), strict=True) if new else ())
        return np.stack([known[text] for text in texts])

    return embedded


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="holds clinc150 and banking77")
    parser.add_argument("--tasks", type=int, default=90, help="of each set")
    parser.add_argument("--work", type=Path, default=Path("runs/factors"))
    parser.add_argument("--json", type=Path, dest="out", default=Path("runs/factors.json"))
    options = parser.parse_args()
    embed, drawn = encoder(options.work), dict[str, list[Drawn]]()
    for name in ("icd10", *SPLITS):
        texts, rng = labelled(name, options.data), random.Random(name)
        known = remembering(embed)
        counted = track(range(options.tasks), name, console=Console(stderr=True))
        drawn[name] = [draw(texts, known, rng) for _ in counted]
    rows = []
    for name, tasks in drawn.items():
        mine = usual(tasks)
        others = usual([task for other, some in drawn.items() if other != name for task in some])
        rows.append({"set": name, "tasks": len(tasks), "usual": mine[0], "spread": mine[1]})
        rows[-1] |= {"prior": others, "ece": list(errors(tasks, others))}
        print(rows[-1])
    every = usual([task for tasks in drawn.values() for task in tasks])
    found = {"usual": every[0], "spread": every[1], "in_use": {"usual": USUAL, "spread": SPREAD}}
    print(found)
    write_result(options.out, {**found, "rows": rows}, {"tasks": sum(map(len, drawn.values()))})


if __name__ == "__main__":
    main()
