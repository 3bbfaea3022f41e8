from __future__ import annotations

import pickle

import pytest

from logicdistill import errors
from logicdistill.errors import LogicDistillError, StorageError, UnknownNameError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LogicDistillError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_of_a_worker_process_arrives_as_it_was(kind: type[LogicDistillError]) -> None:
    error = kind("player", "kd", ["kd-encoder"]) if kind is UnknownNameError else kind("disk full; free some space")
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), str(arrived)) == (kind, str(error))
    assert isinstance(arrived, OSError) == (kind is StorageError)
