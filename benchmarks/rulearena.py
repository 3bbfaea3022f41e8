"""Score policies on RuleArena's airline and tax problems, and make the task folders for them.

    python benchmarks/rulearena.py --data DIR --make FOLDER
    python benchmarks/rulearena.py --data DIR --run RUN [--run RUN ...] [--answers FILE]

DIR has RuleArena's rules and problems (examples/rulearena/README.md). ``--make`` writes three task
folders: FOLDER/airline-bags, FOLDER/tax, and FOLDER/airline-reading with its functions. A RUN is a
run's folder or a packed policy of one of them; its task's id says which. With runs of airline-bags
and airline-reading, airline is scored from text too. FILE is a JSON object of right answers, such
as {"airline-2-17": 1240, "tax-0-55": -310.5}; without it the 30 examples of each task are scored.

A table with published figures comes first, one line of JSON last.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from rulearena_tasks import (
    LEVELS,
    READING,
    TASKS,
    Problem,
    make,
    name_of,
    read_as,
    read_problems,
    state_of,
)
from selecting import share
from stamps import stamp

from logicdistill.errors import LogicDistillError, TaskError
from logicdistill.files import write_atomic
from logicdistill.policy import Policy
from logicdistill.types import Json, same

HALF_A_CENT = 0.005
QUICK = 3
CAUSES = 3
"""So many causes of refused problems are shown, the most frequent first."""

PUBLISHED: Mapping[tuple[str, int], tuple[str, str]] = {
    ("airline", 0): ("41-100", "98-100"),
    ("airline", 2): ("74-81", "84-98"),
    ("tax", 0): ("89-97", "94-97"),
    ("tax", 1): ("52-88", "52-64"),
}
"""Per cent right of LLMs asked case by case, and of a program that the same LLM wrote once: the
least and the best of the models, from the structured state, 90 problems a cell."""

SOURCE = (
    "published: per cent right of several LLMs asked case by case, and of one program that the same"
    " LLM wrote once; structured states, 90 problems a cell, other problems than a small sample's."
    " Problems: RuleArena, Zhou et al., ACL 2025, arXiv 2412.08972"
)

Answer: TypeAlias = tuple[Json, str | None]
"""What a policy gave, and why it gave nothing."""


@dataclass(slots=True)
class Cell:
    """Figures of one task, form and level.

    Attributes:
        wrong: name, what came, and what is right, of each wrong answer.
        refused: why nothing was computed, once for each such problem.
    """

    right: int = 0
    wrong: list[tuple[str, Json, float]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def asked(self) -> int:
        return self.right + len(self.wrong) + len(self.refused)

    def row(self, task: str, form: str, level: int | None) -> dict[str, Any]:
        """Its figures; level None stands for all levels."""
        counted = share(self.right, self.asked)
        return {
            "task": task,
            "form": form,
            "level": "all" if level is None else level,
            "n": self.asked,
            "right": self.right,
            "wrong": len(self.wrong),
            "refused": len(self.refused),
            "share": counted["share"],
            "ci95": counted["ci95"],
            "seconds": round(self.seconds, 3),
        }


def answers_of(
    file: Path | None, known: Mapping[str, Sequence[Problem]]
) -> dict[str, dict[str, float]]:
    """Right answers by task and name of problem: those of the file, or of the examples.

    Raises:
        TaskError: the file is no such object, or names a problem that the data lacks.
    """
    names = {name_of(task, one): (task, one) for task in known for one in known[task]}
    if file is None:
        given = {name: one["answer"] for name, (_, one) in names.items() if "answer" in one}
    else:
        try:
            given = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise TaskError(f"{file}: cannot be read: {error.strerror or error}") from None
        except ValueError as error:
            raise TaskError(f"{file}: not JSON: {error}") from None
    form = 'write an object such as {"airline-2-17": 1240, "tax-0-55": -310.5}'
    if not isinstance(given, dict):
        raise TaskError(f"{file}: {type(given).__name__}, no object; {form}")
    found: dict[str, dict[str, float]] = {task: {} for task in known}
    for name, answer in given.items():
        if name not in names:
            raise TaskError(f"{file or 'data'}: no problem is named {name!r}; {form}")
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            raise TaskError(f"{file or 'data'}: {name}: {answer!r} is no number of dollars")
        found[names[name][0]][name] = answer
    return found


def decided(policy: Policy, states: Sequence[Mapping[str, Any]]) -> list[Answer]:
    """The policy's actions; a fallback, and a state that its schema refuses, are no answer."""
    found: list[Answer] = []
    for one in policy.decide_many(states, on_error="return"):
        if isinstance(one, LogicDistillError):
            found.append((None, str(one)))
        elif one.fallback is not None:
            found.append((None, "; ".join(dict.fromkeys((one.fallback, *one.marks)))))
        elif one.action == policy.task.fallback({}):
            found.append((None, f"{one.function} gave {one.action!r}"))
        else:
            found.append((one.action, None))
    return found


