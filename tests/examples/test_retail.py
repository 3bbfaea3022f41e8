from __future__ import annotations

import copy
import json
import re
import runpy
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import TOP_K, Parts
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.steps import RECORD_SAMPLES
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.records import RecordTask
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore
from logicdistill.teacher.write import Author
from logicdistill.training.collect import LabelStudent
from logicdistill.training.labelling import Labeller
from logicdistill.writing.base import build_base
from logicdistill.writing.events import Admitted, Event

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "retail"
STATES = [json.loads(line) for line in (FOLDER / "states.jsonl").read_text().splitlines()]
LINES = [line for line in STATES if "action" in line]
OTHER_HANDS = [line for line in STATES if "action" not in line]
BY_ID = {line["id"]: line for line in LINES}
DEFINITIONS = {11: "how times are written", 14: "what products and variants are"}
CHECKER = runpy.run_path(str(FOLDER / "checker.py"))
violation: Callable[[Any, Any], str | None] = CHECKER["violation"]


@pytest.fixture(scope="module")
def task() -> RecordTask:
    return RecordTask(FOLDER)


@pytest.fixture(scope="module")
def author(task: RecordTask, tmp_path_factory: pytest.TempPathFactory) -> Author:
    return Author(
        RecordedTeacher(
            ReplyStore(tmp_path_factory.mktemp("replies")), [ReplyStore(FOLDER / "replies")]
        ),
        task,
    )


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return []


@pytest.fixture(scope="module")
def base(author: Author, events: list[Event]) -> FunctionBase:
    assert isinstance(author.task, RecordTask)
    return build_base(author, author.task.samples(RECORD_SAMPLES), events.append)[0]


@pytest.fixture(scope="module")
def parts(base: FunctionBase, task: RecordTask) -> Iterator[Parts]:
    with Sandbox(base.functions) as sandbox:
        yield Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, TOP_K)


def test_every_state_fits_the_schema_and_there_are_enough_in_each_split(task: RecordTask) -> None:
    assert len(task.records) == len(STATES)
    sizes = {name: len(task.split(name)) for name in ("train", "validation", "test")}
    assert sizes == {"train": 280 + 2319, "validation": 36, "test": 72}
    assert len({words(line["state"]["text"]) for line in STATES}) == len(STATES)
    assert {line["split"] for line in OTHER_HANDS} == {"train"}


def test_the_recorded_functions_pass_the_gate_without_repair(
    base: FunctionBase, events: list[Event]
) -> None:
    assert [event for event in events if not isinstance(event, Admitted)] == []
    assert [(stage.name, stage.mode, len(base.of_stage(stage.name))) for stage in base.stages] == [
        ("facts", "all", 8),
        ("form", "all", 1),
        ("intent", "one", 12),
        ("rulings", "all", 9),
        ("checks", "all", 1),
        ("action", "guarded", 16),
    ]


def test_every_rule_but_the_definitions_is_covered(base: FunctionBase, task: RecordTask) -> None:
    assert base.uncovered_rules(len(task.rules)) == sorted(DEFINITIONS)


def words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.casefold()))


def test_a_training_text_and_a_held_out_one_never_share_more_than_six_words_in_ten() -> None:
    texts = [(line["split"], set(words(line["state"]["text"]).split())) for line in STATES]
    held_out = [text for split, text in texts if split != "train"]
    for split, text in texts:
        alike = (len(text & other) / len(text | other) for other in held_out)
        assert split != "train" or max(alike) <= 0.6


def test_no_usage_example_in_words_is_a_validation_or_test_text_or_stands_in_two_manuals(
    base: FunctionBase,
) -> None:
    held_out = {words(line["state"]["text"]) for line in LINES if line["split"] != "train"}
    shown = [
        (words(example.text), f.name)
        for f in base.of_stage("intent")
        for example in f.manual.examples
        if example.text
    ]
    assert min(Counter(name for _, name in shown).values()) > 50
    assert [
        text
        for text, count in Counter(text for text, _ in shown).items()
        if count > 1 or text in held_out
    ] == []


def test_a_train_text_among_the_usage_examples_stands_in_the_manual_that_its_label_names(
    base: FunctionBase,
) -> None:
    labels = {
        line["text"]: line["function"]
        for line in map(
            json.loads, (FOLDER / "recordings" / "labels.jsonl").read_text().splitlines()
        )
    }
    train = {line["state"]["text"] for line in LINES if line["split"] == "train"}
    shown = [
        (example.text, f.name)
        for f in base.of_stage("intent")
        for example in f.manual.examples
        if example.text in train
    ]
    assert shown
    assert [(text, name) for text, name in shown if labels[text] != name] == []


