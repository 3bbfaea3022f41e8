"""What no usage example and no training state reaches, of a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import Lines
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.errors import CorruptError
from logicdistill.files import read_record, write_record
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.report.document import to_markdown
from logicdistill.report.sections import unreached
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.scaffold import new_task


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A run whose function has a branch for amounts that no state holds, and what it said."""
    folder = tmp_path_factory.mktemp("covered") / "expenses"
    new_task(folder, "by-hand")
    module = folder / "functions" / "decide.py"
    text = module.read_text()
    assert text.count('    return "manager"') == 1
    more = '    if amount_eur > 1_000_000:\n        return "refuse"\n    return "manager"'
    module.write_text(text.replace('    return "manager"', more))
    said = Lines()
    RunPipeline(folder.parent / "run", RunSettings(str(folder), jobs=1), said).prepare()
    return folder.parent / "run", said.lines


def test_a_run_notes_how_much_is_reached_by_nothing_and_the_command_names_it(
    made: tuple[Path, list[str]],
) -> None:
    run, lines = made
    [note] = [line for line in lines if "branches:" in line]
    assert note.endswith(f"; 'logicdistill base coverage --run {run}' names them")
    done = CliRunner().invoke(app, ["base", "coverage", "--run", str(run)])
    assert done.exit_code == 0
    [line] = [line for line in done.stdout.splitlines() if "1000000" in line]
    assert line.startswith(f"{run}/base/")
    assert ": `if amount_eur > 1000000:` is true in no usage example (0 of " in line
    assert done.stdout.splitlines()[-1] in note


def test_a_changed_base_is_measured_again(made: tuple[Path, list[str]]) -> None:
    run, _ = made
    file = run / "coverage.json"
    kept, measured = file.read_text(), read_record(file)
    write_record(file, measured | {"snapshot": "0" * 16})
    task = RecordTask(run / "task")
    pipeline = RunPipeline(run, RunSettings.read(run), Lines(), task=task)
    assert pipeline.coverage() == measured
    file.write_text(kept.replace('"reached_by"', '"reached"', 1))
    with pytest.raises(CorruptError, match="not as the step wrote it"):
        pipeline.coverage()
    file.write_text(kept)


def test_a_report_has_a_section_about_it(made: tuple[Path, list[str]]) -> None:
    found = read_record(made[0] / "coverage.json")
    section = unreached({"expenses-v1": (found, "logicdistill base coverage --run run")})
    page = to_markdown("Report", "", [section])
    assert "1000000" in page
    assert "by neither" in page
