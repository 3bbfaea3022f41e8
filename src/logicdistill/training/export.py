"""A fitted encoder to the ``student/`` folder: ONNX in fp32, in int8 where that costs no accuracy, then ``student.toml``."""

from __future__ import annotations

import json
import logging
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import helper, numpy_helper

from logicdistill.files import write_atomic
from logicdistill.students.calibration import score
from logicdistill.students.encoder import (
    CALIBRATION_FILE,
    EVIDENCE_FILE,
    MODEL_FILE,
    SETTINGS_FILE,
    TOKENIZER_FILE,
    OnnxEmbedder,
    calibration_json,
    settings_toml,
)
from logicdistill.students.scoring import Scoring
from logicdistill.students.weights import sha256_of
from logicdistill.training.collect import TrainingExample
from logicdistill.training.fit import DEFAULT_RECIPE, fit
from logicdistill.training.network import FittedEncoder, SentenceEncoder
from logicdistill.types import Function, Json, Stage

OPSET = 17
MAX_LOSS = 0.5
"""Percentage points of selection accuracy that int8 may cost against fp32."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written.

    Attributes:
        precision: ``int8`` or ``fp32``.
        fp32_accuracy: share of the questions' weight answered right in fp32, in percent; NaN without questions.
        int8_accuracy: the same in int8.
        megabytes: size of ``model.onnx`` in 10^6 bytes.
    """

    precision: str
    fp32_accuracy: float
    int8_accuracy: float
    megabytes: float


def export(fitted: FittedEncoder, out_dir: Path) -> ExportReport:
    """Write ``model.onnx``, ``tokenizer.json`` and, last, ``student.toml``; each file is replaced as a whole.

    The labelled questions of the training, and the messages that were held out, decide between int8 and fp32.

    Args:
        fitted: result of `logicdistill.training.fit.fit`.
        out_dir: folder of the student; made where it is missing.

    Returns:
        The precision that was kept and the accuracies behind it.

    Raises:
        StorageError: a file could not be written; a folder without its ``student.toml`` is refused when it is loaded.
    """
    talking = {message.stage for message in fitted.held_out}
    questions = [example for example in fitted.examples if example.stage not in talking]
    tokenizer = (fitted.weights_dir / TOKENIZER_FILE).read_bytes()
    fp32 = trace(fitted.network)
    int8 = quantize_rows(fp32)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, TOKENIZER_FILE).write_bytes(tokenizer)
        accuracy: dict[str, float] = {}
        for precision, graph in (("fp32", fp32), ("int8", int8)):
            Path(folder, MODEL_FILE).write_bytes(graph)
            embedder = OnnxEmbedder(
                Path(folder, MODEL_FILE), Path(folder, TOKENIZER_FILE), max_tokens=fitted.max_tokens
            )
            accuracy[precision] = selection_accuracy(embedder, fitted, questions)
    # Without questions there is no evidence that int8 is harmless (a comparison with NaN is false): fp32 it is.
    precision = "int8" if accuracy["int8"] >= accuracy["fp32"] - MAX_LOSS else "fp32"
    model = int8 if precision == "int8" else fp32
    write_atomic(out_dir / MODEL_FILE, model)
    write_atomic(out_dir / TOKENIZER_FILE, tokenizer)
    files = [MODEL_FILE, TOKENIZER_FILE]
    if fitted.held_out:
        calibration = calibration_json(
            (function.name for function in fitted.functions), fitted.held_out
        )
        write_atomic(out_dir / CALIBRATION_FILE, calibration)
        files.append(CALIBRATION_FILE)
    if fitted.evidence:
        evidence = {stage: found.to_json() for stage, found in fitted.evidence.items()}
        write_atomic(out_dir / EVIDENCE_FILE, json.dumps(evidence, ensure_ascii=False, indent=0))
        files.append(EVIDENCE_FILE)
    notes: dict[str, float | int] = {
        "steps": fitted.steps,
        "questions": len(questions) + len(fitted.held_out),
    }
    if notes["questions"]:
        notes |= {f"{name}_accuracy": round(value, 2) for name, value in accuracy.items()}
    settings = settings_toml(
        fitted.scoring,
        fitted.by_stage,
        max_tokens=fitted.max_tokens,
        precision=precision,
        hashes={name: sha256_of(out_dir / name) for name in files},
        notes=notes,
    )
    write_atomic(out_dir / SETTINGS_FILE, settings)
    return ExportReport(precision, accuracy["fp32"], accuracy["int8"], len(model) / 1e6)


def trace(network: SentenceEncoder) -> bytes:
    """ONNX graph of the encoder: ``input_ids`` and ``attention_mask``, both (batch, tokens), to ``embedding``, (batch, width)."""
    ids = torch.ones(2, 8, dtype=torch.long)
    names = ("input_ids", "attention_mask")
    axes = {0: "batch", 1: "tokens"}
    quiet = logging.getLogger("torch.onnx")
    level = quiet.level
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        path = Path(folder, MODEL_FILE)
        # The tracer warns about every shape that it reads, and that the exporter which needs onnxscript is newer.
        warnings.simplefilter("ignore")
        quiet.setLevel(logging.ERROR)
        try:
            torch.onnx.export(
                network.eval(),
                (ids, ids),
                str(path),
                input_names=list(names),
                output_names=["embedding"],
                dynamic_axes={**dict.fromkeys(names, axes), "embedding": {0: "batch"}},
                opset_version=OPSET,
                dynamo=False,
            )
        finally:
            quiet.setLevel(level)
        return path.read_bytes()


