"""Weights of a sentence encoder (BERT family) to an int8 ONNX graph, without torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
from safetensors.numpy import load_file

from logicdistill.errors import CorruptError
from logicdistill.students.saved import readable
from logicdistill.students.weights import WEIGHTS_FILE, EncoderOptions

OPSET = 17
IR_VERSION = 8
CONTRIB = "com.microsoft"
"""Operators that onnxruntime has beside the standard's."""

POSITION_OFFSETS = {"bert": 0, "roberta": 2, "xlm-roberta": 2, "camembert": 2}
"""Model types that are read, with the number of the first token's position."""

USUAL_MAX_TOKENS = 128

Array = npt.NDArray[np.generic]


def read_options(folder: Path, wanted: EncoderOptions) -> EncoderOptions:
    """Options with nothing left open, from the files that sentence-transformers writes.

    Without such files: mean pooling, no prefix, 128 tokens.

    Raises:
        CorruptError: a file is damaged, or asks for a pooling other than mean and cls.
    """
    with readable(folder / "1_Pooling" / "config.json"):
        modes = _json(folder / "1_Pooling" / "config.json") or {"pooling_mode_mean_tokens": True}
    ways = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
    way = next((way for mode, way in ways.items() if modes.get(mode)), None)
    if way is None and wanted.pooling is None:
        raise CorruptError(f"{folder}: its pooling is neither mean nor cls; set pooling to one")
    with readable(folder / "config_sentence_transformers.json"):
        prompts = _json(folder / "config_sentence_transformers.json")
        prefix = (prompts.get("prompts") or {}).get(prompts.get("default_prompt_name") or "", "")
    with readable(folder / "sentence_bert_config.json"):
        length = _json(folder / "sentence_bert_config.json").get("max_seq_length")
    return EncoderOptions(
        wanted.pooling or way,
        prefix if wanted.prefix is None else wanted.prefix,
        wanted.max_tokens or min(USUAL_MAX_TOKENS, int(length or USUAL_MAX_TOKENS)),
    )


