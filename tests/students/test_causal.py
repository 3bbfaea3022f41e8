from __future__ import annotations

import pickle
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch

from logicdistill.errors import BaseError, CorruptError, UnknownNameError
from logicdistill.functions.manual import parse_function
from logicdistill.policy import Policy
from logicdistill.students import language
from logicdistill.students.causal import CausalScoring, CausalStudent
from logicdistill.students.language import ADAPTER_FILES, Forest, LanguageModel
from logicdistill.students.weights import CausalWeights, find_causal
from logicdistill.training.causal import CausalRecipe, fit_causal_student
from logicdistill.training.collect import TrainingExample, read_examples
from logicdistill.types import Function, Query, Stage

STAGE = Stage("pick", "pick", "What now?", reads=("facts",))
LIGHTS = {"green": "go_on", "red": "wait_here", "amber": "slow_down"}
VIEWS = [f"light: {light}" for light in LIGHTS]


def function(name: str, use: str) -> Function:
    manual = f'    """Do.\n\n    Use when: {use}\n    """\n'
    return parse_function(
        f"def {name}(facts: dict[str, str]) -> int:\n{manual}    return 1\n", STAGE
    )


FUNCTIONS = tuple(function(name, f"the light is {light}.") for light, name in LIGHTS.items())
EXAMPLES = [
    TrainingExample("pick", view, tuple(LIGHTS.values()), label)
    for view, label in zip(VIEWS, LIGHTS.values(), strict=True)
]


def trained(tiny_causal: Path, folder: Path, shown: int = 60) -> Path:
    fit_causal_student(
        [STAGE],
        FUNCTIONS,
        EXAMPLES,
        str(tiny_causal),
        folder,
        shown,
        recipe=CausalRecipe(layers=None),
    )
    return folder


@pytest.fixture(scope="module")
def folder(tiny_causal: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tiny_causal, tmp_path_factory.mktemp("ld-causal"))


def asked(views: Sequence[str] = VIEWS, functions: tuple[Function, ...] = FUNCTIONS) -> list[Query]:
    return [Query(STAGE, view, functions, {}) for view in views]


def test_merged_beginnings_give_the_log_probabilities_of_each_sequence_alone(
    tiny_causal: Path,
) -> None:
    model = LanguageModel(str(tiny_causal))
    prompts = [model.encode(text) for text in ("light: red. ", "light: red. What", "light: green")]
    pairs = [
        (prompt, model.encode(rest))
        for prompt in prompts
        for rest in ("wait here\n", "wait\n", "go on\n")
    ]
    for (prompt, rest), found in zip(pairs, model.scored(pairs), strict=True):
        with torch.inference_mode():
            logs = model.network(input_ids=torch.tensor([prompt + rest])).logits[0].log_softmax(-1)
        expected = [float(logs[len(prompt) - 1 + index, token]) for index, token in enumerate(rest)]
        assert found == pytest.approx(expected, abs=1e-4)


def test_a_beginning_that_sequences_share_is_one_path() -> None:
    forest = Forest()
    paths = [forest.add(tokens) for tokens in ([1, 2, 3], [1, 2, 4], [2], [1, 2, 3])]
    assert (forest.ids, forest.depths) == ([1, 2, 3, 4, 2], [0, 1, 2, 2, 0])
    assert paths[0] == paths[3] == [0, 1, 2]


def test_written_text_is_what_the_model_finds_most_probable_whatever_stands_beside_it(
    tiny_causal: Path,
) -> None:
    model = LanguageModel(str(tiny_causal))
    prompts = ["light: red", "light: green and a longer prompt", "What now?", "light: red and"]
    for prompt, together in zip(prompts, model.write(prompts, 6), strict=True):
        ids = model.encode(prompt)
        bits = 0.0
        for _ in range(together.tokens_out):
            with torch.inference_mode():
                logs = model.network(input_ids=torch.tensor([ids])).logits[0, -1].log_softmax(-1)
            bits -= float((logs.exp() * logs).sum()) / 0.6931471805599453
            ids.append(int(logs.argmax()))
        assert (
            together.text
            == model.tokenizer.decode(
                [token for token in ids[together.tokens_in :] if token not in model.stop]
            ).strip()
        )
        assert together.entropy_bits == pytest.approx(bits, rel=1e-3)
        assert model.would_write([(ids[: together.tokens_in], ids[together.tokens_in :])]) == [True]


def test_the_student_selects_after_loading_as_it_did_in_training(
    tiny_causal: Path, tmp_path: Path
) -> None:
    recipe = CausalRecipe(layers=None, learning_rate=1e-2)
    record = fit_causal_student(
        [STAGE], FUNCTIONS, EXAMPLES, str(tiny_causal), tmp_path, 60, recipe=recipe
    )
    choices = CausalStudent(tmp_path).select(asked())
    right = sum(
        choice.selected == label for choice, label in zip(choices, LIGHTS.values(), strict=True)
    )
    assert right / 3 == pytest.approx(record["accuracy"], abs=1e-3)


def test_training_makes_the_right_functions_likelier(tiny_causal: Path, tmp_path: Path) -> None:
    recipe = CausalRecipe(layers=None, learning_rate=1e-2)
    record = fit_causal_student(
        [STAGE], FUNCTIONS, EXAMPLES, str(tiny_causal), tmp_path, 300, recipe=recipe
    )
    start = fit_causal_student(
        [STAGE], FUNCTIONS, EXAMPLES, str(tiny_causal), tmp_path / "start", 1, recipe=recipe
    )
    assert min(point["log_loss"] for point in record["curve"]) < start["curve"][0]["log_loss"]


