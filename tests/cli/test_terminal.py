from __future__ import annotations

import io

from rich.console import Console

from logicdistill.cli.terminal import QUIET_SECONDS, TerminalReporter


def test_without_a_terminal_a_step_under_way_prints_a_line_now_and_then() -> None:
    now, out = [0.0], io.StringIO()
    reporter = TerminalReporter(Console(file=out), clock=lambda: now[0])
    for second in range(100):
        now[0] = float(second)
        reporter.progress("evaluate", second * 10, 1000)
    assert out.getvalue().splitlines() == [
        f"evaluate  {int(at * QUIET_SECONDS) * 10}/1000" for at in (1, 2, 3)
    ]
    reporter.line("evaluate  done")
    now[0] += QUIET_SECONDS - 1
    reporter.progress("train", 1, 5)
    reporter.progress("train", 5, 5)
    assert out.getvalue().splitlines()[3:] == ["evaluate  done"]
