"""Docs that cannot drift: ``docs/cli.md`` from ``--help``; the README's tables and ``docs/results.md`` from ``docs/results/*.json``.

python tools/docs.py            write them
python tools/docs.py --check    exit 1 and name the file where one is not up to date
python tools/docs.py --adopt runs/results ...   publish the figures of a comparison (or of a run) first
python tools/docs.py --picture runs/pursuit     make docs/play.svg, two turns of an episode as the terminal shows them
"""

from __future__ import annotations

import io
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import typer
from docs_readme import SECTIONS
from docs_results import adopt, results_page
from rich.console import Console

from logicdistill.cli.main import app
from logicdistill.cli.terminal import turn_panel
from logicdistill.deciding.episodes import play
from logicdistill.policy import Policy

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "results"


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


def filled(text: str) -> str:
    """A Markdown file with its generated sections made anew."""
    for name, make in SECTIONS.items():
        content = make()
        pattern = rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)"
        text = re.sub(
            pattern,
            lambda match, content=content: f"{match[1]}{content}\n{match[2]}",
            text,
            flags=re.DOTALL,
        )
    return text


def picture(run: Path) -> None:
    """The last two turns of an episode on an unseen seed, as SVG."""
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True)
    with Policy.load(run) as policy:
        episode = play(policy.task, policy.player, [2_000_000])[0]
        for number in (len(episode.turns) - 1, len(episode.turns)):
            console.print(turn_panel(policy.task, number, episode.turns[number - 1]))
    console.print(
        f"{'success' if episode.success else 'no success'} after {len(episode.turns)} turns"
    )
    console.save_svg(
        str(ROOT / "docs" / "play.svg"), title="logicdistill play pursuit --run runs/pursuit"
    )


def missing_from_tree(readme: str) -> list[str]:
    """Modules that the README's tree does not name."""
    package = ROOT / "src" / "logicdistill"
    modules = [
        file.relative_to(package)
        for file in package.rglob("*.py")
        if not file.name.startswith("__")
    ]
    return sorted(
        str(module) for module in modules if not re.search(rf"\b{re.escape(module.name)}\b", readme)
    )


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
        ROOT / "docs" / "results.md": results_page(RESULTS),
        ROOT / "README.md": filled((ROOT / "README.md").read_text()),
    }
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    findings = [
        f"not in the README's tree: {name}"
        for name in missing_from_tree(wanted[ROOT / "README.md"])
    ]
    if "--check" in arguments:
        findings += [
            f"not up to date: {path.relative_to(ROOT)}; run python tools/docs.py" for path in stale
        ]
    else:
        for path in stale:
            path.write_text(wanted[path])
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
