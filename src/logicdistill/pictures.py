"""Pictures as values of a state: data URLs, their checks, and their pixels.

A picture in a state is a string: a base64 data URL of a PNG, JPEG or WebP file. Size and kind are
read from the file's header before a decoder sees it: a small file can announce many pixels.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import itertools
import re
import stat
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from logicdistill.errors import InvalidStateError, StorageError, needs_extra, one_line
from logicdistill.forks import Lock

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

IMAGE = "image"
"""The JSON Schema ``format`` of a field that holds a picture."""

MOST_BYTES = 4 * 2**20
"""Of the picture's file."""

MOST_PIXELS = 16_000_000
MOST_SIDE = 16_384

MOST_SCANS = 32
"""Of a progressive JPEG file, which has about ten; each one walks over all pixels."""

MOST_KEPT = 64 * 2**20
"""Bytes of decoded pictures that are kept, so that the parts of a decision decode once; and of the
data URLs of arrays, so that stages that read the same cells make their files once."""

MOST_CHUNKS = 1024
"""Parts of a PNG file before its pixels."""

ALLOWED = "allowed are PNG, JPEG and WebP"
FORM = "a picture is a data URL: data:image/png;base64,..."

_T = TypeVar("_T")

_URL = re.compile(r"data:image/(png|jpe?g|webp);base64,", re.IGNORECASE)
_MEDIA = re.compile(r"data:([\w.+/-]{0,60})", re.IGNORECASE)
_OTHERS = {b"GIF8": "GIF", b"BM": "BMP", b"II*\0": "TIFF", b"MM\0*": "TIFF", b"%PDF": "PDF"}
_OTHERS |= {b"<svg": "SVG", b"<?xml": "XML or SVG", b"\0\0\1\0": "ICO"}


def picture_value(given: object) -> str:
    """The data URL of a picture, as a state holds it.

    Args:
        given: a file's bytes, a `pathlib.Path`, an array of uint8 (height x width x 3, or height x
            width), an image of Pillow, or a data URL. No other text is taken: a path in a request
            must not reach the disk.

    Raises:
        InvalidStateError: it is none of these, or no picture that is allowed.
        StorageError: the file cannot be read.
        MissingExtraError: an array or an image came, and Pillow is not installed.
    """
    if isinstance(given, str):
        data, kind, _, _ = _opened(given)
        return _url(kind, data)
    if isinstance(given, bytes | bytearray | memoryview):
        data = bytes(given)
    elif isinstance(given, Path):
        data = _read(given)
    elif (np := sys.modules.get("numpy")) and isinstance(given, np.ndarray):
        return _url_of(given)
    else:
        data = _encoded(given)
    kind, _, _ = _header(data)
    return _url(kind, data)


def check(value: object) -> str | None:
    """Why the value is no picture, or None; only its header is read."""
    try:
        _opened(value)
    except InvalidStateError as error:
        return str(error).removeprefix(_NO_PICTURE)
    return None


def decoded(value: str) -> npt.NDArray[np.uint8]:
    """Pixels of a picture, RGB, shape (height, width, 3), read-only.

    It is turned as its EXIF orientation says. What is transparent is laid over white. Pictures that
    were decoded last are kept.

    Raises:
        InvalidStateError: it is no picture, or its file is damaged.
        MissingExtraError: Pillow is not installed.
    """
    data, kind, width, height = _opened(value)
    key = hashlib.sha256(data).digest()
    if (found := _PIXELS.get(key)) is None:
        found = _decode(data, kind, (width, height))
        _PIXELS.put(key, found, found.nbytes)
    return found


def digest_of(value: str) -> str:
    """First 16 hex digits of the SHA-256 of the picture's file."""
    return hashlib.sha256(file_of(value)).hexdigest()[:16]


def described(value: str) -> str:
    """The picture in a few words: its digest, and width x height as its file holds them."""
    data, _, width, height = _opened(value)
    return f"picture {hashlib.sha256(data).hexdigest()[:16]}, {width} x {height}"


