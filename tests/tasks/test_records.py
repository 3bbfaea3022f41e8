from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from logicdistill.deciding.episodes import Move, Position, play
from logicdistill.errors import InvalidStateError, TaskError, UnknownNameError
from logicdistill.functions.base import FunctionBase
from logicdistill.protocols import Request
from logicdistill.tasks.checker import check_task
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task
from logicdistill.tasks.scaffold import new_task
from logicdistill.tasks.schema import check_state
from logicdistill.tasks.seeds import FIRST_TEST_SEED, FIRST_VALIDATION_SEED
from logicdistill.teacher.write import Author
from logicdistill.types import Json, Stage
from logicdistill.views import render_view


@pytest.fixture
def task(tmp_path: Path) -> RecordTask:
    new_task(tmp_path / "post", "parcels")
    return RecordTask(tmp_path / "post")


def seen(task: RecordTask, first: int, count: int) -> list[str]:
    env = task.make_env()
    return [env.reset(seed=seed)[1]["id"] for seed in range(first, first + count)]


def test_a_folder_keeps_the_contract_of_a_task(task: RecordTask) -> None:
    check_task(task)
    found = get_task(str(task.folder))
    assert (found.id, len(found.rules)) == ("post-v1", 8)


def test_seeds_walk_each_split_in_order_and_the_test_split_is_seen_once(task: RecordTask) -> None:
    for split, first in (
        ("train", 0),
        ("validation", FIRST_VALIDATION_SEED),
        ("test", FIRST_TEST_SEED),
    ):
        records = task.split(split)
        assert seen(task, first, len(records)) == [record.id for record in records]
        assert seen(task, first + len(records), 1) == [records[0].id]
    assert task.episodes == len(task.split("test"))


def test_success_is_the_right_action_and_any_legal_one_where_none_is_known(
    task: RecordTask,
) -> None:
    always: Json = "parcel"

    def player(positions: Sequence[Position]) -> list[Move]:
        return [(always, None) for _ in positions]

    for split, first in (("train", 0), ("test", FIRST_TEST_SEED)):
        records = task.split(split)
        episodes = play(task, player, range(first, first + len(records)))
        assert [episode.success for episode in episodes] == [
            not r.known or r.action == "parcel" for r in records
        ]
        assert [episode.total for episode in episodes] == [
            float(episode.success) for episode in episodes
        ]
        assert {len(episode.turns) for episode in episodes} == {1}
    assert any(not record.known for record in task.records)


def test_the_optimum_is_known_only_where_every_right_action_is(task: RecordTask) -> None:
    env = task.make_env()
    observation, _ = env.reset(seed=0)
    assert task.optimal_action(env, task.state(env, observation)) is None
    rows = [json.loads(line) for line in (task.folder / "states.jsonl").read_text().splitlines()]
    (task.folder / "states.jsonl").write_text(
        "\n".join(json.dumps({"action": "desk"} | row) for row in rows)
    )
    whole = RecordTask(task.folder)
    env = whole.make_env()
    for seed in (0, FIRST_TEST_SEED):
        observation, _ = env.reset(seed=seed)
        assert whole.optimal_action(env, whole.state(env, observation)) == env.record.action


def test_actions_that_are_not_allowed_are_refused_in_one_line(task: RecordTask) -> None:
    for action in ("leter", None, 1, ["desk"], {}):
        reason = task.illegal({}, action)
        assert reason is not None
        assert "\n" not in reason
    assert task.illegal({}, "desk") is None


def test_actions_can_be_described_by_a_schema(task: RecordTask) -> None:
    file = task.folder / "task.toml"
    listed = 'actions = ["letter", "parcel", "freight", "courier", "desk"]'
    schema = (
        'actions = { type = "object", properties = { by = { enum = ["road", "air"] }, '
        'days = { type = "integer", minimum = 1 } }, required = ["by", "days"] }'
    )
    text = file.read_text().replace(listed, schema)
    file.write_text(text.replace('fallback = "desk"', 'fallback = { by = "road", days = 3 }'))
    rows = [
        json.loads(line) | {"action": {"by": "air", "days": 1}}
        for line in (task.folder / "states.jsonl").read_text().splitlines()
    ]
    (task.folder / "states.jsonl").write_text("\n".join(map(json.dumps, rows)))
    changed = RecordTask(task.folder)
    check_task(changed)
    assert changed.illegal({}, {"by": "air", "days": 0}) is not None
    assert changed.illegal({}, {"by": "road", "days": 2}) is None


