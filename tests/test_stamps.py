"""A published figure says where it comes from, and a test split is not scored in silence."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import stamps
from selecting import write_result

from logicdistill.errors import TaskError

ROOT = Path(__file__).resolve().parent.parent

import docs_results  # noqa: E402  # from tools/


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy with one file of code, taken for the repository."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "code.py").write_text("x = 1\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "src")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    monkeypatch.setattr(stamps, "ROOT", tmp_path)
    return tmp_path


def test_every_published_figure_says_where_it_comes_from() -> None:
    folders = [ROOT / "docs" / "results", ROOT / "docs" / "measured"]
    assert sum(len(list(folder.glob("*.json"))) for folder in folders) > 10
    assert list(docs_results.unstamped(*folders)) == []


@pytest.mark.parametrize("missing", ["command", "date", "versions", "machine", "n", "draws"])
def test_a_figure_that_keeps_a_part_of_its_stamp_to_itself_is_named(
    tmp_path: Path, missing: str
) -> None:
    made = stamps.stamp({"episodes": 3}) | {"commit": "abc"}
    (tmp_path / "right.json").write_text(json.dumps(made))
    (tmp_path / "wrong.json").write_text(json.dumps({k: made[k] for k in made if k != missing}))
    [line] = docs_results.unstamped(tmp_path)
    assert "wrong.json" in line
    assert f"'{missing}'" in line


def test_a_figure_of_older_code_has_to_say_so() -> None:
    old = {"command": "python a.py", "commit": None, "n": {"states": 2}, "draws": 1}
    assert stamps.faults(old) == ["has no 'made_by'"]
    assert stamps.faults(old | {"made_by": "older code"}) == []


def test_a_figure_without_its_n_is_named() -> None:
    assert stamps.faults(stamps.stamp() | {"commit": "abc"}) == ["does not say its n"]


def test_a_figure_of_changed_code_is_not_published(checkout: Path, tmp_path: Path) -> None:
    assert stamps.faults(stamps.stamp({"states": 1})) == []
    (checkout / "src" / "code.py").write_text("x = 2\n")
    made = stamps.stamp({"states": 1})
    assert made["commit"].endswith("+changed")
    with pytest.raises(TaskError, match="changed code"):
        docs_results._write(tmp_path / "figure.json", made)
    assert not (tmp_path / "figure.json").exists()


def test_a_change_outside_the_code_leaves_the_stamp_alone(checkout: Path) -> None:
    before = stamps.commit()
    (checkout / "page.md").write_text("words")
    git(checkout, "add", "page.md")
    assert stamps.commit() == before


def test_what_a_benchmark_writes_is_stamped(tmp_path: Path) -> None:
    write_result(tmp_path / "figure.json", {"rows": [1]}, {"states": 5}, 3)
    found = json.loads((tmp_path / "figure.json").read_text())
    assert set(stamps.KEYS) < set(found)
    assert (found["n"], found["draws"], found["rows"]) == ({"states": 5}, 3, [1])
    assert found["machine"]["cores"] >= 1
    assert found["versions"]["logicdistill"]


def test_a_second_scoring_of_a_test_split_stays_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "SCORINGS", tmp_path / "scorings.jsonl")
    for accuracy in (0.5, 0.6):
        stamps.log_scoring("sums-v1", "test", "nearest", 40, accuracy=accuracy)
    lines = [json.loads(line) for line in (tmp_path / "scorings.jsonl").read_text().splitlines()]
    assert [line["accuracy"] for line in lines] == [0.5, 0.6]
    assert all(line["date"] and line["command"] and line["n"] == 40 for line in lines)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("clinc150=/home/someone/clinc150", "clinc150=DIR"),
        ("/home/someone/data", "DIR"),
        (f"{ROOT}/runs/results", "runs/results"),
        ("--set", "--set"),
        ("../data", "../data"),
    ],
)
def test_a_command_names_no_folder_of_one_machine(word: str, said: str) -> None:
    assert stamps.without_folder(word) == said
