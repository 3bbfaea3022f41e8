"""tmp"""
from __future__ import annotations
import shutil, warnings
from pathlib import Path
import torch
from logicdistill.students.encoder import settings_toml, MODEL_FILE, TOKENIZER_FILE, SETTINGS_FILE
from logicdistill.students.weights import sha256_of
from logicdistill.training.fit import FittedEncoder
from logicdistill.runs import write_atomic

def export(fitted: FittedEncoder, out_dir: Path) -> None:
    out_dir.mkdir(parents=True, exist_ok=True)
    ids = torch.ones(2, 8, dtype=torch.long)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(fitted.network, (ids, ids), str(out_dir / MODEL_FILE), input_names=["input_ids", "attention_mask"], output_names=["v"],
            dynamic_axes={"input_ids": {0: "b", 1: "t"}, "attention_mask": {0: "b", 1: "t"}, "v": {0: "b"}}, dynamo=False, opset_version=17)
    shutil.copy(fitted.weights_dir / TOKENIZER_FILE, out_dir / TOKENIZER_FILE)
    hashes = {n: sha256_of(out_dir / n) for n in (MODEL_FILE, TOKENIZER_FILE)}
    write_atomic(out_dir / SETTINGS_FILE, settings_toml(fitted.scoring, max_tokens=fitted.max_tokens, precision="fp32", hashes=hashes, notes={"steps": fitted.steps}))
