"""Vectors of functions: their keys, and the file of a stage that is held in memory."""

from __future__ import annotations

import hashlib
import io
import logging
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from logicdistill.errors import StorageError
from logicdistill.files import write_atomic
from logicdistill.types import Function

Vectors = npt.NDArray[np.float32]
logger = logging.getLogger("logicdistill")


def key_of(function: Function) -> str:
    """Names a function by its file and its texts, in 32 hex digits."""
    text = "\0".join((function.content_hash, function.name, *function.texts))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def read_vectors(path: Path) -> dict[str, Vectors]:
    """Vectors by key, shape [texts, width]; none, with a warning, where the file is damaged."""
    try:
        with np.load(io.BytesIO(path.read_bytes())) as kept:  # a zip file: it holds checksums
            parts = np.split(kept["rows"], np.cumsum(kept["texts"])[:-1])
            return dict(zip(kept["keys"].tolist(), parts, strict=True))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("%s: %s; its vectors are computed anew", path, error)
        return {}


def write_vectors(path: Path, vectors: Mapping[str, Vectors]) -> bool:
    """Replace the file; False, with a warning, where it cannot be written."""
    data, rows = io.BytesIO(), [*vectors.values()]
    np.savez(data, keys=[*vectors], texts=[*map(len, rows)], rows=np.concatenate(rows))
    try:
        write_atomic(path, data.getvalue())
    except StorageError as error:
        logger.warning("%s; vectors are kept in memory this time", error)
        return False
    return True
