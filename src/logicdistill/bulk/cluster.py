"""Work on a cluster: what joblib does in this block, a Dask scheduler's workers do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import joblib

from logicdistill.errors import StorageError, needs_extra, one_line

SCHEDULER_SECONDS = 10.0
"""How long a scheduler has to answer, in seconds."""


@contextlib.contextmanager
def workers(scheduler: str | None) -> Iterator[None]:
    """Work on the workers of a Dask scheduler (its address); None changes nothing.

    The workers need the same package and see the same folders under the same paths. Any other
    backend of joblib (such as Ray's) is chosen in Python: ``with
    joblib.parallel_config(backend="ray"): compare(...)``.

    Raises:
        MissingExtraError: Dask is not installed.
        StorageError: no scheduler answers at that address.
    """
    if scheduler is None:
        yield
        return
    with needs_extra("working on a cluster", "dask"):
        import distributed
    try:
        options = {"timeout": SCHEDULER_SECONDS, "set_as_default": False}
        client = distributed.Client(scheduler, **options)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        what = f"no Dask scheduler answers at {scheduler!r}: {one_line(error)}"
        raise StorageError(what) from None
    with client, joblib.parallel_config(backend="dask", client=client):
        yield