def read_texts(reading: Policy, problems: Sequence[Problem]) -> list[Answer]:
    """The states that the policy reads from the problems' texts."""
    return decided(reading, [{"text": one["text"]} for one in problems])


def decided_texts(bags: Policy, reading: Policy, problems: Sequence[Problem]) -> list[Answer]:
    """First the text is read, then the state that was read is decided."""
    read = read_texts(reading, problems)
    states = [state for state, why in read if why is None]
    amounts = iter(decided(bags, states))
    return [(None, f"not read: {why}") if why else next(amounts) for _, why in read]


def is_right(action: Json, answer: float) -> bool:
    """Whether an action is the answer to the cent."""
    number = isinstance(action, int | float) and not isinstance(action, bool)
    return number and abs(action - answer) < HALF_A_CENT


def score(
    task: str,
    problems: Sequence[Problem],
    answers: Mapping[str, float],
    policy: Policy,
    reading: Policy | None = None,
) -> dict[int | None, Cell]:
    """Figures by level, with those of all levels under None; from text with a ``reading``."""
    cells: dict[int | None, Cell] = {}
    for level in range(LEVELS):
        asked = [one for one in problems if one["level"] == level and name_of(task, one) in answers]
        if not asked:
            continue
        started, cell = time.perf_counter(), cells.setdefault(level, Cell())
        if reading is None:
            found = decided(policy, [state_of(task, one) for one in asked])
        else:
            found = decided_texts(policy, reading, asked)
        cell.seconds = time.perf_counter() - started
        for one, (action, why) in zip(asked, found, strict=True):
            name = name_of(task, one)
            if why is not None:
                cell.refused.append(why)
            elif is_right(action, answers[name]):
                cell.right += 1
            else:
                cell.wrong.append((name, action, answers[name]))
    whole = Cell()
    for cell in cells.values():
        whole.right, whole.seconds = whole.right + cell.right, whole.seconds + cell.seconds
        whole.wrong += cell.wrong
        whole.refused += cell.refused
    return {**cells, None: whole} if cells else {}


