"""The layers of the package, from the nouns up to the command line: imports run one way, down."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "logicdistill"
LAYERS = [
    {
        "version",
        "types",
        "characters",
        "errors",
        "protocols",
        "files",
        "runs",
        "views",
        "forks",
        "pictures",
    },
    {"functions", "teacher", "retrieval", "students", "tasks"},
    {"deciding"},
    {"writing"},
    {"policy", "training"},
    {"evaluation"},
    {"pipeline", "report", "bulk"},
    {"compare", "serving"},
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
SHARES_WORK = {"bulk"}
"""They may start processes by joblib."""


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def room(path: Path) -> str:
    """First name below the package: the folder, or the file."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def modules_imported_by(path: Path) -> set[str]:
    """Every module named by an import statement, also inside functions."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if node.module == "logicdistill" else {node.module}
    return found


def rooms_imported_by(path: Path) -> set[str]:
    inside = {name for name in modules_imported_by(path) if name.startswith("logicdistill.")}
    return {name.split(".")[1] for name in inside if not name.split(".")[1].startswith("__")}


def may_import(own: str, other: str) -> bool:
    return own == other or RANK[other] < RANK[own] or RANK[other] == RANK[own] == 0


def test_no_file_imports_from_a_layer_above_it_or_from_a_neighbour() -> None:
    wrong = [
        f"{name_of(path)} imports {other}"
        for path in FILES
        for other in rooms_imported_by(path)
        if not may_import(room(path), other)
    ]
    assert wrong == []


def test_the_rule_of_the_layers_refuses_what_is_above_and_beside() -> None:
    assert may_import("cli", "deciding")
    assert may_import("types", "errors")
    assert not may_import("deciding", "cli")
    assert not may_import("functions", "students")


def test_only_the_command_line_imports_the_comparison() -> None:
    importing = {room(path) for path in FILES if "compare" in rooms_imported_by(path)}
    assert importing <= {"compare", "cli"}


def test_a_long_file_says_why_at_its_top() -> None:
    silent = [
        name_of(path)
        for path in FILES
        if len(path.read_text().splitlines()) > 500
        and "One file, because" not in (ast.get_docstring(tree(path)) or "")
    ]
    assert silent == []


def test_no_import_cycle_between_modules() -> None:
    graph: dict[str, set[str]] = {}
    for path in FILES:
        name = ".".join(("logicdistill", *path.relative_to(PACKAGE).with_suffix("").parts))
        tops = [
            node for node in tree(path).body if isinstance(node, ast.ImportFrom) and node.module
        ]
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


def test_torch_and_transformers_are_imported_for_training_only() -> None:
    heavy = {"torch", "transformers", "onnx", "peft", "joblib"}
    wrong = []
    for path in FILES:
        names = {module.split(".")[0] for module in modules_imported_by(path)}
        theirs = heavy - {"joblib"} if room(path) in SHARES_WORK else heavy
        theirs = theirs - {"onnx"} if name_of(path) in WITH_ONNX else theirs
        if names & theirs and name_of(path) not in WITH_TORCH and room(path) not in TRAINS:
            wrong.append(name_of(path))
        if "matplotlib" in names and path.name != "plots.py":
            wrong.append(name_of(path))
    assert wrong == []
