from __future__ import annotations

from collections.abc import Sequence

from logicdistill.evaluation.summary import message_figures, message_rows
from logicdistill.tasks.record_folder import Record


def recorded(actions: Sequence[str]) -> list[Record]:
    return [
        Record(str(number), {"message": str(number)}, "test", action, True)
        for number, action in enumerate(actions)
    ]


def test_accuracy_counts_what_is_in_scope_and_recall_what_is_not() -> None:
    right = ["pay", "pay", "tell", "tell", "none", "none"]
    given = ["pay", "none", "tell", "pay", "none", "tell"]
    played = [
        {"action": action, "none": none}
        for action, none in zip(given, (0.1, 0.6, 0.0, 0.2, 0.9, 0.4), strict=True)
    ]
    found = message_figures(played, recorded(right), "none")
    assert (
        found["in_scope"]["right"],
        found["in_scope"]["messages"],
        found["in_scope"]["share"],
    ) == (2, 4, 0.5)
    assert (found["out_of_scope"]["right"], found["out_of_scope"]["messages"]) == (1, 2)
    assert (
        found["macro_f1"] == 0.5
    )  # each of the three actions: right once, missed once, wrongly given once
    assert found["auroc"] == 7 / 8  # 0.9 is above all four, 0.4 above three of them
    assert message_rows({"messages": {"ld-encoder": found}})[1][:2] == ("ld-encoder", "50.0% of 4")


def test_a_task_without_messages_out_of_scope_has_neither_recall_nor_area() -> None:
    found = message_figures([{"action": "pay", "none": 0.0}], recorded(["pay"]), "none")
    assert (found["out_of_scope"], found["auroc"], found["macro_f1"]) == (None, None, 1.0)
    assert message_rows({"messages": {"random": found}})[1] == (
        "random",
        "100.0% of 1",
        "20.7% - 100.0%",
        "100.0%",
        "",
        "",
        "",
    )