def quantize_rows(model: bytes) -> bytes:
    """Int8 weights (a scale a column) and int8 activations with a scale a row, so that no text changes another's vector.

    ``onnxruntime.quantization.quantize_dynamic`` takes one activation scale for the whole batch: there a view's vector
    moves with the views and the padding beside it, by up to 0.04 a component in our measurement. A row is one token here.

    Args:
        model: ONNX graph in fp32.

    Returns:
        The graph with each product by a constant matrix in int8; embeddings, norms and attention scores stay in fp32.
    """
    proto = onnx.load_from_string(model)
    graph = proto.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    made = [
        numpy_helper.from_array(np.array(1.0, np.float32), "rows_one"),
        numpy_helper.from_array(np.array(128, np.uint8), "rows_zero"),
        numpy_helper.from_array(np.array(1 / 127, np.float32), "rows_step"),
        numpy_helper.from_array(np.array(1e-9, np.float32), "rows_floor"),
    ]
    nodes: list[onnx.NodeProto] = []
    replaced: set[str] = set()
    rows: set[str] = set()
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in constants:
            nodes.append(node)
            continue
        source, weight = node.input
        row = f"{source}_rows"
        if source not in rows:  # query, key and value read the same rows
            rows.add(source)
            nodes += _quantize_source(source, row)
        matrix = numpy_helper.to_array(constants[weight])
        steps = np.maximum(np.abs(matrix).max(axis=0), 1e-9).astype(np.float32) / np.float32(127)
        made.append(
            numpy_helper.from_array(
                np.clip(np.rint(matrix / steps), -127, 127).astype(np.int8), f"{weight}_int8"
            )
        )
        made.append(numpy_helper.from_array(steps, f"{weight}_steps"))
        replaced.add(weight)
        product = f"{node.output[0]}_int8"
        inputs = [row, f"{weight}_int8", "rows_one", f"{weight}_steps", "rows_zero"]
        nodes.append(
            helper.make_node("MatMulIntegerToFloat", inputs, [product], domain="com.microsoft")
        )
        nodes.append(helper.make_node("Mul", [product, f"{row}_scale"], list(node.output)))
    kept = [tensor for name, tensor in constants.items() if name not in replaced]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.initializer[:]
    graph.initializer.extend([*kept, *made])
    proto.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return bytes(proto.SerializeToString())


def selection_accuracy(
    embedder: OnnxEmbedder, fitted: FittedEncoder, questions: Sequence[TrainingExample]
) -> float:
    """Share of questions and held-out messages whose function wins against the other candidates and "none of these", in percent.

    Args:
        embedder: fp32 or int8.
        fitted: its functions hold every candidate of the questions.
        questions: labelled questions about facts; their counts are the weights.

    Returns:
        0 to 100; NaN without questions.
    """
    scoring, asked = fitted.scoring, {question.stage for question in questions}
    views = list(dict.fromkeys(question.view for question in questions))
    vectors = embedder.vectors(views)
    row = {view: index for index, view in enumerate(views)}
    scores: dict[tuple[str, str], npt.NDArray[np.float64]] = {
        (function.stage, function.name): scoring.scores(vectors, embedder.vectors(function.texts))[
            :, 0
        ]
        for function in fitted.functions
        if function.stage in asked
    }
    right = sum(
        question.count
        for question in questions
        if _winner(question, row[question.view], scores, scoring) == question.label
    )
    every = sum(question.count for question in questions)
    for stage, found in score(
        scoring,
        fitted.held_out,
        fitted.functions,
        embedder.vectors,
        fitted.by_stage,
        fitted.evidence,
    ).items():
        none = fitted.by_stage[stage].none_score
        chosen = np.where(found.scores.max(axis=1) > none, found.scores.argmax(axis=1), -1)
        right += int((chosen == found.labels).sum())
        every += len(found.labels)
    return 100.0 * right / every if every else float("nan")


def _winner(
    question: TrainingExample,
    row: int,
    scores: Mapping[tuple[str, str], npt.NDArray[np.float64]],
    scoring: Scoring,
) -> str | None:
    known = {
        name: float(scores[question.stage, name][row])
        for name in question.candidates
        if (question.stage, name) in scores
    }
    best = max(sorted(known), key=lambda name: known[name], default=None)
    return best if best is not None and known[best] > scoring.none_score else None


def _quantize_source(source: str, row: str) -> list[onnx.NodeProto]:
    """Nodes that turn activations (..., width) into uint8 with zero at 128 and one scale for each last-axis row."""
    return [
        helper.make_node("Abs", [source], [f"{row}_abs"]),
        helper.make_node("ReduceMax", [f"{row}_abs"], [f"{row}_max"], axes=[-1], keepdims=1),
        helper.make_node("Mul", [f"{row}_max", "rows_step"], [f"{row}_raw"]),
        helper.make_node("Max", [f"{row}_raw", "rows_floor"], [f"{row}_scale"]),
        helper.make_node("Div", [source, f"{row}_scale"], [f"{row}_scaled"]),
        helper.make_node("QuantizeLinear", [f"{row}_scaled", "rows_one", "rows_zero"], [row]),
    ]


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
    """Train the encoder and write the student's folder.

    Args:
        stages: the base's stages.
        functions: functions of the selecting stages.
        examples: distinct questions with their labels.
        weights: folder of the pretrained encoder.
        student: folder to write; ``student.toml`` is written last.
        seed: of the training; the same seed on the same machine gives the same student.
        steps: steps of training; None takes the recipe's number.
        on_progress: told of step name, done and total.

    Returns:
        What the run's record keeps.
    """

    def told(done: int, total: int, _: float) -> None:
        on_progress("train", done, total)

    recipe = replace(DEFAULT_RECIPE, steps=steps)
    fitted = fit(stages, functions, examples, weights, seed=seed, on_progress=told, recipe=recipe)
    started = time.perf_counter()
    export(fitted, student)
    return {"export_seconds": round(time.perf_counter() - started, 2)}
