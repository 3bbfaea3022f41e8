from __future__ import annotations

import pytest

from logicdistill.errors import UnknownNameError
from logicdistill.tasks.checker import check_task
from logicdistill.tasks.registry import get_task, task_ids


@pytest.mark.parametrize("name", task_ids())
def test_every_built_in_task_keeps_the_contract(name: str) -> None:
    check_task(get_task(name))


def test_a_name_without_its_version_means_the_newest() -> None:
    assert get_task("guess").id == "guess-v1"


def test_an_unknown_task_offers_the_nearest_name() -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown task 'persuit'; did you mean 'pursuit-v2'\?"
    ):
        get_task("persuit")
