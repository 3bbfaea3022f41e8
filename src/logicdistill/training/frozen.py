"""The pretrained student made from labelled examples, in seconds and without torch."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from logicdistill.errors import CorruptError, MissingExtraError, StorageError
from logicdistill.files import cache_folder, digest, write_atomic
from logicdistill.students.encoder import MODEL_FILE, SETTINGS_FILE, TOKENIZER_FILE, OnnxEmbedder
from logicdistill.students.head import STRANGERS, Message, shared_texts
from logicdistill.students.pretrained import (
    ARRAYS_FILE,
    FORMAT,
    HEADS_FILE,
    read_vectors,
    save_pretrained,
    shown_of,
    texts_of,
)
from logicdistill.students.saved import load_settings
from logicdistill.students.scoring import Vectors
from logicdistill.students.stage_head import StageHead
from logicdistill.students.weights import WEIGHTS_FILE, EncoderOptions, sha256_of
from logicdistill.training.collect import TrainingExample
from logicdistill.types import Function, Json, Stage

GRAPHS = 1
"""Version of the graphs of `logicdistill.training.graph`; a new one makes kept graphs anew."""

EMBEDDED_AT_ONCE = 64
DEFAULT_OPTIONS = EncoderOptions()


def fit_pretrained(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    weights: Path,
    folder: Path,
    options: EncoderOptions = DEFAULT_OPTIONS,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Mapping[str, Json]:
    """Fit a `logicdistill.students.pretrained.PretrainedStudent` and write its folder.

    ``functions`` are those of the selecting stages, ``examples`` distinct questions.
    ``on_progress`` is called with "embed", the texts done and in all. Vectors of a student of the
    same encoder that is in the folder are taken over.

    Returns:
        What a run's record keeps: how many labelled messages there are, and of which kind.

    Raises:
        MissingExtraError: a library that reads the weights is not installed.
        CorruptError: the weights are damaged or of another family.
        StorageError: a file could not be written.
    """
    model, found = encoder_model(weights, options)
    tokenizer = (weights / TOKENIZER_FILE).read_bytes()
    limits = {"max_tokens": found.max_tokens or 128, "prefix": found.prefix or ""}
    before = _vectors_of(folder, {MODEL_FILE: model, TOKENIZER_FILE: tokenizer}, limits)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / MODEL_FILE, model)
    write_atomic(folder / TOKENIZER_FILE, tokenizer)
    embedder = OnnxEmbedder(folder / MODEL_FILE, folder / TOKENIZER_FILE, **limits)  # type: ignore[arg-type]
    asked = {stage.name: _messages(stage, examples) for stage in stages}
    wanted = [text for function in functions for text in function.embedded]
    wanted += [text for function in functions for text in function.manual.near_misses]
    wanted += [message.text for mine in asked.values() for message in mine]
    wanted += STRANGERS if any(stage.reads_text for stage in stages) else ()
    vectors = _embedded(embedder, [*dict.fromkeys(wanted)], before, on_progress)
    started = time.perf_counter()
    heads = dict[str, StageHead]()
    for stage in stages:
        mine = [function for function in functions if function.stage == stage.name]
        if not mine:
            continue
        heads[stage.name] = StageHead.fitted(
            shown_of(mine), asked[stage.name], _lookup(vectors), reads_text=stage.reads_text
        )
    save_pretrained(
        folder,
        model,
        tokenizer,
        heads,
        vectors,
        **limits,  # type: ignore[arg-type]
        notes={"messages": sum(len(part.messages) for part in heads.values())},
    )
    return {
        **_counts(stages, functions, asked),
        "fit_seconds": round(time.perf_counter() - started, 2),
    }


def fit_notes(
    stages: Sequence[Stage], functions: Sequence[Function], examples: Sequence[TrainingExample]
) -> list[str]:
    """What a person should know of the labelled messages, one line each."""
    notes = []
    for stage in stages:
        mine = [function for function in functions if function.stage == stage.name]
        if not stage.reads_text or not mine:
            continue
        outside = any(one.stage == stage.name and one.label is None for one in examples)
        if len(mine) == 1 and not outside:
            what = f"stage {stage.name!r} has one function, so 'none of these' cannot be learned"
            notes.append(f"{what}; give messages that are out of scope")
        for text in sorted(shared_texts(texts_of(mine))):
            several = ", ".join(f.name for f in mine if text in f.texts[1:])
            notes.append(f"{text[:60]!r} is a usage example of {several}: of none in training")
    return notes


def _counts(
    stages: Sequence[Stage], functions: Sequence[Function], asked: Mapping[str, Sequence[Message]]
) -> dict[str, Json]:
    """How many labelled messages the stages that read text have, by where they come from."""
    found = Counter[str]()
    for stage in stages:
        mine = [function for function in functions if function.stage == stage.name]
        if not stage.reads_text or not mine:
            continue
        states, shared = asked[stage.name], shared_texts(texts_of(mine))
        known = {(one.text, one.label) for one in states}
        found["labelled_states"] += sum(one.label is not None for one in states)
        found["out_of_scope"] += sum(one.label is None for one in states)
        found["shared_by_functions"] += len(shared)
        for function in mine:
            said = {example.text for example in function.manual.examples}
            for text in dict.fromkeys(function.texts[1:]):
                if text not in shared and (text, function.name) not in known:
                    found["usage_examples" if text in said else "doctests"] += 1
    return dict(found)


def _messages(stage: Stage, examples: Sequence[TrainingExample]) -> list[Message]:
    found = []
    for one in examples:
        if one.stage != stage.name:
            continue
        text = one.words if stage.reads_text_and_facts else one.view
        facts = one.facts if stage.reads_text else tuple(one.view.split(", "))
        found.append(Message(text, one.label, tuple(facts)))
    return [*dict.fromkeys(found)]


def _embedded(
    embedder: OnnxEmbedder,
    texts: Sequence[str],
    before: Mapping[str, Vectors],
    on_progress: Callable[[str, int, int], None],
) -> dict[str, Vectors]:
    """Vectors by text; those that are new are embedded, on every core."""
    new = [text for text in texts if text not in before]
    found = {text: before[text] for text in texts if text in before}
    parts = [new[at : at + EMBEDDED_AT_ONCE] for at in range(0, len(new), EMBEDDED_AT_ONCE)]
    # The model runs without the interpreter's lock, and a text's vector depends on no other.
    pool = ThreadPoolExecutor(os.cpu_count() or 1)
    try:
        for part, vectors in zip(parts, pool.map(embedder.vectors, parts), strict=True):
            found |= zip(part, vectors, strict=True)
            on_progress("embed", len(found), len(texts))
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def _vectors_of(
    folder: Path, files: Mapping[str, bytes], limits: Mapping[str, Json]
) -> dict[str, Vectors]:
    """Vectors by text of the student in a folder; none where its encoder is another one."""
    try:
        settings = load_settings(folder / SETTINGS_FILE, FORMAT, [*files, HEADS_FILE, ARRAYS_FILE])
    except CorruptError:
        return {}
    found = settings | settings["sha256"]
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    if any(found.get(name) != value for name, value in {**hashes, **limits}.items()):
        return {}
    return read_vectors(folder)


def _lookup(vectors: Mapping[str, Vectors]) -> Callable[[Sequence[str]], Vectors]:
    return lambda texts: np.stack([vectors[text] for text in texts])


def encoder_model(weights: Path, options: EncoderOptions) -> tuple[bytes, EncoderOptions]:
    """The int8 graph of an encoder, and its options with nothing left open.

    The graph is kept in the cache folder under the hash of what it was made from.

    Raises:
        MissingExtraError, CorruptError: see `fit_pretrained`.
    """
    try:
        from logicdistill.training.graph import encoder_graph, quantize_rows, read_options
    except ModuleNotFoundError as error:
        what = f"reading an encoder's weights needs {error.name}"
        raise MissingExtraError(f'{what}: pip install "logicdistill[text]"') from None
    found = read_options(weights, options)
    made_of = [sha256_of(weights / name) for name in ("config.json", WEIGHTS_FILE)]
    beside = [digest(file.read_bytes()) for file in sorted(weights.glob("*_Dense/*"))]
    kept = cache_folder() / "encoders" / f"{digest(GRAPHS, made_of, beside, found.pooling)}.onnx"
    if kept.is_file():
        return kept.read_bytes(), found
    model = quantize_rows(encoder_graph(weights, str(found.pooling)))
    with contextlib.suppress(StorageError):  # a cache that cannot be written costs time alone
        write_atomic(kept, model)
    return model, found
