"""Functions that were never trained, added from their files to a policy that decides from text.

    python benchmarks/hot_add.py --task clinc150 --data DIR [--left-out 15] [--shots 10]
    [--fine-tune] [--split validation] [--json FILE]

So many functions that have test messages are left out of training altogether, evenly over their
names. Each is then added with ``policy.add`` from a file with its manual and 0, 1, 3, 5 or 10 usage
examples (training messages that nothing was trained on, in ``--draws`` independent draws). Its
doctest, which a person wrote, is replaced by a filler: the manual is all that 0 examples have. All
messages of the whole test split are decided among all functions.

new: accuracy on the messages of the added functions, nothing being out of scope. others: on those
of the trained ones, after the add, and before it, when the added functions were not there;
``selective`` is the same where "none of these" is an answer. The row ``trained`` has a student that
was trained with all functions: what the same functions cost the others, and win, where they need no
hot add. ECE: of all test messages, "none of these" included. ms: of one add, gate and calibration
included.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import re
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from selecting import interval_over_draws, write_result
from stamps import log_scoring
from text_figures import calibration_error

from logicdistill.cli.terminal import TerminalReporter
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import constant_result, with_examples
from logicdistill.pipeline.settings import RunSettings, training_episodes
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.students.pretrained import load_student
from logicdistill.students.weights import find_weights
from logicdistill.tasks.messages import OUT_OF_SCOPE
from logicdistill.tasks.records import Record, RecordTask, shots
from logicdistill.tasks.registry import get_task
from logicdistill.training.collect import TrainingExample, read_examples
from logicdistill.training.frozen import fit_pretrained
from logicdistill.types import Function

USAGE = (0, 1, 3, 5, 10)


def left_out(names: Sequence[str], count: int) -> set[str]:
    """So many names, evenly over their order."""
    ordered = sorted(names)
    return {ordered[(2 * index + 1) * len(ordered) // (2 * count)] for index in range(count)}


def with_filler(function: Function) -> str:
    """The function's file without its usage examples; its doctest's message is a filler.

    Functions that share a usage example learn nothing from it, and the gate wants one that runs.
    """
    kept = [
        re.sub(r">>> .*", f'>>> {function.name}("a message")', line)
        for line in function.source.splitlines(keepends=True)
        if not line.lstrip().startswith("Example:")
    ]
    return "".join(kept)


def judge(
    policy: Policy, test: Sequence[Record], parts: Sequence[set[str]], intents: Mapping[str, str]
) -> list[dict[str, Any]]:
    """For each set of actions, on their messages: accuracy without and with "none of these".

    The calibration error is that of all messages.
    """
    decisions = policy.decide_many([record.state for record in test])
    chosen = [choice for decision in decisions if (choice := decision.trace[-1].choice) is not None]
    sure = [max(choice.none, choice.ranked[0].probability) for choice in chosen]
    right = [
        decision.action == record.action for decision, record in zip(decisions, test, strict=True)
    ]
    ece, found = calibration_error(sure, right, range(len(test))), list[dict[str, Any]]()
    for actions in parts:
        mine = [index for index, record in enumerate(test) if record.action in actions]
        best = sum(intents[chosen[index].ranked[0].name] == test[index].action for index in mine)
        found.append(
            {
                "accuracy": best / len(mine),
                "selective": sum(right[index] for index in mine) / len(mine),
                "messages": len(mine),
                "ece": ece,
            }
        )
    return found


def trained_without(
    names: set[str],
    base: FunctionBase,
    examples: Sequence[TrainingExample],
    folder: Path,
    steps: int | None,
    fine_tuned: bool,
) -> FunctionBase:
    """The base without these functions, with which a student is trained into the folder."""
    kept = base.having(function for function in base.functions if function.name not in names)
    known = tuple(function.name for function in kept.functions)
    asked = [
        dataclasses.replace(example, candidates=known)
        for example in examples
        if example.label not in names
    ]
    if not (folder / "student.toml").is_file():
        parts = kept.stages, kept.functions, asked, find_weights("minilm"), folder
        if fine_tuned:
            from logicdistill.training.export import fine_tune

            fine_tune(*parts, 0, steps, lambda *_: None)
        else:
            fit_pretrained(*parts)
    return kept


def averaged(
    usage: str, found: Sequence[Mapping[str, Any]], before: Mapping[str, Any]
) -> dict[str, Any]:
    """A row of the table: the mean of the draws; its interval holds the draw."""
    shares = [cell["new"]["accuracy"] for cell in found]
    return {
        "usage_examples": usage,
        "new": statistics.mean(shares),
        "new_ci95": interval_over_draws(shares, found[0]["new"]["messages"]),
        "new_selective": statistics.mean(cell["new"]["selective"] for cell in found),
        "new_by_draw": shares,
        "new_messages": found[0]["new"]["messages"],
        "others": statistics.mean(cell["others"]["accuracy"] for cell in found),
        "others_before": before["accuracy"],
        "others_selective": statistics.mean(cell["others"]["selective"] for cell in found),
        "others_selective_before": before["selective"],
        "ece": statistics.mean(cell["new"]["ece"] for cell in found),
        "ece_before": before["ece"],
        "ms": statistics.median(cell["ms"] for cell in found),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--task", default="clinc150")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--left-out", type=int, default=15)
    parser.add_argument(
        "--shots",
        default="10",
        help="training messages of each trained function: a number, or full",
    )
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument(
        "--usage", type=int, nargs="+", default=USAGE, help="usage examples of an added function"
    )
    parser.add_argument("--fine-tune", action="store_true", help="train the encoder itself")
    parser.add_argument(
        "--split", default="test", choices=("test", "validation"), help="messages that are decided"
    )
    parser.add_argument("--steps", type=int, help="of the training; by default the recipe's")
    parser.add_argument("--work", type=Path, default=Path("runs/hot-add"))
    parser.add_argument("--json", type=Path, dest="out")
    options = parser.parse_args()
    how = options.steps, options.fine_tune
    count = None if options.shots == "full" else int(options.shots)
    task = get_task(options.task, data=options.data)
    assert isinstance(task, RecordTask)
    kind = "-fine-tuned" if options.fine_tune else ""
    run = options.work / f"{options.task}-{options.shots}{kind}"
    settings = RunSettings(
        task.id,
        train_episodes=training_episodes(task),
        data=str(options.data),
        shots=count,
        fine_tune=options.fine_tune,
        train_steps=0 if options.fine_tune else None,
    )
    pipeline = RunPipeline(run, settings, TerminalReporter(Console(stderr=True)))
    base, examples = pipeline.prepare(), read_examples(run / "examples.jsonl")
    test = task.split(options.split)
    actions = {str(record.action) for record in test}
    intents = {
        function.name: str(value)
        for function in base.functions
        for value in constant_result(function) or ()
    }
    gone = left_out(
        [name for name, intent in intents.items() if intent in actions], options.left_out
    )
    student_folder = run / f"without-{options.left_out}"
    kept = trained_without(gone, base, examples, student_folder, *how)
    by_action: dict[str, list[str]] = {}
    for record in shots(task, None):
        by_action.setdefault(str(record.action), []).append(str(record.state["message"]))
    new = {intents[name] for name in gone}
    others = actions - new - {OUT_OF_SCOPE}
    known = [record for record in test if record.action not in new]
    rows: list[dict[str, Any]] = []
    with Policy(task, kept, load_student(student_folder)) as policy:
        [before] = judge(policy, known, [others], intents)
    for usage in options.usage:
        found = []
        for draw in range(options.draws if usage else 1):
            rng = random.Random(draw)
            with (
                Policy(task, kept, load_student(student_folder)) as policy,
                tempfile.TemporaryDirectory() as folder,
            ):
                spent = []
                for name in sorted(gone):
                    bare = with_filler(base.function(name))
                    texts = rng.sample(by_action[intents[name]], usage)
                    file = Path(folder, f"{name}.py")
                    file.write_text(with_examples(bare, texts), encoding="utf-8")
                    started = time.perf_counter()
                    policy.add(file, origin="person")
                    spent.append(1000 * (time.perf_counter() - started))
                mine, theirs = judge(policy, test, [new, others], intents)
                found.append({"new": mine, "others": theirs, "ms": statistics.median(spent)})
        rows.append(averaged(str(usage), found, before))
        print(rows[-1], flush=True)
    trained_without(set(), base, examples, run / "without-0", *how)
    whole = load_student(run / "without-0")
    with Policy(task, kept, whole) as policy:
        [before] = judge(policy, known, [others], intents)
    with Policy(task, base, whole) as policy:
        mine, theirs = judge(policy, test, [new, others], intents)
        cell = {"new": mine, "others": theirs, "ms": None}
    rows.append(averaged("trained", [cell], before))
    if options.split == "test":
        log_scoring(
            task.id,
            "test",
            "fine-tuned" if options.fine_tune else "pretrained",
            len(test),
            what="functions that join",
            new={row["usage_examples"]: row["new"] for row in rows},
        )
    shown = Table(title=f"{task.id}: {len(gone)} of {len(base.functions)} functions never trained")
    for column in (
        "usage examples",
        "new",
        "95 %",
        "others",
        "others before",
        "ECE",
        "ECE before",
        "ms an add",
    ):
        shown.add_column(column, justify="right")
    for row in rows:
        low, high = row["new_ci95"]
        cells = [f"{row[key]:.1%}" for key in ("others", "others_before", "ece", "ece_before")]
        shown.add_row(
            row["usage_examples"],
            f"{row['new']:.1%}",
            f"{low:.1%} - {high:.1%}",
            *cells,
            f"{row['ms'] or 0:.0f}",
        )
    Console().print(shown)
    if options.out:
        write_result(
            options.out,
            {"task": task.id, "left_out": sorted(gone), "shots": count, "rows": rows},
            {"messages": len(test)},
            options.draws,
        )


if __name__ == "__main__":
    main()