def test_with_the_right_intent_the_functions_take_the_right_action_everywhere(
    parts: Parts, author: Author
) -> None:
    """The right actions were written before there were functions; both say the same."""
    student = LabelStudent(Labeller(author, parts.sandbox), explore=0.0, seed=0)
    labelled = Parts(parts.task, parts.base, parts.retriever, student, parts.sandbox, parts.top_k)
    decisions = decide(labelled, [line["state"] for line in LINES])
    wrong = [
        (line["id"], decision.action)
        for line, decision in zip(LINES, decisions, strict=True)
        if decision.action != line["action"]
    ]
    assert wrong == []


def test_what_the_functions_do_with_the_right_intent_is_permitted_where_no_right_action_was_written(
    parts: Parts, author: Author
) -> None:
    student = LabelStudent(Labeller(author, parts.sandbox), explore=0.0, seed=0)
    labelled = Parts(parts.task, parts.base, parts.retriever, student, parts.sandbox, parts.top_k)
    asked = OTHER_HANDS[::11]  # of every writer and intent some
    decisions = decide(labelled, [line["state"] for line in asked])
    faults = [
        (line["id"], violation(line["state"], decision.action))
        for line, decision in zip(asked, decisions, strict=True)
    ]
    assert [(name, fault) for name, fault in faults if fault] == []
    assert not any(decision.fallback for decision in decisions)


def test_whatever_the_intent_exactly_one_action_function_is_right_and_what_it_does_is_permitted(
    parts: Parts,
) -> None:
    intents = {
        function.name: parts.sandbox.call_many(function, [{}])[0].value
        for function in parts.base.of_stage("intent")
    }
    for intent in intents.values():
        scopes: list[dict[str, Any]] = [
            {**copy.deepcopy(line["state"]), "intent": intent} for line in LINES[::4]
        ]
        for stage in (stage for stage in parts.base.stages if not stage.selects):
            for scope in scopes:
                scope[stage.output] = {}
            for function in parts.base.of_stage(stage.name):
                for scope, outcome in zip(
                    scopes, parts.sandbox.call_many(function, scopes), strict=True
                ):
                    assert outcome.error is None
                    scope[stage.output] |= outcome.value
        right: list[list[str]] = [[] for _ in scopes]
        for function in parts.base.of_stage("action"):
            for names, holds in zip(right, parts.sandbox.holds(function, scopes), strict=True):
                names += [function.name] if holds else []
        assert [len(names) for names in right] == [1] * len(scopes), intent
        for scope, (name,) in zip(scopes, right, strict=True):
            action = parts.sandbox.call_many(parts.base.function(name), [scope])[0].value
            assert violation(scope, action) is None, (intent, scope["text"], action)


def test_the_checker_shares_no_code_with_the_functions_and_accepts_every_right_action() -> None:
    imports = re.findall(
        r"^(?:from|import) (\w+)", (FOLDER / "checker.py").read_text(), flags=re.MULTILINE
    )
    assert "logicdistill" not in imports
    assert [
        (line["id"], fault) for line in LINES if (fault := violation(line["state"], line["action"]))
    ] == []


