"""``check`` follows hand-written functions: their order, their decisions, their refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from logicdistill import Policy, distill
from logicdistill.cli.main import app
from logicdistill.errors import BaseError, LogicDistillError, UnknownNameError
from logicdistill.tasks.scaffold import new_task

DIRECTOR = '''def director(amount_eur: float) -> str:
    """Refuse very large ones.

    Use when: the amount is above 5000 euros.
    When: amount_eur > 5000
    Replaces: ask_the_manager
    >>> director(amount_eur=6000)
    'refuse'
    """
    return "refuse"
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_task(tmp_path / "expenses", "by-hand")
    return tmp_path / "expenses"


def checked(folder: Path) -> list[str]:
    return CliRunner().invoke(app, ["check", str(folder)]).stdout.splitlines()


def change(file: Path, *pairs: tuple[str, str]) -> None:
    text = file.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)


def test_a_state_that_the_functions_decide_otherwise_is_named_and_of_the_test_the_number(
    folder: Path,
) -> None:
    assert not [line for line in checked(folder) if "recorded" in line]
    change(
        folder / "states.jsonl",
        ('"receipt": false}, "action": "manager"', '"receipt": false}, "action": "approve"'),
        ('"receipt": true}, "action": "approve"', '"receipt": true}, "action": "refuse"'),
    )
    change(
        folder / "states.jsonl",
        (
            '"days_ago": 21, "receipt": true}, "action": "manager"',
            '"days_ago": 21, "receipt": true}, "action": "approve"',
        ),
    )
    notes = [line for line in checked(folder) if "recorded" in line]
    said = 'note: parking (train) gets "manager" (by ask_the_manager); recorded: "approve"'
    assert said in notes
    assert notes[-1] == "note: 1 of 4 test states gets another action than the recorded one"


def test_an_order_against_the_rules_numbers_is_noted(folder: Path) -> None:
    change(folder / "functions" / "decide.py", ("Rules: 1", "Rules: 3"))
    said = "refuse_late_claim (rule 3) stands before ask_the_manager (rule 2)"
    assert any(said in line for line in checked(folder))


def test_a_choice_of_no_function_is_noted_with_the_nearest(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    new_task(folder, "returns")
    assert not [line for line in checked(folder) if "choices" in line]
    change(folder / "states.jsonl", ('"intent": "wants_to_cancel"', '"intent": "want_to_cancel"'))
    (note,) = [line for line in checked(folder) if "choices" in line]
    assert note.startswith(
        "note: choices of 1 state (train-001): stage 'intent': unknown function "
        "'want_to_cancel'; did you mean 'wants_to_cancel'? known: "
    )


def test_a_refusal_names_the_function_and_its_line(folder: Path) -> None:
    change(folder / "functions" / "decide.py", ("not receipt\n", "not = receipt\n"))
    assert checked(folder) == [
        f"{folder}/functions/decide.py:13: ask_the_manager: "
        "'When: amount_eur > 500 or not = receipt' is not a Python expression"
    ]


def test_what_a_run_does_not_have_is_said(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "runs" / "expenses"
    distill(folder, run, jobs=1).close()
    with pytest.raises(BaseError, match="conditions decide every stage, so none was made"):
        Policy.load(run, student="ld-encoder")
    with pytest.raises(UnknownNameError, match="unknown file or run"):
        Policy.load(tmp_path / "nothere.policy")
    with pytest.raises(UnknownNameError, match="did you mean 'episodes'"):
        distill(folder, run, epsodes=3)
    (tmp_path / "director.py").write_text(DIRECTOR)
    with pytest.raises(BaseError, match="the rule is empty"), Policy.load(run) as policy:
        policy.add(tmp_path / "director.py", emergency=True, rule=" ")


def test_the_words_of_an_added_rule_are_cited(folder: Path, tmp_path: Path) -> None:
    run, file = tmp_path / "runs" / "expenses", tmp_path / "director.py"
    file.write_text(DIRECTOR)
    state = {"amount_eur": 6000, "days_ago": 3, "receipt": True}
    with distill(folder, run, jobs=1) as policy:
        policy.add(file, emergency=True, rule="Above 5000 euros  nothing is paid.")
        assert policy.decide(state).trace[-1].told == ("Above 5000 euros nothing is paid.",)
        policy.replace("director", file)
        assert policy.decide(state).trace[-1].told == ("Above 5000 euros nothing is paid.",)
        policy.replace("director", file, rule="Above 5000 euros we refuse.")
        assert policy.decide(state).trace[-1].told == ("Above 5000 euros we refuse.",)
        with pytest.raises(LogicDistillError, match="give its words with --rule"):
            policy.replace("director", _citing(file))


def _citing(file: Path) -> Path:
    change(file, ("    When", "    Rules: 9\n    When"))
    return file


def test_a_new_action_is_allowed_in_the_tasks_folder_as_the_refusal_says(
    folder: Path, tmp_path: Path
) -> None:
    run, file = tmp_path / "runs" / "expenses", tmp_path / "director.py"
    file.write_text(DIRECTOR.replace("'refuse'", "'board'").replace('"refuse"', '"board"'))
    refused = pytest.raises(LogicDistillError, match="add it to 'actions' in task")
    with distill(folder, run, jobs=1) as policy, refused:
        policy.add(file, emergency=True)
    change(folder / "task.toml", ('"refuse"]', '"refuse", "board"]'))
    with distill(folder, run, jobs=1) as policy:
        policy.add(file, emergency=True)
        decision = policy.decide({"amount_eur": 6000, "days_ago": 3, "receipt": True})
    assert decision.action == "board"
