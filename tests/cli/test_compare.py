from __future__ import annotations

import pytest
from typer.testing import CliRunner

from logicdistill.cli.main import app


@pytest.mark.parametrize(
    ("pair", "named"),
    [
        ("train_example=3", "unknown setting 'train_example'; did you mean 'train_examples'"),
        ("train_episodes=-1", "setting train_episodes is -1: input should be greater than"),
        ("teacher.max_call=3", "did you mean 'teacher.max_calls'"),
        ("shots=3", "unknown setting 'shots'"),
    ],
)
def test_a_setting_that_a_comparison_does_not_have_is_one_line(pair: str, named: str) -> None:
    result = CliRunner().invoke(app, ["compare", "guess", "--set", pair])
    assert result.exit_code != 0
    assert named in str(result.exception)
    assert "\n" not in str(result.exception)
