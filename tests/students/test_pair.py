"""A pair of encoders, of pictures and of words, with one space: made here, four numbers wide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from tests.students.test_picture_head import STAGE, functions
from tokenizers import Tokenizer, models, pre_tokenizers

from logicdistill.errors import CorruptError
from logicdistill.pictures import picture_value
from logicdistill.students.pictured import PictureStudent
from logicdistill.students.vision import OnnxPicturePair, picture_encoder
from logicdistill.training.pictures import fit_pictures
from logicdistill.types import Function, Query

COLOURS = {"red": (220, 40, 40), "green": (40, 200, 40), "blue": (40, 40, 210)}


def written(file: Path, name: str, kind: int, weight: np.ndarray, *nodes: onnx.NodeProto) -> None:
    given = [helper.make_tensor_value_info(name, kind, ["batch", *[None] * (3 - 2 * (kind == 7))])]
    result = [helper.make_empty_tensor_value_info(nodes[-1].output[0])]
    constants = [numpy_helper.from_array(weight.astype(np.float32), "weight")]
    made = helper.make_graph(list(nodes), "tiny", given, result, constants)
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=8)
    file.write_bytes(model.SerializeToString())


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """Pictures by their mean colour, texts by the colours they name; a number sets texts aside."""
    folder = tmp_path / "pair"
    folder.mkdir()
    node = helper.make_node
    written(
        *(folder / "seen.onnx", "pixels", onnx.TensorProto.FLOAT, np.eye(3, 4)),
        node("GlobalAveragePool", ["pixels"], ["pooled"]),
        node("Flatten", ["pooled"], ["row"]),
        node("MatMul", ["row", "weight"], ["image_embeds"]),
    )
    table = np.array([[0, 0, 0, 0.5], *(np.append(np.eye(3)[n], 0.5) for n in range(3))])
    written(
        *(folder / "said.onnx", "input_ids", onnx.TensorProto.INT64, table),
        node("Gather", ["weight", "input_ids"], ["rows"]),
        node("ReduceMean", ["rows"], ["text_embeds"], axes=[1], keepdims=0),
    )
    known = {"other": 0, **{name: number for number, name in enumerate(COLOURS, start=1)}}
    tokens = Tokenizer(models.WordLevel(known, unk_token="other"))
    tokens.pre_tokenizer = pre_tokenizers.Whitespace()
    tokens.save(str(folder / "said.json"))
    (folder / "seen.toml").write_text(
        "side = 4\nmean = [0, 0, 0]\nstd = [1, 1, 1]\n"
        "words = 'said.onnx'\ntokenizer = 'said.json'\n"
    )
    return folder / "seen.onnx"


def fields(name: str, count: int, seed: int) -> list[np.ndarray]:
    draw = np.random.default_rng(seed)
    found = [np.full((8, 8, 3), COLOURS[name]) + draw.normal(0, 25, 3) for _ in range(count)]
    return [one.clip(0, 255).astype(np.uint8) for one in found]


def named(shown: dict[str, list[np.ndarray]]) -> list[Function]:
    return [
        replace(one, manual=replace(one.manual, use_when=f"The thing is {one.name} ."))
        for one in functions(shown)
    ]


def read(student: PictureStudent, mine: list[Function], name: str) -> list[str | None]:
    asked = [
        Query(STAGE, "", tuple(mine), {"cell": picture_value(one)}) for one in fields(name, 10, 9)
    ]
    return [choice.selected for choice in student.select(asked)]


def test_a_function_without_pictures_is_known_by_its_manual(pair: Path, tmp_path: Path) -> None:
    mine = named({"red": fields("red", 8, 1), "green": fields("green", 8, 2)})
    fit_pictures([STAGE], mine, [], [picture_encoder(str(pair))], tmp_path / "student")
    student = PictureStudent(tmp_path / "student")
    assert "blue" not in read(student, mine, "blue")
    joined = [*mine, *named({"blue": []})]
    grown = student.adapted(joined)
    assert read(grown, joined, "blue").count("blue") >= 9
    for name in ("red", "green"):
        assert read(grown, joined, name).count(name) >= 9
    for name, content in grown.packed().items():
        (tmp_path / "student" / name).write_bytes(content)
    assert read(PictureStudent(tmp_path / "student"), joined, "blue").count("blue") >= 9


def test_another_manual_makes_another_function(pair: Path, tmp_path: Path) -> None:
    mine = named({"red": fields("red", 8, 1), "green": fields("green", 8, 2), "blue": []})
    fit_pictures([STAGE], mine, [], [picture_encoder(str(pair))], tmp_path / "student")
    student = PictureStudent(tmp_path / "student")
    manual = replace(mine[-1].manual, use_when="The thing is dark .")
    changed = [*mine[:2], replace(mine[-1], manual=manual)]
    found = read(student.adapted(changed), changed, "blue")
    assert found.count("blue") < read(student, mine, "blue").count("blue")


def test_what_is_no_pair_is_refused_in_one_line(pair: Path, tmp_path: Path) -> None:
    found = picture_encoder(str(pair))
    assert isinstance(found, OnnxPicturePair)
    settings = pair.with_suffix(".toml")
    whole = settings.read_text()
    settings.write_text(whole.replace("tokenizer", "other"))
    with pytest.raises(CorruptError, match="both words and tokenizer"):
        picture_encoder(str(pair))
    settings.write_text(whole.replace("said.json", "gone.json"))
    with pytest.raises(CorruptError, match=r"gone\.json"):
        picture_encoder(str(pair))
    settings.write_text(whole.replace("'said.onnx'", "'narrow.onnx'"))
    node = helper.make_node
    written(
        *(pair.parent / "narrow.onnx", "input_ids", onnx.TensorProto.INT64, np.ones((4, 2))),
        node("Gather", ["weight", "input_ids"], ["rows"]),
        node("ReduceMean", ["rows"], ["text_embeds"], axes=[1], keepdims=0),
    )
    mine = named({name: fields(name, 2, 1) for name in ("red", "green")})
    with pytest.raises(CorruptError, match="vectors of 2 numbers, the pictures' have 4"):
        fit_pictures([STAGE], mine, [], [picture_encoder(str(pair))], tmp_path / "student")
