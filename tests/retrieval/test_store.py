"""The store with LanceDB's own engine over a folder, as it runs over a bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.retrieval.test_index import BASE, VIEWS, overlap
from tests.retrieval.test_retrieval import FUNCTIONS, TOPICS, HashedWords, function

from logicdistill.errors import StorageError
from logicdistill.retrieval.dense import DenseRetriever
from logicdistill.retrieval.fused import FusedRetriever

pytest.importorskip("lancedb")
from logicdistill.retrieval import store
from logicdistill.retrieval.store import StoreRetriever

SOME = BASE[:200]


def test_the_function_about_the_views_words_comes_first(tmp_path: Path) -> None:
    found = StoreRetriever(str(tmp_path), HashedWords()).top(
        [f"i have a {topic} what now" for topic in TOPICS], FUNCTIONS, 3
    )
    assert [top[0].name for top in found] == [topic.replace(" ", "_") for topic in TOPICS]
    assert {len(set(top)) for top in found} == {3}


@pytest.mark.parametrize("named", [1000, 0], ids=["named in the search", "passed over"])
def test_the_store_finds_what_scoring_one_by_one_finds(
    named: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "NAMED", named)
    retriever = StoreRetriever(str(tmp_path), HashedWords())
    assert (
        overlap(retriever.top(VIEWS, SOME, 10), FusedRetriever(HashedWords()).top(VIEWS, SOME, 10))
        >= 0.9
    )
    part = SOME[::10]
    found = retriever.top(VIEWS, part, 10)
    assert all(set(row) <= set(part) for row in found)
    assert overlap(found, DenseRetriever(HashedWords()).top(VIEWS, part, 10)) >= 0.5


def test_a_second_machine_embeds_nothing_and_finds_what_the_first_added(tmp_path: Path) -> None:
    StoreRetriever(str(tmp_path), HashedWords()).top(VIEWS[:1], SOME, 4)
    embedder = HashedWords()
    second = StoreRetriever(str(tmp_path), embedder)
    assert second.top([SOME[150].texts[0]], SOME, 4)[0][0] == SOME[150]
    assert embedder.texts <= 2  # the view, and one text for the vectors' width
    added = function("zebra", "a zebra crossing at night")
    assert second.top(["zebra crossing"], (*SOME, added), 4)[0][0] == added
    second.optimise("pick")
    assert second.top(["zebra crossing"], (*SOME, added), 4)[0][0] == added
    assert added not in second.top(["zebra crossing"], SOME, 8)[0]


def test_threads_that_search_an_empty_store_at_once_add_each_function_once(tmp_path: Path) -> None:
    retriever, some = StoreRetriever(str(tmp_path), HashedWords()), SOME[:40]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: retriever.top(VIEWS[:1], some, 4), range(4)))
    assert found[1:] == found[:-1]
    assert retriever._table("pick").count_rows() == sum(len(item.embedded) for item in some)


def test_another_encoder_has_tables_of_its_own(tmp_path: Path) -> None:
    StoreRetriever(str(tmp_path), HashedWords(), "one").top(VIEWS[:1], SOME[:20], 4)
    embedder = HashedWords()
    StoreRetriever(str(tmp_path), embedder, "two").top(VIEWS[:1], SOME[:20], 4)
    assert embedder.texts >= sum(len(item.texts) for item in SOME[:20])


@pytest.mark.parametrize("view", ["?", "", '(a OR b) "c" +x -y: * ^2 ~1', "key in ('x')", "\x00"])
def test_whatever_a_view_holds_k_functions_come_back(view: str, tmp_path: Path) -> None:
    assert len(set(StoreRetriever(str(tmp_path), FirstWords()).top([view], SOME[:30], 4)[0])) == 4


class FirstWords(HashedWords):
    """Embeds a text without words too."""

    def embed(self, texts: list[str]) -> list[list[float]]:  # type: ignore[override]
        return super().embed([text if text.split() else "nothing" for text in texts])


def test_a_place_that_cannot_be_a_store_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"store .*check the place") as caught:
        StoreRetriever(str(tmp_path / "file" / "store"), HashedWords()).top(VIEWS[:1], SOME[:20], 4)
    assert "\n" not in str(caught.value)
