"""Feed the package what comes from outside, damaged: count tracebacks and hangs; there is none.

Inputs are states, rules files, function files and modules, a teacher's replies, and the files of a
run's folder. Each is a sound one with a random change. A LogicDistillError in one line is right.

nice python benchmarks/fuzz.py RUN [--minutes 10] [--only states] [--seed 0] [--out fuzz.json]

RUN is a finished run of guess; it is copied.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from selecting import write_result
from typer.testing import CliRunner

from logicdistill import Policy
from logicdistill.cli.main import app
from logicdistill.cli.states import batches, states_of
from logicdistill.errors import LogicDistillError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.module import split_module
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Request
from logicdistill.tasks.gymnasium_task import GymnasiumTask, shipped_text
from logicdistill.tasks.record_folder import read_folder
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore, shipped_replies
from logicdistill.teacher.write import Author
from logicdistill.writing.base import build_base

MOST_SECONDS = 120.0
"""Processor time of an input, its workers' included; a sound one takes less than one second."""

CHECK_SECONDS = 60.0
"""Time between two looks at what an input used. A busy machine makes an input late, which is no
hang; who used next to nothing in so long waits for something that does not come."""

LEAST_SECONDS = 0.02
"""Processor time between two looks, below which an input waits in vain."""

ROUND = 50
"""Inputs of one kind that are tried in a row."""

PARCELS = Path(__file__).parents[1] / "src/logicdistill/tasks/examples/parcels"
COMMANDS = [
    ["base", "log"],
    ["base", "list"],
    ["base", "coverage"],
    ["base", "rollback", "previous", "--yes"],
    ["consolidate", "--dry-run"],
]
OTHERS: list[Any] = [None, True, -1, 10**30, 0.5, "", "x" * 300, "\ud800", [], [[]], {}, {"a": 1}]

PIECES = [
    *("\ufeff", "\r\n", "\0", "\x1b[2J", "\u202e", "\ud83d", "1.", "(a)", "```", "<!--", "|", "> "),
    *("When:", "Rules: 99", "Use when:", ">>> f(", '"""', "lambda: 0", "**", "//", "[[[[", "nan"),
    *("9" * 50, "(" * 300, "not " * 300, "\t", "  ", "é", "七", "{", "}", "%s", "\\", "\\u12"),
]


def files_of(run: Path) -> list[Path]:
    found = (file for file in run.rglob("*") if file.is_file() and file.name != ".lock")
    return sorted(file.relative_to(run) for file in found)


def bytes_damaged(data: bytes, draw: Callable[..., Any]) -> bytes | None:
    """A file that was cut, emptied, lengthened, overwritten, encoded otherwise, or is gone."""
    at = draw(st.integers(0, max(0, len(data) - 1)))
    damages = [
        None,
        b"",
        data[:at],
        data[:at] + draw(st.binary(max_size=20)) + data[at:],
        data[:at] + bytes([draw(st.integers(0, 255))]) + data[at + 1 :],
        data + data,
        data.decode(errors="replace").encode("utf-16"),
        b"null",
        b"[" * 5000,
        b"\xff\xfe\0",
        b"x" * 5000,
    ]
    return draw(st.sampled_from(damages))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a JSON value has values."""
    yield path
    pairs = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, list) else pairs
    for key, inner in pairs:
        yield from places(inner, (*path, key))


def value_damaged(value: Any, draw: Callable[..., Any]) -> Any:
    """A JSON value of which one field has another type, another name, or is gone."""
    value = json.loads(json.dumps(value))
    path = draw(st.sampled_from(list(places(value))))
    other = draw(st.sampled_from(OTHERS))
    if not path:
        return other
    *way, last = path
    holder = functools.reduce(lambda at, key: at[key], way, value)
    match draw(st.sampled_from(["retype", "delete", "rename", "lengthen"])):
        case "delete":
            del holder[last]
        case "rename" if isinstance(holder, dict):
            holder[f"{last}_"] = holder.pop(last)
        case "lengthen" if isinstance(holder[last], str):
            holder[last] = holder[last] * 300
        case "lengthen" if isinstance(holder[last], list):
            holder[last] = [*holder[last], *holder[last], other]
        case _:
            holder[last] = other
    return value


def field_damaged(file: Path, data: bytes, draw: Callable[..., Any]) -> bytes | None:
    """A file of JSON, JSON lines or TOML of which one field was damaged."""
    if file.suffix == ".jsonl":
        lines = data.decode().splitlines()
        if not lines:
            return b"[]\n"
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] = json.dumps(value_damaged(json.loads(lines[at]), draw))
        return "".join(f"{line}\n" for line in lines).encode()
    if file.suffix == ".toml":
        lines = data.decode().splitlines()
        at = draw(st.sampled_from([n for n, line in enumerate(lines) if "=" in line]))
        value = draw(
            st.sampled_from(["3", "-0.5", '""', '"x"', "[]", "{}", "true", "nan", "[[1]]"])
        )
        key = lines[at].split("=")[0]
        lines[at] = draw(st.sampled_from([f"{key}= {value}", "", f"x{lines[at]}"]))
        return "\n".join(lines).encode()
    return json.dumps(value_damaged(json.loads(data), draw)).encode()


def has_fields(file: Path) -> bool:
    return file.suffix in (".json", ".jsonl", ".toml") or file.name == "HEAD"


def text_damaged(text: str, draw: Callable[..., Any]) -> str:
    """A text with a few pieces cut out, put in, doubled or exchanged."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(PIECES) | st.text(max_size=8))
        changed = ["", piece, text[start:end] * 2, text[start:end][::-1], piece + text[start:end]]
        text = text[:start] + draw(st.sampled_from(changed)) + text[end:]
    return text


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


