from __future__ import annotations

import random
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.tiny import tiny_encoder

from logicdistill.errors import BaseError, CorruptError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function
from logicdistill.policy import Policy
from logicdistill.students.calibration import Scored
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.pretrained import load_student
from logicdistill.students.saved import save_settings
from logicdistill.tasks.registry import get_task
from logicdistill.training.collect import TrainingExample
from logicdistill.training.export import export
from logicdistill.training.facts import FactRecipe
from logicdistill.training.fit import PATIENCE, Recipe, fit
from logicdistill.training.messages import MessagePlan, MessageRecipe, split
from logicdistill.training.network import FittedEncoder, SentenceEncoder
from logicdistill.types import Function, Manual, Query, Stage
from logicdistill.views import render_view

STAGE = Stage("reply", "reply", "Which handler?", reads=("message",), text=("message",))
MESSAGES = {
    "lost_card": [
        "my card is gone",
        "i lost my card",
        "someone stole my card",
        "cannot find my card",
        "my bank card is missing",
        "lost my visa",
    ],
    "exchange": [
        "what is the euro rate",
        "dollars to euros",
        "how many yen for a pound",
        "exchange rate today",
        "rate for francs",
        "usd in gbp",
    ],
    "top_up": [
        "add money",
        "put money on my account",
        "how do i top up",
        "load my account",
        "top up by cheque",
        "i want to add funds",
    ],
}
NAMES = tuple(sorted(MESSAGES))


def function(name: str, *usage: str) -> Function:
    return Function(
        name,
        "reply",
        f"# {name}",
        ("message",),
        Manual(name, name),
        (name.replace("_", " "), *usage),
    )


FUNCTIONS = [function(name, *MESSAGES[name][:3]) for name in NAMES]
EXAMPLES = [
    TrainingExample("reply", text, NAMES, name) for name in NAMES for text in MESSAGES[name]
]
FORMS = Stage("form", "form", "Which one?", reads=("message", "form"), text=("message",))
WITH_FORMS = [replace(f, name=f"{f.name}_form", stage="form") for f in FUNCTIONS]
BESIDE = [
    TrainingExample(
        "form",
        f"{one.view}, asks for: {one.label}",
        tuple(f"{name}_form" for name in NAMES),
        f"{one.label}_form",
        words=one.view,
        facts=(f"asks for: {one.label}",),
    )
    for one in EXAMPLES
]
LIGHTS = Stage("move", "move", "Where?", reads=("facts",))
MOVES = [
    Function(name, "move", f"# {name}", (), Manual(name, name), (f"light is {light}",))
    for light, name in (("green", "go"), ("red", "wait"))
]
SEEN = [
    TrainingExample("move", f"light: {light}", ("go", "wait"), name)
    for light, name in (("green", "go"), ("red", "wait"))
]
ALL = [*FUNCTIONS, *WITH_FORMS, *MOVES]


def fitted(steps: int, held_out: float = 0.1) -> FittedEncoder:
    facts = FactRecipe(real_views=4, synthetic=2, distractors=2)
    recipe = Recipe(steps=steps, facts=facts, messages=MessageRecipe(held_out=held_out))
    examples = [*EXAMPLES, *BESIDE, *SEEN]
    return fit([STAGE, FORMS, LIGHTS], ALL, examples, tiny_encoder(), recipe=recipe)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[FittedEncoder, Path]:
    """Of a stage of messages, a stage of messages with facts beside them, and a stage of facts."""
    folder = tmp_path_factory.mktemp("student")
    found = fitted(3)
    export(found, folder)
    return found, folder


def test_the_same_seed_gives_the_same_student_and_training_changes_it(
    trained: tuple[FittedEncoder, Path],
) -> None:
    texts = ["my card is gone", "dollars to euros"]
    again = fitted(3)
    assert np.array_equal(trained[0].vectors(texts), again.vectors(texts))
    pretrained = SentenceEncoder(tiny_encoder()).eval().encode(texts).detach().numpy()
    assert not np.allclose(again.vectors(texts), pretrained)


def test_training_ends_when_held_out_accuracy_is_flat_and_the_bar_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("logicdistill.training.fit.LEAST_BETWEEN", 2)
    recipe, told = Recipe(steps=60), list[tuple[int, int]]()
    given, on_progress = ([STAGE], FUNCTIONS, EXAMPLES, tiny_encoder()), lambda *at: told.append(at)
    found = fit(*given, on_progress=on_progress, recipe=recipe)
    assert PATIENCE * 3 <= found.steps < 60
    assert told[-1] == (60, 60)
    assert len(told) == found.steps + 1
    steps = iter(range(100))
    monkeypatch.setattr("logicdistill.training.fit.score", lambda *_: better(next(steps)))
    assert fit(*given, recipe=recipe).steps == 60  # each check is better than the one before


def better(count: int) -> Scored:
    return Scored(np.ones((count, 1)), np.zeros(count, np.int64), None)


def test_every_function_with_five_messages_holds_some_out() -> None:
    few = [one for one in EXAMPLES if one.label != "top_up" or one.view in MESSAGES["top_up"][:4]]
    for examples, names in ((EXAMPLES, {*NAMES}), (few, {*NAMES} - {"top_up"})):
        held, _ = split(examples, 0.1, random.Random(0))
        assert {message.label for message in held} == names


def test_a_base_of_facts_and_messages_trains_both_in_turns(
    trained: tuple[FittedEncoder, Path],
) -> None:
    assert set(trained[0].by_stage) == {"reply", "form"}
    assert trained[0].scoring.sharpness != trained[0].by_stage["reply"].sharpness


