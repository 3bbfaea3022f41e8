from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import stamps
import typer
from measured import KINDS
from rich.console import Console
from tests.report.comparison import write_comparison

from logicdistill.cli.main import app
from logicdistill.errors import TaskError, UnknownNameError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import docs_results  # noqa: E402
from docs_figures import filled_in  # noqa: E402
from docs_results import GAMES  # noqa: E402
from results import (  # noqa: E402
    DONE,
    FAILED,
    SKIPPED,
    Results,
    Step,
    chosen,
    minutes_left,
    next_step,
    run_steps,
    steps,
)

SAY = Console(file=io.StringIO(), width=140)


def counting(
    out: Path, output: str = "made.txt", inputs: tuple[str, ...] = (), extra: str = ""
) -> Step:
    """A step that appends to its output, so that one sees how often it ran."""
    return Step(
        "count",
        ("python", "-c", f"open(r'{out / output}', 'a').write('once '){extra}"),
        (output,),
        inputs,
    )


def times_run(out: Path) -> int:
    return (out / "made.txt").read_text().count("once")


def test_a_step_is_skipped_while_command_inputs_and_outputs_are_as_they_were(
    tmp_path: Path,
) -> None:
    (tmp_path / "read.toml").write_text("a")
    step = counting(tmp_path, inputs=("*.toml",))
    assert [Results(tmp_path).do(step, SAY) for _ in range(2)] == [DONE, SKIPPED]
    (tmp_path / "read.toml").write_text("b")
    assert [Results(tmp_path).do(step, SAY) for _ in range(2)] == [DONE, SKIPPED]
    (tmp_path / "other.toml").write_text("c")
    assert Results(tmp_path).do(step, SAY) == DONE
    assert times_run(tmp_path) == 3
    assert Results(tmp_path).do(counting(tmp_path, inputs=("*.toml",), extra="; 1"), SAY) == DONE
    (tmp_path / "made.txt").unlink()
    assert Results(tmp_path).do(step, SAY) == DONE
    assert times_run(tmp_path) == 1


def test_a_step_that_failed_or_was_killed_runs_again(tmp_path: Path) -> None:
    killed = counting(tmp_path, extra="; import os; os.kill(os.getpid(), 9)")
    assert Results(tmp_path).do(killed, SAY) == FAILED
    assert times_run(tmp_path) == 1
    assert not Results(tmp_path).is_done(killed)
    assert Results(tmp_path).do(counting(tmp_path), SAY) == DONE


def test_a_step_that_does_not_make_what_it_promises_has_failed(tmp_path: Path) -> None:
    assert (
        Results(tmp_path).do(Step("nothing", ("python", "-c", "pass"), ("never.json",)), SAY)
        == FAILED
    )


def test_a_failure_stops_only_the_steps_that_read_its_outputs(tmp_path: Path) -> None:
    broken = Step("broken", ("python", "-c", "raise SystemExit(3)"), ("a.json",))
    reader = Step("reader", ("python", "-c", "raise RuntimeError"), ("b.json",), ("a.json",))
    found = Results(tmp_path)
    assert run_steps([broken, reader, counting(tmp_path)], found, SAY) == 1
    assert list(json.loads((tmp_path / "steps.json").read_text())) == ["count"]
    assert run_steps([counting(tmp_path)], found, SAY) == 0


def meeting(out: Path, mine: str, other: str) -> Step:
    """A step that ends once the other one has begun."""
    wait = (
        f"import pathlib, time; pathlib.Path(r'{out / mine}').touch()\n"
        f"while not pathlib.Path(r'{out / other}').exists(): time.sleep(0.01)"
    )
    return Step(mine, ("python", "-c", wait), (mine,), shares=True)


def test_steps_that_share_the_machine_run_at_the_same_time_and_all_are_recorded(
    tmp_path: Path,
) -> None:
    together = [meeting(tmp_path, "one", "two"), meeting(tmp_path, "two", "one")]
    failing = Step(
        "failing", ("python", "-c", "print('why'); raise SystemExit(3)"), ("never",), shares=True
    )
    assert run_steps([counting(tmp_path), *together, failing], Results(tmp_path), SAY, jobs=2) == 1
    assert set(json.loads((tmp_path / "steps.json").read_text())) == {"count", "one", "two"}
    assert (tmp_path / "logs" / "failing.log").read_text() == "why\n"


