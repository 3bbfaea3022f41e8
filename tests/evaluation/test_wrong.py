from __future__ import annotations

import json
from pathlib import Path

from logicdistill.cli.states import states_of
from logicdistill.evaluation.evaluate import SHOWN, wrong_line, wrong_states
from logicdistill.tasks.record_folder import Record

TESTED = [
    Record(f"item-{n}", {"weight": n}, "test", "desk" if n % 2 else None, bool(n % 2))
    for n in range(20)
]
PLAYED = [{"action": "letter", "success": not n % 2 or n == 1} for n in range(20)]


def test_wrong_states_are_those_whose_right_action_is_known_and_was_not_taken(
    tmp_path: Path,
) -> None:
    wrong = wrong_states(PLAYED, TESTED)
    assert [item["id"] for item in wrong] == [f"item-{n}" for n in range(3, 20, 2)]
    assert wrong[0] == {"id": "item-3", "state": {"weight": 3}, "action": "letter", "right": "desk"}
    file = tmp_path / "wrong.jsonl"
    file.write_text("".join(f"{json.dumps(item)}\n" for item in wrong))
    read = [given.state for given in states_of(file, {"weight"})]
    assert read == [item["state"] for item in wrong]


def test_the_first_wrong_states_are_named_with_both_actions_and_the_command_that_shows_them(
    tmp_path: Path,
) -> None:
    file = tmp_path / "wrong.jsonl"
    line = wrong_line(wrong_states(PLAYED, TESTED), 10, "validation", file)
    assert line.startswith(
        "wrong     9 of 10 validation states with a right action: "
        'item-3 ("letter"; right: "desk"), item-5 ('
    )
    assert line.endswith(
        f", and {9 - SHOWN} more; why: logicdistill decide --run {tmp_path} {file}"
    )
    assert line.count("right: ") == SHOWN
    assert "\n" not in line
    right = [{"action": "desk", "success": True}] * 20
    none = wrong_line(wrong_states(right, TESTED), 10, "validation", file)
    assert none == "wrong     0 of 10 validation states with a right action"
