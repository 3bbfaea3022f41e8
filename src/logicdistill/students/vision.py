"""Encoders of pictures: pixels to unit vectors, with numpy or with onnxruntime. No torch."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from logicdistill.errors import CorruptError, UnknownNameError, needs_extra
from logicdistill.files import digest
from logicdistill.students import efficientnet
from logicdistill.students.saved import onnx_session, readable
from logicdistill.students.scoring import Vectors
from logicdistill.students.weights import sha256_of

Pixels: TypeAlias = npt.NDArray[np.uint8]
Colour: TypeAlias = tuple[float, float, float]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
USUAL_SIDE = 224
MOST_SIDE = 2048

PIXEL_SIDE = 16
DIRECTIONS = 8
COARSE, EDGES, PLAIN = 0.7, 0.3, 0.05
"""Shares of a `PixelEncoder`'s parts beside the picture of 8 x 8: that of 4 x 4, the edges, and a
constant, so that a black picture has a direction."""

SMALLEST = 0.3
"""Length of a part below which it is noise rather than a picture; a white one has 14."""

LITE_SIDE = 160
"""Half the time of 224, as exact from five examples on; smaller sides lose points."""

LITE_MEAN = (127 / 255, 127 / 255, 127 / 255)
LITE_STD = (128 / 255, 128 / 255, 128 / 255)
"""EfficientNet-Lite was trained on (x - 127) / 128."""

WHITE = 254
BURNT = 0.2
"""How much shorter the vector of a picture is that is pure white: light has erased what it showed.
It is then less like a picture that light did not erase; see `exposed`."""

OUTPUTS = ("image_embeds", "embedding", "pooler_output", "last_hidden_state")
WORDS_OUTPUTS = ("text_embeds", "embedding", "sentence_embedding", "pooler_output")
"""Names of outputs that are taken before the first one."""

MOST_TOKENS = 77
"""Of a manual that a pair's encoder of words reads; CLIP knows no more places."""


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


def exposed(encoder: PictureEncoder, pictures: Sequence[Pixels]) -> Vectors:
    """The encoder's vectors, each shorter by `BURNT` times the share of pixels that are white."""
    white = [float((picture.min(axis=2) >= WHITE).mean()) for picture in pictures]
    found = encoder.vectors(pictures)
    return found * (1 - BURNT * np.array(white, np.float32)).reshape(-1, 1) if white else found


class PixelEncoder:
    """Pictures without any weights: small pictures, and the directions of their edges.

    It is for drawn pictures and for the cells of a grid, from 8 pixels a side on. Each part is of
    length one before the parts are put together, so a darker or lighter picture hardly differs.
    """

    name = "pixels"
    version = 1

    def __init__(self) -> None:
        self.fingerprint = digest(self.name, self.version)

    def vectors(self, pictures: Sequence[Pixels]) -> Vectors:
        """See `PictureEncoder`."""
        if not pictures:
            return np.zeros((0, 0), np.float32)
        distinct, places = _distinct(pictures)
        small = np.stack([resized(picture, PIXEL_SIDE) for picture in distinct])
        shown = _smooth(small.transpose(0, 3, 1, 2).astype(np.float32, order="C") / np.float32(255))
        eight = _halved(shown)
        edges = _halved(_halved(_edges(shown)))
        parts = [
            _unit(_flat(eight), SMALLEST),
            COARSE * _unit(_flat(_halved(eight)), SMALLEST),
            EDGES * _unit(_flat(edges), SMALLEST),
            np.full((len(small), 1), PLAIN, np.float32),
        ]
        return np.asarray(_unit(np.concatenate(parts, axis=1))[places])


def _distinct(pictures: Sequence[Pixels]) -> tuple[list[Pixels], list[int]]:
    """Distinct pictures, and the place of each one's among them; cells of a board repeat a lot."""
    places: dict[tuple[tuple[int, ...], bytes], int] = {}
    kept, found = list[Pixels](), list[int]()
    for picture in pictures:
        place = places.setdefault((picture.shape, picture.tobytes()), len(kept))
        if place == len(kept):
            kept.append(picture)
        found.append(place)
    return kept, found


