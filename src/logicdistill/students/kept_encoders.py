"""Encoders of pictures by name, and how a student's folder keeps the one that it needs."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from logicdistill.errors import CorruptError, MissingExtraError
from logicdistill.students.vision import (
    OnnxPictureEncoder,
    OnnxPicturePair,
    PictureEncoder,
    PixelEncoder,
    picture_encoder,
)
from logicdistill.types import Json

AUTO = "auto"
WITHOUT_WEIGHTS, USUAL = "pixels", "efficientnet-lite0"


def picture_encoders(names: str) -> list[PictureEncoder]:
    """The encoders of a setting.

    Args:
        names: separated by commas; ``auto`` takes `WITHOUT_WEIGHTS`, and `USUAL` where its weights
            are installed.

    Raises:
        UnknownNameError: no such encoder.
        MissingExtraError: the weights of one that is named are not installed.
    """
    if names != AUTO:
        return [picture_encoder(name.strip()) for name in names.split(",")]
    found = [picture_encoder(WITHOUT_WEIGHTS)]
    with contextlib.suppress(MissingExtraError):
        found.append(picture_encoder(USUAL))
    return found


def kept(encoder: PictureEncoder) -> tuple[dict[str, Json], dict[str, bytes]]:
    """Settings of an encoder for a student's folder, and its files."""
    how: dict[str, Json] = {"fingerprint": encoder.fingerprint}
    if not isinstance(encoder, OnnxPictureEncoder):
        return how, {}
    file = f"pictures-{encoder.fingerprint}.onnx"
    how |= {"file": file, "side": encoder.side}
    how |= {"mean": list(encoder.mean), "std": list(encoder.std)}
    files = {file: encoder.path.read_bytes()}
    if isinstance(encoder, OnnxPicturePair):
        how |= {key: f"{key}-{encoder.fingerprint}" for key in ("words", "tokenizer")}
        files[str(how["words"])] = encoder.words.read_bytes()
        files[str(how["tokenizer"])] = encoder.tokenizer.read_bytes()
    return how, files


def opened(folder: Path, name: str, how: Mapping[str, Json]) -> PictureEncoder:
    """The encoder that a student's folder keeps.

    Raises:
        CorruptError: its file is damaged, or this version's encoder of that name is another one.
    """
    found: PictureEncoder
    if "file" in how:
        given = folder / str(how["file"]), how["side"], how["mean"], how["std"]
        if "words" in how:
            words, tokenizer = (folder / str(how[key]) for key in ("words", "tokenizer"))
            found = OnnxPicturePair(*given, words=words, tokenizer=tokenizer, name=name)
        else:
            found = OnnxPictureEncoder(*given, name=name)
    else:
        found = PixelEncoder() if name == WITHOUT_WEIGHTS else picture_encoder(name)
    if found.fingerprint != how["fingerprint"]:
        what = f"the encoder {name!r} is not the one that this student was fitted with"
        raise CorruptError(f"{folder}: {what}; train again")
    return found
