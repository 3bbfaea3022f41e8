from __future__ import annotations

import itertools
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.functions.conftest import Make, shown

from logicdistill.errors import CorruptError, RunLockedError, StorageError, UnknownNameError
from logicdistill.files import locked
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder


def assert_whole(store: BaseFolder) -> FunctionBase:
    """HEAD names a readable base, the journal ends in it, and each entry follows the one before."""
    base, entries = store.load(), store.journal()
    assert entries[-1]["snapshot"] == base.snapshot
    for before, after in itertools.pairwise(entries):
        assert after["parent"] in (before["snapshot"], before["parent"])
    for snapshot in {entry["snapshot"] for entry in entries}:
        assert store.load_snapshot(snapshot).snapshot == snapshot
    return base


def test_a_committed_base_is_loaded_and_readable_as_files(
    store: BaseFolder, make_base: Make
) -> None:
    assert not store.exists()
    with pytest.raises(UnknownNameError):
        store.load()
    base = make_base("a", "b")
    store.commit(base, [{"op": "admit", "function": name} for name in "ab"])
    assert store.load() == base
    assert shown(store) == base.to_manifest()["files"]
    assert [
        (entry["op"], entry["function"], entry["snapshot"], entry["parent"])
        for entry in store.journal()
    ] == [
        ("admit", "a", base.snapshot, None),
        ("admit", "b", base.snapshot, None),
    ]
    assert store.edits() == {}


def test_a_rollback_is_a_change_like_any_other(store: BaseFolder, make_base: Make) -> None:
    first, second = make_base("a"), make_base("b", "c")
    store.commit(first, [{"op": "admit"}])
    store.commit(second, [{"op": "edit"}])
    assert shown(store) == second.to_manifest()["files"]
    store.commit(store.load_snapshot(first.snapshot), [{"op": "rollback"}])
    assert assert_whole(store) == first
    assert shown(store) == first.to_manifest()["files"]
    assert [entry["op"] for entry in store.journal()] == ["admit", "edit", "rollback"]
    with pytest.raises(UnknownNameError, match="unknown snapshot"):
        store.load_snapshot("0123456789abcdef")


def test_a_snapshot_is_found_by_its_beginning_where_no_other_begins_so(
    store: BaseFolder, make_base: Make
) -> None:
    for base in (make_base("a"), make_base("b")):
        store.commit(base, [{"op": "admit"}])
        assert store.find_snapshot(base.snapshot[:12]) == base
    with pytest.raises(UnknownNameError, match="unknown snapshot ''"):
        store.find_snapshot("")


def stop_before_the_files(store: BaseFolder, base: FunctionBase, files: int) -> None:
    """Leave the folder as a writer does that dies after HEAD and some of the readable files."""
    marker = store.path / ".snapshots" / "SHOWN"
    marker_before, before = marker.read_text(), shown(store)
    store.commit(base, [{"op": "edit"}])
    after = shown(store)
    for path in sorted(before.keys() | after.keys())[files:]:
        if path in before:
            (store.path / path).write_text(before[path])
        else:
            (store.path / path).unlink()
    marker.write_text(marker_before)


@pytest.mark.parametrize("files", [0, 1, 2, 3])
def test_files_that_a_dead_writer_left_behind_are_repaired_and_no_edits(
    store: BaseFolder, make_base: Make, files: int
) -> None:
    store.commit(make_base("a", "b"), [{"op": "admit"}])
    stop_before_the_files(store, make_base("b", "c"), files)
    assert store.edits() == {}
    (store.path / "play" / "b.py").write_text("changed")
    assert store.edits() == {"play/b.py": "changed"}
    store.repair()
    assert store.edits() == {"play/b.py": "changed"}
    assert set(shown(store)) == {"base.toml", "play/b.py", "play/c.py"}
    store.repair()


def test_a_commit_over_a_dead_writers_files_leaves_none_of_them(
    store: BaseFolder, make_base: Make
) -> None:
    store.commit(make_base("a", "b"), [{"op": "admit"}])
    stop_before_the_files(store, make_base("b", "c"), 1)
    store.commit(make_base("b", "d"), [{"op": "edit"}])
    assert shown(store) == store.load().to_manifest()["files"]


def test_journal_lines_of_a_change_that_never_took_effect_are_dropped(
    store: BaseFolder, make_base: Make
) -> None:
    store.commit(make_base("a"), [{"op": "admit"}])
    with (store.path / "journal.jsonl").open("a") as file:
        file.write('{"op": "ghost"}\n{"op": "gho')
    assert [entry["op"] for entry in store.journal()] == ["admit"]
    store.commit(make_base("b"), [{"op": "edit", "note": "größer\u2028\r"}])
    assert [entry["op"] for entry in store.journal()] == ["admit", "edit"]
    assert_whole(store)


