"""Everything that is published, step by step.

The runs of the games, the comparison, the benchmarks on them, and the report.

python tools/results.py                    do what is not done yet, in runs/results
python tools/results.py --list             show what would run
python tools/results.py --only lofo growth only these steps (``lofo`` is all that begin so)
python tools/results.py --quick            fewer episodes, without the longest measures
python tools/results.py --data DIR         with messages: DIR holds clinc150, banking77, rulearena
python tools/results.py --jobs 1           one step at a time, its output shown (by default one a
core, in logs/)
python tools/docs.py --adopt runs/results  publish the figures in docs/results/ afterwards

A step is skipped while its command, what it reads and what it made are as they were; a killed one
starts again (comparison and benchmarks go on where they were). ``steps.json`` keeps each step's
stamp (command, commit, date, versions, machine) and time. A step that fails stops none that can
do without it; the exit code is then 1.
"""

from __future__ import annotations

import argparse
import fnmatch
import heapq
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from logicdistill.errors import LogicDistillError, UnknownNameError
from logicdistill.files import digest, locked, read_json, write_atomic

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
from stamps import stamp  # noqa: E402

GAMES = ("pursuit", "guess", "twentyone")
CONTROL = ("mountain-car", "pendulum")
FULL = {"guess": (1_000, 0.3), "twentyone": (10_000, 0.5), "pursuit": (500, 2.0)}
"""Evaluation episodes of each game, and about how many minutes its run takes."""

QUICK = {"guess": (200, 0.2), "twentyone": (1_000, 0.3), "pursuit": (50, 1.5)}
EQUAL = {"guess": 35.0, "twentyone": 2.5, "pursuit": 34.0}
"""About how many minutes the comparison on equal terms takes."""

