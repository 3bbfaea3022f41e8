from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.parcels import run_of_parcels
from tests.test_policy import STATE, emergency
from typer.testing import CliRunner

from logicdistill import Policy, get_task
from logicdistill.cli.main import app
from logicdistill.deciding.packing import MANIFEST
from logicdistill.errors import BaseError, CorruptError, LogicDistillError, TaskError
from logicdistill.tasks.gymnasium_task import GymnasiumTask
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import TASK_FOLDER


@pytest.fixture
def parcels(tmp_path: Path) -> Path:
    return run_of_parcels(tmp_path / "parcels")


def test_a_packed_policy_decides_the_same_where_nothing_else_is_left(
    run_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "guess.policy"
    states = [{**STATE, "guesses": [n], "answers": ["lower"]} for n in (3, 40, 80)] + [STATE]
    with Policy.load(run_folder) as policy:
        expected = policy.decide_many(states)
        policy.pack(file)
    shutil.rmtree(run_folder)
    with Policy.load(file) as packed:
        assert packed.decide_many(states) == expected
        assert packed.parts.student.name == "ld-encoder"


def test_the_same_policy_gives_the_same_file_also_from_a_packed_one(
    run_folder: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.policy", tmp_path / "b.policy"
    with Policy.load(run_folder) as policy:
        said = policy.pack(first)
    with Policy.load(first) as policy:
        assert policy.pack(second) == said
    assert said == hashlib.sha256(second.read_bytes()).hexdigest()


def test_a_packed_policy_holds_no_recorded_state(parcels: Path, tmp_path: Path) -> None:
    file = tmp_path / "parcels.policy"
    with Policy.load(parcels, "conditions") as policy:
        policy.pack(file)
    content = file.read_bytes()
    for recorded in (b"3.25", b"41.75", b"77.5", b"samples"):
        assert recorded not in content
    with Policy.load(file) as packed:
        decision = packed.decide({"weight_kg": 21})
        assert (decision.action, decision.cited) == (
            "freight",
            {1: "A parcel over 20 kg goes to freight."},
        )


def test_changes_to_a_packed_policy_live_in_memory(run_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "guess.policy"
    with Policy.load(run_folder, "conditions") as policy:
        policy.pack(file)
    before = file.read_bytes()
    with Policy.load(file) as packed:
        packed.add(emergency(tmp_path))
        assert packed.decide(STATE).action == 13
        with pytest.raises(BaseError, match="no folder that others could change"):
            packed.reload()
    assert file.read_bytes() == before
    with pytest.raises(BaseError, match="keeps no log"):
        Policy.load(file, log=True)
    with pytest.raises(BaseError, match="no folder to watch"):
        Policy.load(file, watch=True)


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None], kind: int = 0) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def about(**change: Any) -> Callable[[dict[str, bytes]], None]:
    def apply(members: dict[str, bytes]) -> None:
        members[MANIFEST] = json.dumps(json.loads(members[MANIFEST]) | change).encode()

    return apply


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda members: members.update({"base.json": b"{}"}), "base.json is damaged"),
        (lambda members: members.pop("task/rules.md"), "not those that it lists"),
        (lambda members: members.update({"../../evil.py": b""}), "not those that it lists"),
        (lambda members: members.pop(MANIFEST), "'policy.json' is missing"),
        (lambda members: members.update({MANIFEST: b"[1]"}), "no packed policy, or damaged"),
        (about(format=7), "format 7, this version reads 1"),
        (about(base="0123456789abcdef"), "not the snapshot 0123456789abcdef"),
        (about(task="other-v1"), "was packed for other-v1"),
    ],
)
def test_damage_and_other_formats_are_refused_in_one_line(
    parcels: Path, tmp_path: Path, damage: Callable[[dict[str, bytes]], None], says: str
) -> None:
    file = tmp_path / "parcels.policy"
    with Policy.load(parcels, "conditions") as policy:
        policy.pack(file)
    rewritten(file, damage)
    with pytest.raises(LogicDistillError) as caught:
        Policy.load(file)
    assert says in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("keep", [0, 10, 300, -30])
