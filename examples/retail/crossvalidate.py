"""How well intents are told apart on training texts that were held out.

What usage examples are chosen by, before any test state is seen.

python examples/retail/crossvalidate.py --run runs/retail                     # four folds; each
trains a student
python examples/retail/crossvalidate.py --run runs/retail --usage-examples 55 # with the first 55
usage examples of an intent
python examples/retail/crossvalidate.py --run runs/retail --words            # by the words alone,
without the form
python examples/retail/crossvalidate.py --run runs/retail --writers a ej     # what a, then what e
and j wrote, by a student of all others
python examples/retail/crossvalidate.py --run runs/retail --writers all      # what all ten wrote at
once, by a student without any of it
python examples/retail/crossvalidate.py --run runs/retail --more texts/       # with those of
texts/INTENT.txt besides, one a line
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.functions.folder import BaseFolder
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.weights import find_weights
from logicdistill.training.collect import TrainingExample, read_examples
from logicdistill.training.export import fine_tune
from logicdistill.types import Function, Json, Query, Stage

WRITERS = tuple("abcdefghij")


def wrong_in_fold(
    stage: Stage,
    functions: Sequence[Function],
    kept: Sequence[TrainingExample],
    held: Sequence[TrainingExample],
    progress: Progress,
) -> list[tuple[TrainingExample, str | None]]:
    """Held-out texts that a student trained without them misreads, and how it reads each."""
    hidden = {example.words for example in held}
    functions = [
        replace(function, texts=tuple(text for text in function.texts if text not in hidden))
        for function in functions
    ]
    bar = progress.add_task("train", total=None)
    with tempfile.TemporaryDirectory() as scratch:

        def told(_: str, done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        fine_tune([stage], functions, kept, find_weights("minilm"), Path(scratch), 0, None, told)
        asked = [
            Query(stage, example.view, tuple(functions), scope_of(example)) for example in held
        ]
        choices = EncoderStudent(Path(scratch)).select(asked)
    taken = [choice.without_none().selected for choice in choices]
    return [
        (example, name) for example, name in zip(held, taken, strict=True) if name != example.label
    ]


def scope_of(example: TrainingExample) -> dict[str, Json]:
    """What the stage reads: the words, and what the form had then."""
    return {"text": example.words, "form": dict(fact.split(": ", 1) for fact in example.facts)}


def by_writers(
    examples: Sequence[TrainingExample], names: Sequence[str]
) -> list[tuple[str, list[TrainingExample]]]:
    """The texts of each of these groups of writers."""
    lines = map(
        json.loads,
        (Path(__file__).parent / "states.jsonl").read_text(encoding="utf-8").splitlines(),
    )
    # train-a-001 is writer a's, train-001 nobody's
    writer = {
        line["state"]["text"]: line["id"].split("-")[1]
        for line in lines
        if line["id"].count("-") == 2
    }
    return [
        (
            f"writers {name}",
            [e for e in examples if writer.get(e.words) in (WRITERS if name == "all" else [*name])],
        )
        for name in names
    ]


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--run",
        type=Path,
        required=True,
        help="made by: logicdistill run examples/retail --out RUN",
    )
    parser.add_argument(
        "--folds", type=int, default=4, help="how many parts the training texts are dealt into"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--only",
        type=int,
        nargs="+",
        metavar="FOLD",
        help="hold out these parts alone, counted from 0",
    )
    which.add_argument(
        "--writers",
        nargs="+",
        metavar="GROUP",
        help="hold out groups of writers instead of parts: letters such as ej, or all",
    )
    parser.add_argument("--usage-examples", type=int, help="of each intent; by default all")
    parser.add_argument(
        "--more", type=Path, metavar="FOLDER", help="further usage examples, INTENT.txt each"
    )
    parser.add_argument(
        "--words", action="store_true", help="by the words alone, without the form beside them"
    )
    parser.add_argument("--wrong", action="store_true", help="show each text that was misread")
    options = parser.parse_args()
    if options.folds < 2 or not set(options.only or ()) <= set(range(options.folds)):
        parser.error(
            "--folds is 2 or more and --only names parts from 0 to folds - 1; got --folds "
            f"{options.folds} --only {options.only}"
        )
    if unknown := [
        name for name in options.writers or () if name != "all" and not set(name) <= set(WRITERS)
    ]:
        parser.error(
            f"--writers takes groups of the letters {''.join(WRITERS)}, or all; got {unknown[0]}"
        )
    if options.usage_examples is not None and options.usage_examples < 0:
        parser.error(f"--usage-examples is 0 or more; got {options.usage_examples}")
    shown = (
        None if options.usage_examples is None else 1 + options.usage_examples
    )  # the manual comes first
    base = BaseFolder(options.run / "base").load()
    functions = [replace(f, texts=f.texts[:shown]) for f in base.of_stage("intent")]
    if options.more:
        more = {
            f.name: (options.more / f"{f.name}.txt").read_text(encoding="utf-8").splitlines()
            for f in functions
        }
        functions = [replace(f, texts=(*f.texts, *more[f.name])) for f in functions]
    examples = [
        example
        for example in read_examples(options.run / "examples.jsonl")
        if example.stage == "intent"
    ]
    examples = random.Random(1).sample(examples, len(examples))
    if options.words:
        examples = [replace(example, facts=()) for example in examples]
    parts = [
        (f"fold {fold}", examples[fold :: options.folds])
        for fold in options.only or range(options.folds)
    ]
    wrong, seen = [], 0
    with Progress(console=Console(stderr=True)) as progress:
        for name, held in by_writers(examples, options.writers) if options.writers else parts:
            hidden = {example.view for example in held}
            kept = [example for example in examples if example.view not in hidden]
            found = wrong_in_fold(base.stage("intent"), functions, kept, held, progress)
            wrong, seen = [*wrong, *found], seen + len(held)
            progress.console.print(
                f"{name}: {len(held) - len(found)} of {len(held)} right", highlight=False
            )
    low, high = wilson_interval(seen - len(wrong), seen)
    print(
        json.dumps(
            {
                "texts": seen,
                "right_intent": round(1 - len(wrong) / seen, 4),
                "ci95": [round(low, 4), round(high, 4)],
            }
        )
    )
    for example, name in wrong if options.wrong else ():
        print(
            json.dumps(
                {
                    "text": example.words,
                    "form": example.facts,
                    "chosen": name,
                    "right": example.label,
                },
                ensure_ascii=False,
            )
        )


if __name__ == "__main__":
    main()
