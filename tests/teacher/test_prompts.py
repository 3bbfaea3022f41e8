"""Each prompt is at most a page and holds what its author needs to know."""

import json
from importlib import resources

import pytest
from tests.writing.test_earlier import BOX, FACTS, PACK, SIZE, base_of_facts, record_task

from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import TOP_K, Parts, utc_now
from logicdistill.errors import BaseError, GateRefusal
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Request
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.registry import get_task
from logicdistill.tasks.scaffold import example_folder
from logicdistill.teacher.revise import ask_revision
from logicdistill.teacher.write import Author
from logicdistill.types import ALLOWED_IMPORTS, HELPERS, Json, Stage
from logicdistill.writing.base import build_base, write_for_rule, write_for_state
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


def test_every_writing_prompt_shows_rules_schema_actions_fallback_and_language(tmp_path) -> None:
    task, asked = record_task(tmp_path), Asked()
    author, base = Author(asked, task), base_of_facts(task)
    stage, decide = base.stages[0], Stage("decide", "action", "Which?")
    function = base.functions[0]
    author.stages([])
    author.functions([stage], stage, [])
    author.repair(stage, "def f(): ...", "wrong")
    author.write_for_rule("New.", [stage], [function], [])
    author.write_for_state([stage, decide], decide, {"item": "cup"}, [], "none fits")
    with pytest.raises(BaseError):
        ask_revision(author, [stage], [function], [], {}, "0 of 1")
    for request in asked.requests:
        (_, system), (_, text) = request.messages
        assert f"Allowed imports: {', '.join(ALLOWED_IMPORTS)}." in system, request.kind
        assert "`integer` is `int`, `number` is `float`" in system, request.kind
        for needed in ("1. A cup is small.", '"weight"', '{"box": 0}'):
            assert needed in text, (request.kind, needed)
        assert json.dumps(task.settings.allowed) in text, request.kind
    assert len(asked.requests) == 6


def test_the_author_sees_earlier_functions_and_their_real_results(tmp_path) -> None:
    task, asked = record_task(tmp_path), Asked()
    base = base_of_facts(task)
    samples = [{"item": "cup", "weight": 2}, {"item": "piano", "weight": 300}]
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


HELPER = '''def heavy(weight: int) -> bool:
    """Say whether two people carry it.

    >>> heavy(weight=200)
    True
    """
    return weight >= 100
'''
CALLS = SIZE.replace('"small" if weight < 10', '"large" if heavy(weight)').replace(
    'else "large"', 'else "small"'
)
"""The function of facts, with the helper."""


class Writing(Asked):
    """Writes facts with a helper, and everything wrongly that comes after."""

    def ask(self, request: Request) -> Json:
        self.requests.append(request)
        if request.kind == "stages":
            shown = [{"name": s.name, "output": s.output, "question": s.question} for s in STAGES]
            modes = [{"mode": stage.mode, "reads": []} for stage in STAGES]
            return {"stages": [a | b for a, b in zip(shown, modes, strict=True)]}
        if request.kind == "emergency":
            return {"functions": [{"stage": "pack", "file": "def box() -> str: ..."}]}
        facts = request.kind == "functions" and f"\n\n{FACTS.name} ->" in self.text
        return {"files": [CALLS], "helpers": [HELPER]} if facts else {"files": ["def box(): ..."]}


STAGES = (FACTS, PACK)
CALL = "- heavy(weight: int) -> bool: Say whether two people carry it."


def test_helpers_and_earlier_results_stand_wherever_a_later_function_is_written(tmp_path) -> None:
    task, asked = record_task(tmp_path), Writing()
    samples: list[Json] = [{"item": "cup", "weight": 2}, {"item": "piano", "weight": 300}]
    with pytest.raises(BaseError, match="no usable function for stage 'pack'"):
        build_base(Author(asked, task), samples, lambda _: None)
    base = FunctionBase(task.id, STAGES).holding(
        [parse_function(HELPER, HELPERS), parse_function(CALLS, FACTS), parse_function(BOX, PACK)]
    )
    with pytest.raises(GateRefusal):
        write_for_rule(Author(asked, task), base, "A cup needs no box.", samples, lambda _: None)
    with Sandbox(base.functions) as sandbox:
        student = ConditionsStudent(sandbox)
        parts = Parts(task, base, FusedRetriever(None), student, sandbox, TOP_K)
        [decision] = decide(parts, samples[1:])
    with pytest.raises(GateRefusal):
        write_for_state(Author(asked, task), base, samples[1], decision, utc_now())
    kinds = " ".join(request.kind for request in asked.requests)
    again = " repair repair repair"
    assert kinds == f"stages functions functions{again} emergency{again} unfitting{again}"
    for request in asked.requests[2:]:
        text = request.messages[-1][1]
        assert CALL in text, request.kind
        assert '"facts": {"size": "large"}' in text, request.kind
    for request in asked.requests[7:10]:
        assert "A cup needs no box." in request.messages[-1][1]
