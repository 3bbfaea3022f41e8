from __future__ import annotations

import subprocess
import sys


def loaded_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has after some code."""
    script = f"{code}\nimport sys\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    return set(
        subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True
        ).stdout.split()
    )


def test_importing_the_package_loads_none_of_its_dependencies() -> None:
    assert not loaded_after("import logicdistill") & {
        "torch",
        "numpy",
        "onnxruntime",
        "gymnasium",
        "pydantic",
        "typer",
    }


def test_a_policy_needs_no_torch() -> None:
    assert not loaded_after("from logicdistill import Policy, get_task, check_task; Policy") & {
        "torch",
        "transformers",
        "onnx",
        "joblib",
    }


def test_the_command_line_needs_neither_torch_nor_statistics() -> None:
    assert not loaded_after("import logicdistill.cli.main") & {
        "torch",
        "transformers",
        "onnx",
        "joblib",
        "scipy",
        "sklearn",
    }


def test_a_policy_loads_the_engines_of_large_bases_when_a_base_is_large() -> None:
    assert not loaded_after("from logicdistill import Policy; Policy") & {
        "usearch",
        "tantivy",
        "lancedb",
        "pyarrow",
    }


def test_the_encoder_can_be_loaded_after_a_large_base_was_searched() -> None:
    """Their engines end the process where the index's is loaded first (see `logicdistill.retrieval.folded`)."""
    code = """
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.types import Function, Manual
class Letters:
    def embed(self, texts):
        return [[(index == len(text) % 7) * 1.0 for index in range(7)] for text in texts]
base = tuple(Function(f"f{n}", "s", f"def f{n}(): ...", (), Manual("", ""), (f"word{n}",)) for n in range(60))
assert len(FusedRetriever(Letters(), exact=5).top(["word7"], base, 3)[0]) == 3
import logicdistill.students.encoder"""
    assert {"usearch", "onnxruntime"} <= loaded_after(code)
