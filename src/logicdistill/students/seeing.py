"""A student that reads words and pictures: each stage goes to the one that reads what it shows."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Self

from logicdistill.errors import BaseError
from logicdistill.protocols import Embedder
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.pictured import PictureStudent
from logicdistill.students.scoring import Vectors
from logicdistill.types import Choice, Function, Query


class SeeingStudent:
    """Two students of one folder; see `logicdistill.protocols.Student`.

    Attributes:
        words: of the stages that read no picture.
        pictures: of those that do.
    """

    name = "ld-encoder"
    most_candidates = EncoderStudent.most_candidates

    def __init__(self, words: EncoderStudent, pictures: PictureStudent) -> None:
        self.words, self.pictures = words, pictures

    @property
    def folder(self) -> Path:
        """Of both."""
        return self.words.folder

    @property
    def embedder(self) -> Embedder:
        """Of words, for a search."""
        return self.words.embedder

    @property
    def fingerprint(self) -> str:
        """Of the encoder of words."""
        return self.words.fingerprint

    @property
    def known(self) -> Callable[[Function], Vectors | None] | None:
        """See `logicdistill.protocols.EmbeddingStudent`."""
        return self.words.known

    @known.setter
    def known(self, found: Callable[[Function], Vectors | None] | None) -> None:
        self.words.known = found

    def embed_views(self, views: Sequence[str]) -> Vectors:
        """See `logicdistill.protocols.EmbeddingStudent`."""
        return self.words.embed_views(views)

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        seeing = [bool(query.stage.pictures) for query in queries]
        seen = iter(self.pictures.select([*compress(queries, seeing)]))
        read = iter(self.words.select([*compress(queries, map(operator.not_, seeing))]))
        return [next(seen if is_seen else read) for is_seen in seeing]

    def adapted(self, functions: Sequence[Function]) -> Self:
        """Both, calibrated anew."""
        words, pictures = self.words.adapted(functions), self.pictures.adapted(functions)
        return type(self)(words, pictures)

    def least_confidences(
        self, functions: Sequence[Function], max_error: float
    ) -> Mapping[str, float]:
        """Of the stages for which one of the two can promise it.

        Raises:
            BaseError: neither can.
        """
        found, refused = dict[str, float](), list[BaseError]()
        for student in (self.words, self.pictures):
            try:
                found |= student.least_confidences(functions, max_error)
            except BaseError as error:
                refused.append(error)
        if len(refused) == 2:
            raise refused[0]
        return found

    def packed(self) -> dict[str, bytes]:
        """The files of both."""
        return {**self.words.packed(), **self.pictures.packed()}
