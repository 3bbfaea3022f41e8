"""Each prompt is at most a page and holds what its author needs to know."""

import json
from importlib import resources

import pytest
from tests.writing.test_earlier import FACTS, PACK, base_of_facts, record_task

from logicdistill.functions.gate import Gate
from logicdistill.protocols import Request
from logicdistill.tasks.registry import get_task
from logicdistill.tasks.scaffold import example_folder
from logicdistill.teacher.write import Author
from logicdistill.types import ALLOWED_IMPORTS, Json, Stage
from logicdistill.writing.earlier import earlier

PROMPTS = resources.files("logicdistill.teacher") / "prompts"
A_PAGE = 3_500
"""Characters."""


class Asked:
    """Keeps requests; answers each with the same files."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def ask(self, request: Request) -> Json:
        self.requests.append(request)
        if request.kind == "stages":
            stage = {"name": "a", "output": "b", "question": "?", "mode": "first", "reads": []}
            return {"stages": [stage], "decides_nothing": [1]}
        if request.kind == "emergency":
            return {"functions": []}
        return {"files": ["def f() -> str: ..."]}

    @property
    def text(self) -> str:
        return self.requests[-1].messages[-1][1]


@pytest.mark.parametrize("name", sorted(file.name for file in PROMPTS.iterdir()))
def test_a_prompt_is_at_most_a_page(name: str) -> None:
    assert len((PROMPTS / name).read_text(encoding="utf-8")) <= A_PAGE


def test_every_writing_prompt_shows_rules_schema_actions_and_fallback(tmp_path) -> None:
    task, asked = record_task(tmp_path), Asked()
    author, base = Author(asked, task), base_of_facts(task)
    stage, decide = base.stages[0], Stage("decide", "action", "Which?")
    function = base.functions[0]
    author.stages([])
    author.functions([stage], stage, [])
    author.repair(stage, "def f(): ...", "wrong")
    author.write_for_rule("New.", [stage], [function], [])
    author.write_for_state([stage, decide], decide, {"item": "cup"}, [], "none fits")
    for request in asked.requests:
        text = request.messages[-1][1]
        for needed in ("1. A cup is small.", '"weight"', '{"box": 0}'):
            assert needed in text, (request.kind, needed)
        assert json.dumps(task.settings.allowed) in text, request.kind
    assert len(asked.requests) == 5


def test_the_author_sees_earlier_functions_and_their_real_results(tmp_path) -> None:
    task, asked = record_task(tmp_path), Asked()
    base = base_of_facts(task)
    samples = [{"item": "cup", "weight": 2}, {"item": "piano", "weight": 300}]
    from logicdistill.functions.sandbox import Sandbox

    with Sandbox() as sandbox:
        before = earlier(task, base, base.stages[-1], samples, sandbox)
    Author(asked, task).functions(base.stages, base.stages[-1], samples, before.text)
    assert (
        'facts <- size(weight: int) -> dict[str, str]: Say how large it is. Gives {"size": "small"}'
        in asked.text
    )
    assert '1. {"facts": {"size": "small"}}\n2. {"facts": {"size": "large"}}' in asked.text
    Author(asked, task).repair(base.stages[-1], "def f(): ...", "wrong", (), before.text)
    assert '2. {"facts": {"size": "large"}}' in asked.text


def test_a_repair_shows_the_functions_beside(tmp_path) -> None:
    task, asked = record_task(tmp_path), Asked()
    function = base_of_facts(task).functions[0]
    Author(asked, task).repair(FACTS, "def f(): ...", "wrong", [function])
    assert "Beside it stand:\n\n- size: always Say how large it is." in asked.text


def test_a_told_rule_shows_the_files_that_it_may_replace(tmp_path) -> None:
    task, asked = record_task(tmp_path), Asked()
    function = base_of_facts(task).functions[0]
    Author(asked, task).write_for_rule("New.", [FACTS], [function], [])
    assert function.source.strip() in asked.text
    many = [function] * (1 + 12_000 // len(function.source))
    Author(asked, task).write_for_rule("New.", [FACTS], many, [])
    assert function.source.strip() not in asked.text
    assert "facts/size: always Say how large it is." in asked.text


def test_the_language_named_to_an_author_is_the_one_that_the_gate_takes() -> None:
    asked = Asked()
    task = get_task("twentyone-v1")
    Author(asked, task).stages([])
    (role, system), _ = asked.requests[0].messages
    assert role == "system"
    assert f"Allowed imports: {', '.join(ALLOWED_IMPORTS)}." in system
    gate = Gate.of(task, [FACTS, PACK])
    for module in ALLOWED_IMPORTS:
        source = f'import {module}\n\ndef f(dealer_card: int) -> dict[str, int]:\n    """Card.\n\n'
        source += "    Use when: always\n"
        source += '    Rules: 1\n    >>> f(dealer_card=3)\n    {\'card\': 3}\n    """\n'
        assert gate.admit(f"{source}    return {{'card': dealer_card}}\n", FACTS, {})
    for refused in ("classes", "`eval`", "the clock", "randomness", "files", "network"):
        assert refused in system


def test_every_task_says_the_form_of_an_action() -> None:
    assert get_task("twentyone-v1").action_form == '`"hit"` or `"stick"`'
    assert get_task("mountain-car-v1").action_form == "a number from -1 to 1"
    assert "[[x, y], [x, y]]" in get_task("pursuit-v2").action_form
    assert example_folder("returns").is_dir()
