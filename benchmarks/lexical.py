"""Lexical engines on CLINC150: is the right intent among the ten whose usage examples share most with a message?

    python benchmarks/lexical.py --clinc data_full.json --json docs/measured/lexical.json

Every intent is a function whose usage examples are training messages; the validation messages are searched. `exact` is the package's BM25
over functions in memory, `index` the one that large bases go through (LanceDB), `fts5` SQLite's, for comparison. The data set is Larson et
al., EMNLP 2019 (CC BY 3.0): one JSON file with lists of [message, intent] under `train` and `val`.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from selecting import write_result

from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.retrieval.words import words, words_of
from logicdistill.types import Function, Manual

KS = (1, 5, 10)

Search = Callable[[str], Sequence[str]]
"""A message to the names of ten functions, best first."""


def functions(train: Sequence[tuple[str, str]], examples: int) -> tuple[Function, ...]:
    """One function an intent, with so many of its messages drawn at random."""
    by_intent: dict[str, list[str]] = {}
    for message, intent in train:
        by_intent.setdefault(intent, []).append(message)
    rng = random.Random(0)
    made = []
    for name, messages in sorted(by_intent.items()):
        texts = (name.replace("_", " "), *rng.sample(messages, min(examples, len(messages))))
        made.append(
            Function(
                name,
                "intent",
                f"def {name}(): ...",
                (),
                Manual(texts[0], texts[0]),
                texts,
                "benchmark",
            )
        )
    return tuple(made)


def package(base: tuple[Function, ...], **options: Any) -> Search:
    retriever = FusedRetriever(None, **options)
    return lambda message: [
        function.name for function in retriever.top([message], base, max(KS))[0]
    ]


def fts5(base: tuple[Function, ...]) -> Search:
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table functions using fts5(words)")
    rows = [(number, " ".join(words(words_of(function)))) for number, function in enumerate(base)]
    connection.executemany("insert into functions (rowid, words) values (?, ?)", rows)

    def search(message: str) -> list[str]:
        asked = " OR ".join(f'"{word}"' for word in words(message))
        found = connection.execute(
            "select rowid from functions where functions match ? order by rank limit ?",
            (asked, max(KS)),
        )
        return [base[number].name for (number,) in found]

    return search


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clinc", type=Path, required=True, help="data_full.json of CLINC150")
    parser.add_argument(
        "--examples", type=int, nargs="+", default=(5, 100), help="usage examples a function"
    )
    parser.add_argument("--messages", type=int, default=3000, help="validation messages")
    parser.add_argument("--json", type=Path, required=True, help="write the figures")
    options = parser.parse_args()
    data = json.loads(options.clinc.read_text())
    asked = data["val"][: options.messages]
    rows = []
    for examples in options.examples:
        base = functions(data["train"], examples)
        for name, search in (
            ("exact", package(base)),
            ("index", package(base, exact=1)),
            ("fts5", fts5(base)),
        ):
            search(asked[0][0])
            begun = time.thread_time()
            found = [search(message) for message, _ in asked]
            cpu = (time.thread_time() - begun) / len(asked) * 1000
            recall = {
                str(k): round(
                    float(
                        np.mean([i in row[:k] for row, (_, i) in zip(found, asked, strict=True)])
                    ),
                    4,
                )
                for k in KS
            }
            rows.append(
                {"examples": examples, "engine": name, "recall": recall, "cpu_ms": round(cpu, 3)}
            )
            print(rows[-1], flush=True)
    write_result(options.json, {"functions": len(base), "messages": len(asked), "rows": rows})


if __name__ == "__main__":
    main()
