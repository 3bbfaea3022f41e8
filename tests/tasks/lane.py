"""A Gymnasium environment in a module of its own, its rules file, and who writes its functions."""

from __future__ import annotations

from pathlib import Path

from logicdistill.protocols import Request
from logicdistill.types import Json

MODULE = '''\
import gymnasium
import numpy as np
from gymnasium import spaces


class Lane(gymnasium.Env):
    """A car follows another one: 0 brakes, 1 holds, 2 speeds up."""

    observation_space = spaces.Dict({"gap": spaces.Box(0, 99, (1,), np.float32)})
    action_space = spaces.Discrete(3)

    def _seen(self):
        return {"gap": np.array([self.gap], np.float32)}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.gap = float(self.np_random.integers(5, 60))
        return self._seen(), {}

    def step(self, action):
        self.gap = min(99.0, max(0.0, self.gap + 5 * (1 - action)))
        crash = self.gap <= 0
        return self._seen(), -10.0 if crash else 1.0, crash, False, {}


gymnasium.register(id="Lane-v0", entry_point=Lane, max_episode_steps=8)
'''

RULES = """\
+++
id = "lane-v1"
env = "myenvs:Lane-v0"
title = "keep your distance"
success = "return"
at_least = 8.0
episodes = 10
+++

# Keep your distance

1. Brake where the gap is below 20 m.
2. Else hold the speed.
"""

FUNCTION = '''\
def {name}(gap: float) -> int:
    """{summary}

    Use when: the gap is {use}.
    When: gap {when} 20
    Rules: {rule}
    >>> {name}(gap={example})
    {action}
    """
    return {action}
'''


class Writes:
    """Writes the two functions of the lane."""

    def ask(self, request: Request) -> Json:
        if request.kind == "stages":
            stage = {"name": "act", "output": "act", "mode": "one", "question": "What now?"}
            return {"stages": [{**stage, "reads": ["gap"]}]}
        assert request.kind == "functions", request.kind
        keys = ("name", "summary", "use", "when", "rule", "example", "action")
        rows = (
            ("brake", "Brake.", "below 20 m", "<", 1, 12.5, 0),
            ("hold", "Hold the speed.", "20 m or more", ">=", 2, 42.5, 1),
        )
        return {"files": [FUNCTION.format(**dict(zip(keys, row, strict=True))) for row in rows]}


def write_lane(folder: Path) -> Path:
    """The module and the rules file; returns the latter."""
    (folder / "myenvs.py").write_text(MODULE)
    (folder / "lane.md").write_text(RULES)
    return folder / "lane.md"
