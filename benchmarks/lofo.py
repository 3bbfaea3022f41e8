"""Leave one function out.

Train without it, add its file afterwards, and see whether it wins where it is right.

    python benchmarks/lofo.py --run runs/pursuit [--functions NAME ...] [--out FILE]

For each function of a selecting stage the student is trained anew on the run's examples without
that function (nor the states where it is right), `Policy.add` adds its file, and the selections on
unseen seeds are counted: on the states where it is right, before and after, and on the other states
of its stage, before and after. A selection counts as right when it names the labelled function. No
guard helps it there; a function with a `When:` is then added once more as an emergency, so that its
`When:` guards it (`guarded`). With ``--out``, an interrupted benchmark goes on where it was.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table
from selecting import Cells, student_digest, write_result

from logicdistill.deciding.episodes import play
from logicdistill.deciding.standing import queries_for
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.weights import find_weights
from logicdistill.tasks.seeds import evaluation_seeds
from logicdistill.training.collect import LabelStudent, read_examples
from logicdistill.training.export import fine_tune
from logicdistill.training.labelling import Labeller
from logicdistill.training.logged import recorded_labeller
from logicdistill.types import Choice, Function, Query


class Keeping(LabelStudent):
    """Follows the labels and keeps the questions with them."""

    def __init__(self, labeller: Labeller) -> None:
        super().__init__(labeller, explore=0.1, seed=1)
        self.labeller = labeller
        self.kept: list[tuple[Query, str]] = []

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        labels = self.labeller.labels(queries)
        self.kept += [
            (replace(query, scope=dict(query.scope)), label)
            for query, label in zip(queries, labels, strict=True)
            if label
        ]
        return super().select(queries)


def unseen_questions(policy: Policy, run: Path, episodes: int) -> list[tuple[Query, str]]:
    """Questions of evaluation episodes with the right answers."""
    student = Keeping(recorded_labeller(run, policy.parts, strict=True))
    play(
        policy.task,
        policy.with_student(student).player,
        evaluation_seeds(episodes),
    )
    return student.kept


def accuracy(policy: Policy, questions: Sequence[tuple[Query, str]]) -> float:
    """Share of right selections, with the candidates that the policy has now."""
    if not questions:
        return float("nan")
    stage = questions[0][0].stage
    asked = queries_for(policy.parts, stage, [query.scope for query, _ in questions])
    choices = policy.parts.student.select(asked)
    return sum(
        choice.selected == label for choice, (_, label) in zip(choices, questions, strict=True)
    ) / len(questions)


def leave_out(
    policy: Policy, run: Path, function: Function, questions: Sequence[tuple[Query, str]]
) -> dict[str, float | str | int | None]:
    """Train without one function, then add it."""
    examples = read_examples(run / "examples.jsonl")
    left = [
        replace(
            example, candidates=tuple(name for name in example.candidates if name != function.name)
        )
        for example in examples
        if example.label != function.name
    ]
    base = policy.base.having(
        other for other in policy.base.functions if other.name != function.name
    )
    selecting = {stage.name for stage in base.stages if stage.selects}
    trained = [other for other in base.functions if other.stage in selecting]
    settings = Run.open(run).settings
    mine = [item for item in questions if item[1] == function.name]
    others = [
        item
        for item in questions
        if item[0].stage.name == function.stage and item[1] != function.name
    ]
    with tempfile.TemporaryDirectory() as folder:
        student = Path(folder) / "student"
        weights = find_weights(settings["encoder"])
        fine_tune(
            base.stages,
            trained,
            left,
            weights,
            student,
            settings["seed"],
            settings.get("train_steps"),
            lambda *_: None,
        )
        store = BaseFolder(Path(folder) / "base")
        store.commit(base, [{"op": "admit"}])
        with Policy(policy.task, base, EncoderStudent(student), folder=store) as without:
            others_before = accuracy(without, others)
            before = accuracy(without, mine)
            file = Path(folder) / f"{function.name}.py"
            file.write_text(function.source)
            without.add(file, stage=function.stage, origin="person")
            after, others_after = accuracy(without, mine), accuracy(without, others)
            guarded = others_guarded = None
            if function.manual.when is not None:
                without.remove(function.name)
                without.add(file, stage=function.stage, origin="emergency")
                guarded, others_guarded = accuracy(without, mine), accuracy(without, others)
    return {
        "function": f"{function.stage}/{function.name}",
        "states": len(mine),
        "before": before,
        "after": after,
        "others_before": others_before,
        "others_after": others_after,
        "guarded": guarded,
        "others_guarded": others_guarded,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--functions", nargs="*")
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    console = Console(width=140)
    kept = (
        Cells(options.out, student_digest(options.run), options.episodes) if options.out else None
    )
    with Policy.load(options.run, student="first") as policy:
        questions = unseen_questions(policy, options.run, options.episodes)
        selecting = {stage.name for stage in policy.base.stages if stage.selects}
        rows = []
        table = Table(
            title=f"{policy.task.id}: leave one function out, {options.episodes} unseen episodes"
        )
        for name in (
            "function",
            "states",
            "wins before",
            "wins after",
            "others before",
            "others after",
            "guarded",
            "others guarded",
        ):
            table.add_column(name, justify="left" if name == "function" else "right")
        for function in policy.base.functions:
            if function.stage in selecting and (
                not options.functions or function.name in options.functions
            ):

                def work(function: Function = function) -> dict[str, float | str | int | None]:
                    return leave_out(policy, options.run, function, questions)

                row = (
                    kept.cell({"function": f"{function.stage}/{function.name}"}, work)
                    if kept
                    else work()
                )
                rows.append(row)
                keys = (
                    "before",
                    "after",
                    "others_before",
                    "others_after",
                    "guarded",
                    "others_guarded",
                )
                shares = ("" if row[key] is None else f"{row[key]:.1%}" for key in keys)
                table.add_row(str(row["function"]), str(row["states"]), *shares)
    console.print(table)
    if options.out:
        write_result(
            options.out,
            {"task": policy.task.id, "episodes": options.episodes, "rows": rows},
            {"episodes": options.episodes},
        )


if __name__ == "__main__":
    main()
