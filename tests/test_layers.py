"""The layers of the package, from the nouns up to the command line: imports run one way, down."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "logicdistill"
LAYERS = [
    {
        "types",
        "characters",
        "errors",
        "protocols",
        "files",
        "runs",
        "views",
        "forks",
        "cluster",
        "pictures",
    },
    {"functions", "teacher", "retrieval", "students", "tasks"},
    {"deciding"},
    {"writing", "packing"},
    {"policy", "training"},
    {"evaluation"},
    {"pipeline", "report", "bulk"},
    {"compare", "distilling", "serving"},
    {"cli"},
    {"__main__", "__init__"},
]
"""From the bottom up. Rooms of one layer do not import each other, apart from the nouns."""

RANK = {room: height for height, layer in enumerate(LAYERS) for room in layer}
FILES = sorted(PACKAGE.rglob("*.py"))
WITH_TORCH = {"students/language.py"}
"""The causal model needs torch; no other file of a part may."""

WITH_ONNX = {"students/efficientnet.py"}
"""It makes a graph when a student is fitted, and imports onnx only then."""

TRAINS = {"training", "pipeline", "compare"}
SHARES_WORK = {"bulk", "cluster"}
"""They may start processes by joblib."""


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def room(path: Path) -> str:
    """First name below the package: the folder, or the file."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def modules_imported_by(path: Path) -> set[str]:
    """Every module named by an import statement, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if node.module == "logicdistill" else {node.module}
    return found


def rooms_imported_by(path: Path) -> set[str]:
    inside = {name for name in modules_imported_by(path) if name.startswith("logicdistill.")}
    return {name.split(".")[1] for name in inside if not name.split(".")[1].startswith("__")}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_imports_from_a_layer_above_it_or_from_a_neighbour(path: Path) -> None:
    own = room(path)
    for other in rooms_imported_by(path) - {own}:
        lower = RANK[other] < RANK[own]
        assert lower or RANK[other] == RANK[own] == 0, f"{own} imports {other}"


def test_only_the_command_line_imports_the_comparison() -> None:
    importing = {room(path) for path in FILES if "compare" in rooms_imported_by(path)}
    assert importing <= {"compare", "cli"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_long_file_says_why_at_its_top(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 500 or "One file, because" in (
        ast.get_docstring(ast.parse(text)) or ""
    )


def test_no_import_cycle_between_modules() -> None:
    graph: dict[str, set[str]] = {}
    for path in FILES:
        name = ".".join(("logicdistill", *path.relative_to(PACKAGE).with_suffix("").parts))
        body = ast.parse(path.read_text()).body
        tops = [node for node in body if isinstance(node, ast.ImportFrom) and node.module]
        graph[name.removesuffix(".__init__")] = {node.module or "" for node in tops}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"cycle: {' -> '.join([*above, name])}"
        if name not in done:
            for other in graph.get(name, ()):
                visit(other, (*above, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_torch_and_transformers_are_imported_for_training_only(path: Path) -> None:
    heavy = {"torch", "transformers", "onnx", "peft", "joblib"}
    names = {module.split(".")[0] for module in modules_imported_by(path)}
    heavy -= {"joblib"} if room(path) in SHARES_WORK else set()
    heavy -= {"onnx"} if name_of(path) in WITH_ONNX else set()
    assert not names & heavy or name_of(path) in WITH_TORCH or room(path) in TRAINS
    assert "matplotlib" not in names or path.name == "plots.py"
