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
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from onnx.helper import make_node, make_opsetid

from logicdistill.students.calibration import messages_by_stage, score
from logicdistill.students.encoder import MODEL_FILE, TOKENIZER_FILE, OnnxEmbedder, save_student
from logicdistill.training.collect import TrainingExample
from logicdistill.training.fit import DEFAULT_RECIPE, candidate_scores, fit
from logicdistill.training.network import FittedEncoder, SentenceEncoder
from logicdistill.types import Function, Json, Stage

OPSET = 17
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

    ``steps`` is the number of training steps, None the recipe's; ``on_progress`` is called with
    "train", the steps done and in all. Returns what a run's record keeps.
    """
    recipe, told = replace(DEFAULT_RECIPE, steps=steps), partial(on_progress, "train")
    fitted = fit(stages, functions, examples, weights, seed=seed, on_progress=told, recipe=recipe)
    started = time.perf_counter()
    export(fitted, student)
    return {"export_seconds": round(time.perf_counter() - started, 2)}


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
    questions = len(fitted.questions()) + len(fitted.held_out)
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

    Questions about facts count as often as they came up, held-out messages once.
    """
    questions, scoring = fitted.questions(), fitted.scoring
    right = every = 0
    scores = candidate_scores(questions, fitted.functions, scoring, embedder.vectors)
    for question, found in zip(questions, scores, strict=True):
        best = max(sorted(found), key=found.__getitem__, default=None)
        chosen = best if best is not None and found[best] > scoring.none_score else None
        right += question.count * (chosen == question.label)
        every += question.count
    for stage, messages in messages_by_stage(fitted.held_out).items():
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


def quantize_rows(model: bytes) -> bytes:
    """An ONNX graph with each product by a constant matrix in int8; all else stays in fp32.

    Weights have a scale a column, activations one a row (a token). One scale for the whole batch
    (``onnxruntime.quantization.quantize_dynamic``) moves a text's vector with the texts and the
    padding beside it, by up to 0.04 a component in our measurement.
    """
    proto = onnx.load_from_string(model)
    graph = proto.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    made: dict[str, npt.NDArray[np.generic]] = {"rows_one": np.array(1.0, np.float32)}
    made["rows_zero"] = np.array(128, np.uint8)
    made |= {"rows_step": np.array(1 / 127, np.float32), "rows_floor": np.array(1e-9, np.float32)}
    nodes, rows = list[onnx.NodeProto](), set[str]()
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in constants:
            nodes.append(node)
            continue
        source, weight = node.input
        row, product = f"{source}_rows", f"{node.output[0]}_int8"
        if source not in rows:  # query, key and value read the same rows
            rows.add(source)
            nodes += _quantize_source(source, row)
        matrix = numpy_helper.to_array(constants[weight])
        steps = np.maximum(np.abs(matrix).max(axis=0), 1e-9).astype(np.float32) / np.float32(127)
        rounded = np.clip(np.rint(matrix / steps), -127, 127).astype(np.int8)
        made |= {f"{weight}_int8": rounded, f"{weight}_steps": steps}
        inputs = [row, f"{weight}_int8", "rows_one", f"{weight}_steps", "rows_zero"]
        nodes.append(make_node("MatMulIntegerToFloat", inputs, [product], domain="com.microsoft"))
        nodes.append(make_node("Mul", [product, f"{row}_scale"], list(node.output)))
    read = {name for node in nodes for name in node.input}
    kept = [tensor for name, tensor in constants.items() if name in read]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.initializer[:]
    graph.initializer.extend(kept)
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in made.items())
    proto.opset_import.append(make_opsetid("com.microsoft", 1))
    return bytes(proto.SerializeToString())


def _quantize_source(source: str, row: str) -> list[onnx.NodeProto]:
    """Activations (..., width) to uint8, with zero at 128 and one scale for each last-axis row."""
    return [
        make_node("Abs", [source], [f"{row}_abs"]),
        make_node("ReduceMax", [f"{row}_abs"], [f"{row}_max"], axes=[-1], keepdims=1),
        make_node("Mul", [f"{row}_max", "rows_step"], [f"{row}_raw"]),
        make_node("Max", [f"{row}_raw", "rows_floor"], [f"{row}_scale"]),
        make_node("Div", [source, f"{row}_scale"], [f"{row}_scaled"]),
        make_node("QuantizeLinear", [f"{row}_scaled", "rows_one", "rows_zero"], [row]),
    ]