def test_a_cut_file_is_refused(parcels: Path, tmp_path: Path, keep: int) -> None:
    file = tmp_path / "parcels.policy"
    with Policy.load(parcels, "conditions") as policy:
        policy.pack(file)
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(CorruptError, match="no packed policy, or damaged"):
        Policy.load(file)


def test_a_member_that_leads_out_of_the_folder_is_never_written(
    parcels: Path, tmp_path: Path
) -> None:
    file = tmp_path / "parcels.policy"
    with Policy.load(parcels, "conditions") as policy:
        policy.pack(file)

    def smuggle(members: dict[str, bytes]) -> None:
        manifest = json.loads(members[MANIFEST])
        manifest["files"]["../evil.py"] = hashlib.sha256(b"x").hexdigest()
        members |= {MANIFEST: json.dumps(manifest).encode(), "../evil.py": b"x"}

    rewritten(file, smuggle)
    with pytest.raises(CorruptError, match=r"\.\./evil\.py"):
        Policy.load(file)


def test_a_compressed_file_is_refused_before_it_is_unpacked(parcels: Path, tmp_path: Path) -> None:
    file = tmp_path / "parcels.policy"
    with Policy.load(parcels, "conditions") as policy:
        policy.pack(file)
    rewritten(file, lambda members: members.update({"bomb": b"\0" * 10**6}), zipfile.ZIP_DEFLATED)
    with pytest.raises(CorruptError, match="compressed"):
        Policy.load(file)


def test_a_gymnasium_task_goes_along_and_is_made_again(tmp_path: Path) -> None:
    task = get_task("mountain-car")
    assert isinstance(task, GymnasiumTask)
    again = GymnasiumTask.from_text(task.to_text())
    assert (again.settings, again.rules, again.state_schema) == (
        task.settings,
        task.rules,
        task.state_schema,
    )


def test_deciding_needs_no_recorded_states(parcels: Path) -> None:
    (parcels / TASK_FOLDER / "states.jsonl").unlink()
    with Policy.load(parcels, "conditions") as policy:
        assert policy.decide({"weight_kg": 21}).action == "freight"
        task = policy.task
        assert isinstance(task, RecordTask)
        with pytest.raises(TaskError, match=r"states\.jsonl: is missing"):
            task.split("test")


@pytest.mark.parametrize("name", ["task.toml", "rules.md", "schema.json"])
def test_what_deciding_needs_and_misses_is_named(parcels: Path, name: str) -> None:
    for missing in (name, "states.jsonl"):
        (parcels / TASK_FOLDER / missing).unlink()
    with pytest.raises(TaskError, match=f"{name}: is missing"):
        Policy.load(parcels, "conditions")


def test_a_run_without_its_task_is_told_what_is_missing(parcels: Path) -> None:
    shutil.rmtree(parcels / TASK_FOLDER)
    with pytest.raises(TaskError, match=r"task is missing: the run's copy.*register_task"):
        Policy.load(parcels, "conditions")


def test_the_command_packs_and_decide_takes_the_file(parcels: Path, tmp_path: Path) -> None:
    file, run = tmp_path / "parcels.policy", CliRunner().invoke
    packed = run(app, ["pack", str(parcels), str(file), "--student", "conditions"])
    assert packed.exit_code == 0, packed.output
    assert hashlib.sha256(file.read_bytes()).hexdigest() in packed.output
    decided = run(app, ["decide", "--run", str(file), "--no-trace"], input='{"weight_kg": 2}')
    assert json.loads(decided.output)["action"] == "post"
    with pytest.raises(TaskError, match="keeps no changes"):
        run(app, ["base", "log", "--run", str(file)], catch_exceptions=False)


def test_one_flipped_bit_is_found(run_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "guess.policy"
    with Policy.load(run_folder) as policy:
        policy.pack(file)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(CorruptError, match="model"):
        Policy.load(file)


def test_a_student_without_files_is_made_by_its_name(parcels: Path, tmp_path: Path) -> None:
    for name in ("bm25", "first", "conditions"):
        file = tmp_path / f"{name}.policy"
        with Policy.load(parcels, name) as policy:
            policy.pack(file)
        with Policy.load(file) as packed:
            assert packed.parts.student.name == name
