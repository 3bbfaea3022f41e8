"""CLINC150 and BANKING77 as tasks, on small samples (tests/data)."""

from __future__ import annotations

import hashlib
import http.server
import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.errors import TaskError, UnknownNameError
from logicdistill.tasks.checker import check_task
from logicdistill.tasks.messages import (
    MESSAGE_TASKS,
    OUT_OF_SCOPE,
    described,
    fetch,
    message_task,
    read_banking,
    unpublished,
)
from logicdistill.tasks.record_folder import Record
from logicdistill.tasks.records import RecordTask, drawn_seeds, shots
from logicdistill.tasks.registry import get_task, newest, task_ids
from logicdistill.teacher.recorded import ReplyStore

DATA = Path(__file__).resolve().parent.parent / "data"
EMPTY = '"val": [], "test": [], "oos_train": [], "oos_val": [], "oos_test": []'


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "logicdistill"


def loaded(name: str) -> RecordTask:
    task = get_task(name, data=DATA / name)
    assert isinstance(task, RecordTask)
    return task


@pytest.mark.parametrize("name", ["clinc150", "banking77"])
def test_a_task_of_messages_keeps_the_contract_and_every_action_but_the_fallback_has_its_rule(
    name: str,
) -> None:
    task = loaded(name)
    check_task(task)
    actions = task.settings.actions
    assert isinstance(actions, list)
    assert (task.id, task.settings.fallback) == (f"{name}-v1", OUT_OF_SCOPE)
    assert Counter(rule.split()[1] for rule in task.rules) == Counter(
        action for action in actions if action != OUT_OF_SCOPE
    )
    assert described(MESSAGE_TASKS[task.id]) == (task.title, task.rules)


def test_messages_keep_their_splits_and_what_is_out_of_scope_has_the_fallback_action() -> None:
    source = json.loads((DATA / "clinc150" / "data_full.json").read_text())
    names = {"train": "train", "val": "validation", "test": "test"}
    wanted = {
        (split, text, intent) for name, split in names.items() for text, intent in source[name]
    }
    wanted |= {
        (split, text, OUT_OF_SCOPE)
        for name, split in names.items()
        for text, _ in source[f"oos_{name}"]
    }
    assert {
        (record.split, record.state["message"], record.action)
        for record in loaded("clinc150").records
    } == wanted


def test_a_data_set_without_validation_holds_out_a_tenth_of_each_intent_and_never_the_test() -> (
    None
):
    task, test = loaded("banking77"), (DATA / "banking77" / "test.csv").read_text()
    assert set(Counter(record.action for record in task.split("validation")).values()) == {1}
    assert set(Counter(record.action for record in task.split("train")).values()) == {9}
    assert all(record.id.startswith("test-") == (record.split == "test") for record in task.records)
    assert len(task.split("test")) == len(test.strip().splitlines()) - 1
    assert "reverted_card_payment?" in {record.action for record in task.records}
    assert all(
        record.state["message"] == " ".join(record.state["message"].split())
        for record in task.records
    )


@given(st.permutations([(f"message {number}", "ab"[number % 2]) for number in range(40)]))
def test_what_is_held_out_is_a_matter_of_the_messages_not_of_their_order(
    rows: list[tuple[str, str]],
) -> None:
    def held(rows: list[tuple[str, str]]) -> set[tuple[str, str]]:
        table = "text,category\n" + "".join(f"{text},{intent}\n" for text, intent in rows)
        messages = read_banking({"train.csv": table.encode(), "test.csv": b"text,category\n"})
        return {
            (message.text, message.action) for message in messages if message.split == "validation"
        }

    assert held(rows) == held(sorted(rows))
    assert Counter(intent for _, intent in held(rows)) == {"a": 2, "b": 2}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_data_set_that_a_spreadsheet_saved_is_read_as_the_published_one(
    encoding: str, separator: str
) -> None:
    table = 'text,category\n"Where, is it; now?",a\nGrüße,b\n'
    rows = [("Where, is it; now?", "a"), ("Grüße", "b")]
    saved = f"text{separator}category\r\n"
    saved += "".join(f'"{text}"{separator}{intent}\r\n' for text, intent in rows)

    def read(text: str, encoding: str) -> list[tuple[str, str, str]]:
        files = {"train.csv": text.encode(encoding), "test.csv": b"text,category\n"}
        return [(one.text, one.action, one.split) for one in read_banking(files)]

    assert read(saved, encoding) == read(table, "utf-8")
    assert [one[:2] for one in read(saved, encoding)] == rows


def test_the_draw_of_shots_is_fixed_nested_and_a_matter_of_the_states_alone() -> None:
    task = loaded("clinc150")
    few, more, other = (shots(task, *args) for args in ((2,), (4,), (2, 1)))
    assert set(Counter(record.action for record in few).values()) == {2}
    assert [record.id for record in few] == [record.id for record in shots(loaded("clinc150"), 2)]
    assert {record.id for record in few} < {record.id for record in more}
    assert {record.id for record in few} != {record.id for record in other}
    assert shots(task, None) == task.split("train")
    assert [task.split("train")[seed] for seed in drawn_seeds(task, 2)] == few
    folder = Path(shutil.copytree(task.folder, task.folder.parent / "turned"))
    lines = (folder / "states.jsonl").read_text().splitlines()
    (folder / "states.jsonl").write_text("\n".join(reversed(lines)))

    def said(records: list[Record]) -> set[str]:
        return {record.state["message"] for record in records}

    assert said(shots(RecordTask(folder), 2)) == said(few)