def _json(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def encoder_graph(folder: Path, pooling: str) -> bytes:
    """ONNX graph of an encoder in fp32; `quantize_rows` makes it smaller and faster.

    Inputs are ``input_ids`` and ``attention_mask``, both (batch, tokens); the outputs are
    ``embedding``, unit vectors, (batch, width), and ``tokens``, the last layer's vectors, (batch,
    tokens, width). Dense layers of sentence-transformers after the
    pooling are part of it.

    Raises:
        CorruptError: a file is damaged, or the model is of another family.
    """
    config_file, weights_file = folder / "config.json", folder / WEIGHTS_FILE
    with readable(config_file):
        config = _json(config_file)
        kind = config.get("model_type")
        if kind not in POSITION_OFFSETS:
            read = ", ".join(POSITION_OFFSETS)
            raise CorruptError(f"{config_file}: model type {kind!r}; read are {read}")
        if config.get("hidden_act", "gelu") != "gelu":
            raise CorruptError(f"{config_file}: activation {config['hidden_act']!r}; read is gelu")
    with readable(weights_file):
        weights = {
            name.removeprefix("bert.").removeprefix("roberta."): value.astype(np.float32)
            for name, value in load_file(weights_file).items()
            if value.dtype.kind in "fV"
        }
        graph = _Graph(weights)
        graph.encoder(config, POSITION_OFFSETS[kind])
        graph.pool(pooling)
        for module in _modules(folder):
            graph.dense(module)
        graph.normalise()
    return graph.model()


def _modules(folder: Path) -> list[Path]:
    """Folders of the dense layers after the pooling."""
    file = folder / "modules.json"
    listed = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return [folder / one["path"] for one in listed if str(one["type"]).endswith(".Dense")]


class _Graph:
    """Nodes and constants, built in the order of the computation.

    Fused operators of onnxruntime are written directly: that is what its optimiser would make of
    the standard ones, and it makes them at each start.
    """

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights, self._nodes = weights, list[onnx.NodeProto]()
        self._constants: dict[str, Array] = {}
        self._count = 0
        self._now = ""

    def _add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        self._count += 1
        output = f"{operator.lower()}_{self._count}"
        made = make_node(operator, list(inputs), [output], domain=domain, **attributes)
        self._nodes.append(made)
        return output

    def _weight(self, name: str, transposed: bool = False) -> str:
        value = self._weights[name]
        return self._constant(name, value.T.copy() if transposed else value)

    def _constant(self, name: str, value: Array) -> str:
        self._constants[name] = value
        return name

    def _linear(self, source: str, name: str) -> str:
        product = self._add("MatMul", source, self._weight(f"{name}.weight", transposed=True))
        return self._add("Add", product, self._weight(f"{name}.bias"))

    def _added_norm(self, left: str, right: str, name: str, epsilon: float) -> str:
        inputs = left, right, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._add("SkipLayerNormalization", *inputs, domain=CONTRIB, epsilon=epsilon)

    def encoder(self, config: Mapping[str, Any], offset: int) -> None:
        """Token ids to the last layer's vectors."""
        epsilon, heads = float(config["layer_norm_eps"]), int(config["num_attention_heads"])
        words = self._weight("embeddings.word_embeddings.weight")
        found = self._add("Gather", words, "input_ids")
        # The type of a single text's tokens is 0: its vector is added to every position's.
        first = self._weights["embeddings.token_type_embeddings.weight"][0]
        places = self._weights["embeddings.position_embeddings.weight"][offset:] + first
        length = self._add("Shape", "input_ids", start=1, end=2)
        zero, table = self._constant("zero", np.array([0])), self._constant("places", places)
        axis = self._constant("axis", np.array([0]))
        shown = self._add("Slice", table, zero, length, axis)
        summed = self._add("Add", found, shown)
        norm = "embeddings.LayerNorm"
        scale, shift = self._weight(f"{norm}.weight"), self._weight(f"{norm}.bias")
        self._now = self._add("LayerNormalization", summed, scale, shift, epsilon=epsilon)
        mask = self._add("Cast", "attention_mask", to=onnx.TensorProto.INT32)
        for layer in range(int(config["num_hidden_layers"])):
            name = f"encoder.layer.{layer}"
            own = [
                self._linear(self._now, f"{name}.attention.self.{part}")
                for part in ("query", "key", "value")
            ]
            attended = self._add(
                "MultiHeadAttention", *own, "", mask, domain=CONTRIB, num_heads=heads
            )
            attended = self._linear(attended, f"{name}.attention.output.dense")
            norm = f"{name}.attention.output.LayerNorm"
            attended = self._added_norm(attended, self._now, norm, epsilon)
            wide = self._linear(attended, f"{name}.intermediate.dense")
            active = self._add("Gelu", wide, domain=CONTRIB)
            back = self._linear(active, f"{name}.output.dense")
            self._now = self._added_norm(back, attended, f"{name}.output.LayerNorm", epsilon)

    def pool(self, pooling: str) -> None:
        """The tokens' vectors to one."""
        self._nodes.append(make_node("Identity", [self._now], ["tokens"]))
        if pooling == "cls":
            index = self._constant("first", np.array(0))
            self._now = self._add("Gather", self._now, index, axis=1)
            return
        axis = self._constant("tokens_axis", np.array([1]))
        last = self._constant("width_axis", np.array([2]))
        mask = self._add("Cast", "attention_mask", to=onnx.TensorProto.FLOAT)
        kept = self._add("Mul", self._now, self._add("Unsqueeze", mask, last))
        summed = self._add("ReduceSum", kept, axis, keepdims=0)
        self._now = self._add("Div", summed, self._add("ReduceSum", mask, axis, keepdims=1))

    def dense(self, module: Path) -> None:
        """A dense layer after the pooling."""
        config, weights = _json(module / "config.json"), load_file(module / WEIGHTS_FILE)
        name = module.name
        self._weights = {**self._weights, f"{name}.weight": weights["linear.weight"]}
        bias = weights.get("linear.bias", np.zeros(len(weights["linear.weight"]), np.float32))
        self._weights[f"{name}.bias"] = bias
        self._now = self._linear(self._now, name)
        activation = str(config.get("activation_function", "")).rpartition(".")[2]
        if activation == "Tanh":
            self._now = self._add("Tanh", self._now)
        elif activation not in ("", "Identity"):
            raise CorruptError(f"{module}: activation {activation!r}; read are Identity and Tanh")

    def normalise(self) -> None:
        """To length one."""
        self._now = self._add("LpNormalization", self._now, axis=-1, p=2)

    def model(self) -> bytes:
        """The graph's file."""
        integer, real = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
        ids, mask = (
            make_tensor_value_info(name, integer, ["batch", "tokens"])
            for name in ("input_ids", "attention_mask")
        )
        self._nodes.append(make_node("Identity", [self._now], ["embedding"]))
        constants = [
            numpy_helper.from_array(value, name) for name, value in self._constants.items()
        ]
        output = make_tensor_value_info("embedding", real, ["batch", "width"])
        tokens = make_tensor_value_info("tokens", real, ["batch", "tokens", "depth"])
        graph = make_graph(self._nodes, "encoder", [ids, mask], [output, tokens], constants)
        opsets = [make_opsetid("", OPSET), make_opsetid(CONTRIB, 1)]
        made = make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        return bytes(made.SerializeToString())


def quantize_rows(model: bytes) -> bytes:
    """An ONNX graph with each product by a constant matrix in int8; all else stays in fp32.

    Weights have a scale a column, activations one a row (a token). One scale for the whole batch
    (``onnxruntime.quantization.quantize_dynamic``) moves a text's vector with the texts and the
    padding beside it, by up to 0.04 a component in our measurement.
    """
    proto = onnx.load_from_string(model)
    graph = proto.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    made: dict[str, Array] = {"rows_one": np.array(1.0, np.float32)}
    made["rows_zero"] = np.array(128, np.uint8)
    made |= {"rows_step": np.array(1 / 127, np.float32), "rows_floor": np.array(1e-9, np.float32)}
    nodes, rows = list[onnx.NodeProto](), set[str]()
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in constants:
            nodes.append(node)
            continue
        source, weight = node.input
        row, product = f"{source}_rows", f"{node.output[0]}_int8"
        if source not in rows:  # query, key and value read the same rows
            rows.add(source)
            nodes += _quantize_source(source, row)
        matrix = numpy_helper.to_array(constants[weight])
        steps = np.maximum(np.abs(matrix).max(axis=0), 1e-9).astype(np.float32) / np.float32(127)
        rounded = np.clip(np.rint(matrix / steps), -127, 127).astype(np.int8)
        made |= {f"{weight}_int8": rounded, f"{weight}_steps": steps}
        inputs = [row, f"{weight}_int8", "rows_one", f"{weight}_steps", "rows_zero"]
        nodes.append(make_node("MatMulIntegerToFloat", inputs, [product], domain=CONTRIB))
        nodes.append(make_node("Mul", [product, f"{row}_scale"], list(node.output)))
    read = {name for node in nodes for name in node.input}
    kept = [tensor for name, tensor in constants.items() if name in read]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.initializer[:]
    graph.initializer.extend(kept)
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in made.items())
    if CONTRIB not in {one.domain for one in proto.opset_import}:
        proto.opset_import.append(make_opsetid(CONTRIB, 1))
    return bytes(proto.SerializeToString())


def _quantize_source(source: str, row: str) -> list[onnx.NodeProto]:
    """Activations (..., width) to uint8, with zero at 128 and one scale for each last-axis row."""
    return [
        make_node("Abs", [source], [f"{row}_abs"]),
        make_node("ReduceMax", [f"{row}_abs"], [f"{row}_max"], axes=[-1], keepdims=1),
        make_node("Mul", [f"{row}_max", "rows_step"], [f"{row}_raw"]),
        make_node("Max", [f"{row}_raw", "rows_floor"], [f"{row}_scale"]),
        make_node("Div", [source, f"{row}_scale"], [f"{row}_scaled"]),
        make_node("QuantizeLinear", [f"{row}_scaled", "rows_one", "rows_zero"], [row]),
    ]