def readings(reading: Policy, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """How many texts are read exactly: every field as in the state; examples and others apart."""
    rows = []
    for split, examples in (("examples", True), ("others", False)):
        asked = [one for one in problems if (one["split"] == "example") is examples]
        found = read_texts(reading, asked)
        exact = sum(
            why is None and same(state, read_as(one))
            for one, (state, why) in zip(asked, found, strict=True)
        )
        refused = sum(why is not None for _, why in found)
        counted = {"texts": split, "exact": exact, "refused": refused}
        rows.append(counted | {"misread": len(asked) - exact - refused} | share(exact, len(asked)))
    return rows


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows beside the published figures, as Markdown."""
    lines = [
        "| task | form | level | n | right | 95 % | refused | wrong | s | LLMs | LLM's program |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        alone, program = ("", "")
        if row["form"] == "structured":
            alone, program = PUBLISHED.get((row["task"], row["level"]), ("", ""))
        low, high = row["ci95"]
        lines.append(
            f"| {row['task']} | {row['form']} | {row['level']} | {row['n']} |"
            f" {row['share']:.1%} | {low:.1%} to {high:.1%} | {row['refused']} | {row['wrong']} |"
            f" {row['seconds']:.2f} | {alone} | {program} |"
        )
    return "\n".join(lines)


def policies_of(runs: Sequence[Path]) -> dict[str, Policy]:
    """The policies by folder name of their task.

    Raises:
        TaskError: a run is of another task, or two are of one.
    """
    found: dict[str, Policy] = {}
    for run in runs:
        policy = Policy.load(run)
        name = policy.task.id.rpartition("-v")[0].removeprefix("rulearena-")
        if name not in (*TASKS.values(), READING) or name in found:
            known = f"give one run of each at most: {', '.join((*TASKS.values(), READING))}"
            raise TaskError(f"{run}: a run of {policy.task.id}; {known}")
        found[name] = policy
    return found


def report(
    data: Path,
    runs: Sequence[Path],
    answers: Path | None,
    quick: bool,
    wrong: bool,
    out: Path | None,
) -> int:
    """Score the runs, print the figures, and write them to a file."""
    problems = {task: read_problems(data / task / "problems.jsonl") for task in TASKS}
    right = answers_of(answers, problems)
    if quick:
        problems = {
            task: [p for p in found if p["index"] < QUICK] for task, found in problems.items()
        }
    policies = policies_of(runs)
    reading = policies.get(READING)
    rows, found = [], []
    for task, name in TASKS.items():
        for form in ("structured", "text"):
            if name not in policies or (form == "text" and (task != "airline" or reading is None)):
                continue
            cells = score(
                task,
                problems[task],
                right[task],
                policies[name],
                reading if form == "text" else None,
            )
            rows += [cell.row(task, form, level) for level, cell in cells.items()]
            found += [cells[None]] if cells else []
    read = readings(reading, problems["airline"]) if reading else []
    if rows:
        print(table(rows))
        print(SOURCE)
    for row in read:
        print(
            f"read exactly: {row['exact']} of {row['asked']} texts ({row['texts']});"
            f" not read: {row['refused']}; misread: {row['misread']}"
        )
    for why, times in Counter(one for cell in found for one in cell.refused).most_common(CAUSES):
        print(f"refused {times} times: {why[:300]}")
    for name, came, answer in [one for cell in found for one in cell.wrong] if wrong else ():
        print(f"wrong {name}: {came}, right is {answer}")
    result = {
        "benchmark": "rulearena",
        "rows": rows,
        "reading": read,
        "answers": "examples"
        if answers is None
        else hashlib.sha256(answers.read_bytes()).hexdigest(),
        "bases": {name: policy.base.snapshot for name, policy in policies.items()},
        **stamp(
            {
                "problems with an answer": sum(row["n"] for row in rows if row["level"] == "all"),
                "texts": sum(row["asked"] for row in read),
            }
        ),
    }
    print(json.dumps(result))
    if out:
        write_atomic(out, json.dumps(result, indent=1) + "\n")
    for policy in policies.values():
        policy.close()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="RuleArena's rules and problems")
    parser.add_argument("--make", type=Path, metavar="FOLDER", help="write the task folders")
    parser.add_argument("--run", type=Path, action="append", default=[])
    parser.add_argument("--answers", type=Path, metavar="FILE", help="right answers by name")
    parser.add_argument("--quick", action="store_true", help=f"the first {QUICK} of each level")
    parser.add_argument("--wrong", action="store_true", help="show each wrong answer")
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    options = parser.parse_args(arguments)
    if not options.make and not options.run:
        parser.error("give --make FOLDER, or --run RUN once or more")
    try:
        for folder in make(options.data, options.make) if options.make else ():
            print(f"made {folder}")
        if options.run:
            return report(
                options.data,
                options.run,
                options.answers,
                options.quick,
                options.wrong,
                options.out,
            )
    except LogicDistillError as error:
        print(f"rulearena: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