WRITER = """
import itertools, os, sys
from pathlib import Path
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function
from tests.functions.conftest import FACTS, PLAY, written
store = BaseFolder(Path(sys.argv[1]))
bases = [
    FunctionBase("small-v1", (FACTS, PLAY)).having(
        parse_function(written(f"f{i}_{k}"), PLAY) for k in range(1 + i)
    )
    for i in range(4)
]
for line in sys.stdin:  # a new writer per line, forked to save the imports
    child = os.fork()
    if child == 0:
        for turn in itertools.count(int(line)):
            store.commit(bases[turn % 4], [{"op": "edit", "turn": turn}] * (1 + turn % 3))
    print(child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


class Writers:
    """Starts writers of a folder, one at a time, and kills them."""

    def __init__(self, store: BaseFolder) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-c", WRITER, str(store.path)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self.process.stdin
        assert self.process.stdout
        self.orders, self.answers = self.process.stdin, self.process.stdout

    def start(self, turn: int) -> int:
        print(turn, file=self.orders, flush=True)
        return int(self.answers.readline())

    def kill(self, writer: int) -> None:
        os.kill(writer, signal.SIGKILL)
        assert self.answers.readline() == "dead\n"


@pytest.fixture
def writers(store: BaseFolder) -> Iterator[Writers]:
    made = Writers(store)
    with made.process:
        yield made
        made.orders.close()


def test_a_writer_killed_at_any_moment_leaves_a_committed_base(
    store: BaseFolder, writers: Writers
) -> None:
    dice, turn, rounds = random.Random(7), 0, 0
    while rounds < 14 or (turn <= 5 and rounds < 100):  # a busy machine commits less per round
        rounds += 1
        writer = writers.start(turn)
        time.sleep(dice.random() * 0.08)
        writers.kill(writer)
        if not store.exists():
            continue
        base = assert_whole(store)
        assert store.edits() == {}
        if dice.random() < 0.5:
            store.repair()
            assert shown(store) == base.to_manifest()["files"]
        turn = store.journal()[-1]["turn"] + 1
    assert turn > 5
    store.commit(store.load(), [{"op": "last"}])
    assert_whole(store)


def test_a_reader_beside_a_writer_sees_no_mixture(store: BaseFolder, writers: Writers) -> None:
    writer, seen, reads = writers.start(0), set(), 0
    until = time.monotonic() + 120
    while (len(seen) < 4 or reads < 40) and time.monotonic() < until:
        if store.exists():
            base = store.load()
            assert len({function.name[:2] for function in base.functions}) == 1
            assert len(base.functions) == 1 + int(base.functions[0].name[1])
            turns = Counter(entry["turn"] for entry in store.journal())
            assert all(count == 1 + turn % 3 for turn, count in turns.items())
            seen.add(base.snapshot)
            reads += 1
    writers.kill(writer)
    assert len(seen) == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"snapshot": 1, "journal_bytes": 1}',
        b'{"snapshot": "a", "journal_bytes": -5}',
    ],
)
def test_a_damaged_head_is_named(store: BaseFolder, make_base: Make, content: bytes) -> None:
    store.commit(make_base("a"), [{"op": "admit"}])
    store.head.write_bytes(content)
    for act in (
        store.load,
        store.journal,
        store.edits,
        store.repair,
        lambda: store.commit(make_base("b"), []),
    ):
        with pytest.raises(CorruptError, match="HEAD") as caught:
            act()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "damage", ["empty", "half", "bytes", "letter", "source", "surrogate", "deep"]
)
def test_a_damaged_snapshot_is_named(store: BaseFolder, make_base: Make, damage: str) -> None:
    base = make_base("a")
    store.commit(base, [{"op": "admit"}])
    file = store.path / ".snapshots" / f"{base.snapshot}.json"
    content = file.read_bytes()
    file.write_bytes(
        {
            "empty": b"",
            "half": content[: len(content) // 2],
            "bytes": content.replace(b"Do a", b"\xff\xff"),
            "letter": content.replace(b"Do a", b"Do b"),
            "source": content.replace(b"def a", b"dif a"),
            "surrogate": content.replace(b"Do a", b"\\ud800"),
            "deep": b"[" * 100_000,
        }[damage]
    )
    with pytest.raises(CorruptError, match=base.snapshot) as caught:
        store.load()
    assert "\n" not in str(caught.value)
    store.commit(make_base("b"), [{"op": "edit"}])
    assert store.load() == make_base("b")


@pytest.mark.parametrize("damage", ["cut", "gone", "bytes", "not_json", "not_an_entry"])
def test_a_damaged_journal_is_named(store: BaseFolder, make_base: Make, damage: str) -> None:
    store.commit(make_base("a"), [{"op": "admit", "note": "nothing"}] * 2)
    file = store.path / "journal.jsonl"
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        new = {
            "cut": content[:-1],
            "bytes": content.replace(b"nothing", b"\xff\xffthing"),
            "not_json": b"x" * len(content),
            "not_an_entry": b"[1]\n" + b" " * len(content),
        }
        file.write_bytes(new[damage])
    with pytest.raises(CorruptError, match=r"journal\.jsonl") as caught:
        store.journal()
    assert "\n" not in str(caught.value)
    if damage in ("cut", "gone"):
        with pytest.raises(CorruptError, match=r"journal\.jsonl"):
            store.commit(make_base("b"), [{"op": "edit"}])
    assert store.load() == make_base("a")


def test_a_second_writer_is_refused(store: BaseFolder, make_base: Make) -> None:
    store.commit(make_base("a"), [{"op": "admit"}])
    with (
        locked(store.path),
        pytest.raises(RunLockedError, match="another process is writing the function base"),
    ):
        store.commit(make_base("b"), [{"op": "edit"}])
    assert store.load() == make_base("a")


def test_threads_that_commit_at_once_lose_no_change(store: BaseFolder, make_base: Make) -> None:
    done: list[str] = []

    def work(name: str) -> None:
        while True:
            try:
                store.commit(make_base(name), [{"op": "admit", "function": name}])
            except RunLockedError:
                time.sleep(0.002)
            else:
                done.append(name)
                return

    threads = [threading.Thread(target=work, args=(f"f{index}",)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entry["function"] for entry in store.journal()) == sorted(done)
    assert len(done) == 6
    assert_whole(store)


@pytest.mark.parametrize("place", ["HEAD", "snapshot", "journal"])
def test_a_write_that_fails_leaves_the_old_base(
    store: BaseFolder, make_base: Make, place: str
) -> None:
    old, new = make_base("a"), make_base("b")
    store.commit(old, [{"op": "admit"}])
    large = [{"op": "edit", "note": "x" * 50_000}]
    if place == "snapshot":
        (store.path / ".snapshots" / f"{new.snapshot}.json").mkdir()
    if place == "journal":
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if place == "HEAD":
        head = store.head.read_bytes()
        store.head.unlink()
        store.head.mkdir()
    try:
        with pytest.raises(CorruptError if place == "HEAD" else StorageError) as caught:
            store.commit(new, large)
    finally:
        if place == "journal":
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)
        if place == "HEAD":
            store.head.rmdir()
            store.head.write_bytes(head)
    assert "\n" not in str(caught.value)
    assert store.load() == old
    assert [entry["op"] for entry in store.journal()] == ["admit"]
    assert shown(store) == old.to_manifest()["files"]
    if place != "snapshot":
        store.commit(new, [{"op": "edit"}])
        assert assert_whole(store) == new


def test_a_readable_file_that_cannot_be_written_does_not_undo_the_change(
    store: BaseFolder, make_base: Make
) -> None:
    store.commit(make_base("a"), [{"op": "admit"}])
    (store.path / "play" / "b.py").mkdir()
    store.commit(make_base("b", "c"), [{"op": "edit"}])
    assert store.load() == make_base("b", "c")
    for act in (store.repair, lambda: store.commit(make_base("d"), [{"op": "edit"}])):
        with pytest.raises(StorageError, match=r"b\.py"):
            act()
    assert assert_whole(store) == make_base("b", "c")
    (store.path / "play" / "b.py").rmdir()
    store.repair()
    assert shown(store) == make_base("b", "c").to_manifest()["files"]


def test_an_entry_that_is_no_json_changes_nothing(store: BaseFolder, make_base: Make) -> None:
    store.commit(make_base("a"), [{"op": "admit"}])
    with pytest.raises(TypeError):
        store.commit(make_base("b"), [{"op": "edit", "evidence": object()}])
    assert assert_whole(store) == make_base("a")


def test_the_folder_can_be_moved(store: BaseFolder, make_base: Make, tmp_path: Path) -> None:
    store.commit(make_base("a"), [{"op": "admit"}])
    moved = BaseFolder(store.path.rename(tmp_path / "elsewhere with spaces and ümlaut"))
    assert moved.edits() == {}
    moved.commit(make_base("b"), [{"op": "edit"}])
    assert json.loads(moved.head.read_text())["snapshot"] == make_base("b").snapshot
