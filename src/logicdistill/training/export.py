"""A fitted encoder to the ``student/`` folder: ONNX, in int8 where that costs no accuracy."""

from __future__ import annotations

import logging
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from logicdistill.students.calibration import messages_by_stage, parted, score
from logicdistill.students.encoder import MODEL_FILE, TOKENIZER_FILE, OnnxEmbedder, save_student
from logicdistill.training.collect import TrainingExample
from logicdistill.training.fit import DEFAULT_RECIPE, candidate_scores, fit
from logicdistill.training.graph import OPSET, quantize_rows
from logicdistill.training.network import FittedEncoder, SentenceEncoder
from logicdistill.types import Function, Json, Stage

MAX_INT8_LOSS = 0.5  # percentage points of selection accuracy that int8 may cost


def fine_tune(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    weights: Path,
    student: Path,
    seed: int,
    steps: int | None,
    on_progress: Callable[[str, int, int], None],
) -> Mapping[str, Json]:
    """`fit`, then `export` to the folder ``student``.

    ``steps`` is the most training steps, None the recipe's; ``on_progress`` is called with
    "train", the steps done and in all. Returns what a run's record keeps.
    """
    recipe, told = replace(DEFAULT_RECIPE, steps=steps), partial(on_progress, "train")
    fitted = fit(stages, functions, examples, weights, seed=seed, on_progress=told, recipe=recipe)
    started = time.perf_counter()
    export(fitted, student)
    return {"steps": fitted.steps, "export_seconds": round(time.perf_counter() - started, 2)}


def export(fitted: FittedEncoder, out_dir: Path) -> None:
    """Write a student's folder; the training's questions and held-out messages choose int8 or fp32.

    Raises:
        StorageError: a file could not be written.
    """
    tokenizer = (fitted.weights_dir / TOKENIZER_FILE).read_bytes()
    fp32 = trace(fitted.network)
    graphs, accuracy = {"fp32": fp32, "int8": quantize_rows(fp32)}, dict[str, float]()
    with tempfile.TemporaryDirectory() as folder:
        model, words = Path(folder, MODEL_FILE), Path(folder, TOKENIZER_FILE)
        words.write_bytes(tokenizer)
        for precision, graph in graphs.items():
            model.write_bytes(graph)
            embedder = OnnxEmbedder(model, words, max_tokens=fitted.network.max_tokens)
            accuracy[precision] = selection_accuracy(embedder, fitted)
    # Without questions (NaN, whose comparisons are false) nothing shows that int8 is harmless.
    precision = "int8" if accuracy["int8"] >= accuracy["fp32"] - MAX_INT8_LOSS else "fp32"
    questions = len(fitted.questions()) + len(parted(fitted.held_out)[0])
    notes: dict[str, float] = {"steps": fitted.steps, "questions": questions}
    if questions:
        notes |= {f"{name}_accuracy": round(value, 2) for name, value in accuracy.items()}
    save_student(
        out_dir,
        graphs[precision],
        tokenizer,
        fitted.scoring,
        fitted.by_stage,
        max_tokens=fitted.network.max_tokens,
        precision=precision,
        trained=[function.name for function in fitted.functions],
        held_out=fitted.held_out,
        evidence=fitted.evidence,
        notes=notes,
    )


def selection_accuracy(embedder: OnnxEmbedder, fitted: FittedEncoder) -> float:
    """Share of right selections, "none of these" included, in percent; NaN without questions.

    Questions about facts count as often as they came up, held-out messages to fit with once.
    """
    questions, scoring = fitted.questions(), fitted.scoring
    right = every = 0
    scores = candidate_scores(questions, fitted.functions, scoring, embedder.vectors)
    for question, found in zip(questions, scores, strict=True):
        best = max(sorted(found), key=found.__getitem__, default=None)
        chosen = best if best is not None and found[best] > scoring.none_score else None
        right += question.count * (chosen == question.label)
        every += question.count
    for stage, messages in messages_by_stage(parted(fitted.held_out)[0]).items():
        mine = fitted.by_stage.get(stage, scoring)
        evidence = fitted.evidence.get(stage)
        scored = score(mine, messages, fitted.functions, embedder.vectors, evidence)
        if scored is not None:
            told = scored.weighed(mine.evidence).scores
            columns = np.where(told.max(axis=1) > mine.none_score, told.argmax(axis=1), -1)
            right += int((columns == scored.labels).sum())
            every += len(scored.labels)
    return 100.0 * right / every if every else float("nan")


def trace(network: SentenceEncoder) -> bytes:
    """ONNX graph of the encoder.

    Inputs are ``input_ids`` and ``attention_mask``, both (batch, tokens); the output is
    ``embedding``, (batch, width).
    """
    ids = torch.ones(2, 8, dtype=torch.long)
    names, axes = ["input_ids", "attention_mask"], {0: "batch", 1: "tokens"}
    quiet = logging.getLogger("torch.onnx")
    level = quiet.level
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        path = Path(folder, MODEL_FILE)
        # The tracer warns of every shape that it reads, and that a newer exporter exists, which
        # needs another package.
        warnings.simplefilter("ignore")
        quiet.setLevel(logging.ERROR)
        try:
            torch.onnx.export(
                network.eval(),
                (ids, ids),
                str(path),
                input_names=names,
                output_names=["embedding"],
                dynamic_axes={**dict.fromkeys(names, axes), "embedding": {0: "batch"}},
                opset_version=OPSET,
                dynamo=False,
            )
        finally:
            quiet.setLevel(level)
        return path.read_bytes()
