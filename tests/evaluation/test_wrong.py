from __future__ import annotations

import json
from pathlib import Path

from logicdistill.cli.states import states_of
from logicdistill.evaluation.evaluate import SHOWN, name_wrong
from logicdistill.tasks.record_folder import Record

TESTED = [
    Record(f"item-{n}", {"weight": n}, "test", "desk" if n % 2 else None, bool(n % 2))
    for n in range(20)
]
PLAYED = [{"action": "letter", "success": not n % 2 or n == 1} for n in range(20)]


def test_wrong_states_are_those_whose_right_action_is_known_and_was_not_taken(
    tmp_path: Path,
) -> None:
    file = tmp_path / "wrong.jsonl"
    found = name_wrong(PLAYED, TESTED, file, lambda _: None)
    assert found["wrong"] == [f"item-{n}" for n in range(3, 20, 2)]
    assert found["right_actions"] == {"known": 10, "states": 20}
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines[0] == {"id": "item-3", "state": {"weight": 3}, "action": "letter", "right": "desk"}
    assert [given.state for given in states_of(file, {"weight"})] == [
        item["state"] for item in lines
    ]


def test_the_first_wrong_states_are_named_with_both_actions_and_the_command_that_shows_them(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    file = tmp_path / "wrong.jsonl"
    name_wrong(PLAYED, TESTED, file, said.append)
    name_wrong([{"action": "desk", "success": True}] * 20, TESTED, file, said.append)
    name_wrong(PLAYED[:1], TESTED[:1], file, said.append)
    line, none = said  # without a right action nothing is said
    assert line.startswith(
        "wrong     9 of 10 test states with a right action: "
        'item-3 ("letter"; right: "desk"), item-5 ('
    )
    assert line.endswith(
        f", and {9 - SHOWN} more; why: logicdistill decide --run {tmp_path} {file}"
    )
    assert line.count("right: ") == SHOWN
    assert "\n" not in line
    assert none == "wrong     0 of 10 test states with a right action"
