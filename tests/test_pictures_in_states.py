"""Pictures from a folder to a decision: fitted, decided, logged, added, packed, served."""

from __future__ import annotations

import base64
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.test_main import logicdistill
from tests.lamps import BLUE, COLOURS, lamp, lamps_task, panel, png

from logicdistill import Policy, distill
from logicdistill.deciding.log import LogOptions
from logicdistill.errors import BaseError, GateRefusal, InvalidStateError, TaskError
from logicdistill.files import read_lines
from logicdistill.functions.folder import BaseFolder
from logicdistill.pictures import picture_value
from logicdistill.tasks.records import RecordTask

ANSWER = '''def blue() -> str:
    """Answer blue.

    Use when: The lamp is blue.
{examples}
    """
    return "blue"
'''


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the lamps."""
    folder = tmp_path_factory.mktemp("lamps")
    distill(lamps_task(folder / "task"), folder / "run", picture_encoder="pixels", jobs=1).close()
    return folder


@pytest.fixture
def policy(made: Path) -> Iterator[Policy]:
    with Policy.load(made / "run") as found:
        yield found


def shown(colour: tuple[int, int, int], seed: int) -> dict[str, object]:
    return {"photo": lamp(colour, random.Random(seed)), "loaded": True}


def test_what_a_picture_shows_decides_unseen_states(made: Path, policy: Policy) -> None:
    summary = json.loads((made / "run" / "summary.json").read_text())
    assert summary["players"]["ld-encoder"]["success"] == 1.0
    for name, colour in COLOURS.items():
        decision = policy.decide(shown(colour, 100))
        assert decision.trace[0].function == name
        assert decision.trace[0].view.startswith("photo: picture ")
        assert decision.confidence > 0.5


def test_a_picture_comes_as_file_bytes_array_image_or_data_url(
    policy: Policy, tmp_path: Path
) -> None:
    pixels = lamp(COLOURS["red"], random.Random(5))
    (tmp_path / "a.png").write_bytes(png(pixels))
    forms = [tmp_path / "a.png", png(pixels), pixels, Image.fromarray(pixels)]
    forms.append(picture_value(pixels))
    found = policy.decide_many([{"photo": one, "loaded": True} for one in forms])
    assert len({(one.action, one.confidence) for one in found}) == 1
    assert found[0].action == "stop"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("photos/1.png", "it is the text 'photos/1.png'; a picture is a data URL"),
        (b"GIF89a", "it is a GIF file; allowed are PNG, JPEG and WebP"),
        ("data:image/png;base64,AAAA", "it is a file of an unknown kind"),
        ("data:text/html;base64,AAAA", "its media type is 'text/html'"),
        (7, "7 is not of type"),
        (None, "null is not of type"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(
    policy: Policy, given: object, says: str
) -> None:
    with pytest.raises(InvalidStateError) as refused:
        policy.decide({"photo": given, "loaded": True})
    assert says in str(refused.value)
    assert "field 'photo'" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_unlike_all_examples_is_none_of_them(policy: Policy) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (16, 16, 3), np.uint8)
    decision = policy.decide({"photo": noise, "loaded": True})
    assert decision.fallback is not None
    assert decision.action == "stop"


def test_a_function_joins_by_its_example_pictures(made: Path, tmp_path: Path) -> None:
    rng = random.Random(9)
    for number in range(5):
        (tmp_path / f"{number}.png").write_bytes(png(lamp(BLUE, rng)))
    links = "\n".join(f"    Example: ![](blue{number}.png)" for number in range(5))
    (tmp_path / "blue.py").write_text(ANSWER.format(examples=links))
    with Policy.load(made / "run") as before:
        with pytest.raises(Exception, match=r"blue0\.png") as missing:
            before.proposing.add(tmp_path / "blue.py", "look")
        assert "\n" not in str(missing.value)
        (tmp_path / "blue.py").write_text(ANSWER.format(examples=links.replace("blue", "")))
        proposal = before.proposing.add(tmp_path / "blue.py", "look")
        assert before.decide(shown(BLUE, 77)).trace[0].function is None
        before.accept(proposal)
        assert before.decide(shown(BLUE, 77)).trace[0].function == "blue"
        assert before.decide(shown(COLOURS["green"], 78)).trace[0].function == "green"
        names = list(before.base.by_name["blue"].pictures)
        assert all((made / "run" / "base" / "pictures" / name).is_file() for name in names)
        assert BaseFolder(made / "run" / "base").load().by_name["blue"].pictures
        before.rollback(proposal.old.snapshot)
        assert before.decide(shown(BLUE, 77)).trace[0].function is None


def test_a_function_may_carry_its_pictures_as_data_urls(policy: Policy) -> None:
    url = picture_value(lamp(BLUE, random.Random(4)))
    made = policy.proposing.bring_in({"blue": ANSWER.format(examples=f"    Example: ![]({url})")})
    assert "blue" in made.refused  # two stages select nothing by name alone
    made = policy.proposing.bring_in(
        {"blue": ANSWER.format(examples=f"    Example: ![]({url})")}, "look"
    )
    assert not made.refused
    assert "base64" not in made.new.by_name["blue"].source
    assert list(made.new.by_name["blue"].pictures.values()) == [url]
    path = ANSWER.format(examples="    Example: ![](/etc/passwd)")
    assert "write it as a data URL" in policy.proposing.bring_in({"b": path}, "look").refused["b"]


def test_a_picture_belongs_to_a_stage_that_looks(policy: Policy, tmp_path: Path) -> None:
    url = picture_value(lamp(BLUE, random.Random(4)))
    text = ANSWER.format(examples=f"    When: loaded\n    Example: ![]({url})")
    (tmp_path / "blue.py").write_text(text)
    with pytest.raises(GateRefusal, match="is a picture, and stage 'decide' reads none"):
        policy.proposing.add(tmp_path / "blue.py", "decide")


def test_a_base_with_a_damaged_picture_is_refused(made: Path, tmp_path: Path) -> None:
    import shutil

    run = tmp_path / "run"
    shutil.copytree(made / "run", run)
    pictures = sorted((run / "base" / "pictures").iterdir())
    pictures[0].write_bytes(pictures[1].read_bytes())
    found = logicdistill("decide", "--run", run, made / "task" / "states.jsonl")
    assert found.returncode == 2
    assert f"{pictures[0].name}' is another one" in found.stderr
    pictures[0].unlink()
    with pytest.raises(Exception, match=pictures[0].name) as gone:
        Policy.load(run)
    assert "restore it from a copy" in str(gone.value)


def test_a_grid_asks_for_each_cell(tmp_path: Path) -> None:
    task = lamps_task(tmp_path / "task", grid=True)
    with distill(task, tmp_path / "run", picture_encoder="pixels", jobs=1) as policy:
        summary = json.loads((tmp_path / "run" / "summary.json").read_text())
        assert summary["players"]["ld-encoder"]["success"] == 1.0
        colours = ["green", "amber", "red", "green", "green", "amber"]
        given = panel(colours, random.Random(8))
        decision = policy.decide({"photo": given, "loaded": False})
        assert decision.trace[0].outcome.value == [colours[:3], colours[3:]]
        assert decision.action == "stop"
        assert {one.name for one in decision.trace[0].ran} == {"green", "amber", "red"}
        assert 0 < decision.confidence < 1
        odd = given.copy()
        odd[:16, :16] = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
        decision = policy.decide({"photo": odd, "loaded": False})
        assert decision.trace[0].outcome.value[0][0] is None
        assert decision.fallback is not None
        assert "row 1, column 1 of the picture" in decision.fallback
        tiny = np.zeros((1, 2, 3), np.uint8)
        decision = policy.decide({"photo": tiny, "loaded": False})
        assert decision.fallback is not None
        assert "has no 3 x 2 cells" in decision.fallback


def test_a_log_keeps_a_digest_and_a_thumbnail(made: Path, tmp_path: Path) -> None:
    state = shown(COLOURS["red"], 1)
    for whole in (False, True):
        log = tmp_path / f"{whole}.jsonl"
        options = LogOptions(pictures=whole)
        with Policy.load(made / "run", log=log, log_options=options) as policy:
            policy.decide(state)
        [line] = read_lines(log)
        assert (line["state"]["photo"] == picture_value(state["photo"])) is whole
        if not whole:
            assert line["state"]["photo"]["picture"].endswith("16 x 16")
            assert line["state"]["photo"]["thumbnail"].startswith("data:image/")
            assert line["pictures"] == ["photo"]
    for name, key in (("True", "replayed"), ("False", "redacted")):
        found = logicdistill("replay", tmp_path / f"{name}.jsonl", "--run", made / "run", "--json")
        assert json.loads(found.stdout)[key] == 1


def test_a_packed_policy_sees_the_same(policy: Policy, tmp_path: Path) -> None:
    states = [shown(colour, 50) for colour in COLOURS.values()]
    policy.pack(tmp_path / "lamps.policy")
    with Policy.load(tmp_path / "lamps.policy") as packed:
        assert packed.decide_many(states) == policy.decide_many(states)


def test_states_name_files_in_their_folder(tmp_path: Path) -> None:
    task = lamps_task(tmp_path / "task")
    assert RecordTask(task).records[0].state["photo"].startswith("data:image/png;base64,")
    schema = json.loads((task / "schema.json").read_text())
    assert schema["properties"]["photo"] == {"type": "string", "format": "image"}
    (tmp_path / "outside.png").write_bytes(png(lamp(BLUE, random.Random(1))))
    with (task / "states.jsonl").open("a") as file:
        file.write('{"state": {"photo": "../outside.png", "loaded": true}, "action": "run"}\n')
    with pytest.raises(TaskError, match="lies outside of the folder"):
        RecordTask(task)


def test_decide_reads_paths_beside_the_states(made: Path, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(lamp(COLOURS["red"], random.Random(2))))
    lines = [{"photo": name, "loaded": True} for name in ("a.png", "b.png")]
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found = logicdistill("decide", "--run", made / "run", tmp_path / "s.jsonl")
    assert found.returncode == 1
    first, second = map(json.loads, found.stdout.splitlines())
    assert first["action"] == "stop"
    assert second["line"] == 2
    assert "b.png" in second["error"]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_table_names_pictures_by_paths_and_a_bad_one_costs_its_row(
    kind: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import csv, parquet

    from logicdistill.bulk import decider
    from logicdistill.bulk.deciding import decide_file

    monkeypatch.setattr(decider, "PICTURES", 2)
    (tmp_path / "photos").mkdir()
    for name, colour in COLOURS.items():
        pixels = lamp(colour, random.Random(7))
        (tmp_path / "photos" / f"{name}.png").write_bytes(png(pixels))
    (tmp_path / "photos" / "text.png").write_bytes(b"no picture")
    rows = [{"photo": f"photos/{name}.png", "loaded": True} for name in (*COLOURS, "text", "gone")]
    file, out = tmp_path / f"in.{kind}", tmp_path / "out.jsonl"
    if kind == "jsonl":
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    else:
        write = csv.write_csv if kind == "csv" else parquet.write_table
        write(pa.Table.from_pylist(rows), file)
    done = decide_file(made / "run", file, out, jobs=1)
    found = read_lines(out)
    assert [row["functions"][0] for row in found[:-2]] == [*COLOURS]
    assert (done.rows, done.failed) == (len(rows), 2)
    unreadable, gone = (row["error"] for row in found[-2:])
    assert "4: photos/text.png: no picture: it is a file of an unknown kind" in unreadable
    assert "5: cannot read" in gone
    assert "gone.png: No such file" in gone


def test_no_picture_is_sent_to_a_teacher(made: Path) -> None:
    from logicdistill.teacher.write import Author

    seen = list[str]()

    class Watched:
        def ask(self, request: object) -> object:
            seen.append(str(request))
            raise BaseError("seen")

    task = RecordTask(made / "task")
    with pytest.raises(BaseError, match="seen"):
        Author(Watched(), task).stages(task.samples(8))  # type: ignore[arg-type]
    assert "picture " in seen[0]
    assert "base64" not in seen[0]


def test_a_stage_with_pictures_is_checked(tmp_path: Path) -> None:
    task = lamps_task(tmp_path / "task")
    stages = (task / "stages.toml").read_text()
    for old, new, says in (
        ('reads = ["photo"]', 'reads = ["photo"]\ngrid = [0, 2]', "rows, columns"),
        ('reads = ["photo"]', 'reads = ["loaded"]\ngrid = [2, 2]', "a grid needs one"),
        ('mode = "one"', 'mode = "all"', "only mode 'one' looks at pictures"),
        ('name = "look"', 'name = "pictures"', "is kept for example pictures"),
    ):
        (task / "stages.toml").write_text(stages.replace(old, new))
        with pytest.raises(TaskError, match=says.replace("[", r"\[")):
            RecordTask(task)


def test_the_service_takes_pictures_in_each_dialect(made: Path) -> None:
    pytest.importorskip("fastapi")
    from fastapi.testclient import TestClient

    from logicdistill.serving.app import create_app

    red = (
        "data:image/png;base64,"
        + base64.b64encode(png(lamp(COLOURS["red"], random.Random(3)))).decode()
    )
    large = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (900, 900, 3), np.uint8)
    Image.fromarray(noise).save(large, "png")
    with Policy.load(made / "run") as policy:
        client = TestClient(create_app({"lamps": policy}), base_url="http://localhost")
        state = {"photo": red, "loaded": True}
        got = client.post("/policies/lamps/decide", json={"state": state})
        assert got.json()["action"] == "stop"
        url = "data:image/png;base64," + base64.b64encode(large.getvalue()).decode()
        got = client.post("/policies/lamps/decide", json={"state": {**state, "photo": url}})
        assert got.status_code == 200
        got = client.post("/policies/lamps/decide", json={"state": {**state, "photo": "a.png"}})
        assert got.status_code == 422
        content = [
            {"type": "input_image", "image_url": red},
            {"type": "input_json", "data": {"loaded": True}},
        ]
        question = {
            "type": "choice",
            "name": "action",
            "instructions": "What now?",
            "choices": [{"value": one} for one in ("stop", "slow", "run")],
        }
        asked = {
            "model": "lamps",
            "input": [{"role": "user", "content": content}],
            "questions": [question],
        }
        got = client.post("/v1/decisions", json=asked)
        assert got.json()["answers"][0]["choice"] == "stop"
        content[0]["image_url"] = "https://example.org/a.png"
        got = client.post("/v1/decisions", json=asked)
        assert got.status_code == 400
        assert "fetches no picture" in got.text
