"""Other decompositions of the same rules: each is a recording, and a run belongs to one."""

from __future__ import annotations

import functools
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from tests.conftest import QUICK, Lines

from logicdistill.deciding.parts import TOP_K, Parts
from logicdistill.errors import TaskError, UnknownNameError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.settings import RunSettings, training_episodes
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.runs import Run
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import (
    SHIPPED,
    RecordedTeacher,
    ReplyStore,
    recordings,
    shipped_replies,
)
from logicdistill.teacher.write import Author
from logicdistill.training.collect import collect
from logicdistill.training.labelling import Labeller
from logicdistill.writing.base import build_base
from logicdistill.writing.events import Admitted, Event

GAMES = ("guess-v1", "twentyone-v1")
VARIANTS = [(task, variant) for task in GAMES for variant in recordings(task) if variant != SHIPPED]


@functools.cache
def built(task_id: str, recording: str) -> tuple[FunctionBase, list[Event]]:
    """The base of a recording, and what happened while it was written."""
    task = get_task(task_id)
    events: list[Event] = []
    samples = [first_state(task, seed) for seed in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        store = ReplyStore(Path(folder))
        teacher = RecordedTeacher(store, [shipped_replies(task_id, recording)])
        return build_base(Author(teacher, task), samples, events.append)[0], events


def test_every_task_has_the_same_recordings() -> None:
    for task in GAMES:
        assert recordings(task) == ["shipped", "coarse", "fine", "poor", "wrong-manuals"]


@pytest.mark.parametrize(("task", "variant"), VARIANTS)
def test_every_function_of_a_variant_passes_the_gate_and_every_rule_is_cited(
    task: str, variant: str
) -> None:
    base, events = built(task, variant)
    assert [event for event in events if not isinstance(event, Admitted)] == []
    assert base.uncovered_rules(len(get_task(task).rules)) == []
    assert all(function.manual.rules for function in base.functions)


@pytest.mark.parametrize("variant", recordings("twentyone-v1"))
def test_a_run_at_default_settings_finds_a_label_for_every_state(
    variant: str, tmp_path: Path
) -> None:
    task = get_task("twentyone-v1")
    base, _ = built(task.id, variant)
    author = Author(
        RecordedTeacher(ReplyStore(tmp_path), [shipped_replies(task.id, variant)]), task
    )
    with Sandbox(base.functions) as sandbox:
        parts = Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, TOP_K)
        assert collect(parts, Labeller(author, sandbox), range(training_episodes(task))).examples


@pytest.mark.parametrize("task", GAMES)
def test_coarse_selects_once_among_few_and_fine_has_more_functions_in_more_stages(
    task: str,
) -> None:
    bases = {name: built(task, name)[0] for name in (SHIPPED, "coarse", "fine")}
    selecting = {
        name: [stage.name for stage in base.stages if stage.selects] for name, base in bases.items()
    }
    assert len(selecting["coarse"]) == 1
    assert 2 <= len(bases["coarse"].of_stage(selecting["coarse"][0])) <= 3
    assert len(selecting["fine"]) > len(selecting[SHIPPED])
    assert len(bases["fine"].functions) > 1.5 * len(bases[SHIPPED].functions)


@pytest.mark.parametrize("task", GAMES)
def test_variants_are_other_functions_than_the_shipped_ones(task: str) -> None:
    shipped = {function.source for function in built(task, SHIPPED)[0].functions}
    for name in ("coarse", "fine", "poor"):
        assert not shipped & {function.source for function in built(task, name)[0].functions}


@pytest.mark.parametrize("task", GAMES)
def test_wrong_manuals_exchanges_the_manuals_of_each_stage_and_nothing_else(task: str) -> None:
    shipped, wrong = (built(task, name)[0] for name in (SHIPPED, "wrong-manuals"))
    assert set(shipped.by_name) == set(wrong.by_name)
    for stage in shipped.stages:
        before = {
            function.name: (function.manual.use_when, function.manual.when)
            for function in shipped.of_stage(stage.name)
        }
        after = {
            function.name: (function.manual.use_when, function.manual.when)
            for function in wrong.of_stage(stage.name)
        }
        assert Counter(before.values()) == Counter(after.values())
        if stage.selects:
            assert all(before[name] != after[name] for name in before)
    for name, function in shipped.by_name.items():
        assert (
            function.source.rpartition('"""')[2] == wrong.by_name[name].source.rpartition('"""')[2]
        )
        assert function.manual.summary == wrong.by_name[name].manual.summary


def test_a_run_remembers_its_recording_and_refuses_another(tmp_path: Path) -> None:
    folder = tmp_path / "guess"
    RunPipeline(folder, RunSettings("guess", **QUICK, recording="coarse"), Lines()).run()
    assert Run.open(folder).settings["recording"] == "coarse"
    assert (folder / "base" / "name" / "search_upwards.py").is_file()
    again = Lines()
    summary = RunPipeline(folder, RunSettings("guess", **QUICK), again).run()
    assert Run.open(folder).settings["recording"] == "coarse"
    assert all("skipped" in line for line in again.lines if not line.startswith("  "))
    assert summary["players"]["ld-encoder"]["unlabelled"] == 0
    with pytest.raises(
        TaskError, match="is a run with recording 'coarse', not 'fine'; choose another --out"
    ):
        RunPipeline(folder, RunSettings("guess", **QUICK, recording="fine"), Lines()).run()


def test_an_unknown_recording_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownNameError, match="unknown recording of guess-v1 'course'; did you mean 'coarse'"
    ):
        RunPipeline(tmp_path / "guess", RunSettings("guess", recording="course"), Lines())
    assert not (tmp_path / "guess").exists()
