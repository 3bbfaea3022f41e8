"""Every fault of a folder is named: the file, the line, and what to do."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.lamps import COLOURS, lamp, png

from logicdistill.errors import StorageError, TaskError
from logicdistill.tasks.record_folder import read_folder
from logicdistill.tasks.scaffold import new_task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_task(tmp_path / "post", "parcels")
    return tmp_path / "post"


def change(file: Path, edit: Callable[[list[str]], list[str]]) -> None:
    file.write_text("\n".join(edit(file.read_text().splitlines())) + "\n")


def faults(folder: Path) -> list[str]:
    return [str(fault) for fault in read_folder(folder).faults]


def test_the_scaffold_is_sound_and_its_schema_is_made_when_it_is_read(folder: Path) -> None:
    assert not (folder / "schema.json").exists()
    assert faults(folder) == []
    schema = json.loads((folder / "schema.json").read_text())
    country = {"type": "string", "examples": ["abroad", "inland"]}
    assert schema["properties"]["country"] == country
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
        3: '\'weight_kg\': "heavy" is not of type "number"',
        4: "'country' is missing",
        5: 'action: "leter" is not one of "letter", "parcel"',
        6: "split 'dev' is not known; did you mean 'validation'?",
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


def test_a_key_that_stands_twice_is_a_fault_of_its_line_and_of_the_schema(folder: Path) -> None:
    assert faults(folder) == []
    lines = (folder / "states.jsonl").read_text().splitlines()
    lines[1] = lines[1].replace('"weight_kg":', '"weight_kg": 1, "weight_kg":')
    (folder / "states.jsonl").write_text("\n".join(lines))
    schema = (folder / "schema.json").read_text()
    (folder / "schema.json").write_text(schema.replace("{", '{"type": "object",', 1))
    assert faults(folder) == [
        "states.jsonl:2: not JSON: two keys 'weight_kg'; write one object a line",
        "schema.json: not JSON: two keys 'type';"
        " correct it, or delete the file: it is then written again",
    ]


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
        "rules.md:8: a bullet is no rule; number it, such as '3. ...', at the line's beginning, or"
        " write it into the sentence of a rule",
        "rules.md:9: rule 3 stands in place 2; number the rules 1, 2, 3 ..., for manuals cite them"
        " by number",
        "rules.md:10: rule 4 stands in place 3; number the rules 1, 2, 3 ..., for manuals cite them"
        " by number",
        "rules.md:10: a rule is a whole sentence; end it with a full stop",
    ]
    assert read_folder(folder).rules == ("One thing goes on.", "Three.", "Four")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. One.\n- Two.\n2. Three.\n", [(2, "a bullet")]),
        ("1. One,\n   which goes on.\n* Two.\n", [(3, "a bullet")]),
        ("1. One of:\n   - this\n   + that.\n2. Three.\n", []),
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
        "rules.md",
        "states.jsonl:2",
    ]
    (folder / "states.jsonl").write_text("\n")
    assert any(fault.startswith("states.jsonl: has no state") for fault in faults(folder))


def test_a_damaged_schema_says_that_it_can_be_deleted(folder: Path) -> None:
    read_folder(folder)
    (folder / "schema.json").write_text('{\n "type": ')
    assert faults(folder)[0].startswith("schema.json:2: not JSON")
    assert "delete the file" in faults(folder)[0]
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


def test_free_text_that_the_schema_does_not_have_as_such_is_a_fault_also_once_there_is_one(
    folder: Path,
) -> None:
    settings = (folder / "task.toml").read_text()
    read_folder(folder)
    for name, fault in {
        "contry": "text: no state has a field 'contry'; did you mean 'country'?",
        "country": 'text: field \'country\' has no "format": "text" in schema.json; correct '
        "schema.json, or delete it: it is then written again",
    }.items():
        (folder / "task.toml").write_text(
            settings.replace('# text = ["note"]', f'text = ["{name}"]')
        )
        assert faults(folder) == [f"task.toml: {fault}"]
        assert [str(one) for one in read_folder(folder, states=False).faults] == faults(folder)
    (folder / "schema.json").unlink()
    assert faults(folder) == faults(folder) == []


def test_a_field_of_pictures_is_no_text_before_and_after_its_schema_is_written(
    tmp_path: Path,
) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "red.png").write_bytes(png(lamp(COLOURS["red"], random.Random(1))))
    folder = folder_of(tmp_path / "x", split({"photo": "red.png"}))
    settings = (folder / "task.toml").read_text()
    for _ in range(2):
        (folder / "task.toml").write_text(f'{settings}text = ["photo"]\n')
        assert faults(folder) == ["task.toml: text: field 'photo' holds pictures; take it out"]
        (folder / "task.toml").write_text(settings)
        assert faults(folder) == []


def test_equal_states_are_in_one_split_and_the_splits_do_not_depend_on_the_order(
    folder: Path,
) -> None:
    before = {json.dumps(record.state): record.split for record in read_folder(folder).records}
    change(folder / "states.jsonl", lambda lines: lines[::-1])
    assert {
        json.dumps(record.state): record.split for record in read_folder(folder).records
    } == before
    assert set(before.values()) == {"train", "validation", "test"}


def test_a_new_task_needs_an_empty_place_and_its_id_is_made_from_any_name(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(TaskError):
        new_task(folder)
    new_task(tmp_path / "zwei Wörter", "parcels")
    assert read_folder(tmp_path / "zwei Wörter").settings.id == "zwei-Woerter-v1"  # type: ignore[union-attr]
    (tmp_path / "file").write_text("")
    with pytest.raises((TaskError, StorageError)):
        new_task(tmp_path / "file")


def folder_of(path: Path, rows: list[dict[str, Any]], actions: str = '["a", "b"]') -> Path:
    path.mkdir(exist_ok=True)
    settings = f'id = "x-v1"\ntitle = "t"\nactions = {actions}\n'
    fallback = '"a"' if actions.startswith("[") else '{ tool = "none" }'
    (path / "task.toml").write_text(f"{settings}fallback = {fallback}\n")
    (path / "rules.md").write_text("1. Small amounts are approved.\n2. All else is refused.\n")
    (path / "states.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return path


def split(*states: dict[str, Any]) -> list[dict[str, Any]]:
    """Each state as a training state and as a test state."""
    return [{"state": state, "split": name} for name in ("train", "test") for state in states]


def test_small_faults_of_the_states_are_read_or_get_a_way_out(tmp_path: Path) -> None:
    rows = [{"id": 7, **row} for row in split({"gro\u0308ße": 1})]
    rows[1]["id"], rows[1]["split"] = "8", "Test"
    folder = folder_of(tmp_path / "x", rows)
    (fault,) = faults(folder)
    assert fault == "states.jsonl:2: split 'Test' is not known; did you mean 'test'?"
    rows[1]["split"] = "test"
    (folder / "states.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = read_folder(folder)
    assert [(record.id, record.state) for record in found.records] == [
        ("7", {"größe": 1}),
        ("8", {"größe": 1}),
    ]
    (folder / "states.jsonl").write_text(json.dumps(rows, indent=1))
    (fault,) = faults(folder)
    assert fault.startswith("states.jsonl:1: an array; write one object a line")


def test_a_type_that_only_test_states_show_is_proposed_and_their_values_are_not(
    tmp_path: Path,
) -> None:
    way = [{"state": {"way": "in"}, "split": "train"}] * 3
    rows = [*way, *[{"state": {"way": value}, "split": "test"} for value in (None, "secret")]]
    folder = folder_of(tmp_path / "x", rows)
    assert faults(folder) == []
    schema = json.loads((folder / "schema.json").read_text())["properties"]["way"]
    assert schema == {"type": ["null", "string"], "examples": ["in"]}


@pytest.mark.parametrize("key", ["_id", "__typename", "model_config", "json"])
def test_keys_inside_a_recorded_state_may_have_any_name(tmp_path: Path, key: str) -> None:
    rows = split({"order": {key: "65f0", "total": 3}}, {"order": {key: "65f1", "total": 4}})
    assert faults(folder_of(tmp_path / "mongo", rows)) == []


def test_half_an_emoji_is_named_by_line_and_field(tmp_path: Path) -> None:
    rows = split({"note": "whole"}, {"note": "cut off emoji \ud83d"})
    found = faults(folder_of(tmp_path / "post", rows))
    assert [fault.partition(": ")[0] for fault in found] == ["states.jsonl:2", "states.jsonl:4"]
    assert "field 'state.note': holds half of a Unicode character" in found[0]


def test_the_schema_is_proposed_from_training_states_and_allows_what_they_did_not_show(
    tmp_path: Path,
) -> None:
    times = ("2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z")
    rows = [
        {"state": {"at": time, "n": 1, "way": "in"}, "split": "train"} for time in times * 3
    ] + [{"state": {"at": "2026-03-03T10:00:00Z", "n": 1.5, "way": "secret"}, "split": "test"}]
    folder = folder_of(tmp_path / "bookings", rows)
    assert faults(folder) == []
    assert "secret" not in (folder / "schema.json").read_text()


TOOLS = (
    '{ anyOf = [ { type = "object", properties = { tool = { const = "none" } }, '
    'required = ["tool"], additionalProperties = false }, '
    '{ type = "object", properties = { tool = { const = "push" }, branch = { type = "string" } }, '
    'required = ["tool"], additionalProperties = false } ] }'
)


def test_a_list_of_tools_with_optional_arguments_can_be_the_actions(tmp_path: Path) -> None:
    rows = split({"n": 1})
    rows[0]["action"] = {"tool": "push"}
    rows[1]["action"] = {"tool": "push", "branch": "main"}
    assert faults(folder_of(tmp_path / "tools", rows, TOOLS)) == []
    rows[1]["action"] = {"tool": "push", "branch": 7}
    (found,) = faults(folder_of(tmp_path / "others", rows, TOOLS))
    assert found.startswith("states.jsonl:2: action: field 'branch': 7 is not of type \"string\"")


@pytest.mark.parametrize("fallback", ['{ kind = "other" }', '["other"]'])
def test_a_table_of_sentences_takes_an_object_or_a_list_as_its_fallback(
    folder: Path, fallback: str
) -> None:
    settings = f'id = "x-v1"\ntitle = "t"\nfallback = {fallback}\n[actions]\n'
    names = ["letter", "parcel", "freight", "courier", "desk"]
    sentences = "".join(f'{name} = "It is a {name}."\n' for name in names)
    (folder / "task.toml").write_text(settings + sentences)
    found = read_folder(folder)
    assert found.faults == []
    assert found.settings is not None
    assert found.settings.allowed == {"enum": [*names, found.settings.fallback]}


def test_all_faults_of_a_schema_of_actions_are_named_at_once(tmp_path: Path) -> None:
    schema = '{ type = "integer", minimun = 1, maximun = 3 }'
    (found,) = faults(folder_of(tmp_path / "typos", split({"n": 1}), schema))
    assert found.startswith("task.toml:3: actions: ")
    assert "'minimun' is no keyword" in found
    assert "'maximun' is no keyword" in found


def test_files_may_begin_with_a_byte_order_mark(folder: Path) -> None:
    for name in ("task.toml", "rules.md", "states.jsonl"):
        file = folder / name
        file.write_text(file.read_text(), encoding="utf-8-sig")
    assert faults(folder) == []