def test_the_choice_depends_neither_on_the_order_of_the_candidates_nor_on_the_other_queries(
    folder: Path,
) -> None:
    together = CausalStudent(folder).select(asked())
    rng = random.Random(0)
    for view, expected in zip(VIEWS, together, strict=True):
        shuffled = tuple(rng.sample(FUNCTIONS, len(FUNCTIONS)))
        assert CausalStudent(folder, cached=0).select(asked([view], shuffled)) == [expected]


def test_probabilities_of_candidates_and_none_sum_to_one(folder: Path) -> None:
    student = CausalStudent(folder)
    for choice in student.select(asked()):
        assert sum(
            candidate.probability for candidate in choice.ranked
        ) + choice.none == pytest.approx(1.0)
        assert {candidate.name for candidate in choice.ranked} == {f.name for f in FUNCTIONS}
    assert student.select(asked(VIEWS[:1], ()))[0].selected is None


def test_a_function_added_later_is_scored_without_training(folder: Path) -> None:
    added = function("stop_at_once", "the light is off.")
    choice = CausalStudent(folder).select(asked(["light: off"], (*FUNCTIONS, added)))[0]
    assert {candidate.name for candidate in choice.ranked} == {*LIGHTS.values(), "stop_at_once"}


def test_kept_scores_give_the_same_choices_as_fresh_ones(folder: Path) -> None:
    student = CausalStudent(folder, cached=4)
    first = student.select(asked())
    assert student.select(asked(VIEWS[::-1]))[::-1] == first
    assert pickle.loads(pickle.dumps(student)).select(asked()) == first


@pytest.mark.parametrize("name", [*ADAPTER_FILES, "causal.toml"])
def test_a_missing_or_damaged_file_is_named_in_one_line(
    tiny_causal: Path, tmp_path: Path, name: str
) -> None:
    folder = trained(tiny_causal, tmp_path)
    content = (folder / name).read_bytes()
    for damage in (content[: len(content) // 2], b"\0" * len(content)):
        (folder / name).write_bytes(damage)
        with pytest.raises(
            CorruptError, match=r"causal\.toml" if name == "causal.toml" else name
        ) as caught:
            CausalStudent(folder)
        assert "\n" not in str(caught.value)
    (folder / name).unlink()
    with pytest.raises(CorruptError, match=f"{name}.*missing"):
        CausalStudent(folder)


def test_an_adapter_of_another_model_is_refused(
    tiny_causal: Path, folder: Path, tmp_path: Path
) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    other = AutoModelForCausalLM.from_pretrained(tiny_causal)
    other.config.num_hidden_layers = 1
    other.model.layers = other.model.layers[:1]
    other.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(tiny_causal).save_pretrained(tmp_path)
    with pytest.raises(CorruptError, match="adapter"):
        LanguageModel(str(tmp_path), folder)


def test_an_unknown_model_one_that_cannot_be_reached_and_an_unreadable_one_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownNameError, match="smollm2"):
        find_causal("smollm")
    with pytest.raises(CorruptError, match=r"config\.json"):
        find_causal(str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(CorruptError, match="nobody/nothing") as caught:
        LanguageModel("nobody/nothing")
    assert "\n" not in str(caught.value)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(CorruptError) as caught:
        LanguageModel(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_tie_goes_by_name() -> None:
    choice = CausalScoring(2.0, -3.0).choice(["b", "a"], [-1.0, -1.0])
    assert [candidate.name for candidate in choice.ranked] == ["a", "b"]


def test_a_policy_takes_its_causal_student_from_the_runs_players(
    run_folder: Path, tiny_causal: Path
) -> None:
    with pytest.raises(BaseError, match="no trained student 'ld-causal'"):
        Policy.load(run_folder, student="ld-causal")
    with Policy.load(run_folder, student="first") as policy:
        functions = [
            found for found in policy.base.functions if policy.base.stage(found.stage).selects
        ]
        examples = read_examples(run_folder / "examples.jsonl")
        fit_causal_student(
            policy.base.stages,
            functions,
            examples,
            str(tiny_causal),
            run_folder / "players" / "ld-causal",
            60,
        )
        state = {"n": 7, "guesses": [], "answers": [], "guesses_left": 3, "notices": {}}
    with Policy.load(run_folder, student="ld-causal") as policy:
        decision = policy.decide(state)
        assert policy.task.illegal(state, decision.action) is None
        assert sum(
            candidate.probability for candidate in decision.trace[-1].choice.ranked
        ) + decision.trace[-1].choice.none == pytest.approx(1.0)


def test_a_gguf_file_is_read_once_and_unpacked_again_where_what_was_kept_is_damaged(
    tiny_causal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tiny model stands for a GGUF file: how transformers reads those is its own matter."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    read: list[str] = []
    loaded = language._loaded

    def counted(source: str, **options: str) -> tuple[Any, Any]:
        read.append(options.get("gguf_file", "unpacked"))
        return loaded(source)

    monkeypatch.setattr(language, "_loaded", counted)
    weights = CausalWeights(str(tiny_causal), "model.safetensors")
    first, second = (
        language._pretrained(weights)[1].state_dict(),
        language._pretrained(weights)[1].state_dict(),
    )
    assert all(torch.equal(first[name], second[name]) for name in first)
    [kept] = (tmp_path / "logicdistill" / "causal").iterdir()
    (kept / "model.safetensors").write_bytes(b"cut off")
    language._pretrained(weights)
    language._pretrained(weights)
    assert read == ["model.safetensors", "unpacked", "unpacked", "model.safetensors", "unpacked"]