def right(tool: str, *, gift: bool | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """State and right action of a record whose right action is a call of this tool."""
    for line in LINES:
        state, action = copy.deepcopy(line["state"]), copy.deepcopy(line["action"])
        if action["tool"] == tool and gift in (
            None,
            str(action.get("payment_method")).startswith("gift"),
        ):
            return state, action
    raise LookupError(tool)


CANCEL, ADDRESS, PAYMENT = (
    "cancel_pending_order",
    "modify_pending_order_address",
    "modify_pending_order_payment",
)
ITEMS, RETURN, EXCHANGE = (
    "modify_pending_order_items",
    "return_delivered_order_items",
    "exchange_delivered_order_items",
)
HOME = "modify_user_address"


def put(path: str, value: Any) -> Callable[[Any, Any], None]:
    """Change one place of the record: ``order.status``; ``action.x`` is a place of the action."""

    def change(state: Any, action: Any) -> None:
        *folders, last = path.split(".")
        there = action if folders[:1] == ["action"] else state
        for folder in folders if there is state else folders[1:]:
            there = there[int(folder) if folder.isdigit() else folder]
        there[int(last) if last.isdigit() else last] = value

    return change


def poor_gift_card(state: Any, action: Any) -> None:
    """The gift card is named, and one cent short of anything."""
    for method in state["payment_methods"]:
        if method["kind"] == "gift card":
            method["balance"] = 0.0
            state["details"]["payment_methods"], action["payment_method"] = (
                [method["id"]],
                method["id"],
            )
    for item in state["catalogue"]:
        if item["item_id"] in state["details"]["new_items"]:
            item["price"] = 10_000.0


def new_item(field: str, value: Any) -> Callable[[Any, Any], None]:
    def change(state: Any, action: Any) -> None:
        for item in state["catalogue"]:
            if item["item_id"] in action["new_items"]:
                item[field] = value

    return change


def same_option(state: Any, action: Any) -> None:
    state["details"]["new_items"] = action["new_items"] = list(action["items"])


def pay_with_paypal(state: Any, action: Any) -> None:
    method = next(
        item["id"]
        for item in state["payment_methods"]
        if item["kind"] == "paypal" and item["id"] != state["order"]["paid_with"]
    )
    state["details"]["payment_methods"], action["payment_method"] = [method], method


def pay_as_before(state: Any, action: Any) -> None:
    state["details"]["payment_methods"], action["payment_method"] = (
        [state["order"]["paid_with"]],
        state["order"]["paid_with"],
    )


def two_methods(state: Any, action: Any) -> None:
    state["details"]["payment_methods"] = [method["id"] for method in state["payment_methods"][:2]]
    action["payment_method"] = state["details"]["payment_methods"][0]


def half_of_the_items(state: Any, action: Any) -> None:
    action["items"] = ["0000000000"]


WRONG: list[tuple[str, Callable[[Any, Any], None], str]] = [
    *(
        (tool, put("verified_user", ""), "2")
        for tool in (CANCEL, ADDRESS, PAYMENT, ITEMS, RETURN, EXCHANGE, HOME)
    ),
    *(
        (tool, put("confirmed", ""), "6")
        for tool in (CANCEL, ADDRESS, PAYMENT, ITEMS, RETURN, EXCHANGE, HOME)
    ),
    *(
        (tool, put("order.user_id", "somebody_else_1"), "5")
        for tool in (CANCEL, ADDRESS, PAYMENT, ITEMS, RETURN, EXCHANGE)
    ),
    *(
        (tool, put("order.status", "processed"), "20")
        for tool in (CANCEL, ADDRESS, PAYMENT, ITEMS, RETURN, EXCHANGE)
    ),
    *(
        (tool, put("order.status", "pending (items modified)"), "20")
        for tool in (CANCEL, ADDRESS, PAYMENT, ITEMS)
    ),
    *((tool, put("reminded", False), "29") for tool in (ITEMS, EXCHANGE)),
    *((tool, put("called", [tool]), "18") for tool in (ITEMS, EXCHANGE)),
    *(
        (tool, change, "30")
        for tool in (ITEMS, EXCHANGE)
        for change in (new_item("available", False), new_item("product", "boat"), same_option)
    ),
    (CANCEL, put("confirmed", RETURN), "6"),
    (CANCEL, put("order.status", "delivered"), "20"),
    (RETURN, put("order.status", "pending"), "20"),
    (CANCEL, put("action.reason", "ordered by mistake"), "7"),
    (ADDRESS, put("action.address", "1 Nowhere"), "7"),
    (HOME, put("action.user_id", "somebody_else_1"), "5"),
    (PAYMENT, poor_gift_card, "26"),
    (PAYMENT, pay_as_before, "25"),
    (PAYMENT, two_methods, "25"),
    (ITEMS, poor_gift_card, "32"),
    (EXCHANGE, poor_gift_card, "32"),
    (RETURN, pay_with_paypal, "35"),
    (RETURN, half_of_the_items, "7"),
]


@pytest.mark.parametrize(("tool", "spoil", "rule"), WRONG)
def test_the_checker_refuses_a_call_that_one_thing_makes_wrong(
    tool: str, spoil: Callable[[Any, Any], None], rule: str
) -> None:
    state, action = right(tool)
    assert violation(state, action) is None
    spoil(state, action)
    found = list(CHECKER["violations"](state, action))
    assert any(fault.startswith(rule) for fault in found), found


REPLIES: list[tuple[str, dict[str, Any]]] = [
    ("train-008", {"tool": "reply", "kind": "give_information"}),  # not authenticated
    ("train-008", {"tool": "transfer_to_human"}),
    ("train-008", {"tool": "find_user_id_by_email", "email": "made.up@example.com"}),
    ("train-001", {"tool": "reply", "kind": "ask_identity"}),  # authenticated already
    ("train-001", {"tool": "reply", "kind": "deny", "why": "not_pending"}),  # it is pending
    ("train-001", {"tool": "reply", "kind": "deny", "why": "balance"}),
    ("train-001", {"tool": "reply", "kind": "ask_details", "missing": ["reason"]}),  # it was given
    (
        "train-002",
        {"tool": "reply", "kind": "ask_confirmation", "about": CANCEL},
    ),  # processed: nothing to confirm
    ("train-009", {"tool": "reply", "kind": "give_information"}),  # another user's order
    (
        "train-042",
        {"tool": "reply", "kind": "ask_confirmation", "about": ITEMS},
    ),  # not reminded yet
]


@pytest.mark.parametrize(("name", "action"), REPLIES)
def test_the_checker_refuses_replies_that_the_record_does_not_bear_out(
    name: str, action: dict[str, Any]
) -> None:
    assert violation(BY_ID[name]["state"], action) is not None
