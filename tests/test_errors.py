from __future__ import annotations

import pickle

import pytest

from logicdistill import errors
from logicdistill.errors import (
    LogicDistillError,
    MissingExtraError,
    StorageError,
    UnknownNameError,
    needs_extra,
)

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, LogicDistillError)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_of_a_worker_process_arrives_as_it_was(kind: type[LogicDistillError]) -> None:
    error = (
        kind("player", "kd", ["kd-encoder"])
        if kind is UnknownNameError
        else kind("disk full; free some space")
    )
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), str(arrived)) == (kind, str(error))
    assert isinstance(arrived, OSError) == (kind is StorageError)


def test_a_library_that_is_missing_is_named_with_the_extra_that_brings_it() -> None:
    with (
        pytest.raises(MissingExtraError) as refused,
        needs_extra("'run' trains a model and", "train"),
    ):
        import no_such_library  # noqa: F401  # type: ignore[import-not-found]
    assert (
        str(refused.value)
        == "'run' trains a model and needs no_such_library: pip install 'logicdistill[train]'"
    )


def test_a_library_that_cannot_be_loaded_is_not_called_none() -> None:
    with (
        pytest.raises(
            MissingExtraError,
            match=r"needs a library that cannot be loaded \(libtorch.so: no such file\): pip",
        ),
        needs_extra("'run'", "train"),
    ):
        raise ImportError("libtorch.so: no such file")


def test_ctrl_c_while_a_compiled_library_loads_stays_an_interrupt() -> None:
    failed = ImportError("numpy._core.multiarray failed to import")
    failed.__context__ = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt), needs_extra("'run'", "train"):
        raise failed
