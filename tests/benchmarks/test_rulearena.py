from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from logicdistill.errors import TaskError
from logicdistill.policy import Policy
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.record_folder import read_folder
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.rules import read_rules
from logicdistill.writing.by_hand import base_by_hand

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "data" / "rulearena"
FOLDERS = ("airline-bags", "airline-reading", "tax")

PAY = '''
def pay(base_price: float, customer_class: str, bag_list: list[dict[str, object]]) -> float:
    """Charge $1,065 for five items in Main Cabin or First.

    Use when: always.
    >>> pay(base_price=1.0, customer_class="First", bag_list=[])
    1066.0
    """
    if customer_class not in ("Main Cabin", "First"):
        raise ValueError("the rules name no class " + repr(customer_class))
    return base_price + 1065.0
'''


@pytest.fixture(scope="module")
def rulearena() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        import rulearena

        yield rulearena


@pytest.fixture(scope="module")
def made(rulearena: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("rulearena")
    assert rulearena.main(["--data", str(SAMPLE), "--make", str(folder)]) == 0
    for name in FOLDERS:  # the sample lacks the examples that are kept for the test
        states = folder / name / "states.jsonl"
        lines = [json.loads(line) for line in states.read_text().splitlines()]
        lines[-1]["split"] = "test"
        states.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "airline-bags" / "functions.py").write_text(PAY)
    return folder


def by_hand(folder: Path) -> Policy:
    task = RecordTask(folder)
    base, refused = base_by_hand(task)
    assert base is not None
    assert refused == []
    return Policy(task, base, ConditionsStudent)


@pytest.fixture(scope="module")
def packed(made: Path) -> dict[str, Path]:
    files = {name: made / f"{name}.policy" for name in ("airline-bags", "airline-reading")}
    for name, file in files.items():
        with by_hand(made / name) as policy:
            policy.pack(file)
    return files


@pytest.fixture(scope="module")
def reading(packed: dict[str, Path]) -> Iterator[Policy]:
    with Policy.load(packed["airline-reading"]) as policy:
        yield policy


def words(text: str) -> str:
    """The text without marks of Markdown and forms."""
    return " ".join(re.sub(r"[-|*#.:]+", " ", text).split())


@pytest.mark.parametrize("name", FOLDERS)
def test_a_made_folder_has_no_fault_and_every_line_of_its_rules_is_read(
    made: Path, name: str
) -> None:
    assert read_folder(made / name).faults == []
    read = read_rules((made / name / "rules.md").read_text())
    assert (read.faults, read.notes) == ((), ())


@pytest.mark.parametrize(("task", "name"), [("airline", "airline-bags"), ("tax", "tax")])
def test_every_sentence_row_and_form_line_of_the_source_is_in_a_rule(
    made: Path, task: str, name: str
) -> None:
    rules = [words(rule) for rule in read_folder(made / name).rules]
    for file in (SAMPLE / task).glob("*.md"):
        for line in file.read_text().splitlines():
            told = words(re.sub(r"^(?:\d+\.\d+|\d+\.(?: [a-z]\.)?) ", "", line))
            told = told.removesuffix("$f8863_part_iii")
            assert any(told in rule for rule in rules), line


def test_a_rule_stands_alone_with_the_titles_above_it_and_its_table_or_list(made: Path) -> None:
    airline, tax = (read_folder(made / name).rules for name in ("airline-bags", "tax"))
    assert "[Checked bags] Bag fees have been updated effective for tickets issued on / after" in (
        " ".join(airline)
    )
    [light] = [rule for rule in airline if "Over 50 lbs / 23 kgs to 53 lbs" in rule]
    assert light.splitlines()[-1] == "| All Regions | $30 | $30 | $30 | $30 | $30 |"
    [free] = [rule for rule in airline if "1st checked bag is complimentary" in rule]
    assert "or when traveling to these destinations" in free  # one rule, with both of its lists
    # After a worksheet and after instructions come the form's own lines.
    assert "[Form 1040, Tax and Credits] Line 16 - Tax (See instructions): $TBD." in tax
    assert "[Schedule 8812, Part I] Line 13 - Enter the amount from Credit Limit Worksheet A:" in (
        " ".join(tax)
    )
    [student] = [rule for rule in tax if "Line 23 - " in rule]
    assert "$f8863_part_iii_23" in student
    assert "- Yes - Stop! Go to line 31 for this student." in student.splitlines()


def test_a_blank_that_contradicts_its_form_is_an_error_and_never_dropped(rulearena: Any) -> None:
    [plain, student] = rulearena.read_problems(SAMPLE / "tax" / "problems.jsonl")
    state = rulearena.state_of("tax", student)
    assert not {"education_credits", "f8863_part_iii", "business_income"} & state.keys()
    assert len(state["student_list"]) == state["num_students"]
    with pytest.raises(TaskError, match="business_income is 5 where self_employed is False"):
        rulearena.state_of("tax", {**plain, "state": plain["state"] | {"business_income": 5}})
    student["state"]["student_list"][0]["qualified_student_expenses"] += 1
    with pytest.raises(TaskError, match="to say the same"):
        rulearena.state_of("tax", student)


