from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime
import torch

from logicdistill.functions.manual import parse_function
from logicdistill.students.weights import find_weights
from logicdistill.training.collect import TrainingExample
from logicdistill.training.export import quantize_rows, trace
from logicdistill.training.facts import FactRecipe
from logicdistill.training.fit import Recipe, fit
from logicdistill.training.network import SentenceEncoder
from logicdistill.types import Function, Stage

STAGE = Stage("pick", "pick", "Which?", reads=("facts",))


def function(name: str, use: str, fact: str) -> Function:
    usage = f'>>> {name}(facts={{"light": "{fact}"}})\n    1'
    manual = f'"""Do.\n\n    Use when: {use}\n    {usage}\n    """'
    source = f"def {name}(facts: dict[str, str]) -> int:\n    {manual}\n    return 1\n"
    return parse_function(source, STAGE)


FUNCTIONS = (
    function("go", "the light is green.", "green"),
    function("wait", "the light is red.", "red"),
)
EXAMPLES = [
    TrainingExample("pick", f"light: {light}", ("go", "wait"), label)
    for light, label in (("green", "go"), ("red", "wait"))
]
TEXTS = ["light: green", "light: red"]


def trained_vectors(on_progress: Callable[[int, int], None]) -> np.ndarray:
    recipe = Recipe(steps=2, facts=FactRecipe(real_views=4, synthetic=2, distractors=2))
    weights = find_weights("minilm")
    return fit(
        [STAGE], FUNCTIONS, EXAMPLES, weights, seed=1, on_progress=on_progress, recipe=recipe
    ).vectors(TEXTS)


def test_the_same_seed_gives_the_same_student_training_changes_it_and_each_step_is_told() -> None:
    told: list[tuple[int, int]] = []
    first = trained_vectors(lambda *done: told.append(done))
    assert np.array_equal(first, trained_vectors(lambda *_: None))
    pretrained = SentenceEncoder(find_weights("minilm")).eval().encode(TEXTS).detach().numpy()
    assert not np.allclose(first, pretrained)
    assert told == [(1, 2), (2, 2)]


def test_int8_by_rows_stays_close_to_fp32_and_does_not_mix_the_texts_of_a_batch() -> None:
    network = SentenceEncoder(find_weights("minilm"))
    network.encoder.encoder.layer = network.encoder.encoder.layer[:2]
    graph = trace(network)
    sessions = [
        onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        for model in (graph, quantize_rows(graph))
    ]
    ids = np.random.default_rng(0).integers(1000, 20_000, (6, 12))
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    fp32, int8 = (session.run(None, feed)[0] for session in sessions)
    assert (fp32 * int8).sum(axis=1).min() > 0.98
    alone = np.concatenate(
        [
            sessions[1].run(None, {name: value[i : i + 1] for name, value in feed.items()})[0]
            for i in range(6)
        ]
    )
    assert np.abs(alone - int8).max() < 1e-4


def test_texts_padded_apart_have_the_vectors_of_texts_padded_together() -> None:
    network = SentenceEncoder(find_weights("minilm")).eval()
    texts = ["light: green", "a much longer text about the light " * 4, "red", "light"]
    with torch.no_grad():
        together = network.encode(texts)
        for parts in (1, 3, 9):
            assert torch.allclose(network.encode_by_length(texts, parts), together, atol=1e-5)