def test_a_step_begins_when_what_it_reads_is_made_and_nothing_shares_with_one_that_wants_all() -> (
    None
):
    long, short = (
        Step("long", (), ("a",), minutes=9, shares=True),
        Step("short", (), (), shares=True),
    )
    reader = Step("reader", (), ("b",), ("a*",), minutes=99, shares=True)
    last = Step("last", (), ("c",), ("a", "b"))
    first, every = Step("first", (), ("made",)), [last, reader, short, long]
    assert next_step([*every, first], [], 2) is first
    assert next_step([*every, first], [short], 2) is long
    assert next_step(every, [], 2) is long
    assert next_step([last, reader, short], [long], 2) is short
    assert next_step([last, reader], [long], 2) is None
    assert next_step([last, reader], [short], 2) is reader
    assert next_step([last], [reader], 2) is None
    assert next_step([last], [], 2) is last
    assert minutes_left([*every, first], 2) == 99 + 2  # beside the long one the others are done


def test_ctrl_c_ends_the_steps_under_way_and_keeps_what_is_done(tmp_path: Path) -> None:
    asleep = (
        "import os, pathlib, signal, time; pathlib.Path(r'{}').touch(); "
        "os.kill({}, signal.SIGINT); time.sleep(60)"
    )
    first = Step(
        "first",
        ("python", "-c", asleep.format(tmp_path / "begun", os.getpid())),
        ("never",),
        shares=True,
    )
    second = Step(
        "second", ("python", "-c", "import time; time.sleep(60)"), ("never",), shares=True
    )
    third = replace(first, name="third", minutes=0.5)
    said = io.StringIO()
    wanted = [counting(tmp_path), first, second, third]
    assert run_steps(wanted, Results(tmp_path), Console(file=said, width=140), jobs=2) == 1
    assert re.findall(r"(first|second|third) +│ (stopped|not begun)", said.getvalue()) == [
        ("first", "stopped"),
        ("second", "stopped"),
        ("third", "not begun"),
    ]
    assert (tmp_path / "begun").exists()
    assert list(json.loads((tmp_path / "steps.json").read_text())) == ["count"]


def test_steps_are_chosen_by_name_or_kind() -> None:
    every = steps(Path("runs/results"))
    assert [step.name for step in chosen(every, ["inputs", "report"])] == [
        "inputs-guess",
        "inputs-twentyone",
        "inputs-pursuit",
        "report",
    ]
    assert chosen(every, []) == every
    with pytest.raises(UnknownNameError, match="did you mean 'growth'"):
        chosen(every, ["growht"])


EVERY = [*steps(Path("runs/results"), data=Path("data")), *steps(Path("runs/quick"), quick=True)]


def test_quick_takes_a_part_of_the_steps_and_less_of_each() -> None:
    whole, quick = steps(Path("runs/results")), steps(Path("runs/results"), quick=True)
    assert {step.name for step in quick} < {step.name for step in whole}
    assert sum(step.minutes for step in quick) < 0.7 * sum(step.minutes for step in whole)


def test_messages_and_public_problems_are_measured_where_their_data_is_named() -> None:
    def names(data: Path | None) -> set[str]:
        return {step.name for step in steps(Path("runs/results"), data=data)}

    messages = {
        "text",
        "factors",
        "hot-add-clinc150",
        "hot-add-banking77",
        "open-questions",
        "told-words",
        "told-words-chosen",
    }
    books = {"airline-bags", "airline-reading", "tax"}
    problems = {"rulearena-tasks", *(f"run-{book}" for book in books), "rulearena"}
    assert names(Path("data")) - names(None) == messages | problems


def test_every_published_figure_has_its_step() -> None:
    made = {Path(file).stem for step in EVERY for file in step.outputs} | set(GAMES)
    published = [
        *(ROOT / "docs" / "results").glob("*.json"),
        *(ROOT / "docs" / "measured").iterdir(),
    ]
    assert {file.stem for file in published} <= made


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.name)
def test_every_steps_command_exists_with_its_options(step: Step) -> None:
    options = {word for word in step.command if word.startswith("--")}
    if step.command[0] == "logicdistill":
        command = typer.main.get_command(app).commands[step.command[1]]  # type: ignore[attr-defined]
        known = {name for parameter in command.params for name in parameter.opts}
    else:
        known = set(
            re.findall(r'add_argument\(\s*"(--[a-z-]+)"', (ROOT / step.command[1]).read_text())
        )
    assert options <= known