def test_a_faulty_folder_is_refused_with_its_first_fault_and_their_number(task: RecordTask) -> None:
    with (task.folder / "states.jsonl").open("a") as file:
        file.write("{\n[]\n")
    with pytest.raises(
        TaskError, match=r"states\.jsonl:41: not JSON.*\(and 1 more: logicdistill check"
    ):
        get_task(str(task.folder))


def test_a_name_that_is_no_folder_and_no_task_says_so(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="logicdistill new"):
        get_task(str(tmp_path / "nowhere"))
    with pytest.raises(UnknownNameError, match="did you mean 'pursuit-v2'"):
        get_task("pursit")


def test_a_folder_whose_name_is_mistyped_is_offered(
    task: RecordTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TaskError, match=f"did you mean '{task.folder}'"):
        get_task(f"{task.folder}s")
    monkeypatch.chdir(task.folder.parent)
    with pytest.raises(UnknownNameError, match="unknown task 'pos'; did you mean 'post'"):
        get_task("pos")


def test_a_record_task_has_no_sizes_and_no_changes(task: RecordTask) -> None:
    with pytest.raises(UnknownNameError):
        get_task(str(task.folder), size=3)
    with pytest.raises(TaskError):
        get_task(str(task.folder), change="other")


def test_free_text_is_read_as_it_is_and_the_base_remembers_which_fields_are_text(
    tmp_path: Path,
) -> None:
    """A view shows free text without its field's name, also after the base was read again."""
    reads = Stage("act", "act", "What now?", reads=("note", "way"), text=("note",))
    assert (
        render_view(reads, {"note": "I lost my card, help", "way": "in"})
        == "I lost my card, help, way: in"
    )
    base = FunctionBase("post-v1", (reads,))
    assert FunctionBase.from_manifest(base.to_manifest()) == base
    new_task(tmp_path / "post", "parcels")
    states = tmp_path / "post" / "states.jsonl"
    rows = [json.loads(line) for line in states.read_text().splitlines()]
    for row in rows:
        row["state"]["remark"] = "a long remark that somebody wrote about this item"
    states.write_text("\n".join(map(json.dumps, rows)))
    stage = {
        "name": "act",
        "output": "act",
        "mode": "one",
        "question": "What now?",
        "reads": ["remark", "country"],
    }
    author = Author(Stating({"stages": [stage]}), RecordTask(tmp_path / "post"))
    assert [(found.reads, found.text) for found in author.stages([])[0]] == [
        (("remark", "country"), ("remark",))
    ]


class Stating:
    """A teacher with one answer."""

    def __init__(self, answer: Json) -> None:
        self.answer = answer

    def ask(self, request: Request) -> Json:
        return self.answer


def test_a_folder_has_notices_once_its_schema_has_them_as_the_page_on_emergencies_shows(
    task: RecordTask,
) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "emergencies.md").read_text()
    line = page.split("```json\n")[1].split("\n```")[0]
    state = dict(task.records[0].state)
    with pytest.raises(InvalidStateError, match="'notices'"):
        check_state(task, {**state, "notices": {"strike": True}})
    file = task.folder / "schema.json"
    schema = json.loads(file.read_text())
    schema["properties"] |= json.loads(f"{{{line}}}")
    file.write_text(json.dumps(schema))
    changed = RecordTask(task.folder)
    check_task(changed)
    assert check_state(changed, state)["notices"] == {}
    assert check_state(changed, {**state, "notices": {"strike": True}})["notices"] == {
        "strike": True
    }


def test_notes_count_test_states_that_are_training_states_and_states_with_two_actions(
    tmp_path: Path,
) -> None:
    new_task(tmp_path / "post", "parcels")
    assert RecordTask(tmp_path / "post").notes() == []
    states = tmp_path / "post" / "states.jsonl"
    rows = [json.loads(line) for line in states.read_text().splitlines()]
    for row in rows:
        row["split"] = "train"
    again = [{**row, "id": f"{row['id']}-again", "split": "test"} for row in rows[:5]]
    again[0]["action"] = "desk" if rows[0]["action"] != "desk" else "parcel"
    states.write_text("".join(json.dumps(row) + "\n" for row in [*rows, *again]))
    unseen, several = RecordTask(tmp_path / "post").notes()
    assert unseen.startswith("5 of 5 test states are training states as well")
    assert "item-01-again, item-02-again, item-03-again, ... and 2 more" in unseen
    assert several.startswith("1 state has different right actions")
    assert "item-01 and item-01-again" in several
