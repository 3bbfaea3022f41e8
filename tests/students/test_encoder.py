from __future__ import annotations

import random
import threading
import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from tests.tiny import tiny_encoder

from logicdistill.errors import CorruptError
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function
from logicdistill.students.encoder import KEPT_ARRANGEMENTS, EncoderStudent
from logicdistill.students.pretrained import load_student
from logicdistill.training.collect import read_examples
from logicdistill.training.export import fine_tune
from logicdistill.types import Function, Query, Stage

VIEWS = [
    f"last answer: {answer}, numbers left: {left}"
    for answer in ("higher", "lower", "none yet")
    for left in ("one", "two", "several", "many")
]


@pytest.fixture(scope="module")
def tuned(quick_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student of the quick run's examples, fine-tuned in four steps."""
    base, folder = BaseFolder(quick_run / "base").load(), tmp_path_factory.mktemp("student")
    functions = [function for function in base.functions if base.stage(function.stage).asks]
    examples = read_examples(quick_run / "examples.jsonl")
    fine_tune(base.stages, functions, examples, tiny_encoder(), folder, 0, 4, lambda *_: None)
    return folder


@pytest.fixture
def student(tuned: Path) -> EncoderStudent:
    return EncoderStudent(tuned)


@pytest.fixture
def stage(quick_run: Path) -> Stage:
    return BaseFolder(quick_run / "base").load().stage("guess")


@pytest.fixture
def functions(quick_run: Path) -> tuple[Function, ...]:
    return BaseFolder(quick_run / "base").load().of_stage("guess")


def test_the_choice_does_not_depend_on_the_order_of_the_candidates(
    student: EncoderStudent, stage: Stage, functions: tuple[Function, ...]
) -> None:
    rng = random.Random(0)
    for view in VIEWS:
        expected = student.select([Query(stage, view, functions, {})])
        for _ in range(5):
            shuffled = tuple(rng.sample(functions, len(functions)))
            assert student.select([Query(stage, view, shuffled, {})]) == expected


def test_a_view_is_decided_alone_as_in_a_batch_to_the_last_bit(
    tuned: Path, stage: Stage, functions: tuple[Function, ...]
) -> None:
    queries = [
        Query(stage, f"{view}{', and more' * extra}", functions, {})
        for view in VIEWS
        for extra in range(6)
    ]
    student = EncoderStudent(tuned, cached_views=0)
    together = student.select(queries)
    assert [student.select([query])[0] for query in queries] == together
    assert student.select(queries[::-1]) == together[::-1]


def test_probabilities_of_candidates_and_none_sum_to_one(
    student: EncoderStudent, stage: Stage, functions: tuple[Function, ...]
) -> None:
    for choice in student.select([Query(stage, view, functions, {}) for view in VIEWS]):
        assert sum(
            candidate.probability for candidate in choice.ranked
        ) + choice.none == pytest.approx(1.0)
        assert {candidate.name for candidate in choice.ranked} == {
            function.name for function in functions
        }


def test_no_candidates_means_none_of_these(student: EncoderStudent, stage: Stage) -> None:
    choice = student.select([Query(stage, VIEWS[0], (), {})])[0]
    assert (choice.selected, choice.none) == (None, pytest.approx(1.0))


def test_a_function_added_later_is_scored_by_its_own_texts(
    student: EncoderStudent, stage: Stage, functions: tuple[Function, ...]
) -> None:
    source = (
        'def ring(facts: dict[str, str]) -> int:\n    """Ring the bell.\n\n'
        "    Use when: the moon is made of cheese.\n"
        '    >>> ring(facts={"moon": "cheese"})\n    1\n    """\n    return 1\n'
    )
    added = parse_function(source, stage)
    choice = student.select([Query(stage, "moon: cheese", (*functions, added), {})])[0]
    assert choice.ranked[0].name == "ring"


def test_vectors_have_unit_length_and_texts_may_be_empty(student: EncoderStudent) -> None:
    vectors = student.embedder.vectors(["", "one", "a much longer text " * 50])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-3)
    assert student.embedder.vectors([]).shape == (0, 0)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "student.toml"])
def test_a_missing_file_is_named(run_folder: Path, name: str) -> None:
    (run_folder / "student" / name).unlink()
    with pytest.raises(CorruptError, match=name.replace(".", r"\.")) as caught:
        load_student(run_folder / "student")
    assert "\n" not in str(caught.value)


def test_a_model_that_was_exchanged_is_noticed(run_folder: Path) -> None:
    model = run_folder / "student" / "model.onnx"
    model.write_bytes(model.read_bytes()[:-1] + b"x")
    with pytest.raises(CorruptError, match="SHA-256"):
        load_student(run_folder / "student")


def test_int8_is_kept_where_it_costs_no_accuracy(tuned: Path) -> None:
    settings = tomllib.loads((tuned / "student.toml").read_text())
    cost = settings["notes"]["fp32_accuracy"] - settings["notes"]["int8_accuracy"]
    assert settings["precision"] == ("int8" if cost <= 0.5 else "fp32")


@pytest.mark.parametrize("kind", ["frozen", "fine-tuned"])
def test_threads_that_share_a_student_choose_as_one_alone(
    kind: str, quick_run: Path, tuned: Path
) -> None:
    """Each with its own sets of candidates, more of them than are kept, while others calibrate."""
    student = load_student(quick_run / "student" if kind == "frozen" else tuned, cached_views=2)
    base = BaseFolder(quick_run / "base").load()
    stage = next(stage for stage in base.stages if stage.asks)
    functions = base.of_stage(stage.name)
    sets = [many for n in range(1, len(functions) + 1) for many in combinations(functions, n)]
    asked = [Query(stage, f"turn: {n}", candidates, {}) for n, candidates in enumerate(sets)]
    assert len(sets) > KEPT_ARRANGEMENTS
    alone = student.select(asked)
    wrong = list[object]()

    def work(number: int) -> None:
        dice = random.Random(number)
        try:
            for _ in range(12):
                chosen = dice.sample(range(len(asked)), 5)
                if student.select([asked[i] for i in chosen]) != [alone[i] for i in chosen]:
                    wrong.append(chosen)
                student.adapted(functions)
                student.embed_views([asked[i].view for i in chosen])
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(student._views) <= 2
    assert len(student._arrangements) <= KEPT_ARRANGEMENTS