def test_every_kind_of_measure_has_its_step() -> None:
    every = steps(Path("runs/results"))
    measured = {
        kind
        for kind in KINDS
        for step in every
        if step.name == kind or step.name.startswith(f"{kind}-")
    }
    assert measured == set(KINDS)


def measured(folder: Path) -> Path:
    """A comparison with its measures, as `make results` leaves it at a commit."""
    write_comparison(folder)
    command = "logicdistill compare guess --out runs/results"
    made = stamps.stamp({"episodes": 3}, command=command) | {"commit": "0123456789abcdef"}
    (folder / "steps.json").write_text(json.dumps({"compare": made}))
    for file in (folder / "measures").glob("*.json"):
        file.write_text(json.dumps(made | json.loads(file.read_text())))
    return folder


def test_adopting_a_comparison_publishes_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = measured(tmp_path / "results")
    # The page's introduction names figures that this comparison lacks.
    (tmp_path / "intro.md").write_text("What was measured.")
    monkeypatch.setattr(docs_results, "INTRO", tmp_path / "intro.md")
    shutil.copytree(ROOT / "docs" / "results", tmp_path / "published")
    written = list(docs_results.adopt(folder, tmp_path / "published"))
    assert {
        "guess.json",
        "twentyone.json",
        "growth.json",
        "inputs-guess.json",
    } <= set(written)
    page = docs_results.results_page(tmp_path / "published")
    assert "\n## Success\n" not in page  # "What selecting takes" says it better
    for title in (
        "When a rule changes",
        "As a base grows",
        "What selecting takes",
        "Logic Distillation and imitation on equal terms",
        "Selecting and writing",
        "Control tasks",
    ):
        assert f"\n## {title}\n" in page
    assert "logicdistill compare guess --out runs/results" in page  # as `make results` called it
    assert str(tmp_path) not in page
    assert "| guess.json | 012345678 |" in page


def test_measures_of_other_pages_are_published_beside_with_their_pictures(tmp_path: Path) -> None:
    folder = measured(tmp_path / "results")
    made = json.loads((folder / "measures" / "growth.json").read_text())
    (folder / "measures" / "text.json").write_text(json.dumps(made))
    (folder / "measures" / "pareto.svg").write_text("<svg/>")
    assert {"text.json", "pareto.svg"} <= set(docs_results.adopt(folder, tmp_path / "published"))
    assert (tmp_path / "measured" / "pareto.svg").read_text() == "<svg/>"
    assert not (tmp_path / "published" / "text.json").exists()


def test_a_comparison_that_does_not_say_where_it_comes_from_is_not_adopted(tmp_path: Path) -> None:
    folder = measured(tmp_path / "results")
    (folder / "steps.json").unlink()
    with pytest.raises(TaskError, match="no 'commit'; measure it with"):
        list(docs_results.adopt(folder, tmp_path / "published"))
    assert not (tmp_path / "published" / "guess.json").exists()


def pages(folder: Path) -> str:
    """What is rendered of the published figures."""
    cost = (ROOT / "docs" / "results-sources" / "cost.md").read_text()
    return docs_results.results_page(folder) + filled_in(cost, folder)


def test_the_pages_follow_the_published_figures(tmp_path: Path) -> None:
    published = Path(shutil.copytree(ROOT / "docs" / "results", tmp_path / "results"))
    shutil.copytree(ROOT / "docs" / "measured", tmp_path / "measured")
    before = pages(published)
    written = [(ROOT / "docs" / f"{name}.md").read_text() for name in ("results", "cost")]
    assert before == "".join(written)
    for file in published.glob("*.json"):
        shown = set(
            re.findall(r'"(success|after|p50|mean|share|recall)": [0-9]', file.read_text())
        ) or {"decisions"}
        for name in shown:
            file.write_text(re.sub(rf'"{name}": [0-9.]+', f'"{name}": 0.123', file.read_text()))
            assert pages(published) != before, (file.name, name)
            before = pages(published)


def test_a_measure_that_is_too_large_is_left_out_and_named(tmp_path: Path) -> None:
    folder = measured(tmp_path / "results")
    growth = folder / "measures" / "growth.json"
    growth.write_text(growth.read_text() + " " * docs_results.LARGEST)
    written = list(docs_results.adopt(folder, tmp_path / "published"))
    assert any(line.startswith("growth.json left out") for line in written)
    assert not (tmp_path / "published" / "growth.json").exists()