def thumbnail(value: str, side: int = 64) -> str:
    """Data URL of the picture made smaller, its longer side at most ``side`` pixels."""
    with needs_extra("a picture", "vision"):
        from PIL import Image
    image = Image.fromarray(decoded(value))
    image.thumbnail((side, side))
    # Drawn pictures are smaller as PNG, photographs as JPEG.
    files = {kind: _saved(image, kind, **how) for kind, how in _WAYS.items()}
    kind = min(files, key=lambda one: len(files[one]))
    return _url(kind, files[kind])


def is_url(value: object) -> bool:
    """Whether a value of a state looks like a picture."""
    return isinstance(value, str) and _URL.match(value[:40]) is not None


def summary(value: str) -> dict[str, str]:
    """What a log keeps of a picture: a few words with its digest, and a thumbnail."""
    try:
        return {"picture": described(value), "thumbnail": thumbnail(value)}
    except InvalidStateError as error:
        return {"picture": one_line(error)}


def without_pictures(value: Any) -> Any:
    """A JSON value with a few words instead of each picture."""
    if isinstance(value, str):
        return described(value) if is_url(value) and check(value) is None else value
    if isinstance(value, list | tuple):
        return [without_pictures(item) for item in value]
    if isinstance(value, dict):
        return {key: without_pictures(item) for key, item in value.items()}
    return value