DONE, SKIPPED, FAILED = "done", "unchanged", "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        name: unique; ``KIND-TASK`` where there is one a task.
        command: as a person types it; ``python`` and ``logicdistill`` are those of this
            environment.
        outputs: files that it makes, inside the results' folder.
        inputs: patterns of files inside the results' folder that it reads; each has to match.
        minutes: about what it takes beside another one, on two cores.
        shares: other steps may run beside it.
    """

    name: str
    command: tuple[str, ...]
    outputs: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    minutes: float = 1.0
    shares: bool = False


def steps(out: Path, quick: bool = False, data: Path | None = None) -> list[Step]:
    """All steps, in an order in which each finds what it reads.

    Args:
        out: folder of the results.
        quick: fewer episodes and points, and without the longest measures.
        data: folder with ``clinc150``, ``banking77`` and ``rulearena``; None leaves out what reads
            them.
    """
    measures = f"{out}/measures"
    few = ("--quick",) if quick else ()
    episodes = QUICK if quick else FULL

    def benchmark(
        script: str, measure: str, runs: Sequence[str], minutes: float, *options: str
    ) -> Step:
        read = tuple(
            f"{run}/{file}"
            for run in runs
            for file in ("student/student.toml", "base/.snapshots/HEAD")
        )
        to = ("--out", f"{measures}/{measure}.json")
        command = ("python", f"benchmarks/{script}.py", *options, *to)
        return Step(measure, command, (f"measures/{measure}.json",), read, minutes, shares=True)

    found = []
    for game, (count, minutes) in episodes.items():
        command = ("logicdistill", "run", game, "--out", f"{out}/{game}", "--episodes", str(count))
        made = tuple(f"{game}/{file}" for file in ("student/student.toml", "base/.snapshots/HEAD"))
        found.append(Step(f"run-{game}", command, made, minutes=minutes))
    compared = tuple(game for game in GAMES if game != "pursuit") if quick else GAMES
    players = "ld-encoder,conditions,first,random"
    command = ("logicdistill", "compare", *compared, "--players", players, "--rule-changes")
    read = tuple(f"{game}/student/student.toml" for game in compared)
    made = ("summary.json", "results.jsonl")
    more = ("--episodes", "400") if quick else ()
    found.append(
        Step("compare", (*command, *more, "--out", str(out)), made, read, 5 if quick else 9)
    )
    for game, (count, minutes) in episodes.items():
        how = () if quick else ("--fine-tune",)
        options = ("--run", f"{out}/{game}", "--episodes", str(min(count, 1_000)), *how)
        minutes *= 1 if quick else 3
        found.append(benchmark("inputs", f"inputs-{game}", [game], minutes, *options))
    for game in compared:
        count = min(episodes[game][0], 1_000)
        options = ("--run", f"{out}/{game}", "--episodes", str(count))
        options += ("--train-episodes", "3", "30") if quick else ()
        options += ("--most", "5000", "--trainings", "1") if quick else ()
        minutes = 3 if quick else EQUAL[game]
        found.append(benchmark("equal", f"equal-{game}", [game], minutes, *options))
    for game in ("guess",) if quick else ("guess", "twentyone"):
        options = ("--run", f"{out}/{game}", *few)
        minutes = 2 if quick else 33
        found.append(benchmark("curves", f"curves-{game}", [game], minutes, *options))
    timed = [
        benchmark("decision", f"decision-{game}", [game], 1, "--run", f"{out}/{game}")
        for game in GAMES
    ]
    timed.append(benchmark("cost", "cost", [], 0.3, *few))
    found += [replace(step, shares=False) for step in timed]
    if not quick:
        runs = ("--run", *(f"{out}/{game}" for game in ("pursuit", "twentyone")))
        options = (*runs, "--others", f"{out}/guess")
        found.append(benchmark("growth", "growth", GAMES, 32, *options))
        options = ("--run", f"{out}/pursuit", "--episodes", "200")
        found.append(benchmark("imitation", "imitation-pursuit", ["pursuit"], 27, *options))
        variants = ("--tasks", "guess", "twentyone", "--runs", f"{out}/decompositions")
        found.append(benchmark("decompositions", "decompositions", [], 3, *variants))
        for task in CONTROL:
            options = ("--task", task, "--runs", f"{out}/control", "--jobs", "1")
            found.append(benchmark("control", f"control-{task}", [], 3, *options))
        found += _readers(out, measures, data)
    found.append(
        Step(
            "report",
            ("python", "benchmarks/measured.py", str(out)),
            ("report.md", "report.html"),
            ("summary.json", "measures/*.json"),
        )
    )
    return found


def _readers(out: Path, measures: str, data: Path | None) -> list[Step]:
    """The measures of messages, of pictures, and of search in large bases."""

    def measure(
        name: str, minutes: float, *command: str, pictures: Mapping[str, str] | None = None
    ) -> Step:
        made = {option: f"measures/{file}" for option, file in (pictures or {}).items()}
        drawn = (word for option, file in made.items() for word in (option, f"{out}/{file}"))
        outputs = (f"measures/{name}.json", *made.values())
        whole = ("python", *command, f"{measures}/{name}.json", *drawn)
        return Step(name, whole, outputs, minutes=minutes, shares=True)

    retail, found = ("retail", "retail-tuned"), list[Step]()
    for run, minutes, how in zip(retail, (0.5, 4), ((), ("--fine-tune",)), strict=True):
        command = ("logicdistill", "run", "examples/retail", *how, "--out", f"{out}/{run}")
        made = (f"{run}/student/student.toml",)
        found.append(Step(f"run-{run}", command, made, minutes=minutes, shares=bool(how)))
    runs = [f"{out}/{run}" for run in retail]
    read = tuple(f"{run}/student/student.toml" for run in retail)
    judged = measure("retail", 1, "examples/retail/measure.py", "--run", *runs, "--out")
    found += [
        replace(judged, inputs=read, shares=False),
        measure(
            *("retrieval", 4, "benchmarks/retrieval.py", "--folder", f"{out}/retrieval"),
            *("--embedded", "4000", "--json"),
            pictures={"--plot": "retrieval.svg"},
        ),
        measure(
            *("calibration", 6, "benchmarks/calibration.py", "--draws", "10"),
            *("--work", f"{out}/calibration", "--json"),
        ),
        measure("babyai", 3, "benchmarks/babyai.py", "--out"),
        measure("mutation", 1, "benchmarks/mutation.py", "--out"),
        measure("images", 7, "benchmarks/images.py", "--out"),
    ]
    if data is None:
        return found
    problems = ("python", "benchmarks/rulearena.py", "--data", f"{data}/rulearena")
    books = ("airline-bags", "airline-reading", "tax")
    tasks, bases = (
        tuple(f"{folder}{book}/{file}" for book in books)
        for folder, file in (("rulearena/", "task.toml"), ("", "base/.snapshots/HEAD"))
    )
    found.append(Step("rulearena-tasks", (*problems, "--make", f"{out}/rulearena"), tasks))
    for book, task, base in zip(books, tasks, bases, strict=True):
        command = ("logicdistill", "run", f"{out}/rulearena/{book}", "--out", f"{out}/{book}")
        found.append(Step(f"run-{book}", command, (base,), (task,)))
    runs = [word for book in books for word in ("--run", f"{out}/{book}")]
    found.append(replace(measure("rulearena", 1, *problems[1:], *runs, "--out"), inputs=bases))
    sets = tuple(f"{name}={data}/{name}" for name in ("clinc150", "banking77"))
    shown = {"--plot": "risk-coverage.svg", "--pareto": "pareto.svg"}
    return [
        *found,
        measure(
            *("text", 51, "benchmarks/text.py", "--data", *sets),
            *("--work", f"{out}/text", "--json"),
            pictures=shown,
        ),
        *(
            measure(
                *(f"hot-add-{name}", 2, "benchmarks/hot_add.py", "--task", name),
                *("--data", f"{data}/{name}", "--left-out", left, "--usage", "0", "5"),
                *("--draws", "3", "--work", f"{out}/hot-add", "--json"),
            )
            for name, left in (("clinc150", "15"), ("banking77", "10"))
        ),
        measure(
            *("factors", 1.5, "benchmarks/factors.py", "--data", str(data)),
            *("--work", f"{out}/factors", "--json"),
        ),
        measure(
            *("open-questions", 1, "benchmarks/open_questions.py", "--data", *sets),
            *("--split", "test", "--json"),
        ),
        *(
            measure(
                *(f"told-words{which}", 0.3, "benchmarks/telling_words.py"),
                *("--data", str(data), *how, "--out"),
            )
            for which, how in (("", ()), ("-chosen", ("--chosen",)))
        ),
    ]


def chosen(every: Sequence[Step], names: Iterable[str]) -> list[Step]:
    """The steps of these names, or whose names begin with them and a dash.

    Raises:
        UnknownNameError: a name fits none.
    """
    wanted = list(names)
    for name in wanted:
        if not any(_fits(step, name) for step in every):
            raise UnknownNameError("step", name, [step.name for step in every])
    return [step for step in every if not wanted or any(_fits(step, name) for name in wanted)]


def _fits(step: Step, name: str) -> bool:
    return step.name == name or step.name.startswith(f"{name}-")


class Results:
    """The results' folder with the record of its steps.

    Args:
        out: the folder.
    """

    def __init__(self, out: Path) -> None:
        self.out, self.file = out, out / "steps.json"
        self.known: dict[str, dict[str, Any]] = read_json(self.file) if self.file.is_file() else {}
        self._recording, self._running = threading.Lock(), set[subprocess.Popen[bytes]]()

    def key(self, step: Step) -> str:
        """Digest of the step's command and of what it reads."""
        files = sorted(file for pattern in step.inputs for file in self.out.glob(pattern))
        return digest(
            list(step.command),
            *(value for file in files for value in (file.name, digest(file.read_bytes()))),
        )

    def is_done(self, step: Step) -> bool:
        """Whether the step's record holds still."""
        made = all((self.out / output).is_file() for output in step.outputs)
        return made and self.known.get(step.name, {}).get("key") == self.key(step)

    def do(self, step: Step, say: Console, threads: int | None = None) -> str:
        """Do a step unless it is done; its record is written when it has ended well.

        Args:
            step: the step.
            say: told what begins and what fails.
            threads: that it may use beside others, its output then going to ``logs/``; None shows
                the output, and sets no limit.
        """
        if self.is_done(step):
            return SKIPPED
        missing = [pattern for pattern in step.inputs if not any(self.out.glob(pattern))]
        if missing:
            say.print(
                f"{step.name}: {self.out / missing[0]} is missing", style="red", highlight=False
            )
            return FAILED
        say.rule(f"{step.name}: {' '.join(step.command)}", align="left")
        for output in step.outputs:
            (self.out / output).parent.mkdir(parents=True, exist_ok=True)
        made = stamp(command=" ".join(step.command))
        key, started = self.key(step), time.perf_counter()
        code = self._run(step, threads)
        lacking = [output for output in step.outputs if not (self.out / output).is_file()]
        if code != 0 or lacking:
            where = "" if threads is None else f"; see {self._log(step)}"
            say.print(
                f"{step.name}: "
                f"{f'exit code {code}' if code else f'{lacking[0]} was not made'}{where}",
                style="red",
                highlight=False,
            )
            return FAILED
        record = {
            **made,
            "key": key,
            "seconds": round(time.perf_counter() - started, 1),
            "outputs": list(step.outputs),
        }
        with self._recording:
            self.known[step.name] = record
            write_atomic(self.file, json.dumps(self.known, indent=1) + "\n")
        return DONE

    def interrupt(self) -> None:
        """Ctrl-C for every step under way."""
        for process in list(self._running):
            process.send_signal(signal.SIGINT)

    def _log(self, step: Step) -> Path:
        return self.out / "logs" / f"{step.name}.log"

    def _run(self, step: Step, threads: int | None) -> int:
        programs = {
            "python": [sys.executable],
            "logicdistill": [sys.executable, "-m", "logicdistill"],
        }
        command = [*programs.get(step.command[0], [step.command[0]]), *step.command[1:]]
        if threads is None:
            return self._wait(subprocess.Popen(command, cwd=ROOT))
        self._log(step).parent.mkdir(parents=True, exist_ok=True)
        with self._log(step).open("wb") as log:
            limited = os.environ | {"OMP_NUM_THREADS": str(threads)}
            return self._wait(
                subprocess.Popen(
                    command, cwd=ROOT, env=limited, stdout=log, stderr=subprocess.STDOUT
                )
            )

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        self._running.add(process)
        try:
            return process.wait()
        finally:
            self._running.discard(process)


