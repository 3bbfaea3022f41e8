"""A finished run of a small record task without a trained student, written by hand."""

from __future__ import annotations

import json
from pathlib import Path

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import TASK_FOLDER
from logicdistill.types import Mode, Stage

TASK = {
    "task.toml": """id = "parcels-v1"
title = "Parcels"
actions = ["freight", "post"]
fallback = "post"
samples = [{ weight_kg = 77.5 }]
""",
    "rules.md": "1. A parcel over 20 kg goes to freight.\n2. Any other goes by post.\n",
    "states.jsonl": "".join(
        json.dumps({"state": {"weight_kg": kg}, "split": split}) + "\n"
        for kg, split in ((3.25, "train"), (41.75, "test"))
    ),
}
FUNCTIONS = {
    "heavy": ("weight_kg > 20", "freight", 30, 1),
    "light": ("weight_kg <= 20", "post", 3, 2),
}


def run_of_parcels(folder: Path, mode: Mode = "guarded") -> Path:
    """A run without a trained student; the mode is that of its stage."""
    for name, text in TASK.items():
        (folder / TASK_FOLDER).mkdir(parents=True, exist_ok=True)
        (folder / TASK_FOLDER / name).write_text(text)
    RecordTask(folder / TASK_FOLDER)  # writes the schema
    (folder / "run.toml").write_text('task = "parcels-v1"\n')
    files = {
        f"way/{name}.py": f'''def {name}(weight_kg: float) -> str:
    """Send by {action}.

    Use when: the weight calls for it.
    When: {when}
    Rules: {rule}
    >>> {name}(weight_kg={kg})
    {action!r}
    """
    return {action!r}
'''
        for name, (when, action, kg, rule) in FUNCTIONS.items()
    }
    stage = Stage("way", "way", "Which way?", mode=mode, reads=("weight_kg",))
    manifest = FunctionBase("parcels-v1", (stage,)).to_manifest()
    manifest["files"] |= files
    base = FunctionBase.from_manifest(manifest)
    BaseFolder(folder / "base").commit(base, [{"op": "admit"}])
    return folder
