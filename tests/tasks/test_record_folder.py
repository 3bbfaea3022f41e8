"""Every fault of a folder is named: the file, the line, and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from logicdistill.errors import StorageError, TaskError
from logicdistill.tasks.record_folder import read_folder
from logicdistill.tasks.scaffold import new_task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_task(tmp_path / "post")
    return tmp_path / "post"


def change(file: Path, edit: Callable[[list[str]], list[str]]) -> None:
    file.write_text("\n".join(edit(file.read_text().splitlines())) + "\n")


def faults(folder: Path) -> list[str]:
    return [str(fault) for fault in read_folder(folder).faults]


def test_the_scaffold_is_sound_and_its_schema_is_made_when_it_is_read(folder: Path) -> None:
    assert not (folder / "schema.json").exists()
    assert faults(folder) == []
    schema = json.loads((folder / "schema.json").read_text())
    assert schema["properties"]["country"] == {"enum": ["abroad", "inland"]}
    assert read_folder(folder).settings.id == "post-v1"  # type: ignore[union-attr]


def test_every_faulty_line_of_the_states_is_named_at_once(folder: Path) -> None:
    assert faults(folder) == []
    rows = [json.loads(line) for line in (folder / "states.jsonl").read_text().splitlines()]
    rows[2]["state"]["weight_kg"] = "heavy"
    del rows[3]["state"]["country"]
    rows[4]["action"] = "leter"
    rows[5]["split"] = "dev"
    rows[6]["id"] = rows[0]["id"]
    rows[7]["acton"] = rows[7].pop("action")
    rows[8]["state"]["colour"] = "red"
    rows[9] = [1]
    lines = [json.dumps(row) for row in rows]
    lines[10] = lines[10][:-1] + ",}"
    lines[11] = lines[11].replace(str(rows[11]["state"]["weight_kg"]), "NaN")
    (folder / "states.jsonl").write_text("\n".join(lines))
    found = faults(folder)
    for line, said in {
        3: "'weight_kg': input should be a valid number; got 'heavy'",
        4: "'country': field required",
        5: "got 'leter'",
        6: "split 'dev' is not known; it is one of: train, validation, test",
        7: "id 'item-01' is that of line 1",
        8: "did you mean 'action'?",
        9: "'colour' is not in the schema",
        10: "a line is an object",
        11: "not JSON",
        12: "NaN is no JSON value",
    }.items():
        assert any(
            fault.startswith(f"states.jsonl:{line}: ") and said in fault for fault in found
        ), (line, found)
    assert len(found) == 10


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('id = "post-v1"', 'id = "post"', "task.toml:3: id 'post'"),
        (
            "fallback =",
            "falback =",
            "task.toml:9: 'falback' is no setting; did you mean 'fallback'?",
        ),
        ('fallback = "desk"', 'fallback = "attic"', "task.toml:9: fallback is no allowed action"),
        (
            'actions = ["letter", "parcel", "freight", "courier", "desk"]',
            'actions = { type = "string" }',
            "task.toml:7: lets '\\x00' pass",
        ),
        ('title = "', "title = ", "task.toml:4: not TOML"),
        ('# text = ["note"]', 'text = ["note"]', "task.toml: text: no state has a field 'note'"),
    ],
)
def test_a_fault_of_the_settings_has_its_line_and_the_way_out(
    folder: Path, old: str, new: str, fault: str
) -> None:
    text = (folder / "task.toml").read_text()
    assert old in text
    (folder / "task.toml").write_text(text.replace(old, new))
    assert any(item.startswith(fault) for item in faults(folder)), faults(folder)


def test_rules_are_numbered_in_order_and_whole_sentences(folder: Path) -> None:
    (folder / "rules.md").write_text(
        "# Post\n\nWords.\n\n1. One thing\n   goes on.\n\n- two\n3. Three.\n4) Four\n"
    )
    assert faults(folder) == [
        "rules.md:8: a bullet is no rule; number it, such as '3. ...', at the line's beginning, or write it into the sentence of a rule",
        "rules.md:9: rule 3 stands in place 2; number the rules 1, 2, 3 ..., for manuals cite them by number",
        "rules.md:10: rule 4 stands in place 3; number the rules 1, 2, 3 ..., for manuals cite them by number",
        "rules.md:10: a rule is a whole sentence; end it with a full stop",
    ]
    assert read_folder(folder).rules == ("One thing goes on.", "Three.", "Four")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. One.\n- Two.\n2. Three.\n", [(2, "a bullet")]),
        ("1. One,\n   which goes on.\n* Two.\n", [(3, "a bullet")]),
        (
            "1. One of:\n   - this\n   + that.\n2. Two.\n",
            [(2, "a bullet"), (3, "a bullet"), (1, "a rule is a whole sentence")],
        ),
        ("1. One.\n   2. Two.\n2. Three.\n", [(2, "an indented or empty number")]),
        ("1. One.\n2.\n", [(2, "an indented or empty number")]),
        ("1. One.\n• Two.\n3. Three.\n", [(2, "a bullet"), (3, "rule 3 stands in place 2")]),
        ("- None.\n", [(1, "a bullet"), (0, "has no rule")]),
        ("1. One weighs 3 kg -\n   at most 2.5, or **more**,\n   -1 at night.\n", []),
    ],
)
def test_an_item_of_another_list_is_a_fault_wherever_it_stands_and_never_part_of_a_rule(
    folder: Path, text: str, expected: list[tuple[int, str]]
) -> None:
    (folder / "rules.md").write_text(text)
    found = read_folder(folder)
    named = [
        (fault.line, what)
        for fault, (_, what) in zip(found.faults, expected, strict=True)
        if fault.what.startswith(what)
    ]
    assert named == expected
    assert not any("Two" in rule for rule in found.rules if rule != "Two.")


def test_missing_empty_and_unreadable_files_are_faults_not_crashes(folder: Path) -> None:
    (folder / "task.toml").unlink()
    (folder / "rules.md").write_text("No rule here.\n")
    (folder / "states.jsonl").write_bytes(b'{"state": {}}\n\xff\n')
    assert [fault.partition(": ")[0] for fault in faults(folder)] == [
        "task.toml",
        "states.jsonl:2",
        "rules.md",
    ]
    (folder / "states.jsonl").write_text("\n")
    assert any(fault.startswith("states.jsonl: has no state") for fault in faults(folder))


def test_a_damaged_schema_says_that_it_can_be_made_anew(folder: Path) -> None:
    read_folder(folder)
    (folder / "schema.json").write_text('{\n "type": ')
    assert faults(folder)[0].startswith("schema.json:2: not JSON")
    assert "it is made anew" in faults(folder)[0]
    (folder / "schema.json").unlink()
    assert faults(folder) == []


def test_a_schema_that_a_person_edited_is_kept_and_checked(folder: Path) -> None:
    read_folder(folder)
    schema = json.loads((folder / "schema.json").read_text())
    schema["properties"]["weight_kg"]["maximum"] = 50
    (folder / "schema.json").write_text(json.dumps(schema))
    heavy = [
        number
        for number, line in enumerate((folder / "states.jsonl").read_text().splitlines(), start=1)
        if json.loads(line)["state"]["weight_kg"] > 50
    ]
    assert heavy
    assert [int(fault.split(":")[1]) for fault in faults(folder)] == heavy


def test_equal_states_are_in_one_split_and_the_splits_do_not_depend_on_the_order(
    folder: Path,
) -> None:
    before = {json.dumps(record.state): record.split for record in read_folder(folder).records}
    change(folder / "states.jsonl", lambda lines: lines[::-1])
    assert {
        json.dumps(record.state): record.split for record in read_folder(folder).records
    } == before
    assert set(before.values()) == {"train", "validation", "test"}


def test_a_new_task_needs_an_empty_place_and_a_name(folder: Path, tmp_path: Path) -> None:
    for place in (folder, tmp_path / "two words"):
        with pytest.raises(TaskError):
            new_task(place)
    (tmp_path / "file").write_text("")
    with pytest.raises((TaskError, StorageError)):
        new_task(tmp_path / "file")
