"""Logic Distillation: rules become small functions, and a small model selects among them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from logicdistill.version import __version__ as __version__

if TYPE_CHECKING:
    from logicdistill.deciding.students import register_student
    from logicdistill.pipeline.distilling import distill
    from logicdistill.policy import Policy
    from logicdistill.protocols import Retriever, Student, Task, Teacher
    from logicdistill.tasks.checker import check_task
    from logicdistill.tasks.gymnasium_task import GymnasiumTask
    from logicdistill.tasks.records import RecordTask
    from logicdistill.tasks.registry import get_task, register_task
    from logicdistill.types import Decision

__all__ = [
    "Decision",
    "GymnasiumTask",
    "Policy",
    "RecordTask",
    "Retriever",
    "Student",
    "Task",
    "Teacher",
    "check_task",
    "distill",
    "get_task",
    "register_student",
    "register_task",
]

_PLACES = {
    "Decision": "types",
    "GymnasiumTask": "tasks.gymnasium_task",
    "Policy": "policy",
    "RecordTask": "tasks.records",
    "Retriever": "protocols",
    "Student": "protocols",
    "Task": "protocols",
    "Teacher": "protocols",
    "check_task": "tasks.checker",
    "distill": "pipeline.distilling",
    "get_task": "tasks.registry",
    "register_student": "deciding.students",
    "register_task": "tasks.registry",
}
"""Module of each public name; it is loaded on first use, so importing the package stays quick."""


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
