from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logicdistill.errors import CorruptError, RunLockedError, StorageError
from logicdistill.files import (
    append_lines,
    digest,
    locked,
    read_json,
    read_lines,
    read_text,
    write_atomic,
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8"), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "a.txt"
    write_atomic(file, "größer\n")
    write_atomic(file, b"\xff\0")
    assert file.read_bytes() == b"\xff\0"
    assert names(file.parent) == ["a.txt"]


@pytest.mark.parametrize("kind", ["directory", "parent_is_file", "too_large", "name_too_long"])
def test_a_write_that_fails_leaves_the_old_file_and_one_line(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "a.txt"
    write_atomic(file, "old")
    target = {
        "directory": tmp_path / "d",
        "parent_is_file": file / "b.txt",
        "name_too_long": tmp_path / ("x" * 300),
    }.get(kind, file)
    if kind == "directory":
        target.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
        with pytest.raises(
            StorageError, match=r"cannot write .*nothing was lost: choose another folder"
        ) as caught:
            write_atomic(target, "x" * 20_000 if kind == "too_large" else "new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert "\n" not in str(caught.value)
    assert file.read_text() == "old"
    assert names(tmp_path) in (["a.txt"], ["a.txt", "d"])


def test_only_a_full_disk_asks_for_room() -> None:
    with pytest.raises(
        StorageError,
        match=r"No space left on device; nothing was lost: make room or choose another folder",
    ):
        append_lines(Path("/dev/full"), ["x"])


def test_threads_that_write_one_file_leave_one_of_their_contents(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    contents = [str(index) * 20_000 for index in range(6)]
    failures: list[BaseException] = []

    def work(content: str) -> None:
        try:
            for _ in range(10):
                write_atomic(file, content)
                assert file.read_text() in contents
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert names(tmp_path) == ["a.txt"]


WRITER = """
import itertools, sys
from pathlib import Path
from logicdistill.files import append_lines, write_atomic
print("ready", flush=True)
for turn in itertools.count():
    write_atomic(Path(sys.argv[1]) / "whole.txt", str(turn % 10) * 100_000)
    line = '{"turn": %d, "text": "%s"}' % (turn, "x" * 5000)
    append_lines(Path(sys.argv[1]) / "lines.jsonl", [line] * 3)
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_file_and_whole_lines(tmp_path: Path) -> None:
    dice, count = random.Random(3), 0
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(dice.random() * 0.05)
            os.kill(child.pid, signal.SIGKILL)
        if (tmp_path / "whole.txt").exists():
            content = (tmp_path / "whole.txt").read_text()
            assert content == content[0] * 100_000
        append_lines(tmp_path / "lines.jsonl", ['{"turn": -1}'])
        lines = read_lines(tmp_path / "lines.jsonl")
        assert lines[-1] == {"turn": -1}
        assert len(lines) > count
        count = len(lines)


@given(
    before=st.lists(json_values, max_size=4),
    half=st.binary(max_size=20),
    after=st.lists(json_values, max_size=4),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_half_written_line_is_passed_over_and_cut_off(
    tmp_path: Path, before: list[object], half: bytes, after: list[object]
) -> None:
    file = tmp_path / "lines.jsonl"
    file.unlink(missing_ok=True)
    append_lines(file, [json.dumps(value) for value in before])
    with file.open("ab") as raw:
        raw.write(half.replace(b"\n", b""))
    assert read_lines(file) == before
    append_lines(file, [json.dumps(value, ensure_ascii=False) for value in after])
    assert read_lines(file) == before + after
    assert file.read_bytes().endswith(b"\n") or not file.read_bytes()


def test_lines_that_are_not_there_are_none(tmp_path: Path) -> None:
    assert read_lines(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize("line", [b"{", b"", b'"\xff"', b"[" * 100_000, b"{} {}"])
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"1\n" + line + b"\n3\n")
    with pytest.raises(CorruptError, match=r"lines\.jsonl: line 2 is not JSON") as caught:
        read_lines(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff", b"[" * 100_000])
def test_a_damaged_json_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "a.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CorruptError, match=r"a\.json: \w+: not readable as JSON") as caught:
        read_json(file)
    assert "\n" not in str(caught.value)


def test_a_folder_where_a_file_should_be_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorruptError, match="cannot be read"):
        read_lines(tmp_path)
    with pytest.raises(StorageError):
        append_lines(tmp_path, ["1"])


def test_an_append_that_fails_loses_no_earlier_line(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    append_lines(file, ["1", "2"])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
        with pytest.raises(StorageError):
            append_lines(file, [json.dumps("x" * 5000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert read_lines(file) == [1, 2]
    append_lines(file, ["3"])
    assert read_lines(file) == [1, 2, 3]


@given(json_values, json_values)
def test_equal_values_and_no_others_have_one_digest(one: object, other: object) -> None:
    assert len(digest(one)) == 16
    assert (digest(one) == digest(other)) == (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )


def test_a_digest_tells_values_apart_and_dicts_have_no_order() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert (
        len(
            {
                digest(),
                digest(""),
                digest("", ""),
                digest("ab"),
                digest("a", "b"),
                digest(["a", "b"]),
                digest(b"ab"),
                digest(1),
                digest(1.0),
            }
        )
        == 9
    )


HOLDER = """
import sys
from pathlib import Path
from logicdistill.files import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_held_by_another_process_is_told_and_dies_with_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with (
            pytest.raises(RunLockedError, match="another process is writing the run") as caught,
            locked(tmp_path),
        ):
            pass
        assert "\n" not in str(caught.value)
        os.kill(child.pid, signal.SIGKILL)
    with locked(tmp_path):
        pass
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        _ = 1 // 0
    with locked(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_cannot_be_locked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot write"), locked(tmp_path / "file"):
        pass


def left_over(folder: Path, process: int, age: float) -> Path:
    file = folder / f".a.txt.{process}.1.tmp"
    file.write_text("half")
    os.utime(file, (time.time() - age, time.time() - age))
    return file


def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    inside = tmp_path / "steps"
    inside.mkdir()
    old = left_over(inside, ended.pid, 3600)
    kept = [
        left_over(inside, os.getpid(), 3600),  # its writer lives
        left_over(tmp_path, ended.pid, 1),  # may be another machine's
        tmp_path / "mine.tmp",
        tmp_path / ".b.txt.tmp",
    ]
    for file in kept[2:]:
        file.write_text("a person's")
        os.utime(file, (0, 0))
    with locked(tmp_path):
        assert not old.exists()
        assert all(file.exists() for file in kept)


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    other = tmp_path / "precious.txt"
    other.write_text("kept\n")
    link = tmp_path / "decisions.jsonl"
    link.symlink_to(other)
    with pytest.raises(StorageError, match=r"is a link to '.*precious.txt'; name that file"):
        append_lines(link, ["{}"])
    write_atomic(link, "new")
    assert other.read_text() == "kept\n"
    assert not link.is_symlink()


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_text_of_a_windows_program_is_read_like_any_other(
    tmp_path: Path, mark: str, ending: str
) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(f"{mark}größer{ending}b{ending}".encode())
    assert read_text(file) == "größer\nb\n"
    lines = tmp_path / "a.jsonl"
    lines.write_bytes(f'{mark}{{"a": 1}}{ending}2{ending}'.encode())
    assert read_lines(lines) == [{"a": 1}, 2]
    value = tmp_path / "a.json"
    value.write_bytes(f'{mark}{{"a": 1}}{ending}'.encode())
    assert read_json(value) == {"a": 1}


def test_text_that_is_not_utf_8_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes("größer".encode("latin-1"))
    with pytest.raises(StorageError, match=r"cannot read .*a\.py: not UTF-8 text"):
        read_text(file)


def test_half_a_character_has_a_digest_of_its_own() -> None:
    assert len({digest("\ud83d\ude00"), digest("\U0001f600"), digest("\ud83d"), digest("?")}) == 4


def test_a_json_file_with_half_a_character_is_damaged_and_one_with_a_whole_is_not(
    tmp_path: Path,
) -> None:
    file = tmp_path / "one.json"
    file.write_text('{"a": "\\ud83d\\ude00"}')
    assert read_json(file) == {"a": "\U0001f600"}
    for half in ('{"a": "\\ud83d"}', '{"\\uDe00": 1}'):
        file.write_text(half)
        with pytest.raises(CorruptError, match="not readable as JSON"):
            read_json(file)
