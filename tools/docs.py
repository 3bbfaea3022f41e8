"""Docs made from their sources, so that they stay true.

``docs/cli.md`` comes from ``--help``, ``docs/api.md`` from the docstrings, ``docs/results.md`` from
``docs/results/*.json``, ``docs/cost.md`` likewise from its source, sections with figures of README
and docs from ``docs/results-sources`` (docs_figures.py), the tables of ``docs/messages.md`` from
``docs/measured/*.json``, and the layout in ``CONTRIBUTING.md`` from the first line of each file.

python tools/docs.py            write them
python tools/docs.py --check    exit 1 and name the file where one is not up to date, where a page
                                types a figure by hand (docs_figures.py), or where a figure does not
                                say where it comes from (benchmarks/stamps.py)
python tools/docs.py --adopt runs/results ...   publish a comparison's or a run's figures first
python tools/docs.py --picture runs/returns     make docs/returns.svg: a decision of the demo
"""

from __future__ import annotations

import ast
import io
import itertools
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
import typer
from docs_api import api_page
from docs_figures import filled_in, typed
from docs_messages import SECTIONS
from docs_results import adopt, results_page, unstamped
from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from logicdistill.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "results"
FIGURES = (RESULTS, ROOT / "docs" / "measured")
SOURCES = ROOT / "docs" / "results-sources"
UNREAD = ("cli", "api", "log", "results", "cost")
"""Pages in which no figure is looked for: made from code or from sources, and what was tried."""
PICTURED = 1
"""Which of the demo's decisions is the README's picture: one with an amount and two rules."""

ROOMS = {
    "src/logicdistill": "the nouns, and the policy that a user holds",
    "src/logicdistill/functions": "function files, the gate, the sandbox and the function base",
    "src/logicdistill/teacher": "questions to the large model; `prompts/`, stored `recordings/`",
    "src/logicdistill/retrieval": "the search for the top K functions",
    "src/logicdistill/students": "the small models that select, and floors without a model",
    "src/logicdistill/tasks": "built-in games, tasks from a folder, data sets of messages",
    "src/logicdistill/tasks/importing": "a file of recorded decisions becomes the folder of a task",
    "src/logicdistill/deciding": "from a state to an action, stage by stage",
    "src/logicdistill/writing": "from rules to functions, and a new rule while a policy runs",
    "src/logicdistill/training": "from states to labelled questions, and the fit of a student",
    "src/logicdistill/evaluation": "players on unseen seeds, and the table of results",
    "src/logicdistill/pipeline": "`logicdistill run` and `consolidate`",
    "src/logicdistill/bulk": "many states at once: files and tables",
    "src/logicdistill/report": "a run or a comparison as a page for people",
    "src/logicdistill/compare": "the paper's experiments: players, baselines, changed rules",
    "src/logicdistill/compare/baselines": "players that imitate actions or write text",
    "src/logicdistill/serving": "a policy as a server",
    "src/logicdistill/cli": "what a person types and sees",
    "benchmarks": "one script a measurement",
    "examples/inspection": "drawn parts are inspected by pictures, for a written policy",
    "examples/retail": "a real policy: rules, states, functions and an independent checker",
    "tools": "what makes docs, recorded replies and published figures",
}
"""Each folder with code, in the order in which one reads, and what it holds."""


def cli_reference() -> str:
    """Every command's ``--help``."""
    parts = ["# Command line", "", "Made from `--help` by `tools/docs.py`.", ""]
    for path, text in _helps(typer.main.get_command(app), ("logicdistill",)):
        parts += [f"## `{' '.join(path)}`", "", "```text", text.rstrip(), "```", ""]
    return "\n".join(parts)


def _helps(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    context = click.Context(
        command, info_name=" ".join(path), terminal_width=100, max_content_width=100
    )
    yield path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    for name in sorted(getattr(command, "commands", {})):
        yield from _helps(command.commands[name], (*path, name))  # type: ignore[attr-defined]


def filled(text: str, sections: Mapping[str, Callable[[], str]]) -> str:
    """A Markdown file with new content between the markers of each section that it has."""
    for name in re.findall(r"<!-- ([\w-]+):begin -->", text):
        content = sections[name]()
        pattern = rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)"
        text = re.sub(
            pattern,
            lambda match, content=content: f"{match[1]}{content}\n{match[2]}",
            text,
            flags=re.DOTALL,
        )
    return text


