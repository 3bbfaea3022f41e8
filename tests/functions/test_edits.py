"""Files of a base that a person changed."""

from __future__ import annotations

import pytest
from tests.functions.conftest import PLAY, Make, shown, written

from logicdistill.errors import BaseError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function


def test_edits_are_what_a_person_changed_added_or_deleted(
    store: BaseFolder, make_base: Make
) -> None:
    store.commit(make_base("a", "b", "c"), [{"op": "admit"}])
    (store.path / "play" / "a.py").write_text("changed")
    (store.path / "play" / "b.py").unlink()
    (store.path / "facts").mkdir()
    (store.path / "facts" / "new.py").write_text("new")
    assert store.edits() == {"play/a.py": "changed", "play/b.py": None, "facts/new.py": "new"}


def test_windows_lines_are_no_edit(store: BaseFolder) -> None:
    base = FunctionBase("small-v1", (PLAY,)).having(
        [parse_function(written("a").replace("\n", "\r\n"), PLAY)]
    )
    store.commit(base, [{"op": "admit"}])
    assert store.load() == base
    assert store.edits() == {}


def test_a_commit_keeps_what_a_person_is_editing(store: BaseFolder, make_base: Make) -> None:
    store.commit(make_base("a", "b", "c"), [{"op": "admit"}])
    (store.path / "play" / "a.py").write_text("changed")
    (store.path / "play" / "b.py").unlink()
    (store.path / "play" / "mine.py").write_text("mine")
    store.commit(make_base("a", "b", "c", "added"), [{"op": "admit"}])
    assert store.edits() == {"play/a.py": "changed", "play/b.py": None, "play/mine.py": "mine"}
    assert (store.path / "play" / "added.py").is_file()
    store.commit(make_base("b", "c", "added"), [{"op": "remove"}])
    assert store.edits() == {"play/b.py": None, "play/mine.py": "mine"}


def test_discarded_edits_are_as_the_snapshot_has_them_and_a_file_of_no_snapshot_stays(
    store: BaseFolder, make_base: Make
) -> None:
    base = make_base("a", "b", "c")
    store.commit(base, [{"op": "admit"}])
    (store.path / "base.toml").write_text("changed")
    (store.path / "play" / "a.py").write_text("changed")
    (store.path / "play" / "b.py").unlink()
    (store.path / "play" / "mine.py").write_text("mine")
    with pytest.raises(BaseError, match="load it again"):
        store.commit(base, [{"op": "rollback"}], parent="0" * 16, discard_edits=True)
    assert (store.path / "play" / "a.py").read_text() == "changed"
    store.commit(base, [{"op": "rollback"}], parent=base.snapshot, discard_edits=True)
    assert store.edits() == {"play/mine.py": "mine"}
    assert shown(store) == {**base.to_manifest()["files"], "play/mine.py": "mine"}


def test_an_edit_that_was_taken_in_is_no_edit_any_more(store: BaseFolder, make_base: Make) -> None:
    store.commit(make_base("a", "b"), [{"op": "admit"}])
    edited = parse_function(written("a", "k = n\n    return k + 1"), PLAY)
    (store.path / "play" / "a.py").write_text(edited.source.rstrip())
    (store.path / "play" / "strange_name.py").write_text(written("c"))
    base = make_base("b", "c")
    store.commit(base.having([*base.functions, edited]), [{"op": "edit"}])
    assert store.edits() == {}
    assert shown(store) == store.load().to_manifest()["files"]


def test_an_edited_stage_list_is_refused_and_not_overwritten(
    store: BaseFolder, make_base: Make
) -> None:
    store.commit(make_base("a"), [{"op": "admit"}])
    file = store.path / "base.toml"
    edited = file.read_text().replace("question", "question ", 1)
    file.write_text(edited)
    with pytest.raises(BaseError, match=r"base\.toml was edited"):
        store.edits()
    with pytest.raises(BaseError, match=r"base\.toml was edited"):
        store.commit(make_base("a", "b"), [{"op": "admit"}])
    assert file.read_text() == edited
    assert len(store.journal()) == 1
