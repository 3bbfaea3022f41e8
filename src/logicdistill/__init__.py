"""Logic Distillation: rules become small functions, and a small model selects among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logicdistill.policy import Policy
    from logicdistill.tasks.checker import check_task
    from logicdistill.tasks.registry import get_task

__version__ = "0.1.0"
__all__ = ["Policy", "check_task", "get_task"]


def __getattr__(name: str) -> Any:
    """Public names are loaded on first use, so that importing the package stays quick."""
    if name == "Policy":
        from logicdistill.policy import Policy

        return Policy
    if name == "check_task":
        from logicdistill.tasks.checker import check_task

        return check_task
    if name == "get_task":
        from logicdistill.tasks.registry import get_task

        return get_task
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
