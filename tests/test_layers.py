"""The layers of the package: nouns < parts < method < outside; nothing imports upwards, and no file outgrows a screenful of screens."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "logicdistill"
NOUNS = {"types", "errors", "protocols", "runs", "views"}
PARTS = {"functions", "teacher", "retrieval", "students", "tasks"}
METHOD = ["selection", "regression", "algorithm", "episodes", "asking", "decision_log", "named", "policy", "training", "baselines"]
OUTSIDE = [
    "evaluation",
    "settings",
    "again",
    "pipeline",
    "dry_run",
    "seats",
    "players",
    "emergency",
    "cluster",
    "comparison",
    "ahead",
    "compare",
    "serving",
    "terminal",
    "state_input",
    "consolidate",
    "cli_teacher",
    "cli_base",
    "cli_emergency",
    "cli_task",
    "cli",
    "__main__",
]
FILES = sorted(PACKAGE.rglob("*.py"))


def unit(path: Path) -> str:
    """First name below the package: the folder, or the file."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rank(name: str) -> int:
    """Height of a layer; parts share one height, method and outside are ordered among themselves."""
    if name in NOUNS:
        return 0
    if name in PARTS:
        return 1
    return 2 + [*METHOD, *OUTSIDE].index(name)


def imports(path: Path) -> set[str]:
    """Units of the package that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "logicdistill":
                modules = [f"logicdistill.{alias.name}" for alias in node.names if not alias.name.startswith("_")]
            else:
                modules = [node.module]
        found |= {module.split(".")[1] for module in modules if module.startswith("logicdistill.")}
    return found


@pytest.mark.parametrize(
    "path", [file for file in FILES if file.parent != PACKAGE or file.stem != "__init__"], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_no_file_imports_from_a_layer_above_it_or_from_another_part(path: Path) -> None:
    own = unit(path)
    for other in imports(path) - {own}:
        assert rank(other) < rank(own) or rank(other) == rank(own) == 0, f"{own} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_no_import_cycle_between_modules() -> None:
    graph: dict[str, set[str]] = {}
    for path in FILES:
        name = ".".join(("logicdistill", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        tops = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom) and node.module]
        graph[name] = {node.module for node in tops if node.module and node.module.startswith("logicdistill.")}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"cycle: {' -> '.join([*above, name])}"
        if name not in done:
            for other in graph.get(name, ()):
                visit(other, (*above, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_torch_and_transformers_are_imported_for_training_only(path: Path) -> None:
    heavy = {"torch", "transformers", "onnx", "peft", "joblib"}
    names = {
        alias.name.split(".")[0] for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import) for alias in node.names
    }
    names |= {(node.module or "").split(".")[0] for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)}
    causal = path.parent.name == "students" and path.stem in {"causal", "language"}
    assert not names & heavy or causal or unit(path) in {"training", "baselines", "pipeline", "ahead", "compare", "cluster"}
    assert "matplotlib" not in names or path.name == "plots.py"