class Fuzzer:
    """The sound inputs, and what is done with a damaged one.

    Args:
        run: a finished run of guess.
        work: an empty folder.
    """

    def __init__(self, run: Path, work: Path) -> None:
        self.run, self.work = run, work
        self.task = get_task("guess")
        self.known = [first_state(self.task, number) for number in range(4)]
        self.renew()
        self.base: FunctionBase = self.policy.base
        self.decided = [decision.action for decision in self.policy.decide_many(self.known)]
        self.kinds: dict[str, Callable[[Callable[..., Any]], None]] = {
            "states": self.states,
            "rules": self.rules,
            "functions": self.functions,
            "replies": self.replies,
            "folders": self.folders,
        }

    def renew(self) -> None:
        """A policy and a sandbox of which nothing is under way; former ones are left as they are.

        What was stopped anywhere may hold a lock for ever, so it is not even closed.
        """
        self.policy = Policy.load(self.run, student="conditions")
        self.sandbox = Sandbox()

    def states(self, draw: Callable[..., Any]) -> None:
        """A value in place of a state, and a file with a bad line."""
        state = value_damaged(draw(st.sampled_from(self.known)), draw)
        with contextlib.suppress(LogicDistillError):
            self.policy.decide(state)
        file = self.work / "states.jsonl"
        lines = "".join(f"{json.dumps(one)}\n" for one in [*self.known, state])
        file.write_bytes(bytes_damaged(_encoded(text_damaged(lines, draw)), draw) or b"")
        for batch, error in batches(states_of(file, self.task.state_schema["properties"])):
            with contextlib.suppress(LogicDistillError):
                read = [one for one in batch if not isinstance(one.state, LogicDistillError)]
                states = [one.state for one in read]
                self.policy.decide_many(states, [one.name for one in read], on_error="return")
            if error is not None:
                raise error

    def rules(self, draw: Callable[..., Any]) -> None:
        """A file of a task's folder, or a rules file of an environment."""
        if draw(st.booleans()):
            GymnasiumTask.from_text(text_damaged(shipped_text("mountain-car"), draw))
            return
        folder = self.work / "parcels"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(PARCELS, folder)
        file = folder / draw(st.sampled_from(["rules.md", "task.toml", "states.jsonl"]))
        file.write_bytes(_encoded(text_damaged(file.read_text(encoding="utf-8"), draw)))
        assert read_folder(folder) is not None
        task = RecordTask(folder)
        task.notes()

    def functions(self, draw: Callable[..., Any]) -> None:
        """A function file, or a module of two."""
        function = draw(st.sampled_from(self.base.functions))
        text = text_damaged(function.source, draw)
        others = {name: one for name, one in self.base.by_name.items() if one is not function}
        gate, stage = Gate.of(self.task, self.base.stages), self.base.stage(function.stage)
        if draw(st.booleans()):
            gate.admit(text, stage, others, self.sandbox)
            return
        other = draw(st.sampled_from(self.base.functions)).source
        for part in split_module(f"{text}\n\n{other}").parts.values():
            with contextlib.suppress(LogicDistillError):
                gate.admit(part.text, stage, {}, self.sandbox)

    def replies(self, draw: Callable[..., Any]) -> None:
        """An answer of a teacher, damaged in its fields or in its texts."""
        sound = RecordedTeacher(ReplyStore(self.work / "replies"), [shipped_replies(self.task.id)])
        at = draw(st.integers(0, 3))

        class Teacher:
            asked = 0

            def ask(self, request: Request) -> Any:
                reply = sound.ask(request)
                Teacher.asked += 1
                if Teacher.asked - 1 != at:
                    return reply
                if draw(st.booleans()):
                    return value_damaged(reply, draw)
                text = text_damaged(json.dumps(reply), draw)
                with contextlib.suppress(ValueError, RecursionError):
                    return json.loads(text)
                return text

        build_base(Author(Teacher(), self.task), self.known[:2], lambda _: None)

    def folders(self, draw: Callable[..., Any]) -> None:
        """A file of a run."""
        file = draw(st.sampled_from(files_of(self.run)))
        data = (self.run / file).read_bytes()
        fields = has_fields(file) and file.name != "tokenizer.json" and draw(st.booleans())
        damage = field_damaged(file, data, draw) if fields else bytes_damaged(data, draw)
        copy = self.work / "run"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.run, copy)
        (copy / file).unlink()
        if damage is not None:
            (copy / file).write_bytes(damage)
        with contextlib.suppress(LogicDistillError), Policy.load(copy) as policy:
            found = [decision.action for decision in policy.decide_many(self.known)]
            if found != self.decided and policy.base.snapshot == self.base.snapshot:
                raise AssertionError(f"{file}: other decisions in silence")
        command = [*draw(st.sampled_from(COMMANDS)), "--run", str(copy)]
        error = CliRunner().invoke(app, command).exception
        if error is not None and not isinstance(error, SystemExit):
            raise error


