"""Kill a run at random moments, start it again, and compare its result with an undisturbed run's.

python benchmarks/kill.py [--task guess] [--kills 20] [--episodes 200] [--train-steps 10]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def command(options: argparse.Namespace, out: Path) -> list[str]:
    return [
        *(
            sys.executable,
            "-m",
            "logicdistill",
            "run",
            options.task,
            "--out",
            str(out),
            "--episodes",
            str(options.episodes),
        ),
        *("--set", "train_episodes=60", "--set", f"train_steps={options.train_steps}"),
    ]


def outcome(folder: Path) -> dict[str, Any]:
    """The summary without what depends on the clock."""
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    del summary["seconds"]
    for row in summary["players"].values():
        del row["decision_ms_p50"], row["decision_ms_p99"]
    return summary


def replies(folder: Path) -> dict[str, int]:
    """Stored replies with the time they were written."""
    return {file.name: file.stat().st_mtime_ns for file in (folder / "replies").glob("*.json")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="guess")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--train-steps", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        calm, killed = Path(folder) / "calm", Path(folder) / "killed"
        started = time.perf_counter()
        subprocess.run(command(options, calm), check=True, capture_output=True)
        whole = time.perf_counter() - started
        rewritten, kills, same = 0, 0, True
        while kills < options.kills:
            before = replies(killed)
            process = subprocess.Popen(
                command(options, killed),
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            wait = rng.uniform(0, whole)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(wait)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                kills += 1
                steps = sorted(file.stem for file in (killed / "steps").glob("*.json"))
                print(
                    f"kill {kills:>2} after {wait:4.1f} s of {whole:.1f} s; steps done: "
                    f"{', '.join(steps) or 'none'}",
                    flush=True,
                )
            after = replies(killed)
            rewritten += sum(after.get(name) != written for name, written in before.items())
            if process.returncode == 0:  # It came to its end: compare, and begin another run.
                same = same and outcome(calm) == outcome(killed)
                print(f"finished; same result as undisturbed: {same}", flush=True)
                shutil.rmtree(killed)
        subprocess.run(command(options, killed), check=True, capture_output=True)
        same = same and outcome(calm) == outcome(killed)
        print(
            f"{kills} kills; same result as undisturbed: {same}; replies written twice: {rewritten}"
        )
    return 0 if same and not rewritten else 1


if __name__ == "__main__":
    raise SystemExit(main())
