"""Choices without a single example: how often the words of the options suffice.

    python benchmarks/open_questions.py --data clinc150=DIR banking77=DIR [--json FILE]

What ``logicdistill serve --open-questions`` does with a question that no function was made for: a
frozen encoder compares the message with each option's name, or name and description. The
descriptions are the task's own rules, without "Answer NAME when". Nothing is fitted on the data;
the two constants were chosen on validation messages of CLINC150 and training messages of BANKING77
(`--split validation`). A message is asked with all intents as options, or with the right one and
others that are drawn. `none`: the right one is left out, and "none of these" is offered; and for
messages out of scope. ECE: gap between confidence and accuracy.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from selecting import share, write_result
from stamps import log_scoring
from text_figures import calibration_error

from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.serving.open_questions import packaged
from logicdistill.students.encoder import OnnxEmbedder
from logicdistill.students.options import OptionReader, option_text
from logicdistill.tasks.messages import OUT_OF_SCOPE
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task


class Kept:
    """An encoder that keeps the vectors of all texts: each message is asked about many times."""

    def __init__(self, embedder: OnnxEmbedder) -> None:
        self.readable, self._embedder = embedder.readable, embedder
        self._known = dict[str, Any]()

    def vectors(self, texts: Sequence[str]) -> Any:
        for text in texts:
            if text not in self._known:
                self._known[text] = self._embedder.vectors([text])[0]
        return np.stack([self._known[text] for text in texts])


DRAWN = (2, 5, 10)
NONE = "none of these"


def descriptions(task: RecordTask) -> dict[str, str]:
    """By intent what its rule says of it."""
    found = {}
    for rule in task.rules:
        if said := re.fullmatch(r"Answer (\S+) when (.+)", rule):
            found[said[1]] = said[2]
    return found


def measure(reader: OptionReader, task: RecordTask, split: Any, seed: int) -> list[dict[str, Any]]:
    known = [one for one in task.split(split) if one.action != OUT_OF_SCOPE]
    strange = [one for one in task.split(split) if one.action == OUT_OF_SCOPE]
    words, names = descriptions(task), sorted({str(one.action) for one in known})
    texts = {
        "names": {name: option_text(name, None) for name in names},
        "described": {name: option_text(name, words.get(name)) for name in names},
    }
    rows = []
    for form, text in texts.items():
        for count in (*DRAWN, len(names)):
            numbers, sure, right = random.Random(seed), list[float](), list[bool]()
            noned, outside = 0, 0
            for one in known:
                others = [name for name in names if name != one.action]
                options = sorted([str(one.action), *numbers.sample(others, count - 1)])
                shares = reader.shares(one.state["message"], [text[name] for name in options])
                if shares is None:
                    right.append(False)
                    sure.append(0.0)
                    continue
                sure.append(max(shares))
                right.append(options[shares.index(max(shares))] == one.action)
                left = [text[name] for name in options if name != one.action]
                shares = reader.shares(one.state["message"], [*left, NONE], len(left))
                noned += shares is not None and shares[-1] == max(shares)
            for one in strange:
                options = [text[name] for name in numbers.sample(names, count)]
                shares = reader.shares(one.state["message"], [*options, NONE], len(options))
                outside += shares is None or shares[-1] == max(shares)
            rows.append(
                {
                    "options": count,
                    "form": form,
                    **share(sum(right), len(right)),
                    "ece": round(calibration_error(sure, right, range(len(sure))), 4),
                    "none_without_right": round(noned / len(known), 4),
                    "none_out_of_scope": round(outside / len(strange), 4) if strange else None,
                    "out_of_scope": len(strange),
                }
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", nargs="+", required=True, metavar="NAME=DIR")
    parser.add_argument("--split", default="test", choices=("test", "validation"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    reader, found = packaged(), dict[str, Any]()
    reader.embedder = cast(OnnxEmbedder, Kept(reader.embedder))
    for one in options.data:
        name, _, folder = one.partition("=")
        task = get_task(name, data=Path(folder))
        assert isinstance(task, RecordTask)
        found[name] = measure(reader, task, options.split, options.seed)
        for row in found[name]:
            low, high = wilson_interval(round(row["share"] * row["asked"]), row["asked"])
            print(
                f"{name:<10} {row['options']:>3} options  {row['form']:<9} "
                f"{row['share']:.1%} ({low:.1%} to {high:.1%}) of {row['asked']:,}  "
                f"ECE {row['ece']:.3f}  "
                f"none where right is left out {row['none_without_right']:.1%}"
                + (
                    f", out of scope {row['none_out_of_scope']:.1%} of {row['out_of_scope']:,}"
                    if row["out_of_scope"]
                    else ""
                )
            )
    counts = {name: max(row["asked"] for row in rows) for name, rows in found.items()}
    for name, count in counts.items() if options.split == "test" else ():
        log_scoring(name, "test", "open questions", count)
    if options.json:
        n = {f"messages of {name}": count for name, count in counts.items()}
        write_result(options.json, {"split": options.split, "rows": found}, n)


if __name__ == "__main__":
    main()
