"""Sets larger than what is scored one by one: the limit is lowered, the engines are the real ones."""

from __future__ import annotations

import logging
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.retrieval.test_retrieval import HashedWords, function

from logicdistill.files import locked
from logicdistill.retrieval import index
from logicdistill.retrieval.dense import DenseRetriever
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.retrieval.lexical import LexicalRetriever
from logicdistill.retrieval.records import FILE, Records
from logicdistill.types import Function

WORDS = [f"{a}{b}{c}" for a in "bdgkmr" for b in "aeiou" for c in "lnst"]


def many(count: int, seed: int = 0) -> tuple[Function, ...]:
    """Functions in the order of their names, as a base holds them."""
    rng = random.Random(seed)
    made = [
        function(
            f"f{seed}_{number:05}",
            " ".join(rng.sample(WORDS, 6)),
            *(" ".join(rng.sample(WORDS, 4)) for _ in range(number % 3)),
        )
        for number in range(count)
    ]
    return tuple(sorted(made, key=lambda item: item.name))


VIEWS = [" ".join(random.Random(number).sample(WORDS, 5)) for number in range(20)]
BASE = many(600)


def indexed(folder: Path | None, **more: int) -> tuple[FusedRetriever, HashedWords]:
    embedder = HashedWords()
    return FusedRetriever(embedder, folder, "words", **{"exact": 50} | more), embedder


def overlap(found: list[tuple[Function, ...]], right: list[tuple[Function, ...]]) -> float:
    return float(
        np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found, right, strict=True)])
    )


def test_the_index_finds_what_scoring_one_by_one_finds(tmp_path: Path) -> None:
    near = DenseRetriever(HashedWords(), tmp_path, "words", exact=50).top(VIEWS, BASE, 10)
    assert overlap(near, DenseRetriever(HashedWords()).top(VIEWS, BASE, 10)) >= 0.99
    assert all([f.name for f in row] for row in near)
    said = LexicalRetriever(exact=50).top(VIEWS, BASE, 10)
    assert (
        overlap(said, LexicalRetriever().top(VIEWS, BASE, 10)) >= 0.9
    )  # tantivy rounds a text's length, and its k1 is 1.2
    fused = indexed(None)[0].top(VIEWS, BASE, 10)
    assert overlap(fused, FusedRetriever(HashedWords()).top(VIEWS, BASE, 10)) >= 0.9


