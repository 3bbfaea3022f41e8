r"""How selection changes as a stage's base grows to 10,000 functions, most of them near-twins.

    python benchmarks/growth.py --run runs/pursuit runs/twentyone --others runs/guess \
        --draws 7 --out docs/results/growth.json

Beside the real functions stand those of the other runs' tasks, and near-twins: a real function's
manual with a condition of one to all facts, one or two of them with another value, in function
files of their own with `When:` and usage examples. A twin whose condition holds in any of the
states asked is left out, so that no twin is right. Each draw makes other twins. The states are met
in play on unseen seeds; nothing is trained again, but the head of the pretrained student is fitted
for the functions, as in any policy. ``as_found`` gives the student the 16 functions that the search
finds, ``that_may_run`` what a policy gives it: of those found, the first 16 whose `When:` holds.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from selecting import (
    Cells,
    by_label,
    share,
    student_digest,
    unseen_questions,
    write_result,
)

from logicdistill.deciding.parts import TOP_K
from logicdistill.deciding.standing import queries_for
from logicdistill.errors import TaskError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_definition, parse_function
from logicdistill.policy import Policy
from logicdistill.protocols import Task
from logicdistill.students.encoder import EncoderStudent, OnnxEmbedder
from logicdistill.students.pretrained import load_student
from logicdistill.students.scoring import Vectors
from logicdistill.training.synthetic import Condition, parse_view
from logicdistill.types import Function, Query, Stage

SIZES = (0, 100, 1000, 3000, 10_000)
TIMED = 20

Asked = tuple[Query, str, int]
"""A distinct question, the right function, and how often it came up."""

# Values that no built-in task's facts have, nor a synonym of one.
STRANGE = (
    "flooded", "frozen", "painted", "haunted", "electrified", "foggy", "muddy", "noisy", "sandy",
    "mined", "guarded", "burning", "mirrored", "magnetic", "poisoned", "invisible", "borrowed",
    "broken", "repaired", "wooden", "metallic", "red", "green", "blue", "checked", "forbidden",
    "doubled", "cancelled", "disputed", "secret", "ancient", "translated", "postponed", "insured",
    "sold", "wet", "dry", "hot", "cold", "bitter", "sweet", "crowded", "deserted", "carpeted",
    "sealed", "leaking", "spinning", "tilted",
)  # fmt: skip


class Remembering(OnnxEmbedder):
    """An embedder that embeds each manual and usage example once for search and student.

    Views are embedded each time.
    """

    def __init__(self, embedder: OnnxEmbedder) -> None:
        self.__dict__.update(embedder.__dict__)
        self.known: dict[str, Vectors] = {}

    def remember(
        self, functions: Sequence[Function], on_progress: Callable[[int, int], None]
    ) -> None:
        new = list(
            dict.fromkeys(
                text for function in functions for text in function.texts if text not in self.known
            )
        )
        for start in range(0, len(new), 512):
            self.known.update(
                zip(
                    new[start : start + 512], super().vectors(new[start : start + 512]), strict=True
                )
            )
            on_progress(min(start + 512, len(new)), len(new))

    def vectors(self, texts: Sequence[str]) -> Vectors:
        if all(text in self.known for text in texts) and len(texts) > 1:
            return np.stack([self.known[text] for text in texts])
        return super().vectors(texts)


def twins(
    stage: Stage, real: Sequence[Function], asked: Sequence[dict[str, str]], count: int, seed: int
) -> list[Function]:
    """Function files with false conditions near those of the real functions.

    Args:
        stage: reads one dict of facts.
        real: functions whose manuals and results are used.
        asked: facts of the states that will be asked about; no twin's condition holds in any.
        count: how many.
        seed: of the choice.

    Raises:
        TaskError: the stage reads something else, or so many different conditions do not exist.
    """
    if len(stage.reads) != 1 or not asked:
        raise TaskError(
            f"stage {stage.name!r} reads {', '.join(stage.reads) or 'nothing'}; near-twins need "
            "one dict of facts"
        )
    rng = random.Random(seed)
    values = {key: sorted({facts[key] for facts in asked if key in facts}) for key in asked[0]}
    models = [
        function
        for function in real
        if function.manual.examples and function.manual.examples[0].inputs
    ]
    made: dict[Condition, Function] = {}
    for _ in range(50 * count):
        if len(made) == count:
            return list(made.values())
        facts = dict(rng.choice(asked))
        keys = rng.sample(sorted(values), rng.randint(1, len(values)))
        terms: dict[str, tuple[str, ...]] = {key: (facts[key],) for key in keys if key in facts}
        for key in rng.sample(sorted(terms), min(len(terms), rng.choice((1, 1, 2)))):
            others = [value for value in values[key] if value != facts[key]]
            terms[key] = (
                (rng.choice(others),)
                if others and rng.random() < 0.3
                else tuple(sorted(rng.sample(STRANGE, rng.choice((1, 1, 2)))))
            )
        condition = Condition(tuple(sorted(terms.items())))
        if condition not in made and not any(condition.holds(other) for other in asked):
            made[condition] = _twin(
                rng.choice(models), f"twin_{len(made)}", condition, facts, values, stage, rng
            )
    raise TaskError(
        f"stage {stage.name!r}: only {len(made)} different near-twins were found; give a smaller "
        f"size than {count}"
    )


def _twin(
    model: Function,
    name: str,
    condition: Condition,
    facts: dict[str, str],
    values: dict[str, list[str]],
    stage: Stage,
    rng: random.Random,
) -> Function:
    terms = [
        f"the {key} is {' or '.join(held)}"
        for key, held in rng.sample(condition.terms, len(condition.terms))
    ]
    words = ", ".join(terms[:-1]) + (" and " if len(terms) > 1 else "") + terms[-1]
    read = stage.reads[0]
    # As many usage examples as the model, with the facts in its order: neither may give the twin
    # away, nor win for it.
    known = (model.manual.examples[0].inputs or {}).get(read, {})
    examples: dict[str, None] = {}
    for number in range(max(1, len(model.texts) - 1)):
        other = (
            facts
            if number == 0
            else {
                key: facts[key] if rng.random() < 0.5 else rng.choice(held)
                for key, held in values.items()
            }
        )
        shown = {
            key.replace(" ", "_"): value
            for key, value in (
                other | {key: rng.choice(held) for key, held in condition.terms}
            ).items()
        }
        order = sorted(
            shown, key=lambda key: (list(known).index(key) if key in known else len(known), key)
        )
        examples[repr({key: shown[key] for key in order})] = None
    when = " and ".join(
        f'{read}["{key.replace(" ", "_")}"] in {list(held)!r}' for key, held in condition.terms
    )
    returns = parse_definition(model.source).returns
    result = repr(model.manual.examples[0].expected)
    usage = "\n".join(f"    >>> {name}({read}={shown})\n    {result}" for shown in examples)
    result = ast.unparse(returns) if returns else "object"
    source = f'''def {name}({read}: dict[str, str]) -> {result}:
    """{model.manual.summary}

    Use when: {words}.
    When: {when}
{usage}
    """
    return {result}
'''
    return parse_function(source, stage, "benchmark")


def grown(
    stage: Stage,
    real: Sequence[Function],
    foreign: Sequence[Function],
    asked: Sequence[dict[str, str]],
    size: int,
    draw: int,
) -> list[Function]:
    """The real functions first, then those of other tasks, then near-twins.

    A smaller base is the beginning of a larger one.
    """
    others = [
        replace(function, name=f"other_{function.name}", stage=stage.name) for function in foreign
    ]
    missing = max(0, size - len(real) - len(others))
    made = twins(stage, real, asked, missing, seed=draw) if missing else []
    return [*real, *others, *made][: max(size, len(real))]


def measure(policy: Policy, stage: Stage, asked: Sequence[Asked]) -> dict[str, Any]:
    """One stage at one size: what is found, what is selected, and how long that takes."""
    parts, queries = policy.parts, [query for query, _, _ in asked]
    functions, labels = parts.base.of_stage(stage.name), [label for _, label, _ in asked]

    def as_found(of: Sequence[Query]) -> list[Query]:
        rows = parts.retriever.top([query.view for query in of], functions, parts.top_k)
        return [replace(query, candidates=row) for query, row in zip(of, rows, strict=True)]

    def that_may_run(of: Sequence[Query]) -> list[Query]:
        return queries_for(parts, stage, [query.scope for query in of])

    found: dict[str, Any] = {}
    for name, candidates in (("as_found", as_found), ("that_may_run", that_may_run)):
        given = candidates(queries)
        choices = parts.student.select(given)
        right = [choice.selected == label for choice, label in zip(choices, labels, strict=True)]
        among = [
            label in {function.name for function in query.candidates}
            for query, label in zip(given, labels, strict=True)
        ]
        times = []
        for query in itertools.islice(itertools.cycle(queries), TIMED):
            begun = time.perf_counter()
            parts.student.select(candidates([query]))
            times.append((time.perf_counter() - begun) * 1000)
        found[name] = {
            "inputs": share(sum(right), len(right)),
            "states": by_label(labels, right, [count for _, _, count in asked])["all"],
            "found": share(sum(among), len(among)),
            "none": sum(choice.selected is None for choice in choices),
            "ms_p50": round(float(np.median(times)), 2),
        }
    return found


def grow(
    run: Path, foreign: Sequence[Function], sizes: Sequence[int], draws: int, episodes: int
) -> Iterator[tuple[dict[str, Any], Callable[[], dict[str, Any]]]]:
    """All stages of one run at all sizes: the settings of each cell, and its work."""
    with Policy.load(run, student="first") as policy:
        task, base = policy.task, policy.base
        questions, _ = unseen_questions(policy, run, episodes)
    for stage in base.stages:
        mine = [(query, label) for query, label in questions if query.stage.name == stage.name]
        counted = Counter((query.view, label) for query, label in mine)
        first = {(query.view, label): query for query, label in reversed(mine)}
        asked = [(first[key], key[1], count) for key, count in sorted(counted.items())]
        for draw in range(draws if asked else 0):
            student = load_student(run / "student", cached_views=0)
            student.embedder = Remembering(student.embedder)
            real = base.of_stage(stage.name)
            facts = [facts for query, _, _ in asked if (facts := parse_view(query.view))]
            most = max(*sizes, len(real))
            every = cache(partial(grown, stage, real, foreign, facts, most, draw))
            for size in sorted({max(size, len(real)) for size in sizes}):
                if draw == 0 or size > len(real) + len(foreign):  # else no draw differs
                    settings = {"task": task.id, "stage": stage.name, "functions": size}
                    work = partial(at, task, base, stage, asked, student, every, size)
                    yield {**settings, "draw": draw, "views": len(asked)}, work


def at(
    task: Task,
    base: FunctionBase,
    stage: Stage,
    asked: Sequence[Asked],
    student: EncoderStudent,
    every: Callable[[], list[Function]],
    size: int,
) -> dict[str, Any]:
    """`measure` with the first so many of all functions in the stage."""
    functions = every()[:size]
    assert isinstance(student.embedder, Remembering)
    student.embedder.remember(functions, lambda done, of: print(f"{done}/{of} texts", end="\r"))
    others = [function for function in base.functions if function.stage != stage.name]
    helpers = {one.name: one for function in functions for one in function.called}
    helpers |= {one.name: one for one in base.helpers}
    bare = replace(base, functions=(), helpers=tuple(helpers.values()))
    whole = bare.having([*others, *functions])
    with Policy(task, whole, student, top_k=TOP_K) as policy:
        return measure(policy, stage, asked)


def largest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each stage at its largest size: right inputs in the worst draw, both ways."""
    found = []
    for stage, mine in itertools.groupby(rows, key=lambda row: (row["task"], row["stage"])):
        every = list(mine)
        most = max(row["functions"] for row in every)
        draws = [row for row in every if row["functions"] == most]
        worst = {
            way: min((row[way]["inputs"] for row in draws), key=lambda found: found["share"])
            for way in ("as_found", "that_may_run")
        }
        found.append({"task": stage[0], "stage": stage[1], "functions": most, **worst})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, nargs="+", required=True)
    parser.add_argument(
        "--others",
        type=Path,
        nargs="*",
        default=[],
        help="further runs whose functions are distractors",
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="0 is the real base")
    parser.add_argument("--draws", type=int, default=7, help="of the near-twins")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for run in options.run:
        foreign: list[Function] = []
        for other in (*options.run, *options.others):
            if other != run:
                with Policy.load(other, student="first") as policy:
                    selecting = {stage.name for stage in policy.base.stages if stage.selects}
                    foreign += [
                        function
                        for function in policy.base.functions
                        if function.stage in selecting
                    ]
        cells = Cells(
            options.out,
            student_digest(run),
            options.episodes,
            [function.content_hash for function in foreign],
        )
        for settings, work in grow(run, foreign, options.sizes, options.draws, options.episodes):
            rows.append(cells.cell(settings, work))
    n = {"episodes": options.episodes}
    write_result(options.out, {**n, "largest": largest(rows), "rows": rows}, n, options.draws)


if __name__ == "__main__":
    main()
