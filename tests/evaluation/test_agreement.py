"""Policies of the same rules: where they differ, and under which rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.writing.expenses import SOURCES, make_run
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.evaluation.agreement import agreement
from logicdistill.policy import Policy
from logicdistill.writing.states import known_states

OTHER = tuple(
    source.replace("amount <= 100", "amount < 60").replace("amount > 100", "amount >= 60")
    for source in SOURCES
)
"""Another author drew the line at 60."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("runs")
    bases = {"a": SOURCES, "b": OTHER, "c": SOURCES}
    return [make_run(folder / name, *sources) for name, sources in bases.items()]


def test_states_that_differ_are_counted_with_what_is_right(runs: list[Path]) -> None:
    policies = [Policy.load(run, student="conditions") for run in runs]
    records = known_states(policies[0].task, None)
    found = agreement(policies[:2], records)
    moved = [r for r in records if r.state["claim"] != "machine" and 60 <= r.state["amount"] <= 100]
    assert moved
    assert (found.states, found.agreed) == (len(records), len(records) - len(moved))
    [group] = found.differences
    assert set(group.states) == {record.id for record in moved}
    assert [verdict.action for verdict in group.verdicts] == ["approve", "manager"]
    assert [verdict.functions for verdict in group.verdicts] == [("small",), ("large",)]
    assert group.right == (len(moved), 0)
    assert found.right == (found.known, found.known - len(moved))


def test_a_majority_of_three_counts(runs: list[Path]) -> None:
    policies = [Policy.load(run, student="conditions") for run in runs]
    found = agreement(policies, known_states(policies[0].task, None))
    assert found.majority == found.known
    assert agreement(policies[:1] * 2, []).states == 0


def test_the_command_names_the_rules_on_both_sides(runs: list[Path]) -> None:
    a, b, _ = map(str, runs)
    said = CliRunner().invoke(app, ["base", "compare", a, b, "--rules"])
    assert said.exit_code == 0, said.output
    assert "the same action in" in said.output
    assert f"  {a}: approve" in said.output
    assert f"  {b}: manager" in said.output
    assert "rule 1: A claim up to 100 is approved." in said.output
    found = json.loads(CliRunner().invoke(app, ["base", "compare", a, b, "--json"]).output)
    assert found["states"] > found["agreed"] > 0
    assert found["policies"][a] == found["policies"][b]


def test_states_of_a_file_are_compared(runs: list[Path], tmp_path: Path) -> None:
    file = tmp_path / "states.jsonl"
    file.write_text('{"claim": "taxi", "amount": 70, "currency": "EUR"}\n')
    command = ["base", "compare", *map(str, runs[:2]), "--states", str(file)]
    assert "the same action in 0 of 1 states" in CliRunner().invoke(app, command).output
    file.write_text("[1]\n")
    refused = CliRunner().invoke(app, command)
    assert refused.exit_code != 0
    assert "a state is a JSON object" in str(refused.exception)


def test_one_run_is_nothing_to_compare(runs: list[Path]) -> None:
    said = CliRunner().invoke(app, ["base", "compare", str(runs[0])])
    assert "one run is nothing to compare" in str(said.exception)