def table(results: Results, states: dict[Step, str]) -> Table:
    """The steps with their states and times."""
    shown = Table(title=str(results.out), title_justify="left")
    for name in ("step", "state", "seconds", "finished"):
        shown.add_column(name, justify="right" if name == "seconds" else "left")
    for step, state in states.items():
        record = results.known.get(step.name, {})
        seconds = f"{record['seconds']:,.0f}" if record else f"about {60 * step.minutes:,.0f}"
        shown.add_row(
            step.name,
            state,
            seconds,
            record.get("date", ""),
            style="red" if state == FAILED else None,
        )
    return shown


def run_steps(wanted: Sequence[Step], results: Results, say: Console, jobs: int = 1) -> int:
    """Do the steps, up to so many at once of those that may share the machine.

    1 where one failed.
    """
    states, waiting = dict[Step, str](), list(wanted)
    threads = max(1, (os.cpu_count() or 1) // jobs)

    def ended(step: Step, state: str) -> None:
        states[step] = state
        left = [other for other in wanted if other not in states and not results.is_done(other)]
        say.print(
            f"{step.name}: {state}; {len(states)} of {len(wanted)} steps, "
            f"about {minutes_left(left, jobs):.0f} minutes left",
            highlight=False,
        )

    with ThreadPoolExecutor(jobs) as pool:
        running = dict[Future[str], Step]()
        try:
            while waiting or running:
                while step := next_step(waiting, list(running.values()), jobs):
                    waiting.remove(step)
                    if step.shares and jobs > 1:
                        running[pool.submit(results.do, step, say, threads)] = step
                    else:
                        ended(step, results.do(step, say))
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    ended(running.pop(future), future.result())
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            results.interrupt()
            say.print("stopped; what was finished is kept, the same command goes on")
    shown = {step: "not begun" if step in waiting else "stopped" for step in wanted}
    say.print(table(results, shown | states))
    return 0 if len(states) == len(wanted) and FAILED not in states.values() else 1


def next_step(waiting: Sequence[Step], running: Sequence[Step], jobs: int) -> Step | None:
    """The step to begin now; None where one under way has to end first.

    A step waits for those that make what it reads. The longest of those that share the machine
    begins first, so that none is left over at the end; a step that wants the machine for itself
    begins where none is under way.
    """
    unmade = [output for step in (*waiting, *running) for output in step.outputs]
    ready = [
        step for step in waiting if not any(fnmatch.filter(unmade, read) for read in step.inputs)
    ]
    alone = [step for step in ready if not step.shares or jobs == 1]
    if alone and not running:
        return alone[0]
    shared = [step for step in ready if step.shares]
    return max(shared, key=lambda step: step.minutes) if shared and len(running) < jobs else None


def minutes_left(wanted: Sequence[Step], jobs: int) -> float:
    """About how long the steps take, so many at once of those that share the machine."""
    busy = [0.0] * jobs
    for step in sorted(wanted, key=lambda step: -step.minutes):
        if step.shares:
            heapq.heapreplace(busy, busy[0] + step.minutes)
    return max(busy) + sum(step.minutes for step in wanted if not step.shares)


def main() -> int:
    """Do or list."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/results"),
        help="folder of the results, from the repository's root on",
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="STEP")
    parser.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        help="steps at once, where they may share the machine",
    )
    parser.add_argument("--list", action="store_true", help="show what would run, and run nothing")
    parser.add_argument("--quick", action="store_true", help="about ten minutes of an idle machine")
    parser.add_argument("--data", type=Path, help="folder with the data sets of messages")
    options = parser.parse_args()
    say = Console(width=140)
    try:
        every = steps(options.out, options.quick, options.data)
        wanted = chosen(every, options.only)
        results = Results(ROOT / options.out)
        if options.list:
            say.print(
                table(
                    results,
                    {
                        step: "unchanged" if results.is_done(step) else "would run"
                        for step in wanted
                    },
                )
            )
            left = minutes_left(
                [step for step in wanted if not results.is_done(step)], options.jobs
            )
            say.print(f"about {left:.0f} minutes on two cores, by estimate")
            for step in wanted:
                say.print(" ".join(step.command), highlight=False, soft_wrap=True)
            return 0
        with locked(
            results.out / "measures", "results"
        ):  # the comparison itself holds the folder above
            code = run_steps(wanted, results, say, options.jobs)
        say.print(
            f"page: {options.out / 'report.html'}   publish: python tools/docs.py --adopt "
            f"{options.out}",
            highlight=False,
        )
    except LogicDistillError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    raise SystemExit(main())