def resized(picture: Pixels, side: int) -> Pixels:
    """The picture as a square; areas are averaged where it is made smaller."""
    if picture.shape[0] == picture.shape[1] == side:
        return picture
    library = _pillow()
    image = library.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((side, side), library.Resampling.BILINEAR))


@cache
def _pillow() -> Any:
    with needs_extra("a picture", "vision"):
        from PIL import Image
    return Image


# Sums over a picture are written out pair by pair. Those of numpy over several axes may be rounded
# otherwise where more pictures are beside it.


def _flat(maps: Vectors) -> Vectors:
    return np.ascontiguousarray(maps.reshape(len(maps), -1))


def _unit(rows: Vectors, smallest: float = 0.0) -> Vectors:
    """Rows of length one; those much shorter than ``smallest`` stay short: they are noise."""
    squares = np.add.reduce(rows * rows, axis=1, keepdims=True)
    return np.asarray(rows / (np.sqrt(squares) + np.float32(smallest)), np.float32)


def _halved(maps: Vectors) -> Vectors:
    """Maps (pictures, colours, side, side) of half the side: means of four."""
    upper, lower = maps[..., ::2, :], maps[..., 1::2, :]
    pairs = upper + lower
    return np.asarray((pairs[..., ::2] + pairs[..., 1::2]) * np.float32(0.25))


def _smooth(maps: Vectors) -> Vectors:
    """A blur of one pixel: a picture moved by a pixel shall not look like another."""
    half, quarter = np.float32(0.5), np.float32(0.25)
    framed = _framed(maps)
    rows = framed[..., 1:-1, :] * half + (framed[..., :-2, :] + framed[..., 2:, :]) * quarter
    return np.asarray(rows[..., 1:-1] * half + (rows[..., :-2] + rows[..., 2:]) * quarter)


