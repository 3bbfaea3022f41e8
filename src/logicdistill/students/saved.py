"""Files of a trained student: the settings with the hash of each file beside them, and damage."""

from __future__ import annotations

import hashlib
import io
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import tomli_w

from logicdistill.errors import CorruptError, LogicDistillError, one_line
from logicdistill.files import write_atomic
from logicdistill.students.weights import sha256_of
from logicdistill.types import Json

WORDS_FILE, PICTURES_FILE = "student.toml", "pictures.toml"
"""Settings of a student that reads words, and of one that reads pictures, in one folder."""


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Around reading a file: any failure is a CorruptError whose line names it."""
    try:
        yield
    except FileNotFoundError:
        raise CorruptError(f"{file}: missing; train again") from None
    except LogicDistillError:
        raise
    # Model libraries raise classes of their own for damage, some derived from Exception alone.
    except Exception as error:
        what = f"{type(error).__name__}: {one_line(error)}"
        raise CorruptError(f"{file}: not readable: {what}; train again") from None


def onnx_session(file: Path, threads: int = 1) -> Any:
    """A graph's session of onnxruntime; ``threads`` inside one operator, 0 takes every core.

    Raises:
        CorruptError: the file is missing, or is no graph.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    with readable(file):
        file.stat()  # a missing file is FileNotFoundError, which onnxruntime does not raise
        cpu = ["CPUExecutionProvider"]
        return onnxruntime.InferenceSession(str(file), options, providers=cpu)


def array_file(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """As `numpy.savez` writes it, but without the time: the same arrays give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as file:
                np.lib.format.write_array(file, array)
    return packed.getvalue()


def save_settings(file: Path, settings: Mapping[str, Json], files: Sequence[str]) -> None:
    """Write the settings as TOML; the last step of saving, since a student without them is refused.

    Their ``format`` is the version of their form. The SHA-256 of the ``files`` beside is noted.
    """
    hashes = {name: sha256_of(file.parent / name) for name in files}
    write_atomic(file, tomli_w.dumps({**settings, "sha256": hashes}))


def load_settings(file: Path, version: int, needed: Sequence[str]) -> dict[str, Json]:
    """Settings of one ``format`` that `save_settings` wrote, with the hashes of the files needed.

    Raises:
        CorruptError: the file, or one whose hash it notes, is missing, damaged or of another
            format.
    """
    with readable(file):
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
        if (found := settings.get("format")) != version:
            what = f"format {found!r}, this version reads {version}; train again"
            raise CorruptError(f"{file}: {what}")
        hashes = {name: settings["sha256"][name] for name in (*settings["sha256"], *needed)}
    for name, expected in hashes.items():
        with readable(file.parent / name):
            found = sha256_of(file.parent / name)
        if found != expected:
            says = f"SHA-256 is {found[:12]}, {file.name} says {str(expected)[:12]}"
            raise CorruptError(f"{file.parent / name}: {says}; train again")
    return settings


def repacked(file: Path, made: Mapping[str, bytes]) -> dict[str, bytes]:
    """All files that the settings name, those ``made`` anew among them, and fitting settings."""
    settings = tomllib.loads(file.read_text(encoding="utf-8"))
    files = {
        name: made[name] if name in made else (file.parent / name).read_bytes()
        for name in settings["sha256"]
    }
    settings["sha256"] = {name: hashlib.sha256(one).hexdigest() for name, one in files.items()}
    return {**files, file.name: tomli_w.dumps(settings).encode()}
