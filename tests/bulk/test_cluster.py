from __future__ import annotations

import pytest

from logicdistill.bulk.cluster import workers
from logicdistill.errors import StorageError


def test_a_scheduler_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("logicdistill.bulk.cluster.SCHEDULER_SECONDS", 0.5)
    with (
        pytest.raises(StorageError, match="no Dask scheduler answers"),
        workers("tcp://127.0.0.1:9"),
    ):
        pass


def test_without_an_address_nothing_changes() -> None:
    with workers(None):
        pass
