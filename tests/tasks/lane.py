"""The environment and the rules file of docs/gymnasium.md, and who writes its functions."""

from __future__ import annotations

from pathlib import Path

from logicdistill.protocols import Request
from logicdistill.types import Json

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "gymnasium.md").read_text(encoding="utf-8")
MODULE, PYTHON = (block.split("```")[0] for block in PAGE.split("```python\n")[1:])
RULES, CHECKED, PLAYED, PRINTED = (block.split("```")[0] for block in PAGE.split("```text\n")[1:])

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
