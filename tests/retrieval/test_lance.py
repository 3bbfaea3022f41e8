"""Sets larger than what is scored in memory: the limit is lowered, LanceDB is the real one."""

from __future__ import annotations

import logging
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.retrieval.test_fused import FUNCTIONS, TOPICS, HashedWords, function

from logicdistill.errors import MissingExtraError, StorageError
from logicdistill.files import locked
from logicdistill.retrieval import fused, lance
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.types import Function

pytestmark = pytest.mark.skipif(find_spec("lancedb") is None, reason="no lancedb is installed")

WORDS = [f"{a}{b}{c}" for a in "bdgkmr" for b in "aeiou" for c in "lnst"]


def many(count: int, seed: int = 0) -> tuple[Function, ...]:
    """Functions in the order of their names, as a base holds them."""
    rng = random.Random(seed)
    return tuple(
        function(
            f"f{seed}_{number:05}",
            " ".join(rng.sample(WORDS, 6)),
            *(" ".join(rng.sample(WORDS, 4)) for _ in range(number % 3)),
        )
        for number in range(count)
    )


VIEWS = [" ".join(random.Random(number).sample(WORDS, 5)) for number in range(8)]
BASE = many(300)
TEXTS = sum(len(item.texts) for item in BASE)


def large(folder: Path | None, **more: Any) -> tuple[FusedRetriever, HashedWords]:
    embedder = HashedWords()
    return FusedRetriever(embedder, folder, "words", **{"exact": 50} | more), embedder


def overlap(found: list[tuple[Function, ...]], right: list[tuple[Function, ...]]) -> float:
    return float(
        np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found, right, strict=True)])
    )


@pytest.mark.parametrize(
    ("kinds", "least"), [(("dense",), 0.99), (("lexical",), 0.9), (("lexical", "dense"), 0.9)]
)
def test_the_table_finds_what_scoring_every_function_finds(
    kinds: tuple[str, ...], least: float, tmp_path: Path
) -> None:
    found = large(tmp_path, kinds=kinds)[0].top(VIEWS, BASE, 10)
    # LanceDB's k1 is 1.2, that of the search in memory 1.5.
    assert overlap(found, FusedRetriever(HashedWords(), kinds=kinds).top(VIEWS, BASE, 10)) >= least


def test_the_vector_index_finds_nearly_what_a_scan_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lance, "INDEXED", 500)
    monkeypatch.setattr(lance, "PARTITION", 100)
    retriever, _ = large(tmp_path, kinds=("dense",))
    found = retriever.top(VIEWS, BASE, 10)
    table = retriever._stages["pick"]._table
    assert table is not None
    assert "vector" in {index.columns[0] for index in table._table.list_indices()}
    right = FusedRetriever(HashedWords(), kinds=("dense",)).top(VIEWS, BASE, 10)
    assert overlap(found, right) >= 0.9


def test_words_alone_are_enough(tmp_path: Path) -> None:
    right = FusedRetriever(None).top(VIEWS, BASE, 10)
    assert overlap(FusedRetriever(None, tmp_path, exact=50).top(VIEWS, BASE, 10), right) >= 0.9


