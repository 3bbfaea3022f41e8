"""Where a figure comes from: commit, date, versions, machine, n, draws and command, in its JSON.

Also the log of every scoring of a test split, ``docs/results/test-scorings.jsonl``, which the tool
that scores writes itself. ``tools/docs.py --check`` refuses a published figure without a stamp.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from logicdistill.files import append_lines

ROOT = Path(__file__).resolve().parent.parent
SCORINGS = ROOT / "docs" / "results" / "test-scorings.jsonl"
CODE = ("src", "benchmarks", "examples", "recordings", "tools")
"""Where a change makes a figure another one."""

CHANGED = "+changed"
"""Behind a commit whose code was changed when the figure was made."""

KEYS = ("command", "commit", "date", "versions", "machine", "n", "draws")
"""What every published figure says of itself."""

PACKAGES = (
    *("logicdistill", "numpy", "onnxruntime", "scikit-learn", "scipy", "torch", "transformers"),
    *("pydantic-monty", "gymnasium", "minigrid", "pillow", "tokenizers"),
)
FLAGS = (
    *("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_bf16"),
    *("amx_int8", "asimd", "asimddp", "bf16", "i8mm"),
)
"""Those of a CPU's flags on which the speed of a small model depends."""

N = Mapping[str, int]
"""Counted thing (episodes, states, messages) to how many of them a figure stands on."""


def stamp(n: N | None = None, draws: int = 1, command: str | None = None) -> dict[str, Any]:
    """The stamp of a figure that is made now.

    Args:
        n: what the figure stands on; a published figure has to say it.
        draws: how many seeds, samples or orders it is taken over.
        command: None takes this process's own.
    """
    return {
        "command": command or _command(),
        "commit": commit(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "machine": machine(),
        "n": None if n is None else dict(n),
        "draws": draws,
    }


def log_scoring(task: str, split: str, player: str, n: int, **figures: Any) -> None:
    """Note that a test split was scored: append-only, so that looking twice stays visible."""
    line = {"task": task, "split": split, "player": player, "n": n, **figures}
    made = {key: value for key, value in stamp().items() if key in ("date", "commit", "command")}
    append_lines(SCORINGS, [json.dumps(made | line)])


def commit() -> str | None:
    """The commit of the working copy, marked where its code was changed; None outside of one."""
    try:
        at = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", *CODE)
    except (OSError, subprocess.SubprocessError):
        return None
    return at + (CHANGED if changed else "")


def versions() -> dict[str, str]:
    """Of Python and of the packages on which figures depend."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """Cores, how busy they are, threads of a model, and the CPU's flags that speed depends on."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    known = {
        flag
        for line in lines
        if line.lower().startswith(("flags", "features"))
        for flag in line.partition(":")[2].split()
    }
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "architecture": platform.machine(),
        "flags": [flag for flag in FLAGS if flag in known],
    }


def faults(figures: Mapping[str, Any]) -> list[str]:
    """Why a published figure does not say where it comes from; empty where it does.

    A figure of older code has no commit: ``made_by`` says so in words, and neither versions nor
    machine are known.
    """
    known = KEYS if figures.get("commit") else ("command", "commit", "made_by", "n", "draws")
    found = [f"has no '{key}'" for key in known if key not in figures]
    if str(figures.get("commit")).endswith(CHANGED):
        found.append("was made by changed code; commit first, then measure")
    if "n" in figures and not figures["n"]:
        found.append("does not say its n")
    return found


def _command() -> str:
    script = Path(sys.argv[0]).resolve()
    inside = script.is_file() and script.is_relative_to(ROOT)
    at = script.relative_to(ROOT) if inside else f"benchmarks/{script.name}"
    return " ".join(["python", str(at), *map(without_folder, sys.argv[1:])])


def without_folder(word: str) -> str:
    """A word of a command; a folder outside the repository is one of this machine: ``DIR``."""
    key, sign, value = word.rpartition("=")
    if not value.startswith("/"):
        return word
    inside = Path(value).is_relative_to(ROOT)
    return key + sign + (str(Path(value).relative_to(ROOT)) if inside else "DIR")


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()