class Hung(BaseException):
    """An input uses more than `MOST_SECONDS`, or waits in vain."""


class Watch:
    """Raises `Hung` in the main thread where what runs inside it is hung."""

    def __enter__(self) -> Watch:
        self._first = self._last = processor_seconds()
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, CHECK_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _look(self, *_: object) -> None:
        now = processor_seconds()
        # A worker that has ended takes its time along, so a sum may be smaller than before.
        if now - self._first > MOST_SECONDS or abs(now - self._last) < LEAST_SECONDS:
            raise Hung
        self._last = now
        signal.setitimer(signal.ITIMER_REAL, CHECK_SECONDS)


def processor_seconds() -> float:
    """Processor time of this process and of the processes below it, as far as they can be seen."""
    me, found = psutil.Process(), 0.0
    for process in (me, *me.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            found += sum(process.cpu_times()[:4])
    return found


def place_of(error: BaseException) -> str:
    """The error's type and the deepest line of the package that it went through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/logicdistill/" in frame.filename] or frames
    file = re.sub(r".*/logicdistill/", "", ours[-1].filename)
    return f"{type(error).__name__} in {file}: {ours[-1].name} ({ours[-1].line})"


def tried(fuzzer: Fuzzer, kind: str, number: int, count: Counter[str], found: Counter[str]) -> None:
    """One round of a kind; what goes wrong is counted, and printed the first time."""
    quiet = settings(
        max_examples=ROUND,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @seed(number)
    @quiet
    @given(data=st.data())
    def one(data: st.DataObject) -> None:
        drawn: list[Any] = []

        def draw(strategy: st.SearchStrategy[Any]) -> Any:
            drawn.append(data.draw(strategy))
            return drawn[-1]

        count[kind] += 1
        try:
            with Watch():
                fuzzer.kinds[kind](draw)
        except LogicDistillError as error:
            count["refused"] += 1
            if "\n" in str(error):
                said(f"{kind}: a message of several lines: {str(error)[:200]!r}", drawn)
        except Hung:
            said(f"{kind}: hung", drawn)
            fuzzer.renew()
        except Exception as error:
            if "hypothesis" in type(error).__module__:
                raise
            said(f"{kind}: {place_of(error)}", drawn)

    def said(what: str, drawn: list[Any]) -> None:
        found[what] += 1
        if found[what] == 1:
            print(f"{what}\n    {str(drawn)[:600]}", flush=True)

    try:
        one()
    except FlakyStrategyDefinition:
        # A sandboxed call that ran out of time on a busy machine leads elsewhere when repeated.
        count["rounds cut short"] += 1


def main() -> int:
    """Fuzz until the time is up."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    count, found = Counter[str](), Counter[str]()
    numbers, started = random.Random(options.seed), time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        copy = Path(shutil.copytree(options.run, Path(work) / "sound"))
        (Path(work) / "fuzzed").mkdir()
        fuzzer = Fuzzer(copy, Path(work) / "fuzzed")
        kinds = [options.only] if options.only else list(fuzzer.kinds)
        while time.monotonic() - started < 60 * options.minutes:
            for kind in kinds:
                if time.monotonic() - started < 60 * options.minutes:
                    tried(fuzzer, kind, numbers.randrange(2**32), count, found)
    hangs = sum(times for what, times in found.items() if what.endswith(": hung"))
    result = {
        "minutes": round((time.monotonic() - started) / 60, 1),
        "inputs": {kind: count[kind] for kind in fuzzer.kinds},
        "refused": count["refused"],
        "tracebacks": sum(found.values()) - hangs,
        "hangs": hangs,
        "found": dict(found.most_common()),
    }
    print(json.dumps(result, indent=1))
    if options.out:
        write_result(options.out, result, {"inputs": sum(result["inputs"].values())})
    try:
        with Watch():
            fuzzer.policy.close()
            fuzzer.sandbox.close()
    except Hung:
        print("hung while it closed", flush=True)
        found["closing: hung"] += 1
    return 1 if found else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # threads of what hung would keep the process
