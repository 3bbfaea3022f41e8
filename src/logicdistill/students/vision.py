"""Encoders of pictures: pixels to unit vectors, with numpy or with onnxruntime. No torch."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
import onnxruntime

from logicdistill.errors import CorruptError, UnknownNameError, needs_extra
from logicdistill.files import digest
from logicdistill.students import efficientnet
from logicdistill.students.saved import readable
from logicdistill.students.scoring import Vectors
from logicdistill.students.weights import sha256_of

Pixels: TypeAlias = npt.NDArray[np.uint8]
Colour: TypeAlias = tuple[float, float, float]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
USUAL_SIDE = 224
MOST_SIDE = 2048

LITE_SIDE = 128
LITE_MEAN = (127 / 255, 127 / 255, 127 / 255)
LITE_STD = (128 / 255, 128 / 255, 128 / 255)
"""EfficientNet-Lite was trained on (x - 127) / 128."""

OUTPUTS = ("image_embeds", "embedding", "pooler_output", "last_hidden_state")
"""Names of outputs that are taken before the first one."""


@runtime_checkable
class PictureEncoder(Protocol):
    """Pictures to unit vectors.

    Attributes:
        name: what `picture_encoder` takes.
        fingerprint: names what the encoder computes; vectors of another one do not compare.
    """

    name: str
    fingerprint: str

    def vectors(self, pictures: Sequence[Pixels]) -> Vectors:
        """Unit vectors, shape (pictures, width); shape (0, 0) for no pictures.

        Pictures are arrays (height, width, 3). A picture's vector is the same to the last bit
        whatever pictures are beside it.
        """
        ...


class PixelEncoder:
    """Pictures without any weights: a small picture, its colours, and the directions of its edges.

    It is for drawn pictures and for the cells of a grid, from 8 pixels a side on. Each part is of
    length one before the parts are put together, so that brightness moves none much.
    """

    name = "pixels"
    version = 1
    side = 16

    def __init__(self) -> None:
        self.fingerprint = digest(self.name, self.version)

    def vectors(self, pictures: Sequence[Pixels]) -> Vectors:
        """See `PictureEncoder`."""
        if not pictures:
            return np.zeros((0, 0), np.float32)
        small = np.stack([resized(picture, self.side) for picture in pictures])
        return features(small.astype(np.float32) / np.float32(255))


def resized(picture: Pixels, side: int) -> Pixels:
    """The picture as a square; areas are averaged where it is made smaller."""
    if picture.shape[0] == picture.shape[1] == side:
        return picture
    with needs_extra("a picture", "vision"):
        from PIL import Image
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR))


def features(pictures: Vectors) -> Vectors:
    """Unit vectors of square pictures, (pictures, side, side, 3), values from 0 to 1.

    Sums run over the last axis alone: over others numpy adds in an order that depends on how many
    pictures there are.
    """
    flat = pictures.reshape(len(pictures), -1)
    centred = flat - flat.mean(axis=1, keepdims=True)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
    colour = pictures.mean(axis=(1, 2))
    colour /= np.maximum(np.linalg.norm(colour, axis=1, keepdims=True), 1e-6)
    rows = np.concatenate([centred, colour], axis=1)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def picture_encoder(name):
    if name == "pixels":
        return PixelEncoder()
    from logicdistill.errors import MissingExtraError
    raise MissingExtraError(name)


class OnnxPictureEncoder:
    """Any ONNX encoder of pictures. Each picture goes through the model alone.

    Pictures are stretched to a square: what stands at their borders may decide. The input is
    (batch, 3, height, width). Of an output (batch, width) the row is taken, of feature maps (batch,
    width, height, width) the mean, of tokens (batch, tokens, width) the first.

    Args:
        path: the ONNX file.
        side: of the square in pixels.
        mean: of each colour, from 0 to 1; it is taken off.
        std: of each colour; what is left is divided by it.
        name: the encoder's name; by default the path.
        threads: threads inside one operator; 0 takes every core.

    Raises:
        CorruptError: the file is missing, damaged, or no encoder of pictures.
    """

    def __init__(
        self,
        path: Path | str,
        side: int = USUAL_SIDE,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        *,
        name: str | None = None,
        threads: int = 1,
    ) -> None:
        self.path, self.side, self.name = Path(path), side, name or str(path)
        self._threads = threads
        self.mean, self.std = tuple(mean), tuple(std)
        self._mean = np.array(mean, np.float32).reshape(3, 1, 1) * np.float32(255)
        self._std = np.array(std, np.float32).reshape(3, 1, 1) * np.float32(255)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        with readable(self.path):
            self.fingerprint = digest(sha256_of(self.path), side, [*map(float, mean)], [*map(float, std)])
            cpu = ["CPUExecutionProvider"]
            self._session = onnxruntime.InferenceSession(str(self.path), options, providers=cpu)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        names = [one.name for one in outputs]
        self._input = next((one.name for one in inputs if len(one.shape) == 4), None)
        if self._input is None or len(inputs) != 1 or inputs[0].shape[1] not in (3, "channels"):
            raise CorruptError(f"{self.path}: no encoder of pictures: its input must be (batch, 3, height, width)")
        self._output = next((one for one in OUTPUTS if one in names), names[0])

    def vectors(self, pictures: Sequence[Pixels]) -> Vectors:
        """See `PictureEncoder`."""
        if not pictures:
            return np.zeros((0, 0), np.float32)
        return np.stack([self._vector(picture) for picture in pictures])

    def _vector(self, picture: Pixels) -> Vectors:
        pixels = resized(picture, self.side).transpose(2, 0, 1).astype(np.float32)
        given = ((pixels - self._mean) / self._std)[None]
        found = np.asarray(self._session.run([self._output], {self._input: given})[0][0], np.float32)
        if found.ndim == 3:
            found = found.reshape(len(found), -1).mean(axis=1)
        elif found.ndim == 2:
            found = found[0]
        return np.asarray(found / max(float(np.linalg.norm(found)), 1e-9), np.float32)


def picture_encoder(name: str, *, threads: int = 1) -> PictureEncoder:
    """The encoder of that name.

    Args:
        name: ``pixels``, ``efficientnet-lite0``, or the path of an ONNX file. Beside a file
            ``encoder.onnx`` its settings are read from ``encoder.toml`` (``side``, ``mean``,
            ``std``; colours from 0 to 1), else from the ``preprocessor_config.json`` of Hugging
            Face, there or one folder up. Without any: 224, and mean and std of ImageNet.
        threads: threads inside one operator; 0 takes every core.

    Raises:
        UnknownNameError: neither a known name nor a file.
        MissingExtraError: the package of the weights, or a library, is not installed.
        CorruptError: a file is damaged.
        StorageError: the graph made of the weights cannot be kept.
    """
    if name == PixelEncoder.name:
        return PixelEncoder()
    if name == efficientnet.NAME:
        model = efficientnet.model_file()
        return OnnxPictureEncoder(model, LITE_SIDE, LITE_MEAN, LITE_STD, name=name, threads=threads)
    path = Path(name).expanduser()
    if path.suffix != ".onnx" or not path.is_file():
        known = [PixelEncoder.name, efficientnet.NAME, "or the path of an .onnx file"]
        raise UnknownNameError("picture encoder", name, known)
    return OnnxPictureEncoder(path, *settings_of(path), name=name, threads=threads)


def settings_of(path: Path) -> tuple[int, Colour, Colour]:
    """Side, mean and std that the files beside a graph say; see `picture_encoder`."""
    own = path.with_suffix(".toml")
    if own.is_file():
        with readable(own):
            return _settings(tomllib.loads(own.read_text(encoding="utf-8")), "mean", "std")
    for folder in (path.parent, path.parent.parent):
        if (file := folder / "preprocessor_config.json").is_file():
            with readable(file):
                found = json.loads(file.read_text(encoding="utf-8"))
                size = found.get("crop_size") or found.get("size") or USUAL_SIDE
                if isinstance(size, dict):
                    size = size.get("height") or size.get("shortest_edge")
                return _settings({**found, "side": size}, "image_mean", "image_std")
    return USUAL_SIDE, IMAGENET_MEAN, IMAGENET_STD


def _settings(found: Mapping[str, Any], mean: str, std: str) -> tuple[int, Colour, Colour]:
    side = int(found.get("side", USUAL_SIDE))
    colours = []
    for name, usual in ((mean, IMAGENET_MEAN), (std, IMAGENET_STD)):
        red, green, blue = (float(value) for value in found.get(name, usual))
        colours.append((red, green, blue))
    if not 1 <= side <= MOST_SIDE or min(colours[1]) <= 0:
        raise ValueError(f"side must be 1 to {MOST_SIDE}, std above 0")
    return side, colours[0], colours[1]