class Blind(HashedWords):
    """Knows no word that the others do not know."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return super().embed([text.replace("zirconium", "") for text in texts])


@pytest.mark.parametrize("exact", [50, 1000])
def test_what_words_alone_are_sure_of_is_among_the_k_though_vectors_rank_all_others_higher(
    exact: int,
) -> None:
    hidden = function("hidden", "quartz zirconium")
    view = f"{VIEWS[0]} zirconium"
    retriever = FusedRetriever(Blind(), None, "words", exact=exact)
    near = [
        function(f"near_{number:03}", f"{VIEWS[0]} {word}")
        for number, word in enumerate(WORDS[:100])
    ]
    found = retriever.top([view], (*near, hidden), 16)[0]
    assert hidden in found
    assert hidden not in retriever.top([VIEWS[0]], (*near, hidden), 16)[0]


def test_a_function_found_by_its_own_manual_comes_first(tmp_path: Path) -> None:
    retriever, _ = indexed(tmp_path)
    asked = BASE[::37]
    assert [row[0] for row in retriever.top([item.texts[0] for item in asked], BASE, 4)] == list(
        asked
    )


def test_one_function_more_is_one_function_embedded_and_it_is_found(tmp_path: Path) -> None:
    retriever, embedder = indexed(tmp_path)
    retriever.top(VIEWS[:1], BASE, 4)
    before = embedder.texts
    added = function("f0_00300b", "zebra crossing at night")
    grown = tuple(sorted((*BASE, added), key=lambda item: item.name))
    assert retriever.top(["a zebra crossing"], grown, 4)[0][0] == added
    assert embedder.texts == before + 2  # the function and the view


def test_a_removed_function_is_not_found_and_a_rollback_embeds_nothing(tmp_path: Path) -> None:
    retriever, embedder = indexed(tmp_path)
    target = BASE[123]
    retriever.top(VIEWS[:1], BASE, 4)
    before = embedder.texts
    without = tuple(item for item in BASE if item is not target)
    assert target not in retriever.top([target.texts[0]], without, 16)[0]
    assert retriever.top([target.texts[0]], BASE, 4)[0][0] == target
    assert embedder.texts == before + 2


def test_a_small_part_of_a_large_index_is_searched_as_if_it_were_alone(tmp_path: Path) -> None:
    retriever, embedder = indexed(tmp_path)
    retriever.top(VIEWS[:1], BASE, 4)
    before = embedder.texts
    assert retriever.top(VIEWS, BASE[::20], 5) == FusedRetriever(HashedWords()).top(
        VIEWS, BASE[::20], 5
    )
    assert embedder.texts == before + len(VIEWS)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "remove", "jump", "reopen", "settle"]), st.integers(0, 599)
        ),
        max_size=8,
    )
)
def test_whatever_changes_only_functions_of_the_set_come_back_and_the_right_one_first(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("index")
    retriever, _ = indexed(folder, exact=20)
    base = BASE[:200]
    for change, number in changes:
        if change == "add":
            base = tuple(sorted({*base, BASE[number]}, key=lambda item: item.name))
        elif change == "remove":
            base = tuple(item for place, item in enumerate(base) if place != number % len(base))
        elif change == "jump":
            base = BASE[number % 300 : number % 300 + 150]
        elif change == "reopen":
            retriever.close()
            retriever, _ = indexed(folder, exact=20)
        else:
            retriever.settle()
        asked = base[number % len(base)]
        found = retriever.top([asked.texts[0]], base, 8)[0]
        assert found[0].texts[0] == asked.texts[0]
        assert len(set(found)) == 8
        assert set(found) <= set(base)
    retriever.close()


def test_another_process_finds_everything_embedded_and_folded(tmp_path: Path) -> None:
    first, _ = indexed(tmp_path)
    right = first.top(VIEWS, BASE, 10)
    first.close()
    second, embedder = indexed(tmp_path)
    assert second.top(VIEWS, BASE, 10) == right
    assert embedder.texts == len(VIEWS)
    assert len(list((tmp_path / "pick").glob("fold-*"))) == 1


def test_two_that_write_one_folder_share_what_each_has_embedded(tmp_path: Path) -> None:
    (one, first), (two, second) = indexed(tmp_path), indexed(tmp_path)
    one.top(VIEWS[:1], BASE[:300], 4)
    two.top(VIEWS[:1], BASE[300:], 4)
    assert one.top([BASE[450].texts[0]], BASE, 4)[0][0] == BASE[450]
    assert two.top([BASE[150].texts[0]], BASE, 4)[0][0] == BASE[150]
    texts = sum(len(item.texts) for item in BASE)
    assert first.texts + second.texts == texts + 4  # and the views


def test_what_came_since_the_fold_is_folded_in_the_background(tmp_path: Path) -> None:
    retriever, _ = indexed(tmp_path)
    retriever.top(VIEWS[:1], BASE[:500], 4)
    retriever.top(VIEWS[:1], BASE[:580], 4)  # 80 since: more than are scored one by one
    retriever.settle()
    assert [item.name for item in (tmp_path / "pick").glob("fold-*")] == ["fold-580"]
    assert [
        row[0] for row in retriever.top([item.texts[0] for item in BASE[570:580]], BASE[:580], 4)
    ] == list(BASE[570:580])


def remove_rows(folder: Path) -> None:
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("delete from functions where id = 17")
    connection.close()


def lose_last_rows(folder: Path) -> None:
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("delete from functions where id >= 400")
    connection.close()


def damage_vectors(folder: Path) -> None:
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("update functions set vectors = zeroblob(length(vectors))")
    connection.close()


def cut(name: str) -> Callable[[Path], None]:
    def work(folder: Path) -> None:
        file = next(folder.rglob(name))
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    return work


def garble(name: str) -> Callable[[Path], None]:
    def work(folder: Path) -> None:
        file = next(folder.rglob(name))
        data = bytearray(file.read_bytes())
        data[len(data) // 3 : len(data) // 3 + 64] = b"\xff" * 64
        file.write_bytes(bytes(data))

    return work


HARMS = {
    "row gone": remove_rows,
    "last rows gone": lose_last_rows,
    "vectors zeroed": damage_vectors,
    "file cut": cut(FILE),
    "graph cut": cut("graph.usearch"),
    "graph garbled": garble("graph.usearch"),
    "graph gone": lambda folder: next(folder.rglob("graph.usearch")).unlink(),
    "words garbled": garble("*.idx"),
    "manifest cut": cut("manifest.json"),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_damaged_file_is_one_line_and_the_index_is_whole_again(
    harm: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = indexed(tmp_path)
    right = first.top(VIEWS, BASE, 10)
    first.close()
    harm(tmp_path / "pick")
    second, _ = indexed(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert overlap(second.top(VIEWS, BASE, 10), right) >= 0.98
    second.close()
    lines = [
        record.getMessage() for record in caplog.records if "built anew" in record.getMessage()
    ]
    assert len(lines) == 1, lines
    assert "\n" not in lines[0]
    third, embedder = indexed(tmp_path)
    assert overlap(third.top(VIEWS, BASE, 10), right) >= 0.98
    assert embedder.texts == len(VIEWS)


def test_a_damaged_index_that_another_process_holds_is_left_to_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = indexed(tmp_path)
    right = first.top(VIEWS, BASE, 10)
    first.close()
    cut(FILE)(tmp_path / "pick")
    left = sorted(item.name for item in (tmp_path / "pick").rglob("*"))
    with locked(tmp_path / "pick", "index"), caplog.at_level(logging.WARNING):
        second, _ = indexed(tmp_path)
        assert overlap(second.top(VIEWS, BASE, 10), right) >= 0.98
        second.close()
    assert "the index is kept in memory this time" in caplog.text
    assert sorted(item.name for item in (tmp_path / "pick").rglob("*")) == left


def test_a_part_that_covers_rows_which_a_power_cut_took_gives_way_to_a_smaller_one(
    tmp_path: Path,
) -> None:
    first, _ = indexed(tmp_path)
    first.top(VIEWS, BASE, 10)
    first.close()
    lose_last_rows(tmp_path / "pick")
    second, _ = indexed(tmp_path)
    right = second.top(VIEWS, BASE[:500], 10)
    second.close()
    assert [item.name for item in (tmp_path / "pick").glob("fold-*")] == ["fold-500"]
    assert overlap(right, FusedRetriever(HashedWords()).top(VIEWS, BASE[:500], 10)) >= 0.9


def test_vectors_of_another_encoder_are_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = indexed(tmp_path)
    first.top(VIEWS, BASE[:80], 10)
    first.close()
    retrained = HashedWords()
    FusedRetriever(retrained, tmp_path, "other words", exact=50).top(VIEWS[:1], BASE[:80], 10)
    assert retrained.texts == 1 + sum(len(item.texts) for item in BASE[:80])
    assert "made by format 1, encoder words, wanted format 1, encoder other words" in caplog.text


def test_a_part_of_other_records_is_not_searched(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for folder, base in ((tmp_path / "a", BASE), (tmp_path / "b", BASE[::-1])):
        retriever, _ = indexed(folder)
        retriever.top(VIEWS[:1], base, 4)
        retriever.close()
    shutil.rmtree(tmp_path / "a" / "pick" / "fold-600")
    shutil.copytree(tmp_path / "b" / "pick" / "fold-600", tmp_path / "a" / "pick" / "fold-600")
    mixed, _ = indexed(tmp_path / "a")
    assert [row[0] for row in mixed.top([item.texts[0] for item in BASE[::50]], BASE, 4)] == list(
        BASE[::50]
    )
    assert "covers functions that functions.sqlite does not hold; it is built anew" in caplog.text


def test_a_fold_whose_files_vanish_under_it_is_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    retriever, _ = indexed(tmp_path)
    retriever.top(VIEWS[:1], BASE[:500], 4)
    next(tmp_path.rglob("*.idx")).unlink()
    retriever.top(VIEWS[:1], BASE[:580], 4)
    retriever.settle()
    assert [
        row[0] for row in retriever.top([item.texts[0] for item in BASE[570:580]], BASE[:580], 4)
    ] == list(BASE[570:580])
    assert all("\n" not in record.getMessage() for record in caplog.records)
    retriever.close()
    again, _ = indexed(tmp_path)
    assert [
        row[0] for row in again.top([item.texts[0] for item in BASE[570:580]], BASE[:580], 4)
    ] == list(BASE[570:580])


def test_a_disk_that_fills_up_leaves_the_index_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    retriever, _ = indexed(tmp_path)
    retriever.top(VIEWS[:1], BASE[:40], 4)
    retriever._indices["pick"]._records._all(
        "pragma max_page_count = 1"
    )  # SQLite's own "disk is full"
    assert retriever.top([BASE[599].texts[0]], BASE, 4)[0][0] == BASE[599]
    assert "database or disk is full; the index is kept in memory this time" in caplog.text


def test_a_process_that_ends_during_a_fold_waits_for_it(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from tests.retrieval.test_index import BASE, VIEWS, indexed; "
    script += "indexed(Path(sys.argv[1]), exact=300)[0].top(VIEWS, BASE, 5)"
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    assert [folder.name for folder in tmp_path.glob("*/fold-*")] == [f"fold-{len(BASE)}"]


def test_a_fold_that_died_leaves_nothing(tmp_path: Path) -> None:
    retriever, _ = indexed(tmp_path)
    retriever.top(VIEWS[:1], BASE[:500], 4)
    shutil.copytree(tmp_path / "pick" / "fold-500", tmp_path / "pick" / ".fold-died")
    retriever.close()
    again, embedder = indexed(tmp_path)
    again.top(VIEWS[:1], BASE[:500], 4)
    assert [item.name for item in (tmp_path / "pick").glob("*fold*")] == ["fold-500"]
    assert embedder.texts == 1


def test_a_fold_that_another_process_is_making_is_left_alone(tmp_path: Path) -> None:
    retriever, _ = indexed(tmp_path)
    right = retriever.top(VIEWS, BASE[:500], 4)
    retriever.close()
    (tmp_path / "pick" / ".fold-going-on").mkdir()
    with locked(tmp_path / "pick"):
        again, _ = indexed(tmp_path)
        assert again.top(VIEWS, BASE[:500], 4) == right
        assert again.top([BASE[599].texts[0]], BASE, 4)[0][0] == BASE[599]
        again.close()
    assert (tmp_path / "pick" / ".fold-going-on").is_dir()


def test_a_folder_that_cannot_be_written_leaves_the_index_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "pick").write_text("a file in the way")
    retriever, _ = indexed(tmp_path)
    assert retriever.top([BASE[5].texts[0]], BASE[:40], 4)[0][0] == BASE[5]
    assert "kept in memory this time" in caplog.text


def test_without_the_engines_every_function_is_scored_and_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(index, "missing_engine", lambda: 'pip install "logicdistill[large]"')
    retriever, _ = indexed(None)
    assert retriever.top(VIEWS, BASE, 10) == FusedRetriever(HashedWords()).top(VIEWS, BASE, 10)
    retriever.top(VIEWS, BASE, 10)
    assert [record.getMessage() for record in caplog.records] == [
        "stage 'pick': 600 functions are searched one by one; pip install \"logicdistill[large]\""
    ]


def test_rows_of_a_write_that_failed_are_not_there(tmp_path: Path) -> None:
    records = Records(tmp_path, "words")
    vectors = [np.zeros((1, 4), np.float32)]
    records.add(BASE[:1], vectors)
    with pytest.raises(ValueError, match="zip"):
        records.add(BASE[1:3], vectors)
    assert (len(records), records.find(BASE[:3])) == (1, [0, None, None])
    records.close()
