"""How selection changes as a stage's base grows to 10,000 functions.

Accuracy, what the retrievers find, time and memory.

    python benchmarks/growth.py --run runs/pursuit [runs/twentyone] --out docs/results/growth.json

Beside the real functions stand those of the other runs' tasks, and near-twins: a real function's
manual with a condition of one to all facts, one or two of them with another value, in function
files of their own with `When:` and usage examples. A twin whose condition holds in any of the
states asked is left out, so that no twin is right. The states are met in play on unseen seeds;
nothing is trained again. Time is of a single selection (search and student, no cached view);
`student_alone` gives the student the whole base.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import random
import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from selecting import Cells, by_label, student_digest, unseen_questions, write_result

from logicdistill.errors import TaskError
from logicdistill.functions.manual import parse_definition, parse_function
from logicdistill.policy import Policy
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.encoder import EncoderStudent, OnnxEmbedder
from logicdistill.students.pretrained import load_student
from logicdistill.students.scoring import Vectors
from logicdistill.training.synthetic import Condition, parse_view
from logicdistill.types import Function, Query, Stage

SIZES = (0, 10, 30, 100, 300, 1000, 3000, 10_000)
KS = (4, 8, 16, 32, 64)
TIMED = 20

# Values that no built-in task's facts have, nor a synonym of one.
STRANGE = (
    *(
        "flooded",
        "frozen",
        "painted",
        "haunted",
        "electrified",
        "foggy",
        "muddy",
        "noisy",
        "sandy",
        "mined",
        "guarded",
        "burning",
    ),
    *(
        "mirrored",
        "magnetic",
        "poisoned",
        "invisible",
        "borrowed",
        "broken",
        "repaired",
        "wooden",
        "metallic",
        "red",
        "green",
        "blue",
    ),
    *(
        "checked",
        "forbidden",
        "doubled",
        "cancelled",
        "disputed",
        "secret",
        "ancient",
        "translated",
        "postponed",
        "insured",
        "sold",
    ),
    *(
        "wet",
        "dry",
        "hot",
        "cold",
        "bitter",
        "sweet",
        "crowded",
        "deserted",
        "carpeted",
        "sealed",
        "leaking",
        "spinning",
        "tilted",
    ),
)


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
) -> list[Function]:
    """The real functions first, then those of other tasks, then near-twins.

    A smaller base is the beginning of a larger one.
    """
    others = [
        replace(function, name=f"other_{function.name}", stage=stage.name) for function in foreign
    ]
    made = (
        twins(stage, real, asked, max(0, size - len(real) - len(others)), seed=0)
        if size > len(real) + len(others)
        else []
    )
    return [*real, *others, *made][: max(size, len(real))]


def measure(
    student: EncoderStudent,
    queries: Sequence[tuple[Query, str, int]],
    base: tuple[Function, ...],
    own: int,
) -> dict[str, Any]:
    """One stage at one size."""
    views, labels, counts = (
        [q.view for q, _, _ in queries],
        [label for _, label, _ in queries],
        [count for _, _, count in queries],
    )
    own_names = {function.name for function in base[:own]}
    started = time.perf_counter()
    searches = {
        "lexical": FusedRetriever(None),
        "dense": FusedRetriever(student.embedder, kinds=("dense",)),
        "fused": FusedRetriever(student.embedder),
    }
    orders = {name: search.top(views, base, len(base)) for name, search in searches.items()}
    found: dict[str, Any] = {
        "first_search_s": round(time.perf_counter() - started, 2),
        "retrieval": {},
        "students": {},
        "ms_p50": {},
    }
    for search in searches.values():
        search.settle()  # a large index is folded in the background, which would be timed along
    for name, rows in orders.items():
        ranks = [
            [function.name for function in row].index(label)
            for row, label in zip(rows, labels, strict=True)
        ]
        for k in KS:
            recall = float(np.average([rank < k for rank in ranks], weights=counts))
            real = float(
                np.average(
                    [sum(f.name in own_names for f in row[:k]) / len(row[:k]) for row in rows],
                    weights=counts,
                )
            )
            figures = {
                "recall": round(recall, 4),
                "precision": round(recall / min(k, len(base)), 4),
                "real_share": round(real, 4),
            }
            found["retrieval"].setdefault(name, {})[str(k)] = figures
    lists = {f"top_{k}": [row[:k] for row in orders["fused"]] for k in KS} | {
        "whole": [base] * len(views)
    }
    for name, candidates in lists.items():
        choices = student.select(
            [
                replace(query, candidates=row)
                for (query, _, _), row in zip(queries, candidates, strict=True)
            ]
        )
        right = [choice.selected == label for choice, label in zip(choices, labels, strict=True)]
        none = sum(
            count for choice, count in zip(choices, counts, strict=True) if choice.selected is None
        )
        found["students"][name] = {
            "states": by_label(labels, right, counts),
            "views": by_label(labels, right)["all"],
            "forced": by_label(
                labels,
                [c.ranked[0].name == label for c, label in zip(choices, labels, strict=True)],
                counts,
            )["all"],
            "none": none,
        }

    def p50(work: Callable[[Query], object]) -> float:
        times = []
        for query, _, _ in itertools.islice(itertools.cycle(queries), TIMED):
            begun = time.perf_counter()
            work(query)
            times.append((time.perf_counter() - begun) * 1000)
        return round(float(np.median(times)), 2)

    for name, search in searches.items():
        found["ms_p50"][f"{name}_search"] = p50(
            lambda query, search=search: search.top([query.view], base, 16)
        )
    for k in KS:
        found["ms_p50"][f"top_{k}"] = p50(
            lambda query, k=k: student.select(
                [replace(query, candidates=searches["fused"].top([query.view], base, k)[0])]
            )
        )
    found["ms_p50"]["student_alone"] = p50(
        lambda query: student.select([replace(query, candidates=base)])
    )
    texts = {text for function in base for text in function.texts}
    found["vectors_mb"] = round(
        len(texts) * student.embedder.vectors(views[:1]).shape[1] * 4 / 2**20, 2
    )
    found["texts"] = len(texts)
    for search in searches.values():
        search.close()
    found["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def grow_stage(
    task: str,
    stage: Stage,
    student: EncoderStudent,
    real: Sequence[Function],
    foreign: Sequence[Function],
    counted: Counter[tuple[str, str]],
) -> Callable[[int], dict[str, Any]]:
    """Size to the stage's figures at that size.

    ``counted`` holds the (view, label) pairs that are asked.
    """
    student.embedder = memory = Remembering(student.embedder)
    queries = [
        (Query(stage, view, tuple(real), {}), label, count)
        for (view, label), count in sorted(counted.items())
    ]
    asked = [facts for query, _, _ in queries if (facts := parse_view(query.view))]

    def at(size: int) -> dict[str, Any]:
        base = tuple(grown(stage, real, foreign, asked, size))
        memory.remember(
            base,
            lambda done, total: print(
                f"{task} {stage.name} {size}: {done}/{total} texts", end="\r", flush=True
            ),
        )
        return measure(student, queries, base, len(real))

    return at


def grow(
    run: Path, foreign: Sequence[Function], sizes: Sequence[int], episodes: int, cells: Cells
) -> list[dict[str, Any]]:
    """All stages of one run at all sizes."""
    rows = []
    with Policy.load(run, student="first") as policy:
        questions = unseen_questions(policy, run, episodes)
        for stage in policy.base.stages:
            counted = Counter(
                (query.view, label) for query, label in questions if query.stage.name == stage.name
            )
            if not counted:
                continue
            real = policy.base.of_stage(stage.name)
            at = grow_stage(
                policy.task.id,
                stage,
                load_student(run / "student", cached_views=0),
                real,
                foreign,
                counted,
            )
            for size in sorted({max(size, len(real)) for size in sizes}):
                settings = {
                    "task": policy.task.id,
                    "stage": stage.name,
                    "functions": size,
                    "views": len(counted),
                }
                rows.append(cells.cell(settings, lambda at=at, size=size: at(size)))
    return rows


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
        rows += grow(run, foreign, options.sizes, options.episodes, cells)
    found = {"episodes": options.episodes, "rows": rows}
    write_result(options.out, found, {"episodes": options.episodes})


if __name__ == "__main__":
    main()
