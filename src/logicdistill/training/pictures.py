"""The student of the stages that read a picture, made from example pictures in seconds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from logicdistill.pictures import decoded, digest_of
from logicdistill.students.picture_head import Embed, Shown, best_head
from logicdistill.students.pictured import save_pictures
from logicdistill.students.scoring import Vectors
from logicdistill.students.vision import PictureEncoder, exposed
from logicdistill.training.collect import TrainingExample
from logicdistill.types import Function, Json, Stage

AT_ONCE = 16
"""Pictures that one thread encodes together."""


def fit_pictures(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    encoders: Sequence[PictureEncoder],
    folder: Path,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Mapping[str, Json]:
    """Fit a `logicdistill.students.pictured.PictureStudent` and write its files.

    Args:
        stages: those that read a picture.
        functions: of these stages.
        examples: labelled states.
        encoders: each stage takes the one that reads held-out pictures best.
        folder: of the student.
        on_progress: called with "pictures", those encoded and all.

    Returns:
        What a run's record keeps.

    Raises:
        BaseError: a stage has no example picture.
        StorageError: a file could not be written.
    """
    started, folder = time.perf_counter(), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    states = {
        stage.name: [
            Shown(one.pictures[0], one.label, one.words, one.facts)
            for one in examples
            if one.stage == stage.name and one.pictures
        ]
        for stage in stages
    }
    mine = {stage.name: [f for f in functions if f.stage == stage.name] for stage in stages}
    urls = [one.picture for shown in states.values() for one in shown]
    urls += [url for named in mine.values() for one in named for url in one.pictures.values()]
    seen, vectors = list(dict.fromkeys(urls)), dict[tuple[str, str], Vectors]()
    total = len(seen) * len(encoders)
    for encoder in encoders:
        made = _encoded(encoder, seen, lambda: on_progress("pictures", len(vectors), total))
        for url, row in made:
            vectors[encoder.name, digest_of(url)] = row

    def embed(encoder: PictureEncoder) -> Embed:
        def of(some: Sequence[str]) -> Vectors:
            rows = [vectors[encoder.name, digest_of(url)] for url in some]
            return np.stack(rows) if rows else np.zeros((0, 0), np.float32)

        return of

    heads = {
        stage.name: best_head(mine[stage.name], states[stage.name], encoders, embed)
        for stage in stages
        if mine[stage.name]
    }
    used = {head.encoder for head in heads.values()}
    taken = {encoder.name: encoder for encoder in encoders if encoder.name in used}
    save_pictures(folder, heads, states, taken, {"pictures": len(seen)})
    return {
        "pictures": len(seen),
        "picture_encoders": {stage: head.encoder for stage, head in heads.items()},
        "held_out_pictures_right": {
            stage: round(head.held_out, 4) for stage, head in heads.items() if head.held_out
        },
        "fit_seconds": round(time.perf_counter() - started, 2),
    }


def _encoded(
    encoder: PictureEncoder, urls: Sequence[str], done: Callable[[], None]
) -> Iterator[tuple[str, Vectors]]:
    """Vectors of pictures, on every core: a picture's vector depends on no other."""
    parts = [urls[at : at + AT_ONCE] for at in range(0, len(urls), AT_ONCE)]

    def vectors(part: Sequence[str]) -> Vectors:
        return exposed(encoder, [decoded(url) for url in part])

    pool = ThreadPoolExecutor(os.cpu_count() or 1)
    try:
        for part, rows in zip(parts, pool.map(vectors, parts), strict=True):
            yield from zip(part, rows, strict=True)
            done()
    finally:
        pool.shutdown(cancel_futures=True)