class Blind(HashedWords):
    """Knows no word that the others do not know."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return super().embed([text.replace("zirconium", "") for text in texts])


@pytest.mark.parametrize("exact", [50, 1000])
def test_the_best_by_words_is_among_the_k_though_vectors_rank_all_others_higher(
    exact: int,
) -> None:
    hidden = function("hidden", "quartz zirconium")
    view = f"{VIEWS[0]} zirconium"
    retriever = FusedRetriever(Blind(), exact=exact)
    near = [
        function(f"near_{number:03}", f"{VIEWS[0]} {word}") for number, word in enumerate(WORDS)
    ]
    assert hidden in retriever.top([view], (*near, hidden), 16)[0]
    assert hidden not in retriever.top([VIEWS[0]], (*near, hidden), 16)[0]


def test_one_function_more_is_one_function_embedded_and_it_is_found(tmp_path: Path) -> None:
    retriever, embedder = large(tmp_path)
    retriever.top(VIEWS[:1], BASE, 4)
    before = embedder.texts
    added = function("f0_00150b", "zebra crossing at night")
    grown = tuple(sorted((*BASE, added), key=lambda item: item.name))
    assert retriever.top(["a zebra crossing"], grown, 4)[0][0] == added
    assert embedder.texts == before + 2  # the function and the view


def test_a_removed_function_is_not_found_and_a_rollback_embeds_nothing(tmp_path: Path) -> None:
    retriever, embedder = large(tmp_path)
    target = BASE[123]
    assert retriever.top([target.texts[0]], BASE, 4)[0][0] == target
    before = embedder.texts
    without = tuple(item for item in BASE if item is not target)
    assert target not in retriever.top([target.texts[0]], without, 16)[0]
    assert retriever.top([target.texts[0]], BASE, 4)[0][0] == target
    assert embedder.texts == before + 2


def test_a_part_of_a_large_table_is_searched_and_nothing_else_is_found(tmp_path: Path) -> None:
    retriever, embedder = large(tmp_path, exact=10)
    retriever.top(VIEWS[:1], BASE, 4)
    before, part = embedder.texts, BASE[::20]
    found = retriever.top(VIEWS, part, 5)
    assert all(set(row) <= set(part) for row in found)
    assert overlap(found, FusedRetriever(HashedWords()).top(VIEWS, part, 5)) >= 0.8
    assert embedder.texts == before + len(VIEWS)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "remove", "jump", "reopen", "settle"]), st.integers(0, 299)
        ),
        max_size=8,
    )
)
def test_whatever_changes_only_functions_of_the_set_come_back_and_the_right_one_first(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("index")
    retriever, _ = large(folder, exact=20)
    base = BASE[:100]
    for change, number in changes:
        if change == "add":
            base = tuple(sorted({*base, BASE[number]}, key=lambda item: item.name))
        elif change == "remove":
            base = tuple(item for place, item in enumerate(base) if place != number % len(base))
        elif change == "jump":
            base = BASE[number % 150 : number % 150 + 80]
        elif change == "reopen":
            retriever.close()
            retriever, _ = large(folder, exact=20)
        else:
            retriever.settle()
        asked = base[number % len(base)]
        found = retriever.top([asked.texts[0]], base, 8)[0]
        assert found[0].texts[0] == asked.texts[0]
        assert len(set(found)) == 8
        assert set(found) <= set(base)
    retriever.close()


def test_vectors_of_what_was_found_are_those_that_the_embedder_gave(tmp_path: Path) -> None:
    retriever, embedder = large(tmp_path)
    found = retriever.top(VIEWS[:1], BASE, 8)[0]
    before = embedder.texts
    for item in found:
        right = np.asarray(HashedWords().embed(item.texts), np.float32)
        np.testing.assert_array_equal(retriever.vectors(item), right)
    assert retriever.vectors(next(item for item in BASE if item not in found)) is None
    assert embedder.texts == before


def test_another_process_finds_everything_embedded(tmp_path: Path) -> None:
    first, _ = large(tmp_path)
    right = first.top(VIEWS, BASE, 10)
    first.close()
    second, embedder = large(tmp_path)
    assert second.top(VIEWS, BASE, 10) == right
    assert embedder.texts == len(VIEWS)


def test_two_that_share_a_folder_find_what_each_has_embedded(tmp_path: Path) -> None:
    (one, first), (two, second) = large(tmp_path), large(tmp_path)
    one.top(VIEWS[:1], BASE[:150], 4)
    two.top(VIEWS[:1], BASE[150:], 4)
    assert one.top([BASE[220].texts[0]], BASE, 4)[0][0] == BASE[220]
    assert two.top([BASE[80].texts[0]], BASE, 4)[0][0] == BASE[80]
    assert first.texts + second.texts == TEXTS + 4  # and the views


def test_many_additions_are_taken_into_the_indices_in_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fused, "CALLS", 3)
    retriever, _ = large(tmp_path)
    for size in range(290, 295):
        retriever.top(VIEWS[:1], BASE[:size], 4)
    retriever.settle()
    table = retriever._stages["pick"]._table
    assert table is not None
    assert table.calls <= 1
    assert [
        row[0] for row in retriever.top([item.texts[0] for item in BASE[290:]], BASE, 4)
    ] == list(BASE[290:])


def shortened(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def garbled(table: Path) -> None:
    newest = min(table.glob("_versions/*.manifest"))  # they are named backwards
    data = newest.read_bytes()
    newest.write_bytes(data[:-40] + b"\xff" * 40)


HARMS: dict[str, Callable[[Path], None]] = {
    "data gone": lambda table: shutil.rmtree(table / "data"),
    "data cut": lambda table: [shortened(file) for file in table.glob("data/*")] and None,
    "manifests cut": lambda table: [shortened(file) for file in table.glob("_versions/*")] and None,
    "manifest garbled": garbled,
    "indices gone": lambda table: shutil.rmtree(table / "_indices"),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_damaged_table_is_one_line_and_is_built_anew(
    harm: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = large(tmp_path)
    right = first.top(VIEWS, BASE, 10)
    first.close()
    harm(next(tmp_path.glob("pick-*.lance")))
    second, _ = large(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert overlap(second.top(VIEWS, BASE, 10), right) >= 0.98
    lines = [line for record in caplog.records if "anew" in (line := record.getMessage())]
    assert len(lines) == 1, caplog.text
    assert "\n" not in lines[0]
    second.close()
    third, embedder = large(tmp_path)
    assert overlap(third.top(VIEWS, BASE, 10), right) >= 0.98
    assert embedder.texts == len(VIEWS)


def test_a_vector_that_is_not_what_was_written_is_noticed_before_a_student_reads_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    retriever, _ = large(tmp_path)
    found = retriever.top(VIEWS[:1], BASE, 4)[0]
    table = retriever._stages["pick"]._table
    assert table is not None
    table._table.update(values={"checksum": 0})
    assert retriever.vectors(found[0]) is None
    assert "a vector is not what was written; the index is built anew" in caplog.text
    assert retriever.top(VIEWS[:1], BASE, 4)[0] == found
    assert retriever.vectors(found[0]) is not None


def test_a_folder_removed_under_a_retriever_is_built_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    retriever, _ = large(tmp_path / "index")
    retriever.top(VIEWS, BASE, 4)
    shutil.rmtree(tmp_path / "index")
    assert retriever.top([BASE[9].texts[0]], BASE, 4)[0][0] == BASE[9]
    added = function("zebra", "a zebra crossing at night")
    assert retriever.top(["zebra crossing"], (*BASE, added), 4)[0][0] == added
    assert "the index is built anew" in caplog.text


def test_a_damaged_table_that_another_process_holds_is_left_to_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = large(tmp_path)
    right = first.top(VIEWS, BASE, 10)
    first.close()
    HARMS["data cut"](next(tmp_path.glob("pick-*.lance")))
    left = sorted(item.name for item in tmp_path.rglob("*"))
    with locked(tmp_path, "index"):
        assert overlap(large(tmp_path)[0].top(VIEWS, BASE, 10), right) >= 0.98
    assert "the index is kept in a temporary folder this time" in caplog.text
    assert sorted(item.name for item in tmp_path.rglob("*")) == left


def test_a_folder_that_cannot_be_written_is_one_line_and_a_temporary_folder(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "index").write_text("a file in the way")
    retriever, _ = large(tmp_path / "index")
    assert retriever.top([BASE[5].texts[0]], BASE, 4)[0][0] == BASE[5]
    lines = [record.getMessage() for record in caplog.records]
    assert len([line for line in lines if "temporary folder this time" in line]) == 1, lines


def test_a_table_of_another_encoder_is_removed(tmp_path: Path) -> None:
    first, _ = large(tmp_path)
    first.top(VIEWS[:1], BASE[:80], 4)
    first.close()
    [old] = tmp_path.glob("*.lance")
    retrained = HashedWords()
    FusedRetriever(retrained, tmp_path, "other words", 50).top(VIEWS[:1], BASE[:80], 4)
    assert retrained.texts == 1 + sum(len(item.texts) for item in BASE[:80])
    assert old not in tmp_path.glob("*.lance")


def test_a_process_that_ends_during_work_in_the_background_waits_for_it(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; "
        "from tests.retrieval.test_lance import BASE, VIEWS, large; "
        "large(Path(sys.argv[1]), exact=100)[0].top(VIEWS, BASE, 5)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_without_lancedb_every_function_is_scored_and_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fused, "missing_lancedb", lambda: 'pip install "logicdistill[large]"')
    retriever, _ = large(None)
    assert retriever.top(VIEWS, BASE, 10) == FusedRetriever(HashedWords()).top(VIEWS, BASE, 10)
    retriever.top(VIEWS, BASE, 10)
    assert [record.getMessage() for record in caplog.records] == [
        "stage 'pick': 300 functions are searched one by one; pip install \"logicdistill[large]\""
    ]
    with pytest.raises(MissingExtraError, match="large"):
        FusedRetriever(HashedWords(), store="somewhere")


def test_a_store_is_shared_by_machines(tmp_path: Path) -> None:
    store = {"store": str(tmp_path / "store")}
    large(None, **store)[0].top(VIEWS[:1], BASE, 4)
    second, embedder = large(None, **store)
    assert second.top([BASE[150].texts[0]], BASE, 4)[0][0] == BASE[150]
    assert embedder.texts == 1
    assert (tmp_path / "store").is_dir()


def test_threads_that_search_an_empty_store_at_once_add_each_function_once(tmp_path: Path) -> None:
    retriever, embedder = large(None, store=str(tmp_path))
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: retriever.top(VIEWS[:1], BASE, 4), range(4)))
    assert found[1:] == found[:-1]
    assert embedder.texts == TEXTS + 4


def test_a_place_that_cannot_be_a_store_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"store .*check the place") as caught:
        large(None, store=str(tmp_path / "file" / "store"))[0].top(VIEWS[:1], BASE, 4)
    assert "\n" not in str(caught.value)


class FirstWords(HashedWords):
    """Embeds a text without words too."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return super().embed([text if text.split() else "nothing" for text in texts])


@pytest.mark.parametrize("view", ["?", "", '(a OR b) "c" +x -y: * ^2 ~1', "key in ('x')", "\x00"])
def test_whatever_a_view_holds_k_functions_come_back(view: str, tmp_path: Path) -> None:
    retriever = FusedRetriever(FirstWords(), tmp_path, exact=20)
    assert len(set(retriever.top([view], BASE[:30], 4)[0])) == 4


def test_the_function_about_the_views_words_comes_first(tmp_path: Path) -> None:
    views = [f"i have a {topic} what now" for topic in TOPICS]
    found = large(tmp_path, exact=3)[0].top(views, FUNCTIONS, 3)
    assert [top[0].name for top in found] == [topic.replace(" ", "_") for topic in TOPICS]