def cells(
    pixels: npt.NDArray[np.uint8], rows: int, columns: int
) -> list[list[npt.NDArray[np.uint8]]]:
    """The cells of a grid laid over a picture, row after row.

    Where the size does not divide evenly, cells differ by one pixel.

    Raises:
        InvalidStateError: the picture has fewer pixels than the grid has cells.
    """
    height, width = pixels.shape[:2]
    if not (1 <= rows <= height and 1 <= columns <= width):
        what = f"a picture of {width} x {height} pixels has no {columns} x {rows} cells"
        raise InvalidStateError(f"{what}; take a larger picture or a coarser grid")
    tops = [height * row // rows for row in range(rows + 1)]
    lefts = [width * column // columns for column in range(columns + 1)]
    return [
        [pixels[top:bottom, left:right] for left, right in itertools.pairwise(lefts)]
        for top, bottom in itertools.pairwise(tops)
    ]


_NO_PICTURE = "no picture: "
_WAYS: dict[str, dict[str, Any]] = {"png": {"optimize": True}, "jpeg": {"quality": 80}}


def _refused(reason: str) -> InvalidStateError:
    return InvalidStateError(_NO_PICTURE + reason)


def _url(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _too_large(size: int) -> InvalidStateError:
    what = f"its file has {size:,} bytes, {MOST_BYTES:,} are allowed"
    return _refused(f"{what}; make it smaller or save it as JPEG")


def file_of(value: object) -> bytes:
    """The file inside a data URL; its kind is not looked at yet."""
    if not isinstance(value, str):
        raise _refused(f"it is of type {type(value).__name__}; {FORM}")
    if not (found := _URL.match(value[:40])):
        if media := _MEDIA.match(value[:80]):
            raise _refused(f"its media type is {media[1] or 'none'!r}; {ALLOWED}, in base64")
        raise _refused(f"it is the text {one_line(value[:40])!r}; {FORM}")
    if (size := (len(value) - found.end()) // 4 * 3) > MOST_BYTES + 2:
        raise _too_large(size)
    try:
        return binascii.a2b_base64(value[found.end() :].encode("ascii"), strict_mode=True)
    except ValueError as error:  # binascii.Error and UnicodeEncodeError are of this kind
        raise _refused(f"its base64 is damaged ({one_line(error)[:80]}); send it again") from None


def _opened(value: object) -> tuple[bytes, str, int, int]:
    """File, kind, width and height of a data URL whose media type is true."""
    data = file_of(value)
    kind, width, height = _header(data)
    found = _URL.match(str(value)[:40])
    said = found[1].lower().replace("jpg", "jpeg") if found else ""
    if said != kind:
        raise _refused(f"its media type is image/{said}, its file is {kind}; write image/{kind}")
    return data, kind, width, height


def _read(path: Path) -> bytes:
    """A file's bytes; never more than are allowed, and never from a device or a pipe."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refused(f"{path} is no file; give the path of a picture")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise _too_large(path.stat().st_size)
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidStateError):
            raise
        reason = getattr(error, "strerror", None) or one_line(error)
        raise StorageError(f"cannot read {path}: {reason}; give the path of a picture") from None
    return data


def _url_of(pixels: npt.NDArray[Any]) -> str:
    """Data URL of an array as a PNG file; both are kept."""
    whole = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)
    if pixels.dtype != "uint8" or not whole:
        shape = " x ".join(map(str, pixels.shape))
        what = f"it is an array of {pixels.dtype}, {shape}; allowed is uint8"
        raise _refused(f"{what}, height x width x 3 or height x width")
    _check_size(pixels.shape[1], pixels.shape[0])
    content = pixels.tobytes()
    key = hashlib.sha256(b"%a" % (pixels.shape,) + content).digest()
    if (found := _URLS.get(key)) is None:
        with needs_extra("a picture", "vision"):
            from PIL import Image
        mode, size = "L" if pixels.ndim == 2 else "RGB", (pixels.shape[1], pixels.shape[0])
        data = _saved(Image.frombytes(mode, size, content), "png")
        _header(data)
        found = _url("png", data)
        _URLS.put(key, found, len(found))
        if pixels.ndim == 3:
            kept = pixels.copy()
            kept.flags.writeable = False
            _PIXELS.put(hashlib.sha256(data).digest(), kept, kept.nbytes)
    return found


def _encoded(given: object) -> bytes:
    """An image of Pillow as a PNG file."""
    # An image of Pillow exists only where Pillow is loaded.
    module = sys.modules.get("PIL.Image")
    if module is None or not isinstance(given, module.Image):
        what = f"it is of type {type(given).__name__}; allowed are a data URL, bytes"
        raise _refused(f"{what}, a pathlib.Path, an array of uint8 and an image of Pillow")
    from PIL import ImageOps

    _check_size(*given.size)
    try:
        image = ImageOps.exif_transpose(given)
        if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
            image = _eight_bits(image).convert("RGB")
        return _saved(image, "png")
    except Exception as error:  # its file may be damaged, which shows when it is read
        raise _refused(f"the image cannot be saved as PNG ({one_line(error)[:120]})") from None


def _saved(image: Image, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format=kind, **how)
    return file.getvalue()


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise _refused(f"it has {width} x {height} pixels; one at least is needed")
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        what = f"it has {width} x {height} pixels"
        most = f"{MOST_PIXELS:,} are allowed, and {MOST_SIDE:,} a side"
        raise _refused(f"{what}; {most}; make it smaller")


def _header(data: bytes) -> tuple[str, int, int]:
    """Kind, width and height as the file's header says them; no decoder is asked.

    Raises:
        InvalidStateError: another kind of file, a damaged header, an animation, or too many bytes,
            pixels or scans.
    """
    if len(data) > MOST_BYTES:
        raise _too_large(len(data))
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        kind, found = "png", _png_size(data)
    elif data.startswith(b"\xff\xd8\xff"):
        kind, found = "jpeg", _jpeg_size(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind, found = "webp", _webp_size(data)
    else:
        known = (name for start, name in _OTHERS.items() if data.startswith(start))
        what = next((f"a {name} file" for name in known), "a file of an unknown kind")
        raise _refused(f"it is {what if data else 'empty'}; {ALLOWED}")
    if found is None:
        raise _damaged(kind)
    _check_size(*found)
    return kind, *found


def _damaged(kind: str, reason: str = "its header is damaged or cut off") -> InvalidStateError:
    return _refused(f"its {kind} file cannot be read ({reason}); send it again")


def _animated() -> InvalidStateError:
    return _refused("it is an animation; a picture has one frame: save the one that counts")


def _png_size(data: bytes) -> tuple[int, int] | None:
    place, size = 8, None
    for _ in range(MOST_CHUNKS):
        length, name = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        if place == 8:
            if name != b"IHDR" or length != 13 or len(data) < 33:
                return None
            size = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
        elif name == b"IHDR" or len(name) < 4:
            return None
        elif name == b"acTL":
            raise _animated()
        elif name == b"IDAT":
            return size
        place += length + 12
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    if data.count(b"\xff\xda") > MOST_SCANS:
        raise _refused(f"its JPEG file has more than {MOST_SCANS} scans; save it again as JPEG")
    place, size = 2, None
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD7:  # fill byte, no content
            place += 1 if marker == 0xFF else 2
            continue
        if marker == 0xDA:
            return size
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if size is not None or len(data) < place + 9:
                return None
            size = (
                int.from_bytes(data[place + 7 : place + 9]),
                int.from_bytes(data[place + 5 : place + 7]),
            )
        length = int.from_bytes(data[place + 2 : place + 4])
        if length < 2:
            return None
        place += 2 + length
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 30:
        return None
    name = data[12:16]
    if name == b"VP8X":
        if data[20] & 0x02:
            raise _animated()
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if name == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        sides = data[26:28], data[28:30]
        width, height = (int.from_bytes(side, "little") & 0x3FFF for side in sides)
        return width, height
    if name == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None


def _decode(data: bytes, kind: str, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    import numpy as np

    with needs_extra("a picture", "vision"):
        from PIL import Image, ImageOps
        from PIL.JpegImagePlugin import JpegImageFile
        from PIL.PngImagePlugin import PngImageFile
        from PIL.WebPImagePlugin import WebPImageFile
    # `Image.open` would warn of sizes beyond its own limit; those are refused here already.
    readers: dict[str, Callable[[io.BytesIO], ImageFile]]
    readers = {"png": PngImageFile, "jpeg": JpegImageFile, "webp": WebPImageFile}
    try:
        if kind == "png":
            readers[kind](io.BytesIO(data)).verify()  # the decoder skips the pixels' checksums
        with readers[kind](io.BytesIO(data)) as image:
            if image.size != size:
                raise ValueError(f"its parts say {size} and {image.size} pixels")
            image.load()
            turned = _eight_bits(ImageOps.exif_transpose(image))
        if turned.has_transparency_data:
            shown = turned.convert("RGBA")
            turned = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
        pixels = np.array(turned.convert("RGB"))
    except MemoryError:
        raise
    # The decoders raise classes of many kinds for damage, SyntaxError and struct.error among them.
    except Exception as error:
        raise _damaged(kind, one_line(error)[:120]) from None
    pixels.flags.writeable = False
    return pixels


def _eight_bits(image: Image) -> Image:
    """A grey picture of 16 bits with its upper eight; Pillow's conversion would cut at 255."""
    if not image.mode.startswith("I"):
        return image
    import numpy as np
    from PIL import Image

    return Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))


class _Kept(Generic[_T]):
    """The values used last, at most `MOST_KEPT` bytes."""

    def __init__(self) -> None:
        self._values: OrderedDict[bytes, tuple[_T, int]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: bytes) -> _T | None:
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: bytes, value: _T, size: int) -> None:
        with self._lock:
            if key not in self._values:  # another thread may have put it meanwhile
                self._size += size
            self._values[key] = value, size
            while self._size > MOST_KEPT:
                self._size -= self._values.popitem(last=False)[1][1]


_PIXELS = _Kept["npt.NDArray[np.uint8]"]()
"""By the SHA-256 of a picture's file."""

_URLS = _Kept[str]()
"""By the SHA-256 of an array's shape and pixels."""
