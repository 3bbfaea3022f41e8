"""A told rule about words: sentences that fit and near misses, and no condition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tiny import tiny_encoder
from tests.writing.test_base import QueuedTeacher

from logicdistill.errors import GateRefusal
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.functions.manual import parse_function
from logicdistill.policy import Policy
from logicdistill.students.pretrained import load_student
from logicdistill.tasks.records import RecordTask
from logicdistill.training.collect import TrainingExample
from logicdistill.training.frozen import fit_pretrained
from logicdistill.types import Stage

RULE = "Messages about a stolen phone go to the theft desk."
STAGE = Stage("intent", "intent", "What is wanted?", reads=("message",), text=("message",))
SAID = {
    "billing": ["my bill is wrong", "i was charged twice", "why is the invoice so high",
                "there is a strange fee on my bill", "refund the double charge"],
    "login": ["i cannot log in", "my password does not work", "the app rejects my password",
              "i am locked out of my account", "reset my login please"],
    "delivery": ["where is my parcel", "the package is late", "when will my order arrive",
                 "my delivery never came", "track my shipment"],
}  # fmt: skip
USE = {
    "billing": "the customer asks about a bill, a charge or an invoice.",
    "login": "the customer cannot sign in or has lost a password.",
    "delivery": "the customer asks where a parcel is or when it comes.",
}
FITS = ("my phone was stolen", "someone stole my phone", "a thief took my phone on the train",
        "phone stolen yesterday please help")  # fmt: skip
NEAR = ("my phone is broken", "i forgot the pin of my phone", "a thief stole my wallet")
FIELDS = {"message": {"type": "string", "format": "text"}, "amount": {"type": "integer"}}


def file(name: str, *lines: str) -> str:
    manual = "".join(f"    {line}\n" for line in lines)
    return f'def {name}() -> str:\n    """Handle {name}.\n\n{manual}    """\n    return "{name}"\n'


def handler(name: str) -> str:
    return file(name, f"Use when: {USE[name]}", *(f"Example: {said}" for said in SAID[name]))


def theft(*more: str, fits: tuple[str, ...] = FITS, near: tuple[str, ...] = NEAR) -> str:
    sentences = [*(f"Example: {text}" for text in fits), *(f"Not: {text}" for text in near)]
    return file("theft", "Use when: a phone was stolen.", *more, *sentences)


def told(*sources: str) -> QueuedTeacher:
    first, *repairs = sources
    functions = {"functions": [{"stage": "intent", "file": first}]}
    again = [{"files": [source]} for source in repairs]
    return QueuedTeacher(emergency=[functions], repair=again)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder without its record: task, base and student."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "task").mkdir()
    actions = json.dumps([*SAID, "theft", "ask"])
    settings = f'id = "desk-v1"\ntitle = "A desk"\nactions = {actions}\nfallback = "ask"\n'
    (folder / "task" / "task.toml").write_text(settings)
    (folder / "task" / "rules.md").write_text("# Desk\n\n1. Each message goes to its desk.\n")
    schema = {"type": "object", "properties": FIELDS, "required": [*FIELDS]}
    schema["additionalProperties"] = False
    (folder / "task" / "schema.json").write_text(json.dumps(schema))
    states = [
        {
            "id": f"s{n}",
            "state": {"message": text, "amount": 1},
            "action": name,
            "split": ("train", "validation", "test")[n % 3],
        }
        for n, (name, text) in enumerate((name, text) for name in SAID for text in SAID[name])
    ]
    lines = "".join(f"{json.dumps(state)}\n" for state in states)
    (folder / "task" / "states.jsonl").write_text(lines)
    functions = [parse_function(handler(name), STAGE) for name in SAID]
    base = FunctionBase("desk-v1", (STAGE,)).having(functions)
    BaseFolder(folder / "base").commit(base, [{"op": "admit"}])
    asks = [
        TrainingExample("intent", text, tuple(SAID), name) for name in SAID for text in SAID[name]
    ]
    fit_pretrained([STAGE], functions, asks, tiny_encoder(), folder / "student")
    return folder


@pytest.fixture
def policy(made: Path) -> Iterator[Policy]:
    base = BaseFolder(made / "base").load()
    with Policy(RecordTask(made / "task"), base, load_student(made / "student")) as policy:
        yield policy


def state(message: str, amount: int = 1) -> dict[str, object]:
    return {"message": message, "amount": amount}


def test_a_told_rule_takes_its_messages_and_moves_none_between_the_others(policy: Policy) -> None:
    others = [text for texts in SAID.values() for text in texts] + list(NEAR)
    before = [policy.decide(state(text)) for text in others]
    proposal = policy.proposing.tell(RULE, told(theft()))
    shown = policy.impact(proposal)
    assert shown.changed == 0
    assert shown.decided > 0
    assert policy.impact(proposal, [state(FITS[0]), state("my bill is wrong")]).changed == 1
    policy.accept(proposal)
    for text in FITS:
        assert policy.decide(state(text)).action == "theft"
    after = [policy.decide(state(text)) for text in others]
    assert [one.action for one in after] == [one.action for one in before]
    [step] = policy.decide(state(FITS[1])).trace
    assert step.told == (RULE,)
    assert any(RULE in line for line in step.explained())


def test_near_misses_keep_the_function_from_what_shares_its_words(policy: Policy) -> None:
    asked, shares = state("my phone is slow and broken"), []
    for near in (NEAR, ("a thief stole my wallet", "a thief took my car")):
        proposal = policy.proposing.tell(RULE, told(theft(near=near)))
        student = policy.parts.student.adapted(proposal.new.functions)  # type: ignore[attr-defined]
        found = student.heads["intent"]
        columns = [found.apart.column["theft"]]
        vectors = student.embed_views([asked["message"]])
        shares.append(found.apart.shares([asked["message"]], vectors, columns)[0, 1])
    assert shares[0] < shares[1]


def test_a_policy_that_learned_of_it_later_decides_the_same(policy: Policy, made: Path) -> None:
    policy.tell(RULE, told(theft()))
    asked = [state(text) for text in (*FITS, *NEAR, "track my parcel", "hello there")]
    task = RecordTask(made / "task")
    with Policy(task, policy.base, load_student(made / "student")) as fresh:
        assert fresh.decide_many(asked) == policy.decide_many(asked)
    packed = made.parent / "desk.policy"
    policy.pack(packed)
    with Policy.load(packed, task=task) as other:
        for one, two in zip(other.decide_many(asked), policy.decide_many(asked), strict=True):
            assert one.action == two.action
            assert one.confidence == pytest.approx(two.confidence)


def test_a_condition_beside_the_words_says_where_it_may_be_and_words_where_it_is(
    policy: Policy,
) -> None:
    policy.tell(RULE, told(theft("When: amount > 500")))
    assert policy.decide(state(FITS[0], 501)).action == "theft"
    assert policy.decide(state(FITS[0], 500)).action != "theft"
    assert policy.decide(state("my bill is wrong", 501)).action == "billing"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (theft(near=()), "it shows 0 sentences as 'Not:'"),
        (theft(fits=FITS[:2]), "it shows 2 sentences as 'Example:'"),
        (theft(fits=(*FITS, "Track my shipment!")), "is one of delivery too"),
        (theft(fits=(*FITS, NEAR[0])), "is a usage example and a near miss"),
    ],
)
def test_too_few_sentences_or_those_of_another_function_go_back_to_the_teacher(
    policy: Policy, source: str, said: str
) -> None:
    before = policy.base.snapshot
    with pytest.raises(GateRefusal) as caught:
        policy.tell(RULE, told(*[source] * 4))
    assert said in str(caught.value)
    assert "Replaces" not in str(caught.value)
    assert policy.base.snapshot == before
    teacher = told(source, theft())
    policy.tell(RULE, teacher)
    assert said in teacher.asked[-1].messages[-1][1]


def test_a_keyword_condition_that_breaks_an_example_is_answered_with_sentences_not_replaces(
    policy: Policy,
) -> None:
    source = '''def theft(message: str) -> str:
    """Handle theft.

    Use when: a phone was stolen.
    When: "my" in message
    >>> theft(message="my phone was stolen")
    'theft'
    """
    return "theft"
'''
    parcel = '''def delivery(message: str) -> str:
    """Handle delivery.

    Use when: a parcel is late.
    >>> delivery(message="where is my parcel")
    'delivery'
    """
    return "delivery"
'''
    others = [one for one in policy.base.functions if one.name != "delivery"]
    base = policy.base.having([*others, parse_function(parcel, STAGE)])
    with (
        Policy(policy.task, base, policy.parts.student) as other,
        pytest.raises(GateRefusal, match=r"leave 'When:' and 'Replaces:' out .*\('Not:'\)"),
    ):
        other.tell(RULE, told(*[source] * 4))


def test_near_misses_belong_to_stages_that_read_words(policy: Policy) -> None:
    facts = Stage("intent", "intent", "What?", reads=("amount",))
    with pytest.raises(GateRefusal, match="no student reads words in stage 'intent'"):
        Gate.of(policy.task, [facts]).admit(theft(), facts, {})


def test_the_teacher_is_asked_for_sentences_where_words_are_read(policy: Policy) -> None:
    teacher = told(theft())
    policy.tell(RULE, teacher)
    asked = teacher.asked[0].messages[-1][1]
    assert "It is different in the stage `intent`" in asked
    assert "Not: a message that is near it" in asked