def _framed(maps: Vectors) -> Vectors:
    return np.pad(maps, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")


def _edges(maps: Vectors) -> Vectors:
    """How strong each pixel's edges are in each of `DIRECTIONS` directions, over all colours.

    A gradient counts in the directions near its own, more the nearer.
    """
    framed = _framed(maps)
    across = framed[..., 1:-1, 2:] - framed[..., 1:-1, :-2]
    down = framed[..., 2:, 1:-1] - framed[..., :-2, 1:-1]
    shares = 1 / (across * across + down * down + np.float32(1e-8))
    found = list[Vectors]()
    for turn in range(DIRECTIONS // 2):
        angle = 2 * np.pi * turn / DIRECTIONS
        along = across * np.float32(np.cos(angle)) + down * np.float32(np.sin(angle))
        strength = along * along * along * shares
        both = np.maximum(strength, 0), np.maximum(-strength, 0)
        found += [signed[:, 0] + signed[:, 1] + signed[:, 2] for signed in both]
    return np.stack(found, axis=1)


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
    ) -> None:
        self.path, self.side, self.name = Path(path), side, name or str(path)
        self.mean, self.std = tuple(map(float, mean)), tuple(map(float, std))
        self._mean = np.array(mean, np.float32).reshape(3, 1, 1) * np.float32(255)
        self._std = np.array(std, np.float32).reshape(3, 1, 1) * np.float32(255)
        with readable(self.path):
            colours = [*map(float, mean)], [*map(float, std)]
            self.fingerprint = digest(sha256_of(self.path), side, *colours)
        self._session = onnx_session(self.path)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        names = [one.name for one in outputs]
        if len(inputs) != 1 or len(inputs[0].shape) != 4:
            shapes = ", ".join(str(one.shape) for one in inputs)
            what = f"no encoder of pictures: its inputs are {shapes[:120]}"
            raise CorruptError(f"{self.path}: {what}, allowed is one, (batch, 3, height, width)")
        self._input = inputs[0].name
        self._output = next((one for one in OUTPUTS if one in names), names[0])

    def vectors(self, pictures: Sequence[Pixels]) -> Vectors:
        """See `PictureEncoder`."""
        if not pictures:
            return np.zeros((0, 0), np.float32)
        distinct, places = _distinct(pictures)
        return np.stack([self._vector(picture) for picture in distinct])[places]

    def _vector(self, picture: Pixels) -> Vectors:
        pixels = resized(picture, self.side).transpose(2, 0, 1).astype(np.float32)
        given = ((pixels - self._mean) / self._std)[None]
        with readable(self.path):  # a graph that wants another side says so here
            run = self._session.run([self._output], {self._input: given})
        found = np.asarray(run[0][0], np.float32)
        if found.ndim == 3:
            found = found.reshape(len(found), -1).mean(axis=1)
        elif found.ndim == 2:
            found = found[0]
        return np.asarray(found / max(float(np.linalg.norm(found)), 1e-9), np.float32)


class OnnxPicturePair(OnnxPictureEncoder):
    """An encoder of pictures, and one of words with vectors in the same space, such as CLIP's two.

    The encoder of words takes ``input_ids`` and, where it has that input, ``attention_mask``, both
    (batch, tokens); its output is (batch, width).

    Args:
        path: of the encoder of pictures; this and what follows as for `OnnxPictureEncoder`.
        words: the ONNX file of the encoder of words.
        tokenizer: its ``tokenizer.json``.

    Raises:
        CorruptError: a file is missing, damaged, or no such encoder.
    """

    def __init__(
        self,
        path: Path | str,
        side: int = USUAL_SIDE,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        *,
        words: Path,
        tokenizer: Path,
        name: str | None = None,
    ) -> None:
        super().__init__(path, side, mean, std, name=name)
        self.words, self.tokenizer = Path(words), Path(tokenizer)
        self._reader = onnx_session(self.words)
        with readable(self.tokenizer):
            self._tokens = Tokenizer.from_str(self.tokenizer.read_text(encoding="utf-8"))
            self._tokens.enable_truncation(MOST_TOKENS)
        files = sha256_of(self.words), sha256_of(self.tokenizer)
        self.fingerprint = digest(self.fingerprint, *files)

    def said(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of texts, shape (texts, width)."""
        inputs = {one.name for one in self._reader.get_inputs()}
        names = [one.name for one in self._reader.get_outputs()]
        output, rows = next((one for one in WORDS_OUTPUTS if one in names), names[0]), []
        for text in texts:
            found = self._tokens.encode(text)
            given = {"input_ids": found.ids, "attention_mask": found.attention_mask}
            arrays = {name: np.array([row]) for name, row in given.items() if name in inputs}
            with readable(self.words):
                rows.append(np.asarray(self._reader.run([output], arrays)[0][0], np.float32))
        return _unit(np.stack(rows))


def picture_encoder(name: str) -> PictureEncoder:
    """The encoder of that name.

    Args:
        name: ``pixels``, ``efficientnet-lite0``, or the path of an ONNX file. Beside a file
            ``encoder.onnx`` its settings are read from ``encoder.toml`` (``side``, ``mean``,
            ``std``; colours from 0 to 1; for a pair also ``words`` and ``tokenizer``, files beside
            it), else from the ``preprocessor_config.json`` of Hugging
            Face, there or one folder up. Without any: 224, and mean and std of ImageNet.

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
        return OnnxPictureEncoder(model, LITE_SIDE, LITE_MEAN, LITE_STD, name=name)
    path = Path(name).expanduser()
    if path.suffix != ".onnx" or not path.is_file():
        known = [PixelEncoder.name, efficientnet.NAME, "or the path of an .onnx file"]
        raise UnknownNameError("picture encoder", name, known)
    settings, pair = settings_of(path), pair_of(path)
    if pair is not None:
        words, tokenizer = pair
        return OnnxPicturePair(path, *settings, words=words, tokenizer=tokenizer, name=name)
    return OnnxPictureEncoder(path, *settings, name=name)


def pair_of(path: Path) -> tuple[Path, Path] | None:
    """The encoder of words and its tokenizer that the file beside a graph names; None without.

    Raises:
        CorruptError: the file is damaged, or names one of the two alone.
    """
    own = path.with_suffix(".toml")
    if not own.is_file():
        return None
    with readable(own):
        found = tomllib.loads(own.read_text(encoding="utf-8"))
        named = [path.parent / found[key] for key in ("words", "tokenizer") if key in found]
        if len(named) == 1:
            raise ValueError("a pair names both words and tokenizer")
    return (named[0], named[1]) if named else None


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
