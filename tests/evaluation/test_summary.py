from __future__ import annotations

from collections.abc import Sequence

from logicdistill.evaluation.summary import message_figures, message_rows, table
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


def test_a_share_of_right_selections_says_how_many_were_judged_and_none_is_said_of_none() -> None:
    row = {"episodes": 3, "success": 1.0, "success_ci95": [0.4, 1.0], "illegal": 0}
    row |= {"return_mean": 1.0, "steps_mean": 1.0, "decision_ms_p50": 1.0, "decision_ms_p99": 2.0}
    judged = {**row, "selections": 1_200, "selection_accuracy": 0.83}
    unjudged = {**row, "selections": 0, "selection_accuracy": None}
    header, *rows = table({"players": {"one": judged, "two": unjudged}})
    assert [line[header.index("selection")] for line in rows] == ["83.0% of 1,200", ""]
