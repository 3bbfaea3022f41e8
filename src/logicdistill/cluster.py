"""Where episodes are played: this machine's processes, or the workers of a cluster, through joblib's backends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import joblib

from logicdistill.errors import StorageError, needs_extra

PATIENCE = 10.0
"""Seconds to wait for a scheduler."""


@contextlib.contextmanager
def workers(scheduler: str | None) -> Iterator[None]:
    """Play on the workers of a Dask scheduler inside this block; None changes nothing.

    The workers need the same package and see the comparison's folder under the same path. Any other backend that is registered with
    joblib (such as Ray's) is chosen in Python the same way: ``with joblib.parallel_config(backend="ray"): compare(...)``.

    Args:
        scheduler: address, such as ``tcp://127.0.0.1:8786``.

    Raises:
        MissingExtraError: Dask is not installed.
        StorageError: no scheduler answers at that address.
    """
    if scheduler is None:
        yield
        return
    with needs_extra("playing on a cluster", "dask"):
        import distributed
    try:
        client = distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]  # it is not typed
    except (OSError, ValueError) as error:
        raise StorageError(f"no Dask scheduler answers at {scheduler!r}: {str(error).splitlines()[0][:200]}") from None
    with client, joblib.parallel_config(backend="dask", client=client):
        yield
