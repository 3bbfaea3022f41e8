"""What the fuzzer takes for a hang: its inputs are tried by tests/test_damage.py."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from benchmarks import fuzz

BURN = """
import sys, time
while time.process_time() < 0.3: pass
print("done", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def uses(monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterator[float]], None]:
    monkeypatch.setattr(fuzz, "CHECK_SECONDS", 0.01)
    return lambda seconds: monkeypatch.setattr(fuzz, "processor_seconds", lambda: next(seconds))


def looked_at(enough: float = 60.0) -> None:
    with fuzz.Watch():
        time.sleep(enough)


def test_an_input_that_is_late_on_a_busy_machine_is_no_hang(
    uses: Callable[[Iterator[float]], None],
) -> None:
    looks = list[float]()
    uses(looks.append(seconds) or seconds for seconds in itertools.count(0.0, 0.1))
    looked_at(enough=0.2)
    assert looks


def test_who_waits_in_vain_and_who_never_ends_are_hung(
    uses: Callable[[Iterator[float]], None],
) -> None:
    uses(itertools.repeat(7.0))
    with pytest.raises(fuzz.Hung):
        looked_at()
    uses(itertools.count(0.0, fuzz.MOST_SECONDS / 3))
    with pytest.raises(fuzz.Hung):
        looked_at()


def test_the_processor_time_of_workers_counts() -> None:
    asked = [sys.executable, "-c", BURN]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"done\n"
        assert fuzz.processor_seconds() - time.process_time() > 0.2
        worker.communicate()