def test_the_cities_of_the_reading_are_those_of_its_rules() -> None:
    folder = ROOT / "examples" / "rulearena" / "reading"
    rules = read_rules((folder / "rules.md").read_text()).texts
    told = dict(re.findall(r"^Cities of (.+): (.+)\.$", "\n".join(rules), flags=re.MULTILINE))
    tree = ast.parse((folder / "functions" / "regions" / "name_regions.py").read_text())
    [cities] = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    known = dict(ast.literal_eval(cities))
    assert {region: text.replace("; ", ", ") for region, text in known.items()} == told
    names = [city for text in known.values() for city in text.split("; ")]
    assert len(names) == len(set(names))


def test_texts_are_read_exactly(rulearena: Any, reading: Policy) -> None:
    problems = rulearena.read_problems(SAMPLE / "airline" / "problems.jsonl")
    [examples, others] = rulearena.readings(reading, problems)
    assert (examples["exact"], examples["asked"], others["asked"]) == (len(problems),) * 2 + (0,)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("Orlando", "Atlantis", "the rules name no city 'Atlantis'"),
        ("Main Cabin Class", "Steerage Class", "the rules name no class 'Steerage'"),
        ("$180.", "$180 or so.", "no price"),
        ("2. A luggage box", "7. A luggage box", "not the next item"),
        ("69 lbs", "69 kgs", "not the next item"),
        ("Orlando to Philadelphia", "Paris to Rome", "no condition|condition|When"),
    ],
)
def test_what_the_reading_does_not_know_is_not_read_and_named(
    rulearena: Any, reading: Policy, old: str, new: str, why: str
) -> None:
    problem = rulearena.read_problems(SAMPLE / "airline" / "problems.jsonl")[0]
    assert old in problem["text"]
    [(state, refused)] = rulearena.read_texts(
        reading, [{**problem, "text": problem["text"].replace(old, new)}]
    )
    assert state is None
    assert re.search(why, refused)


def test_right_wrong_and_refused_are_counted_apart_from_states_and_from_texts(
    rulearena: Any, packed: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [argument for file in packed.values() for argument in ("--run", str(file))]
    assert rulearena.main(["--data", str(SAMPLE), *runs, "--wrong"]) == 0
    out = capsys.readouterr().out
    result = json.loads(out.splitlines()[-1])
    for form in ("structured", "text"):
        [row] = [r for r in result["rows"] if (r["form"], r["level"]) == (form, "all")]
        assert [row[key] for key in ("n", "right", "wrong", "refused")] == [4, 1, 2, 1]
        assert row["ci95"] == pytest.approx([0.0456, 0.6994], abs=1e-4)
    assert "| airline | structured | 0 | 2 | 50.0% |" in out
    assert "41-100 | 98-100 |" in out
    assert "the rules name no class 'Premium Economy'" in out
    assert "wrong airline-0-7: 1702" in out
    assert {"commit", "date", "command", "versions"} <= result.keys()
    assert result["bases"].keys() == packed.keys()


def test_answers_of_a_file_say_which_problems_are_scored(
    rulearena: Any, packed: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text('{"airline-0-7": 1702.004, "tax-0-0": 1}')
    call = ["--data", str(SAMPLE), "--run", str(packed["airline-bags"])]
    assert rulearena.main([*call, "--answers", str(answers)]) == 0
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])["rows"]
    assert [(row["level"], row["n"], row["right"]) for row in rows] == [(0, 1, 1), ("all", 1, 1)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"airline-9-9": 1}', "no problem is named 'airline-9-9'"),
        ('{"airline-0-0": "1245"}', "is no number of dollars"),
        ('{"airline-0-0": true}', "is no number of dollars"),
        ("[1]", "list, no object"),
        ("{", "not JSON"),
    ],
)
def test_answers_that_are_none_are_one_line_and_code_2(
    rulearena: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text(text)
    call = ["--data", str(SAMPLE), "--run", "no-run", "--answers", str(answers)]
    assert rulearena.main(call) == 2
    assert said in capsys.readouterr().err


def test_data_that_is_missing_is_one_line_and_code_2(
    rulearena: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(SAMPLE, tmp_path / "data")
    (tmp_path / "data" / "tax" / "children.md").unlink()
    call = ["--data", str(tmp_path / "data"), "--make", str(tmp_path / "out")]
    assert rulearena.main(call) == 2
    assert "children.md: cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("nothing", [None, "not computed", True, {"dollars": 5}])
def test_what_is_no_number_is_never_right(rulearena: Any, nothing: Any) -> None:
    assert not rulearena.is_right(nothing, 1.0)
    assert rulearena.is_right(1.004, 1.0)
    assert not rulearena.is_right(1.01, 1.0)
