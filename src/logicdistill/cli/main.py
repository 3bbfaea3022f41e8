"""The command line: ``logicdistill COMMAND``.

A command imports what it needs when it runs, so that ``--help`` is quick.
"""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from logicdistill.characters import escaped_line
from logicdistill.cli.base import base_app
from logicdistill.cli.compare import compare, report
from logicdistill.cli.decide import decide, play
from logicdistill.cli.demo import demo
from logicdistill.cli.output import echo
from logicdistill.cli.pack import pack
from logicdistill.cli.replay import replay
from logicdistill.cli.run import run
from logicdistill.cli.serve import serve
from logicdistill.cli.task import check, new, tasks
from logicdistill.cli.tell import consolidate
from logicdistill.errors import LogicDistillError, one_line
from logicdistill.version import __version__

app = typer.Typer(
    help="Logic Distillation: written rules become small functions, and a small model selects "
    "among them, stage by stage.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(base_app, name="base")
commands = (
    *(demo, tasks, new, check, run, play, decide, replay, pack, serve),
    *(consolidate, compare, report),
)
for command in commands:
    app.command()(command)

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended."""

RESUMABLE = {"run", "compare"}
"""Commands that continue where Ctrl-C ended them."""


def _print_version(wanted: bool) -> None:
    if wanted:
        echo(f"logicdistill {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    pass


_Mistake: type[Exception] = typer.BadParameter.__mro__[2]
"""What the parser of the options raises; it is in another module in each version of typer."""


def main() -> None:
    """Entry point: a user's mistake is one line and exit code 2."""
    try:
        # By itself the parser tells a mistake over several lines.
        code = app(standalone_mode=False)
    except LogicDistillError as error:
        _end(str(error))
    except _Mistake as error:
        _end_usage(error)
    except typer.Abort:  # a question that nobody answered
        raise SystemExit(1) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
    except OSError as error:
        _end(f"{error.filename or 'a file'}: {error.strerror or one_line(error)}")
    if code == INTERRUPTED:
        kept = "; what was finished is kept, the same command continues"
        echo(f"stopped{kept if RESUMABLE.intersection(sys.argv[1:2]) else ''}", err=True)
    raise SystemExit(code if isinstance(code, int) else 0)


def _end_usage(error: Exception) -> NoReturn:
    message, where = error.format_message(), getattr(error, "ctx", None)  # type: ignore[attr-defined]
    if type(error).__name__ == "NoArgsIsHelpError":
        echo(message, err=True)
        raise SystemExit(2) from None
    _end(f"{message.rstrip('.')}; see '{where.command_path} --help'" if where else message)


def _end(message: str) -> NoReturn:
    echo(f"error: {escaped_line(message)}", err=True)
    raise SystemExit(2) from None
