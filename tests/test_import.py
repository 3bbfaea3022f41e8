from __future__ import annotations

import subprocess
import sys

TRAINING = {"torch", "transformers", "onnx", "joblib"}
SLOW = TRAINING | {"numpy", "onnxruntime", "gymnasium", "pydantic", "pydantic_monty", "tokenizers"}


def loaded_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has after some code."""
    names = "{name.split('.')[0] for name in sys.modules}"
    script = f"{code}\nimport sys\nprint('\\n', *{names})"
    return set(
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
        .stdout.splitlines()[-1]
        .split()
    )


def test_importing_the_package_loads_none_of_its_dependencies() -> None:
    assert not loaded_after("import logicdistill") & (SLOW | {"typer"})


def test_a_policy_needs_no_torch() -> None:
    code = "from logicdistill import Policy, get_task, check_task; Policy"
    assert not loaded_after(code) & TRAINING


def test_help_loads_nothing_that_is_slow_to_load() -> None:
    for command in ("", "'run', ", "'base', 'check', "):
        code = (
            "import sys\nfrom logicdistill.__main__ import main\n"
            f"sys.argv = ['logicdistill', {command}'--help']\n"
            "try:\n    main()\nexcept SystemExit:\n    pass"
        )
        slow = SLOW - {"pydantic"} if command else SLOW  # typer itself reads options with it
        assert not loaded_after(code) & slow, command


def test_lancedb_is_loaded_when_a_stage_is_large() -> None:
    code = """
from logicdistill import Policy
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.types import Function, Manual
base = tuple(Function(f"f{n}", "s", "", (), Manual("", ""), (f"word{n}",)) for n in range(6))
assert len(Policy and FusedRetriever(None, exact=5).top(["word4"], base, 3)[0]) == 3"""
    assert "lancedb" in loaded_after(code)
    assert not loaded_after(code.replace("exact=5", "exact=6")) & {"lancedb", "pyarrow"}
