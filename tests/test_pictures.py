"""Pictures as values: what is taken, what is refused in one line, and what the pixels are."""

from __future__ import annotations

import base64
import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from logicdistill import pictures
from logicdistill.errors import InvalidStateError, StorageError
from logicdistill.pictures import (
    cells,
    check,
    decoded,
    described,
    digest_of,
    picture_value,
    thumbnail,
)

PIXELS = np.random.default_rng(0).integers(0, 256, (24, 40, 3), np.uint8)
SMOOTH = np.linspace(0, 255, 24 * 40 * 3).reshape(24, 40, 3).astype(np.uint8)
KINDS = ("png", "jpeg", "webp")


def saved(pixels: np.ndarray | Image.Image, kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, format=kind, **how)
    return file.getvalue()


def url(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def chunk(name: bytes, content: bytes) -> bytes:
    sum_of = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + sum_of


def png_that_says(width: int, height: int) -> bytes:
    """A small file whose header announces a size; its pixels are zeros, well compressed."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


FILES = {
    "png": saved(SMOOTH, "png"),
    "jpeg": saved(SMOOTH, "jpeg"),
    "progressive": saved(SMOOTH, "jpeg", progressive=True),
    "webp": saved(SMOOTH, "webp"),
    "lossless": saved(SMOOTH, "webp", lossless=True),
}


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_a_path_and_a_data_url_give_the_same_value(kind: str, tmp_path: Path) -> None:
    data = saved(SMOOTH, kind)
    (file := tmp_path / "photo").write_bytes(data)
    value = picture_value(data)
    assert value == picture_value(file) == picture_value(value) == url(data, kind)
    assert check(value) is None
    assert decoded(value).shape == (24, 40, 3)
    assert described(value) == f"picture {digest_of(value)}, 40 x 24"


def test_an_array_and_an_image_keep_every_pixel() -> None:
    assert (decoded(picture_value(PIXELS)) == PIXELS).all()
    assert (decoded(picture_value(Image.fromarray(PIXELS))) == PIXELS).all()
    grey = decoded(picture_value(PIXELS[:, :, 0]))
    assert (grey == PIXELS[:, :, :1]).all()
    assert (decoded(picture_value(PIXELS[:, ::2])) == PIXELS[:, ::2]).all()


def test_pixels_are_turned_as_the_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    value = picture_value(saved(SMOOTH, "png", exif=exif))
    assert (decoded(value) == np.rot90(SMOOTH, -1)).all()


def test_what_is_transparent_is_white() -> None:
    clear = np.zeros((4, 4, 4), np.uint8)
    clear[0, 0] = 10, 20, 30, 255
    found = decoded(picture_value(saved(Image.fromarray(clear), "png")))
    assert found[0, 0].tolist() == [10, 20, 30]
    assert (found.reshape(-1, 3)[1:] == 255).all()


def test_sixteen_bits_are_shortened_and_not_cut() -> None:
    deep = np.array([[0, 256 * 7, 65535]], np.uint16)
    found = decoded(picture_value(saved(Image.fromarray(deep), "png")))
    assert found[0, :, 0].tolist() == [0, 7, 255]


def test_cmyk_and_palettes_are_read_as_colours() -> None:
    red = Image.new("RGB", (8, 8), (200, 10, 10))
    for data in (saved(red.convert("CMYK"), "jpeg"), saved(red.convert("P"), "png")):
        found = decoded(picture_value(data)).reshape(-1, 3).mean(axis=0)
        assert found[0] > 150
        assert found[1:].max() < 60


@pytest.mark.parametrize("kind", ["gif", "tiff", "bmp"])
def test_other_kinds_are_refused_by_name(kind: str) -> None:
    reason = check(url(saved(SMOOTH, kind)))
    assert reason == f"it is a {kind.upper()} file; allowed are PNG, JPEG and WebP"


def test_a_text_that_is_a_path_never_reaches_the_disk(tmp_path: Path) -> None:
    (file := tmp_path / "photo.png").write_bytes(FILES["png"])
    with pytest.raises(InvalidStateError, match="data URL"):
        picture_value(str(file))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (7, "type int"),
        (None, "type NoneType"),
        (b"", "empty"),
        (b"<svg xmlns='x'/>", "SVG"),
        ("data:image/svg+xml;base64,AAAA", "svg"),
        ("data:image/png;base64,A", "base64"),
        ("data:image/png;base64,AA AA", "base64"),
        ("data:image/png;base64,\u00e4", "base64"),
        ("data:image/png,AAAA", "image/png"),
        (np.zeros((3, 3, 4), np.uint8), "3 x 3 x 4"),
        (np.zeros((3, 3, 3)), "float64"),
        (np.zeros((0, 3), np.uint8), "3 x 0"),
        (saved(Image.new("L", (2, 2)), "png")[:20], "cut off"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(given: object, says: str) -> None:
    with pytest.raises(InvalidStateError, match=says) as caught:
        picture_value(given)
    assert "\n" not in str(caught.value)


def test_a_media_type_that_lies_is_refused() -> None:
    value = url(FILES["jpeg"], "png")
    assert check(value) == "its media type is image/png, its file is jpeg; write image/jpeg"
    for reads in (decoded, picture_value):
        with pytest.raises(InvalidStateError, match="write image/jpeg"):
            reads(value)
    assert picture_value(url(FILES["jpeg"], "JPG")) == url(FILES["jpeg"], "jpeg")


@pytest.mark.parametrize("size", [(60_000, 60_000), (4001, 4000), (16_385, 1), (2**31 - 1, 1)])
def test_a_bomb_is_refused_by_its_header(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_decode", lambda *_: pytest.fail("it was decoded"))
    assert "are allowed" in (check(url(png_that_says(*size))) or "")
    with pytest.raises(InvalidStateError, match="pixels"):
        decoded(url(png_that_says(*size)))


def test_a_webp_bomb_is_refused_by_its_header() -> None:
    data = bytearray(saved(Image.new("RGBA", (30, 30), (1, 2, 3, 4)), "webp"))
    assert data[12:16] == b"VP8X"
    data[24:30] = b"\xff\xff\x0f" * 2
    assert "1048576 x 1048576 pixels" in (check(url(bytes(data), "webp")) or "")


def test_a_jpeg_that_states_its_size_twice_is_refused() -> None:
    data = FILES["jpeg"]
    place = data.index(b"\xff\xc0")
    length = int.from_bytes(data[place + 2 : place + 4])
    segment = bytearray(data[place : place + 2 + length])
    segment[5:9] = struct.pack(">HH", 60_000, 60_000)
    forged = data[: place + 2 + length] + bytes(segment) + data[place + 2 + length :]
    assert "damaged" in (check(url(forged, "jpeg")) or "")


def test_a_jpeg_of_a_thousand_scans_is_refused() -> None:
    data = FILES["progressive"]
    place = data.index(b"\xff\xda")
    assert "scans" in (check(url(data[:-2] + data[place:-2] * 200 + data[-2:], "jpeg")) or "")


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_an_animation_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    assert "animation" in (check(url(data, kind)) or "")


def test_more_bytes_than_allowed_are_refused_before_they_are_read(tmp_path: Path) -> None:
    value = url(bytes(pictures.MOST_BYTES + 3))
    assert "4,194,304 are allowed" in (check(value) or "")
    (file := tmp_path / "big.png").write_bytes(FILES["png"] + bytes(pictures.MOST_BYTES))
    with pytest.raises(InvalidStateError, match="are allowed"):
        picture_value(file)
    noise = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), np.uint8)
    with pytest.raises(InvalidStateError, match="JPEG"):
        picture_value(noise)


def test_a_folder_a_pipe_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    for path in (tmp_path, pipe):
        with pytest.raises(InvalidStateError, match="no file"):
            picture_value(path)
    with pytest.raises(StorageError, match="cannot read"):
        picture_value(tmp_path / "none.png")
    with pytest.raises(StorageError, match="cannot read"):
        picture_value(Path("nul\0"))


def seen_or_refused(data: bytes, kind: str) -> None:
    """Either pixels of the size that the header says, or one line."""
    value = url(data, kind)
    reason = check(value)
    try:
        found = decoded(value)
    except InvalidStateError as error:
        said = str(error)
    else:
        said = f"no picture: {reason}" if reason else ""
        assert found.dtype == np.uint8
        assert found.ndim == 3
        assert reason is None
    assert "\n" not in said
    assert reason is None or said == f"no picture: {reason}"


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from([*FILES]), keep=st.floats(0, 1))
def test_a_file_cut_off_is_refused_in_one_line(name: str, keep: float) -> None:
    data, kind = FILES[name], {"progressive": "jpeg", "lossless": "webp"}.get(name, name)
    seen_or_refused(data[: int(len(data) * keep)], kind)


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from([*FILES]), data=st.data())
def test_a_damaged_file_is_refused_in_one_line_or_read(name: str, data: st.DataObject) -> None:
    kind = {"progressive": "jpeg", "lossless": "webp"}.get(name, name)
    file = bytearray(FILES[name])
    # Most damage that matters is in the header.
    places = st.one_of(st.integers(0, 60), st.integers(0, len(file) - 1))
    for place in data.draw(st.lists(places, min_size=1, max_size=6)):
        file[place] = data.draw(st.integers(0, 255))
    seen_or_refused(bytes(file), kind)


@settings(max_examples=100, deadline=None)
@given(
    start=st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X"]),
    rest=st.binary(max_size=200),
)
def test_bytes_of_any_kind_are_refused_in_one_line_or_read(start: bytes, rest: bytes) -> None:
    for kind in KINDS:
        seen_or_refused(start + rest, kind)


def test_a_flipped_bit_among_the_pixels_of_a_png_is_seen() -> None:
    data = bytearray(saved(PIXELS, "png", compress_level=0))
    data[len(data) // 2] ^= 1
    with pytest.raises(InvalidStateError, match="cannot be read"):
        decoded(url(bytes(data)))


def test_a_picture_is_decoded_once_and_cannot_be_painted_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    value = picture_value(PIXELS[:7])
    first = decoded(value)
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 0
    monkeypatch.setattr(pictures, "_decode", lambda *_: pytest.fail("decoded twice"))
    assert decoded(value) is first


def test_an_array_is_made_a_file_once_and_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.default_rng(9).integers(0, 256, (8, 8, 3), np.uint8)
    value = picture_value(pixels)
    data = base64.b64decode(value.partition(",")[2])
    assert (pictures._decode(data, "png", (8, 8)) == pixels).all()
    monkeypatch.setattr(pictures, "_saved", lambda *_: pytest.fail("made a file twice"))
    monkeypatch.setattr(pictures, "_decode", lambda *_: pytest.fail("decoded"))
    assert picture_value(pixels.copy()) == value
    pixels[0] = 0
    assert (decoded(value) != pixels).any(), "a later change of the array must not show"


def test_kept_pictures_stay_within_their_room(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = pictures._Kept[np.ndarray]()
    monkeypatch.setattr(pictures, "MOST_KEPT", 3 * PIXELS.nbytes)
    for place in range(10):
        kept.put(bytes([place]), PIXELS, PIXELS.nbytes)
        kept.put(bytes([place]), PIXELS, PIXELS.nbytes)
    assert [place for place in range(10) if kept.get(bytes([place])) is not None] == [7, 8, 9]


def test_a_thumbnail_is_small_and_keeps_the_shape() -> None:
    wide = np.tile(SMOOTH, (10, 20, 1))
    small = decoded(thumbnail(picture_value(wide), side=32))
    assert small.shape == (10, 32, 3)
    assert decoded(thumbnail(picture_value(SMOOTH))).shape == SMOOTH.shape


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    rows=st.integers(1, 40),
    columns=st.integers(1, 40),
)
def test_cells_cover_a_picture_once(height: int, width: int, rows: int, columns: int) -> None:
    pixels = np.arange(height * width * 3, dtype=np.int64).reshape(height, width, 3)
    if rows > height or columns > width:
        with pytest.raises(InvalidStateError, match="coarser grid"):
            cells(pixels, rows, columns)
        return
    found = cells(pixels, rows, columns)
    sizes = {cell.shape[:2] for row in found for cell in row}
    assert max(sizes)[0] - min(sizes)[0] <= 1
    assert (np.concatenate([np.concatenate(row, axis=1) for row in found]) == pixels).all()
