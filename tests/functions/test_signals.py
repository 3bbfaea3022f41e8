from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.types import Stage

SOURCE = '''def slow(n: int) -> int:
    """Count.

    Use when: always.
    >>> slow(n=1)
    1
    """
    for _ in range(n):
        pass
    return n
'''
SLOW = parse_function(SOURCE, Stage("play", "action", "What?"))


def test_ctrl_c_in_the_sandbox_reaches_the_main_thread_every_time() -> None:
    came = 0
    with Sandbox([SLOW]) as sandbox:
        sandbox.call(SLOW, {"n": 1})
        for _ in range(10):
            timer = threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT))
            timer.start()
            try:
                until = time.monotonic() + 30
                while time.monotonic() < until:
                    sandbox.call(SLOW, {"n": 5000})
            except KeyboardInterrupt:
                came += 1
            timer.join()
        assert sandbox.call(SLOW, {"n": 3}).value == 3
    assert came == 10


def _call_for_ever(sandbox: Sandbox) -> None:
    while True:
        sandbox.call(SLOW, {"n": 5000})


def test_a_handler_of_the_program_runs_and_is_back_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def handler(number: int, frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, handler)
    try:
        with Sandbox([SLOW]) as sandbox:
            sandbox.call(SLOW, {"n": 1})
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(TimeoutError):
                _call_for_ever(sandbox)
        assert signal.getsignal(signal.SIGALRM) is handler
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
