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


def test_the_command_line_needs_no_torch() -> None:
    assert not loaded_after("import logicdistill.cli.main") & {
        "torch",
        "transformers",
        "onnx",
        "joblib",
    }


def test_lancedb_is_loaded_when_a_stage_is_large() -> None:
    code = """
from logicdistill import Policy
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.types import Function, Manual
base = tuple(Function(f"f{n}", "s", "", (), Manual("", ""), (f"word{n}",)) for n in range(6))
assert len(Policy and FusedRetriever(None, exact=5).top(["word4"], base, 3)[0]) == 3"""
    assert "lancedb" in loaded_after(code)
    assert not loaded_after(code.replace("exact=5", "exact=6")) & {"lancedb", "pyarrow"}