def section(file: Path) -> Callable[[], str]:
    """Makes what a file of ``docs/results-sources`` says, with its figures."""
    return lambda: filled_in(file.read_text().rstrip(), *FIGURES)


def picture(run: Path) -> None:
    """A decision that ``logicdistill demo`` shows, as SVG; the demo's run is made if need be."""
    shown = CliRunner().invoke(app, ["demo", "--out", str(run)])
    if shown.exit_code:
        raise SystemExit(shown.output)
    decisions = [block for block in shown.stdout.split("\n\n") if block.startswith('"')]
    console = Console(record=True, width=98, file=io.StringIO(), force_terminal=True)
    for line in decisions[PICTURED].splitlines():
        label = re.match(r"  \w+ +\d* *", line)
        styled = Text(line, style="bold green" if line.startswith("  action") else "")
        if label:
            styled.stylize("not bold cyan", 0, label.end())
        elif not line.startswith(" "):  # the message
            styled.stylize("italic")
        console.print(styled)
    console.save_svg(str(ROOT / "docs" / "returns.svg"), title="logicdistill demo")


def layout() -> str:
    """One line a folder and one a file: its name and the first paragraph of its docstring."""
    packages = {file.parent.relative_to(ROOT) for file in (ROOT / "src").rglob("__init__.py")}
    if unknown := {str(package) for package in packages} - set(ROOMS):
        raise SystemExit(f"not in ROOMS of tools/docs.py: {', '.join(sorted(unknown))}")
    lines = []
    for room, purpose in ROOMS.items():
        files = [file for file in sorted((ROOT / room).glob("*.py")) if _purpose(file)]
        if files:
            lines += ["", f"**`{room}/`**: {purpose}", ""]
            lines += [f"- [`{file.name}`]({room}/{file.name}): {_purpose(file)}" for file in files]
    return "\n".join(lines[1:])


def _purpose(file: Path) -> str:
    """First paragraph of a module's docstring, as one line of Markdown; empty without one."""
    docstring = ast.get_docstring(ast.parse(file.read_text())) or ""
    return docstring.split("\n\n")[0].replace("\n", " ").replace("``", "`")


def main() -> int:
    """Write or check."""
    arguments = sys.argv[1:]
    if "--adopt" in arguments:
        for folder in itertools.takewhile(
            lambda word: not word.startswith("--"), arguments[arguments.index("--adopt") + 1 :]
        ):
            for name in adopt(Path(folder), RESULTS):
                print(f"docs/results: {name}")
    if "--picture" in arguments:
        picture(Path(arguments[arguments.index("--picture") + 1]))
    wanted = {
        ROOT / "docs" / "cli.md": cli_reference(),
        ROOT / "docs" / "api.md": api_page(),
        ROOT / "docs" / "results.md": results_page(RESULTS),
        ROOT / "docs" / "cost.md": filled_in((SOURCES / "cost.md").read_text(), *FIGURES),
    }
    sections = SECTIONS | {"layout": layout}
    sections |= {file.stem: section(file) for file in SOURCES.glob("*.md")}
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    for page in pages:
        wanted.setdefault(page, filled(page.read_text(), sections))
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    findings = []
    if "--check" in arguments:
        findings = [
            f"not up to date: {path.relative_to(ROOT)}; run python tools/docs.py" for path in stale
        ]
        findings += unstamped(*FIGURES)
        findings += [
            f"{page.relative_to(ROOT)}: '{figure}' is typed by hand; fill it in from its JSON "
            "(docs/results-sources), or write it into docs/log.md; a setting goes into "
            "NOT_MEASURED of tools/docs_figures.py"
            for page in (*pages, *sorted(SOURCES.glob("*.md")))
            if page.parent == SOURCES or page.stem not in UNREAD
            for figure in typed(page.read_text())
        ]
    else:
        for path in stale:
            path.write_text(wanted[path])
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
