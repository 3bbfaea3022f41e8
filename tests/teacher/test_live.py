"""A live teacher against real HTTP: an OpenAI-compatible server on loopback that replays recorded replies, and fails as servers do."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from replay_server import FAULTS, ReplayServer, replayed, serving  # noqa: E402

from logicdistill.algorithm import build_base  # noqa: E402
from logicdistill.evaluation.evaluate import first_state  # noqa: E402
from logicdistill.tasks.registry import get_task  # noqa: E402
from logicdistill.teacher.limits import Limits, TokenPrices  # noqa: E402
from logicdistill.teacher.live import LiveTeacher, make_teacher  # noqa: E402
from logicdistill.teacher.recorded import shipped_replies  # noqa: E402
from logicdistill.teacher.write import Author  # noqa: E402

PRICES = TokenPrices("test prices", 1e-6, 4e-6)
GUESS = replayed([shipped_replies("guess-v1").folder])


@pytest.fixture
def served() -> Iterator[Callable[..., ReplayServer]]:
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(serving(ReplayServer(*arguments, **options)))


def teacher_for(server: ReplayServer, folder: Path, said: list[str] | None = None, **limits: Any) -> LiveTeacher:
    limits = {"budget": 5.0, "timeout": 2.0, "pause": 0.01, **limits}
    on_event = said.append if said is not None else lambda _: None
    return make_teacher("tiny", folder, base_url=server.url, prices=PRICES, limits=Limits(**limits), on_event=on_event)


def written(teacher: LiveTeacher, said: list[str] | None = None) -> Any:
    task = get_task("guess")
    samples = [first_state(task, seed) for seed in range(2)]
    return build_base(Author(teacher, task), samples, said.append if said is not None else lambda _: None)[0]


def test_a_base_is_written_over_http_and_a_second_run_pays_nothing(served: Callable[..., ReplayServer], tmp_path: Path) -> None:
    server = served(GUESS)
    with teacher_for(server, tmp_path) as teacher:
        first = written(teacher)
    assert len(server.seen) == server.answered == teacher.spent.calls == 4
    with teacher_for(server, tmp_path) as again:
        assert written(again).snapshot == first.snapshot
    assert len(server.seen) == 4
    assert (again.spent.calls, again.known) == (0, 4)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_ends_in_success_and_no_answer_is_paid_twice(fault: str, served: Callable[..., ReplayServer], tmp_path: Path) -> None:
    server, said = served(GUESS, lambda number: fault if number % 2 == 0 else None, hang=1.0), []
    with teacher_for(server, tmp_path, said, timeout=0.3) as teacher:
        base = written(teacher)
    assert len(base.functions) > 3
    assert len(server.seen) == teacher.spent.calls == 8
    assert server.answered == 4 == len(list(tmp_path.glob("*.json")))
    assert len(said) == 4
    assert all("\n" not in line for line in said)
    assert max(Counter(server.seen).values()) == 2 or fault in ("truncated-json", "wrong-json", "cut-off")
