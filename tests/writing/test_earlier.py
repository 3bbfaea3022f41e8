"""What an author sees of the stages before, and what the gate tries a new function on."""

from pathlib import Path

import pytest

from logicdistill.errors import GateRefusal
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.tasks.records import RecordTask
from logicdistill.types import Json, Stage
from logicdistill.writing.earlier import Earlier, earlier, unread_outputs

FACTS = Stage("facts", "facts", "size: small or large", "all")
PACK = Stage("pack", "action", "How is it packed?", "first")

SIZE = '''
def size(weight: int) -> dict[str, str]:
    """Say how large it is.

    Use when: always
    Rules: 1
    >>> size(weight=1)
    {'size': 'small'}
    """
    return {"size": "small" if weight < 10 else "large"}
'''

BOX = '''
def box(facts: dict[str, str]) -> dict[str, int]:
    """Take a box.

    Use when: it is small
    When: facts["size"] == "small"
    Rules: 1
    >>> box(facts={'size': 'small'})
    {'box': 1}
    """
    return {"box": 1 if facts["size"] == "small" else 2}
'''

SAMPLES: list[Json] = [{"item": "cup", "weight": 2}, {"item": "piano", "weight": 300}]


def record_task(folder: Path) -> RecordTask:
    (folder / "task.toml").write_text(
        'id = "boxes-v1"\ntitle = "Boxes."\nfallback = {box = 0}\n'
        '[actions]\ntype = "object"\nrequired = ["box"]\n'
        'properties = {box = {type = "integer"}}\nadditionalProperties = false\n'
    )
    (folder / "rules.md").write_text("1. A cup is small.\n2. A piano needs two people.\n")
    line = '{"state": {"item": "%s", "weight": %d}, "action": {"box": %d}, "split": "%s"}\n'
    rows = [("cup", 2, 1, "train"), ("piano", 300, 2, "train"), ("vase", 4, 1, "test")]
    (folder / "states.jsonl").write_text("".join(line % row for row in rows))
    return RecordTask(folder)


def base_of_facts(task: RecordTask) -> FunctionBase:
    base = FunctionBase(task.id, (FACTS, PACK))
    return base.having([parse_function(SIZE, FACTS)])


@pytest.fixture
def tried(tmp_path):
    """Tries a function of the last stage on what the facts really are; returns the refusal."""
    task = record_task(tmp_path)
    base, gate = base_of_facts(task), Gate.of(task, (FACTS, PACK))

    def refusal(source: str, stage: Stage = PACK) -> str:
        with Sandbox() as sandbox:
            before = earlier(task, base, stage, SAMPLES, sandbox)
            try:
                function, _ = gate.admit(source, stage, base.by_name, sandbox)
                scopes = [scope for scope in before.scopes if scope is not None]
                gate.check_tried(function, stage, scopes, before.keys, sandbox)
            except GateRefusal as error:
                return str(error)
        return ""

    return refusal


def test_the_results_of_earlier_stages_are_real_ones(tmp_path: Path) -> None:
    task = record_task(tmp_path)
    base = base_of_facts(task)
    with Sandbox() as sandbox:
        found = earlier(task, base, PACK, SAMPLES, sandbox)
        assert earlier(task, base, FACTS, SAMPLES, sandbox) == Earlier(scopes=tuple(SAMPLES))
    assert [scope and scope["facts"] for scope in found.scopes] == [
        {"size": "small"},
        {"size": "large"},
    ]
    assert found.keys == {"facts": {"size"}}


def test_a_function_that_fits_real_results_is_taken(tried) -> None:
    assert tried(BOX) == ""


def test_a_guessed_key_is_refused_though_the_usage_example_has_it(tried) -> None:
    guessed = BOX.replace("size", "format")
    assert tried(guessed) == (
        "box: usage example 1 gives 'facts' the key 'format', which no earlier function gives; "
        "there are: size"
    )


def test_a_condition_that_fails_in_an_example_state_is_refused(tried) -> None:
    wrong = BOX.replace('facts["size"] == "small"', 'facts["size"] < 3 or True')
    wrong = wrong.replace("{'size': 'small'}", "{'size': 2}").replace("dict[str, str]", "dict")
    assert "its 'When:' cannot be evaluated in the state" in tried(wrong)


def test_a_function_that_fails_in_an_example_state_is_refused(tried) -> None:
    wrong = BOX.replace("1 if", '1 if item == "cup" or facts["weight"] and')
    wrong = wrong.replace("(facts:", "(item: str, facts:").replace(
        "box(facts", "box(item='cup', facts"
    )
    wrong = wrong.replace('facts["size"] == "small"\n', "True\n", 1)
    assert "in the example state" in tried(wrong)
    assert "KeyError" in tried(wrong)


def test_an_action_that_is_none_is_refused_in_an_example_state(tried) -> None:
    wrong = BOX.replace('"small" else 2', '"small" else None').replace("dict[str, int]", "dict")
    wrong = wrong.replace('When: facts["size"] == "small"', "When: True")
    assert "gives {'box': None}, no allowed action" in tried(wrong)


def test_facts_have_to_run_in_every_example_state(tried) -> None:
    wrong = SIZE.replace("def size", "def shape").replace(">>> size", ">>> shape")
    wrong = wrong.replace('"small" if', '["small"][weight - 1] if').replace("'size'", "'shape'")
    wrong = wrong.replace('{"size"', '{"shape"')
    assert "in the example state" in tried(wrong, FACTS)


def test_a_result_that_nothing_reads_is_named(tmp_path: Path) -> None:
    task = record_task(tmp_path)
    base = base_of_facts(task)
    assert unread_outputs(base) == [FACTS]
    assert unread_outputs(base.having([*base.functions, parse_function(BOX, PACK)])) == []