def test_where_all_stages_read_messages_some_of_the_pretrained_weights_are_kept() -> None:
    recipe, texts = Recipe(steps=1), ["my card is gone"]
    whole = replace(recipe, messages=replace(recipe.messages, kept=1.0))
    weights = tiny_encoder()
    mixed, kept = (
        fit([STAGE], FUNCTIONS, EXAMPLES, weights, recipe=one).vectors(texts)
        for one in (recipe, whole)
    )
    pretrained = SentenceEncoder(weights).eval().encode(texts).detach().numpy()
    assert np.allclose(kept, pretrained, atol=1e-6)
    assert not np.allclose(mixed, pretrained, atol=1e-6)


def test_the_same_words_beside_other_facts_are_held_out_together() -> None:
    said = [
        replace(example, facts=(f"asked: {time}",))
        for example in EXAMPLES
        for time in ("once", "twice")
    ]
    held, kept = split(said, 0.3, random.Random(0))
    assert {message.view for message in held}.isdisjoint(example.view for example in kept)
    assert len(held) + len(kept) == len(said)
    assert {message.label for message in held} == set(NAMES)


def test_facts_beside_the_words_speak_for_the_function_that_they_were_seen_with(
    trained: tuple[FittedEncoder, Path], tmp_path: Path
) -> None:
    """The words alone are embedded; the facts are weighed by how often they were seen."""
    said = {text for texts in MESSAGES.values() for text in texts}
    assert {message.view for message in trained[0].held_out} <= said
    student = EncoderStudent(trained[1])
    plain = {"message": "good morning"}
    scopes = [plain, *({**plain, "form": {"asks_for": name}} for name in NAMES)]
    queries = [
        Query(FORMS, render_view(FORMS, scope), tuple(WITH_FORMS), scope) for scope in scopes
    ]
    unaided, *aided = (
        {c.name: c.probability for c in choice.ranked} for choice in student.select(queries)
    )
    for name, choice in zip(NAMES, aided, strict=True):
        for other in choice:
            assert (choice[other] > unaided[other]) == (other == f"{name}_form")


@pytest.mark.parametrize(("name", "content"), [("evidence.json", "[]"), ("calibration.json", "{}")])
def test_damage_is_named(
    trained: tuple[FittedEncoder, Path], tmp_path: Path, name: str, content: str
) -> None:
    for file in trained[1].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_text(content)
    with pytest.raises(CorruptError, match=re.escape(name)):
        EncoderStudent(tmp_path)
    settings = tomllib.loads((tmp_path / "student.toml").read_text())
    save_settings(tmp_path / "student.toml", settings, list(settings["sha256"]))
    with pytest.raises(CorruptError, match=f"{re.escape(name)}: not readable"):
        EncoderStudent(tmp_path)


def test_a_function_added_later_is_chosen_and_changes_the_calibration(
    trained: tuple[FittedEncoder, Path],
) -> None:
    student = EncoderStudent(trained[1])
    added = function("weather", "will it rain tomorrow", "how warm is it in oslo", "is it snowing")
    query = Query(STAGE, "is it going to rain today", (*FUNCTIONS, added), {})
    before = dict(student.by_stage)
    adapted = student.adapted([*ALL, added])
    assert adapted.select([query])[0].ranked[0].name == "weather"
    assert adapted.by_stage["reply"] != before["reply"]
    assert adapted.adapted(ALL).by_stage == student.by_stage == before


@pytest.fixture(scope="module")
def proving(tmp_path_factory: pytest.TempPathFactory) -> EncoderStudent:
    """A student with six messages that nothing was fitted on."""
    folder = tmp_path_factory.mktemp("proving")
    export(fitted(3, held_out=0.7), folder)
    return EncoderStudent(folder)


def test_an_error_rate_is_promised_only_where_messages_were_held_out(
    proving: EncoderStudent, quick_run: Path
) -> None:
    assert 0 < proving.least_confidences(FUNCTIONS, 0.6)["reply"] <= 1
    usual = proving.usual_confidences(FUNCTIONS)
    assert all(0 < one <= 1 for one in usual.values())
    assert {*usual} <= {"reply"}
    with pytest.raises(BaseError, match="this student has none"):
        load_student(quick_run / "student").least_confidences(FUNCTIONS, 0.6)


REPLY = '''def {name}(n: int) -> int:
    """Reply to {name}.

    Use when: {name}.
    """
    return 50
'''


def test_a_change_after_which_the_error_rate_cannot_be_promised_changes_nothing(
    proving: EncoderStudent, tmp_path: Path
) -> None:
    folder, task = BaseFolder(tmp_path / "base"), get_task("guess")
    functions = [parse_function(REPLY.format(name=name), STAGE) for name in (*NAMES, "silent")]
    folder.commit(FunctionBase(task.id, (STAGE,)).having(functions), [])
    state = {"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6}
    with Policy(task, folder.load(), proving, folder=folder, max_error=0.9) as policy:
        refused = None
        for name in NAMES:
            parts, decision = policy.parts, policy.decide(state)
            try:
                policy.remove(name)
            except BaseError as error:
                refused = str(error)
                break
        assert refused is not None
        assert "promised" in refused
        assert policy.parts is parts
        assert folder.load() == policy.base
        assert name in policy.base.by_name
        assert policy.decide(state) == decision


@pytest.mark.parametrize("count", [2, 12, 100])
def test_each_message_is_shown_as_often_as_asked_however_few_the_functions(count: int) -> None:
    functions = [
        function(f"f{number}", *(f"message {number} {index}" for index in range(80)))
        for number in range(count)
    ]
    recipe = MessageRecipe(passes=6.0, least=1, most=10_000)
    plan = MessagePlan(functions, [], set(), recipe, random.Random(0))
    shown = plan.steps * min(count, recipe.functions) * recipe.messages
    assert shown / (80 * count) == pytest.approx(6.0, rel=0.01)
