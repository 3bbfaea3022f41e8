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


def test_a_policy_loads_the_engines_of_large_bases_when_a_base_is_large() -> None:
    assert not loaded_after("from logicdistill import Policy; Policy") & {
        "usearch",
        "tantivy",
        "lancedb",
        "pyarrow",
    }


def test_the_encoder_can_be_loaded_after_a_large_base_was_searched() -> None:
    """Their engines end the process where the index's is loaded first."""
    code = """
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.types import Function, Manual
class Letters:
    def embed(self, texts):
        return [[(index == len(text) % 7) * 1.0 for index in range(7)] for text in texts]
def function(n):
    return Function(f"f{n}", "s", f"def f{n}(): ...", (), Manual("", ""), (f"word{n}",))
base = tuple(map(function, range(60)))
assert len(FusedRetriever(Letters(), exact=5).top(["word7"], base, 3)[0]) == 3
import logicdistill.students.encoder"""
    assert {"usearch", "onnxruntime"} <= loaded_after(code)
