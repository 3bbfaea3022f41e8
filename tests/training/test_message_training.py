from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from logicdistill.errors import BaseError, CorruptError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function
from logicdistill.policy import Policy
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.weights import find_weights
from logicdistill.tasks.registry import get_task
from logicdistill.training.collect import TrainingExample
from logicdistill.training.export import export
from logicdistill.training.fit import Recipe, fit
from logicdistill.training.messages import MessagePlan, MessageRecipe, split
from logicdistill.training.network import FittedEncoder
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


def fitted(steps: int, seed: int = 0) -> FittedEncoder:
    return fit(
        [STAGE], FUNCTIONS, EXAMPLES, find_weights("minilm"), seed=seed, recipe=Recipe(steps=steps)
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[FittedEncoder, Path]:
    folder = tmp_path_factory.mktemp("student")
    found = fitted(3)
    export(found, folder)
    return found, folder


def test_the_same_seed_gives_the_same_student_and_training_changes_it(
    trained: tuple[FittedEncoder, Path],
) -> None:
    texts = ["my card is gone", "dollars to euros"]
    assert np.array_equal(trained[0].vectors(texts), fitted(3).vectors(texts))
    assert not np.allclose(trained[0].vectors(texts), fitted(0).vectors(texts))


def test_every_function_with_five_messages_holds_some_out(
    trained: tuple[FittedEncoder, Path],
) -> None:
    held = trained[0].held_out
    assert {message.label for message in held} == set(NAMES)
    few = [
        example
        for example in EXAMPLES
        if example.view in MESSAGES["top_up"][:4] or example.label != "top_up"
    ]
    found = fit([STAGE], FUNCTIONS, few, find_weights("minilm"), recipe=Recipe(steps=0))
    assert {message.label for message in found.held_out} == set(NAMES) - {"top_up"}


def test_a_base_of_facts_and_messages_trains_both_in_turns() -> None:
    facts = Stage("move", "move", "Where?", reads=("facts",))
    moves = [
        Function(name, "move", f"# {name}", (), Manual(name, name), (text,))
        for name, text in (("go", "light is green"), ("wait", "light is red"))
    ]
    asked = [
        TrainingExample("move", f"light: {light}", ("go", "wait"), name)
        for light, name in (("green", "go"), ("red", "wait"))
    ]
    found = fit(
        [STAGE, facts],
        [*FUNCTIONS, *moves],
        [*EXAMPLES, *asked],
        find_weights("minilm"),
        recipe=Recipe(steps=4),
    )
    assert set(found.by_stage) == {"reply"}
    assert found.scoring.sharpness != found.by_stage["reply"].sharpness


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
    tmp_path: Path,
) -> None:
    """The words alone are embedded, and looked for among usage examples; what stands on record is weighed by how often it was there."""
    beside = replace(STAGE, reads=("message", "form"))
    examples = [
        replace(
            example,
            view=f"{example.view}, asks for: {example.label}",
            words=example.view,
            facts=(f"asks for: {example.label}",),
        )
        for example in EXAMPLES
    ]
    found = fit([beside], FUNCTIONS, examples, find_weights("minilm"), recipe=Recipe(steps=0))
    assert {message.view for message in found.held_out} <= {
        text for texts in MESSAGES.values() for text in texts
    }
    export(found, tmp_path)
    student = EncoderStudent(tmp_path)
    plain = {"message": "good morning"}
    scopes = [plain, *({**plain, "form": {"asks_for": name}} for name in NAMES)]
    queries = [
        Query(beside, render_view(beside, scope), tuple(FUNCTIONS), scope) for scope in scopes
    ]
    unaided, *aided = (
        {c.name: c.probability for c in choice.ranked} for choice in student.select(queries)
    )
    for name, choice in zip(NAMES, aided, strict=True):
        assert choice[name] > unaided[name]
        assert all(choice[other] < unaided[other] for other in NAMES if other != name)
    (tmp_path / "evidence.json").write_text("[]")
    with pytest.raises(CorruptError, match=r"evidence\.json"):
        EncoderStudent(tmp_path)


def test_a_function_added_later_is_chosen_and_calibrates_anew(
    trained: tuple[FittedEncoder, Path],
) -> None:
    student = EncoderStudent(trained[1])
    added = function("weather", "will it rain tomorrow", "how warm is it in oslo", "is it snowing")
    query = Query(STAGE, "is it going to rain today", (*FUNCTIONS, added), {})
    before = dict(student.by_stage)
    adapted = student.adapted([*FUNCTIONS, added])
    assert adapted.select([query])[0].ranked[0].name == "weather"
    assert adapted.by_stage["reply"] != before["reply"]
    assert adapted.adapted(FUNCTIONS).by_stage == student.by_stage == before


def test_a_damaged_calibration_is_named(
    trained: tuple[FittedEncoder, Path], tmp_path: Path
) -> None:
    for file in trained[1].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "calibration.json").write_text("{}")
    with pytest.raises(CorruptError, match=r"calibration\.json"):
        EncoderStudent(tmp_path)


def test_an_error_rate_is_promised_only_where_messages_were_held_out(
    trained: tuple[FittedEncoder, Path], tmp_path: Path
) -> None:
    student = EncoderStudent(trained[1])
    assert 0 < student.least_confidences(FUNCTIONS, 0.6)["reply"] <= 1
    few = [
        TrainingExample("reply", text, NAMES, name) for name in NAMES for text in MESSAGES[name][:2]
    ]
    export(fit([STAGE], FUNCTIONS, few, find_weights("minilm"), recipe=Recipe(steps=0)), tmp_path)
    with pytest.raises(BaseError, match="this student has none"):
        EncoderStudent(tmp_path).least_confidences(FUNCTIONS, 0.6)


REPLY = '''def {name}(n: int) -> int:
    """Reply to {name}.

    Use when: {name}.
    """
    return 50
'''


def test_a_change_after_which_the_error_rate_cannot_be_promised_changes_nothing(
    trained: tuple[FittedEncoder, Path], tmp_path: Path
) -> None:
    folder, task = BaseFolder(tmp_path / "base"), get_task("guess")
    functions = [parse_function(REPLY.format(name=name), STAGE) for name in (*NAMES, "silent")]
    folder.commit(FunctionBase(task.id, (STAGE,)).having(functions), [])
    state = {"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6}
    with Policy(
        task, folder.load(), EncoderStudent(trained[1]), folder=folder, max_error=0.9
    ) as policy:
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
