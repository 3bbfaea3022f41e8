from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from logicdistill.compare.baselines.actions import coder_for
from logicdistill.compare.baselines.teaching import TeacherStep, Training, collect_actions
from logicdistill.compare.baselines.text import (
    CallPlayer,
    CallStudent,
    PromptedPlayer,
    Writer,
    ZeroShotPlayer,
    fit_text_player,
    load_text_player,
)
from logicdistill.errors import CorruptError, UnknownNameError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.policy import Policy
from logicdistill.students.language import LanguageModel, Written
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore, shipped_replies
from logicdistill.teacher.write import Author
from logicdistill.training.labelling import Labeller
from logicdistill.types import Query


class Says(Writer):
    """A writer whose answers are known beforehand, for what follows from an answer."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.prompts = list(texts), list[str]()

    def write(self, prompts: Any) -> list[Written]:
        self.prompts += prompts
        return [
            Written(self.texts[index % len(self.texts)], 5, 2, 1.0)
            for index, _ in enumerate(prompts)
        ]


@pytest.fixture
def policy(run_folder: Path) -> Iterator[Policy]:
    with Policy.load(run_folder, student="first") as loaded:
        yield loaded


@pytest.fixture
def labeller(run_folder: Path, policy: Policy) -> Labeller:
    author = Author(
        RecordedTeacher(ReplyStore(run_folder / "replies"), [shipped_replies("guess-v1")]),
        policy.task,
    )
    return Labeller(author, policy.parts.sandbox, strict=False)


def fitted(
    kind: str, policy: Policy, labeller: Labeller, model: Path, folder: Path
) -> list[TeacherStep]:
    steps = collect_actions(policy.parts, labeller, range(3))
    record = fit_text_player(
        kind, steps, steps, policy.parts, labeller, str(model), Training(folder, 4)
    )
    assert {"seconds", "examples", "curve", "accuracy", "peak_rss_mb"} <= set(record)
    return steps


@pytest.mark.parametrize("kind", ["kd-causal", "cot-kd", "call-causal"])
def test_a_player_is_trained_and_plays(
    kind: str, policy: Policy, labeller: Labeller, tiny_causal: Path, tmp_path: Path
) -> None:
    fitted(kind, policy, labeller, tiny_causal, tmp_path)
    player = load_text_player(kind, tmp_path, policy.parts)
    answers = player.answers([first_state(policy.task, seed) for seed in range(100_000, 100_003)])
    assert len(answers) == 3
    assert all(
        answer.tokens_in > 0 and answer.tokens_out > 0 and (answer.entropy_bits or 0) > 0
        for answer in answers
    )


def test_the_legal_player_never_answers_with_an_illegal_action(
    policy: Policy, labeller: Labeller, tiny_causal: Path, tmp_path: Path
) -> None:
    steps = fitted("kd-causal", policy, labeller, tiny_causal, tmp_path)
    plain, legal = (
        load_text_player(kind, tmp_path, policy.parts) for kind in ("kd-causal", "kd-causal-legal")
    )
    states = [dict(step.state) for step in steps[:4]]
    assert any(
        answer.action is None or policy.task.illegal(s, answer.action)
        for s, answer in zip(states, plain.answers(states), strict=True)
    )
    assert not any(
        policy.task.illegal(s, answer.action)
        for s, answer in zip(states, legal.answers(states), strict=True)
    )


def test_what_is_no_action_is_none_and_an_action_is_read_as_it_stands(policy: Policy) -> None:
    env = policy.task.make_env()
    state = policy.task.state(env, env.reset(seed=100_000)[0])
    said = ["3", "three", "3 is my guess", "-5"]
    player = PromptedPlayer(Says(*said), policy.parts, reasons=False, legal=())
    assert [answer.action for answer in player.answers([state] * 4)] == [3, None, None, -5]
    reasoned = PromptedPlayer(
        Says("many numbers are left. Action: 3", "I would name 3"),
        policy.parts,
        reasons=True,
        legal=(),
    )
    assert [answer.action for answer in reasoned.answers([state] * 2)] == [3, None]


def test_a_call_of_no_candidate_makes_the_answer_unusable_and_a_call_of_one_runs_it(
    policy: Policy,
) -> None:
    env = policy.task.make_env()
    state = policy.task.state(env, env.reset(seed=100_000)[0])
    says = Says("open in the middle")
    [right] = CallPlayer(says, policy.parts).answers([state])
    [wrong] = CallPlayer(Says("open the door"), policy.parts).answers([state])
    assert right.action == policy.task.optimal_action(env, state)
    assert right.decision is not None
    assert right.decision.trace[-1].function == "open_in_the_middle"
    assert wrong.action is None
    assert all(
        name.replace("_", " ") in says.prompts[0] for name in ("halve_above", "name_the_last")
    )


def test_a_call_does_not_depend_on_the_order_of_the_candidates(policy: Policy) -> None:
    stage = policy.base.stage("guess")
    functions = policy.base.of_stage("guess")
    queries = [
        Query(stage, "numbers left: two", found, {}) for found in (functions, functions[::-1])
    ]
    says = Says("take the lower of two")
    first, second = CallStudent(says).select(queries)
    assert first == second
    assert first.selected == "take_the_lower_of_two"
    assert says.prompts[0] == says.prompts[1]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("guess", "a whole number"),
        ("twentyone", "double quotes"),
        ("pursuit", "right, left, down, up"),
    ],
)
def test_the_untrained_model_reads_the_rules_the_state_and_the_form_of_an_action(
    name: str, form: str, policy: Policy
) -> None:
    task = get_task(name)
    env = task.make_env()
    state = task.state(env, env.reset(seed=100_000)[0])
    says = Says("?")
    says.model = type("Plain", (), {"tokenizer": None})()  # type: ignore[assignment]
    [answer] = ZeroShotPlayer(says, replace(policy.parts, task=task)).answers([state])
    assert answer.action is None
    assert all(rule in says.prompts[0] for rule in task.rules)
    assert form in says.prompts[0]
    assert (
        coder_for(task.id).encode(state, task.fallback(state)) not in says.prompts[0].splitlines()
    )


def test_an_answer_is_written_once_a_prompt(tiny_causal: Path) -> None:
    writer = Writer(LanguageModel(str(tiny_causal)), 4)
    first = writer.write(["light: red", "light: green", "light: red"])
    assert first[0] == first[2]
    writer.model = None  # type: ignore[assignment]
    assert writer.write(["light: green", "light: red"]) == [first[1], first[0]]


def test_a_player_that_forgot_gives_the_same_figures_as_at_first(
    policy: Policy, labeller: Labeller, tiny_causal: Path, tmp_path: Path
) -> None:
    steps = fitted("kd-causal", policy, labeller, tiny_causal, tmp_path)
    states = [dict(step.state) for step in steps[:5]]
    player = load_text_player("kd-causal", tmp_path, policy.parts)
    first = player.answers(states)
    player.answers(states[:1])
    player.forget()
    assert player.answers(states) == first


def test_an_unknown_kind_and_a_damaged_folder_are_named(
    policy: Policy, labeller: Labeller, tiny_causal: Path, tmp_path: Path
) -> None:
    with pytest.raises(UnknownNameError, match="kd-causal"):
        load_text_player("kd-casual", tmp_path, policy.parts)
    fitted("kd-causal", policy, labeller, tiny_causal, tmp_path)
    (tmp_path / "labels.json").write_text("[1")
    with pytest.raises(CorruptError, match=r"labels\.json"):
        load_text_player("kd-causal-legal", tmp_path, policy.parts)
    (tmp_path / "causal.toml").unlink()
    with pytest.raises(CorruptError, match=r"causal\.toml"):
        load_text_player("cot-kd", tmp_path, policy.parts)
