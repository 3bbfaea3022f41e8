from __future__ import annotations

from pathlib import Path

import pytest

from logicdistill.cli.compare import CompareSettings, read_settings
from logicdistill.errors import StorageError, TaskError


def test_a_settings_file_is_read_and_without_one_there_are_defaults(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("seconds = 2.5\n[teacher]\nmax_calls = 7\n")
    assert read_settings(file).seconds == 2.5
    assert read_settings(file).teacher.max_calls == 7
    assert read_settings(None) == CompareSettings()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("second = 3\n", "second: .*known keys: train_episodes"),
        ("train_episodes = 0\n", "train_episodes: .*greater than or equal to 1"),
        ("[teacher]\nmax_call = 3\n", r"teacher\.max_call: "),
        ("seconds =\n", "not TOML"),
    ],
)
def test_a_mistake_in_a_settings_file_is_named_in_one_line(
    tmp_path: Path, text: str, named: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(TaskError, match=named) as caught:
        read_settings(file)
    assert "\n" not in str(caught.value)
    with pytest.raises(StorageError, match="cannot read"):
        read_settings(tmp_path / "none.toml")
