from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.parcels import run_of_parcels

from logicdistill import Policy
from logicdistill.errors import BaseError, CorruptError

Elsewhere = Callable[[str], None]
HEAVY = {"weight_kg": 30}
STRIKE = '''def strike(weight_kg: float) -> str:
    """Send by post while freight is on strike.

    Use when: freight is on strike.
    When: weight_kg > 20
    Replaces: heavy
    Stage: way
    >>> strike(weight_kg=30)
    'post'
    """
    return "post"
'''


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_of_parcels(tmp_path / "parcels")


@pytest.fixture
def watching(run: Path) -> Iterator[Policy]:
    with Policy.load(run, "conditions", watch=True) as policy:
        yield policy


ELSEWHERE = """
import sys
from logicdistill import Policy
for line in sys.stdin:
    run, change = eval(line)
    with Policy.load(run, "conditions") as policy:
        exec(change)
    print("changed", flush=True)
"""


@pytest.fixture(scope="module")
def other_process() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", ELSEWHERE]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, bufsize=1, **pipes) as process:
        yield process


@pytest.fixture
def elsewhere(other_process: subprocess.Popen[str], run: Path) -> Elsewhere:
    """Changes the run's base in another process."""

    def change(code: str) -> None:
        assert other_process.stdin is not None
        assert other_process.stdout is not None
        other_process.stdin.write(f"{(str(run), code)!r}\n")
        assert other_process.stdout.readline() == "changed\n"

    return change


def add(run: Path) -> str:
    file = run.parent / "strike.py"
    file.write_text(STRIKE)
    return f"policy.add({str(file)!r})"


def test_what_another_process_changes_decides_from_the_next_decision_on(
    watching: Policy, run: Path, elsewhere: Elsewhere
) -> None:
    before = watching.base.snapshot
    assert watching.decide(HEAVY).action == "freight"
    elsewhere(add(run))
    decision = watching.decide(HEAVY)
    assert (decision.action, decision.trace[-1].function) == ("post", "strike")
    elsewhere(f"policy.rollback({before!r})")
    assert watching.decide(HEAVY).action == "freight"
    assert watching.base.snapshot == before


def test_without_watching_reload_takes_up_the_change_and_says_so(
    run: Path, elsewhere: Elsewhere
) -> None:
    with Policy.load(run, "conditions") as policy:
        assert policy.reload() is False
        elsewhere(add(run))
        assert policy.decide(HEAVY).action == "freight"
        assert policy.reload() is True
        assert policy.decide(HEAVY).action == "post"
        assert policy.reload() is False
        policy.remove("strike")  # the reloaded base can be changed on
        assert policy.decide(HEAVY).action == "freight"


def test_a_stream_of_the_command_line_takes_up_a_change_with_its_next_line(
    run: Path, elsewhere: Elsewhere
) -> None:
    command = [sys.executable, "-m", "logicdistill", "decide", "--run", str(run)]
    stream = subprocess.Popen(
        [*command, "--student", "conditions", "--no-trace"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert stream.stdin is not None
    assert stream.stdout is not None

    def decided() -> str:
        stream.stdin.write(json.dumps(HEAVY) + "\n")
        return str(json.loads(stream.stdout.readline())["action"])

    assert decided() == "freight"
    elsewhere(add(run))
    assert decided() == "post"
    stream.communicate()
    assert stream.returncode == 0


def test_a_damaged_base_keeps_the_old_one_deciding_and_is_said_once(
    watching: Policy, run: Path, caplog: pytest.LogCaptureFixture, elsewhere: Elsewhere
) -> None:
    before = watching.base.snapshot
    head = run / "base" / ".snapshots" / "HEAD"
    sound = head.read_bytes()
    head.write_text("{")
    with caplog.at_level(logging.WARNING, "logicdistill"):
        assert [watching.decide(HEAVY).action for _ in range(5)] == ["freight"] * 5
    assert [record.getMessage().count(before) for record in caplog.records] == [1]
    with pytest.raises(CorruptError, match="HEAD"):
        watching.reload()
    head.write_bytes(sound)
    elsewhere(add(run))
    assert watching.decide(HEAVY).action == "post"


def test_a_snapshot_that_comes_after_its_head_is_taken_up_later(
    watching: Policy, run: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: Elsewhere
) -> None:
    monkeypatch.setattr("logicdistill.policy.RETRY_SECONDS", 0.05)
    elsewhere(add(run))
    new = json.loads((run / "base" / ".snapshots" / "HEAD").read_text())["snapshot"]
    file = run / "base" / ".snapshots" / f"{new}.json"
    hidden = file.rename(file.with_suffix(".hidden"))
    assert watching.decide(HEAVY).action == "freight"
    hidden.rename(file)
    time.sleep(0.06)
    assert watching.decide(HEAVY).action == "post"


def test_looking_costs_little(watching: Policy) -> None:
    started = time.thread_time()
    for _ in range(1000):
        watching.look()
    assert (time.thread_time() - started) / 1000 < 200e-6  # measured: 2 to 12 µs


def test_threads_decide_rightly_while_another_process_changes_the_base(
    watching: Policy, run: Path, elsewhere: Elsewhere
) -> None:
    wrong: list[object] = []
    stop = threading.Event()

    def decide() -> None:
        while not stop.is_set():
            decision = watching.decide(HEAVY)
            right = "post" if decision.trace[-1].function == "strike" else "freight"
            if decision.action != right or decision.fallback is not None:
                wrong.append(decision)

    threads = [threading.Thread(target=decide) for _ in range(3)]
    for thread in threads:
        thread.start()
    before = watching.base.snapshot
    elsewhere(f"{add(run)}\npolicy.rollback({before!r})\n{add(run)}")
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert watching.decide(HEAVY).action == "post"


def test_a_policy_in_memory_has_nothing_to_reload(run: Path) -> None:
    with Policy.load(run, "conditions") as stored:
        memory = Policy(stored.task, stored.base, stored.parts.student)
        with pytest.raises(BaseError, match="no folder"):
            memory.reload()


def test_deciding_does_not_block_an_event_loop(watching: Policy) -> None:
    async def program() -> tuple[int, list[str]]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.001)

        ticking = asyncio.create_task(tick())
        one = await watching.adecide(HEAVY)
        many = await watching.adecide_many([HEAVY] * 2000 + [{"weight_kg": 1}])
        ticking.cancel()
        return ticks, [one.action, many[0].action, many[-1].action]

    ticks, actions = asyncio.run(program())
    assert actions == ["freight", "freight", "post"]
    assert ticks > 3


def test_a_cancelled_decision_leaves_the_policy_usable(watching: Policy) -> None:
    async def program() -> str:
        task = asyncio.create_task(watching.adecide_many([HEAVY] * 2000))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return str((await watching.adecide(HEAVY)).action)

    assert asyncio.run(program()) == "freight"