def test_the_recorded_functions_come_with_the_folder_and_name_what_wrote_them() -> None:
    for name in ("clinc150", "banking77"):
        replies = [
            json.loads(file.read_text())
            for file in ReplyStore(loaded(name).folder / "replies").folder.glob("*.json")
        ]
        assert {reply["request"]["kind"] for reply in replies} == {"stages", "functions"}
        assert {"no run called a model" in reply["origin"] for reply in replies} == {True}


def test_the_folder_is_made_once_and_is_a_record_task_of_its_own(cache: Path) -> None:
    first, again = loaded("clinc150"), loaded("clinc150")
    assert first.folder == again.folder == RecordTask(first.folder).folder
    assert [folder.name for folder in (cache / "tasks").iterdir()] == [first.folder.name]


def test_a_sample_is_told_from_the_published_data() -> None:
    assert unpublished(MESSAGE_TASKS["banking77-v1"], DATA / "banking77") == [
        "train.csv",
        "test.csv",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not in the form that was published"),
        ('{"train": []}', "not in the form that was published"),
        (
            f'{{"train": [["hello", "no_intent"]], {EMPTY}}}',
            "train-0: intent 'no_intent' is none of the 151",
        ),
        (f'{{"train": [["hello", ["yes"]]], {EMPTY}}}', "is no text"),
        (f'{{"train": [[7, "yes"]], {EMPTY}}}', "train-0: 7 is no text"),
    ],
)
def test_other_data_are_refused_in_one_line(content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "data_full.json").write_text(content)
    with pytest.raises(TaskError, match=says) as refusal:
        get_task("clinc150", data=tmp_path)
    assert str(tmp_path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_folder_without_the_files_says_which_are_needed(tmp_path: Path) -> None:
    with pytest.raises(
        TaskError,
        match=r"train\.csv: No such file or directory; data names a folder with train\.csv, test",
    ):
        get_task("banking77", data=tmp_path)


def test_data_are_for_tasks_of_messages_alone(tmp_path: Path) -> None:
    with pytest.raises(
        TaskError, match="pursuit-v2 reads no data; data is for banking77-v1, clinc150-v1"
    ):
        get_task("pursuit", data=tmp_path)
    with pytest.raises(UnknownNameError, match="size of clinc150-v1"):
        get_task("clinc150", data=DATA / "clinc150", size=3)
    with pytest.raises(TaskError, match="unknown change of clinc150-v1"):
        get_task("clinc150", data=DATA / "clinc150", change="other")
    with pytest.raises(UnknownNameError, match="did you mean 'clinc150-v1'"):
        get_task("clinc15")
    assert newest("clinc150") == "clinc150-v1"
    assert not set(task_ids()) & set(MESSAGE_TASKS)


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Serves the sample of CLINC150 on the loopback; its address, and what was asked of it."""
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(DATA / "clinc150"))

        def log_message(self, *args: Any) -> None:
            asked.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", asked
        running.shutdown()
        thread.join()


def test_data_are_fetched_once_and_a_damaged_copy_is_fetched_again(
    server: tuple[str, list[str]], cache: Path
) -> None:
    address, asked = server
    sha256 = hashlib.sha256((DATA / "clinc150" / "data_full.json").read_bytes()).hexdigest()
    task = replace(
        MESSAGE_TASKS["clinc150-v1"], address=f"{address}/", sources={"data_full.json": sha256}
    )
    records = message_task(task).records
    assert message_task(task).records == records == loaded("clinc150").records
    assert len(asked) == 1
    (cache / "data" / "clinc150-v1" / "data_full.json").write_text("damaged")
    assert message_task(task).records == records
    assert len(asked) == 2


def test_another_file_than_the_published_one_is_refused(
    server: tuple[str, list[str]], cache: Path
) -> None:
    with pytest.raises(
        TaskError,
        match=r"SHA-256 is \w{12}, that of the published file is 000000000000; put a copy of data",
    ):
        fetch(f"{server[0]}/data_full.json", "0" * 64)
    assert not (cache / "data").exists()


def test_no_network_is_one_line_that_names_the_way_around() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as closed:
        address = f"http://127.0.0.1:{closed.server_port}/data_full.json"
    with pytest.raises(
        TaskError,
        match=r"cannot fetch http://127.0.0.1:\d+/data_full.json: .*refused.*--set data=FOLDER",
    ) as refusal:
        fetch(address, "0" * 64)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_any_more_is_one_line(server: tuple[str, list[str]]) -> None:
    with pytest.raises(TaskError, match=r"cannot fetch .*/gone\.json: .*404"):
        fetch(f"{server[0]}/gone.json", "0" * 64)
