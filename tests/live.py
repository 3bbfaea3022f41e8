"""An OpenAI-compatible server on loopback (tools/replay_server.py), and teachers that ask it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from replay_server import FAULTS, ReplayServer, asked_labels, replayed, serving  # noqa: E402

from logicdistill.tasks.scaffold import example_folder  # noqa: E402
from logicdistill.teacher.limits import Limits  # noqa: E402
from logicdistill.teacher.live import LiveTeacher  # noqa: E402
from logicdistill.teacher.prices import TokenPrices  # noqa: E402
from logicdistill.teacher.recorded import shipped_replies  # noqa: E402

__all__ = [
    "FAULTS",
    "GUESS",
    "PARCELS",
    "PRICES",
    "ReplayServer",
    "asked_labels",
    "serving",
    "teacher_for",
]

PRICES = TokenPrices("test prices", 1e-6, 4e-6)
GUESS = replayed([shipped_replies("guess-v1").folder])
PARCELS = replayed([example_folder("parcels") / "replies"])


def teacher_for(
    server: ReplayServer, folder: Path, said: list[str] | None = None, **limits: Any
) -> LiveTeacher:
    """A teacher that asks the server, and waits for nothing long."""
    limits = {"budget": 5.0, "timeout": 20.0, "pause": 0.01, **limits}
    on_event = said.append if said is not None else lambda _: None
    return LiveTeacher(
        "tiny",
        folder,
        base_url=server.url,
        prices=PRICES,
        limits=Limits(**limits),
        on_event=on_event,
    )
