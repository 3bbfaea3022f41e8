from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from logicdistill.cli.main import app
from logicdistill.deciding import students

PAGE = Path(__file__).resolve().parent.parent / "docs" / "python.md"


def test_every_block_of_the_page_prints_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app(["new", "claims", "--by-hand"], standalone_mode=False)
    names: dict[str, Any] = {}
    blocks = re.findall(
        r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE.read_text(), flags=re.DOTALL
    )
    assert len(blocks) == PAGE.read_text().count("```python") == 5
    for code, expected in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(PAGE), "exec"), names)
        assert printed.getvalue() == expected, code
    students._registered.clear()
