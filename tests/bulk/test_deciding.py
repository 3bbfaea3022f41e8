"""Files of states to files of decisions: tables in, tables out, nothing lost, nothing twice."""

from __future__ import annotations

import contextlib
import csv
import json
import pickle
import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

pa = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402

from logicdistill import Policy  # noqa: E402
from logicdistill.bulk import deciding  # noqa: E402
from logicdistill.bulk.decider import DECIDED, Decider, lacking, named  # noqa: E402
from logicdistill.bulk.deciding import decide_file  # noqa: E402
from logicdistill.bulk.reading import cell  # noqa: E402
from logicdistill.cli.main import app  # noqa: E402
from logicdistill.errors import RunLockedError, TaskError  # noqa: E402


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy of exact rules: the expenses of ``new --by-hand``."""
    folder = tmp_path_factory.mktemp("expenses")
    task, out = str(folder / "expenses"), str(folder / "run")
    for command in (["new", task, "--by-hand"], ["run", task, "--out", out]):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 0, result.output
    return folder / "run"


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, but a claim is taken for one with a receipt where nothing says so."""
    folder = tmp_path_factory.mktemp("lenient")
    task, out = folder / "expenses", folder / "run"
    for command in (["new", task, "--by-hand"], ["check", task], ["run", task, "--out", out]):
        if command[0] == "run":
            schema = json.loads((task / "schema.json").read_text())
            schema["required"].remove("receipt")
            schema["properties"]["receipt"]["default"] = True
            (task / "schema.json").write_text(json.dumps(schema))
        result = CliRunner().invoke(app, [str(part) for part in command])
        assert result.exit_code == 0, result.output
    return out


def states(count: int) -> list[dict[str, Any]]:
    return [
        {"amount_eur": 7 * n % 900, "days_ago": n % 120, "receipt": n % 3 > 0} for n in range(count)
    ]


def actions(run: Path, given: list[dict[str, Any]]) -> list[Any]:
    with Policy.load(run) as policy:
        return [decision.action for decision in policy.decide_many(given)]


def written(folder: Path, kind: str, given: list[dict[str, Any]]) -> Path:
    """The states as a file with a column of ids."""
    rows, file = [{"claim": f"c{n}", **one} for n, one in enumerate(given)], folder / f"in{kind}"
    if kind == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), file)
    elif kind == ".csv":
        with file.open("w", newline="", encoding="utf-8-sig") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
    else:
        lines = ({"id": one.pop("claim"), "state": one} for one in rows)
        file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return file


def read(file: Path) -> list[dict[str, Any]]:
    if file.suffix == ".parquet":
        return list(parquet.read_table(file).to_pylist())
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in file.read_text().splitlines()]
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("out", [".parquet", ".csv", ".jsonl"])
@pytest.mark.parametrize("kind", [".parquet", ".csv", ".jsonl"])
def test_each_form_in_gives_each_form_out_with_the_decisions_of_the_policy(
    kind: str, out: str, run: Path, tmp_path: Path
) -> None:
    given = states(25)
    done = decide_file(run, written(tmp_path, kind, given), tmp_path / f"o{out}", jobs=1, rows=10)
    assert (done.rows, done.failed, done.kept, done.first_error) == (25, 0, 0, "")
    rows = read(tmp_path / f"o{out}")
    assert [row["action"] for row in rows] == actions(run, given)
    ids = [row["id" if kind == ".jsonl" else "claim"] for row in rows]
    assert ids == [f"c{n}" for n in range(25)]
    assert {row["snapshot"] for row in rows} == {done.snapshot}
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"in{kind}", f"o{out}"]


def test_two_processes_give_the_file_of_one(run: Path, tmp_path: Path) -> None:
    file = written(tmp_path, ".parquet", states(60))
    for jobs in (1, 2):
        decide_file(run, file, tmp_path / f"{jobs}.jsonl", jobs=jobs, rows=9)
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()


def test_after_an_interruption_the_same_call_decides_what_is_missing_alone(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = written(tmp_path, ".csv", states(50)), tmp_path / "out.csv"
    real, asked = deciding._decide_chunk, list[int]()

    def interrupted(*given: Any) -> Any:
        asked.append(given[1].first)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(deciding, "_decide_chunk", interrupted)
    with pytest.raises(KeyboardInterrupt):
        decide_file(run, file, out, jobs=1, rows=10)
    assert not out.exists()
    done = decide_file(run, file, out, jobs=1, rows=10)
    assert asked == [1, 11, 21, 21, 31, 41]
    assert (done.rows, done.kept) == (50, 20)
    assert [row["action"] for row in read(out)] == actions(run, states(50))


def test_one_call_at_a_time_writes_a_file_of_decisions(run: Path, tmp_path: Path) -> None:
    file, out = written(tmp_path, ".csv", states(30)), tmp_path / "out.csv"
    refused = list[str]()

    def second(*_: int) -> None:
        with pytest.raises(RunLockedError, match="another process is writing the decisions") as it:
            decide_file(run, written(tmp_path, ".jsonl", states(9)), out, jobs=1, rows=5)
        refused.append(str(it.value))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decide_file(run, file, out, jobs=1, rows=10, progress=second)
    assert len(refused) == 1
    done = decide_file(run, file, out, jobs=1, rows=10)
    assert (done.rows, done.kept) == (30, 10)
    assert [row["action"] for row in read(out)] == actions(run, states(30))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "in.jsonl", "out.csv"]


def test_what_an_earlier_call_left_is_not_taken_for_another_file(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = written(tmp_path, ".csv", states(30)), tmp_path / "out.csv"
    with monkeypatch.context() as patched:
        patched.setattr(deciding, "_assemble", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            decide_file(run, file, out, jobs=1, rows=10)
    written(tmp_path, ".csv", states(31)[1:])
    done = decide_file(run, file, out, jobs=1, rows=10)
    assert done.kept == 0
    assert [row["action"] for row in read(out)] == actions(run, states(31)[1:])


def test_a_bad_row_costs_itself_and_says_why(run: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(
        "amount_eur,days_ago,receipt,action\n12,3,TRUE,approve\nmany,3,true,x\n12,,true,y\n1,1,no,z\n"
    )
    said = CliRunner().invoke(app, ["decide", "--run", str(run), str(file), "--out", str(out)])
    assert said.exit_code == 1
    assert f"{out}: 4 rows, 0 fallbacks, 3 not decided" in said.stdout
    assert "first: row 2: field 'amount_eur'" in said.stderr
    rows = read(out)
    assert [row["action"] for row in rows] == ["approve", "", "", ""]
    assert [row["error"].split("'")[1] for row in rows[1:]] == ["amount_eur", "days_ago", "receipt"]
    assert [row["action_given"] for row in rows] == ["approve", "x", "y", "z"]


@pytest.mark.parametrize("header", ["Receipt", " receipt", "RECEIPT?"])
def test_a_column_whose_name_nearly_is_a_field_s_is_refused(
    header: str, lenient: Path, tmp_path: Path
) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(f"amount_eur,days_ago,{header}\n12,3,false\n")
    with pytest.raises(TaskError, match=re.escape(f"column {header!r} is no field")) as refused:
        decide_file(lenient, file, out, jobs=1)
    assert "did you mean 'receipt'? give it that name" in str(refused.value)
    assert not out.exists()


def test_a_field_without_a_column_takes_its_default_and_is_named(
    lenient: Path, tmp_path: Path
) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text("amount_eur,days_ago,note\n12,3,a\n")
    command = ["decide", "--run", str(lenient), str(file), "--out", str(out), "--jobs", "1"]
    said = CliRunner().invoke(app, command)
    assert (said.exit_code, [row["action"] for row in read(out)]) == (0, ["approve"])
    assert "no column, so every row has the default: receipt\n" in said.stderr


def test_a_column_is_a_field_in_whatever_characters_its_letters_are_written() -> None:
    schema = {"properties": {"größe": {}, "amount": {}}, "required": ["amount"]}
    split = unicodedata.normalize("NFD", "größe")
    assert named([split, "amount", "Amount", "note"], schema) == [
        *("größe", "amount", "Amount", "note")
    ]
    assert lacking([split, "amount"], schema) == ()
    assert lacking(["amount"], schema) == ("größe",)
    assert lacking(["state", "Amount"], schema) == ()


def test_bad_json_lines_cost_themselves(run: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    good = json.dumps(states(1)[0])
    file.write_bytes(b"\xef\xbb\xbf" + f"{good}\n\n{{\n{good}\n7\n".encode() + b"\xff\n")
    done = decide_file(run, file, out, jobs=1)
    rows = read(out)
    assert [row["line"] for row in rows] == [1, 3, 4, 5, 6]
    assert ["error" in row for row in rows] == [False, True, False, True, True]
    assert (done.rows, done.failed) == (5, 3)


def test_a_key_that_stands_twice_costs_its_row_in_each_form(run: Path, tmp_path: Path) -> None:
    good, file = json.dumps(states(1)[0]), tmp_path / "in.jsonl"
    bad = good.replace("{", '{"days_ago": 9, ')
    file.write_text(f"{bad}\n{good}\n")
    decide_file(run, file, tmp_path / "out.jsonl", jobs=1)
    with contextlib.closing(Decider(run)) as decider:
        column = decider(pa.table({"state": [bad, good]})).column("error").to_pylist()
    assert column == [row.get("error") for row in read(tmp_path / "out.jsonl")]
    assert column == ["not JSON: two keys 'days_ago'", None]
    assert cell('{"a": 1, "a": 2}', {"type": ["object", "null"]}) == '{"a": 1, "a": 2}'


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("in.xlsx", b"PK", "states are read from .parquet"),
        ("in.parquet", b"PAR1 and no more", "not readable as Parquet"),
        ("in.csv", b"a,b\n1,2\n", "no column is a field of a state; columns: a, b"),
        ("in.csv", "a,b\n".encode("utf-16"), "UTF-16"),
        ("in.csv", b"amount_eur,days_ago,receipt\n", "there is no row"),
        ("in.csv", b"amount_eur,days_ago,receipt\n1,2,true\n1,2\n", "Expected 3 columns"),
        ("in.jsonl", b"", "there is no row"),
    ],
)
def test_a_file_of_another_kind_is_one_line(
    name: str, content: bytes, said: str, run: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TaskError, match=said) as refused:
        decide_file(run, tmp_path / name, tmp_path / "out.csv", jobs=1)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out.csv").exists()


def test_a_table_keeps_its_other_columns_and_the_decider_travels(run: Path) -> None:
    decider = pickle.loads(pickle.dumps(Decider(run)))
    table = pa.table({"who": ["a", "b"], "state": [json.dumps(one) for one in states(2)]})
    found = decider(table)
    assert found.schema.names == ["who", *DECIDED]
    assert found.column("action").to_pylist() == actions(run, states(2))
    objects = pa.table({"state": states(2)})
    assert decider(objects).column("action").to_pylist() == actions(run, states(2))
    decider.close()


def test_a_worker_that_lives_on_takes_up_what_was_changed_since(run: Path, tmp_path: Path) -> None:
    """Dask's workers, and this process, decide more than one file."""
    mine = Path(shutil.copytree(run, tmp_path / "run"))
    file, out = written(tmp_path, ".csv", states(40)), tmp_path / "out.csv"
    decide_file(mine, file, out, jobs=1)
    before = [row["action"] for row in read(out)]
    source = (mine / "base" / "decide" / "ask_the_manager.py").read_text()
    (tmp_path / "ask_the_manager.py").write_text(source.replace("500", "100"))
    with Policy.load(mine) as policy:
        policy.replace("ask_the_manager", tmp_path / "ask_the_manager.py")
    decide_file(mine, file, out, jobs=1)
    after = [row["action"] for row in read(out)]
    assert after == actions(mine, states(40)) != before


def test_two_columns_of_one_name_are_refused_before_cells_move(run: Path, tmp_path: Path) -> None:
    file = written(tmp_path, ".parquet", states(3))
    table = parquet.read_table(file)
    for name in ("action", "action_given"):
        table = table.append_column(name, pa.array(["x"] * 3))
    parquet.write_table(table, file)
    with pytest.raises(TaskError, match="two columns would have the name 'action_given'"):
        decide_file(run, file, tmp_path / "out.csv", jobs=1)


def test_two_columns_of_one_name_are_one_line_in_a_file_and_in_a_table(
    run: Path, tmp_path: Path
) -> None:
    table = parquet.read_table(file := written(tmp_path, ".parquet", states(3)))
    parquet.write_table(table.append_column("amount_eur", pa.array([1] * 3)), file)
    with pytest.raises(TaskError, match="two columns have the name 'amount_eur'; rename one"):
        decide_file(run, file, tmp_path / "out.csv", jobs=1)
    with contextlib.closing(Decider(run)) as decider:
        for name in ("amount_eur", "claim"):
            with pytest.raises(TaskError, match=f"two columns would have the name '{name}'"):
                decider(table.append_column(name, pa.array([1] * 3)))


def unreadable(kind: str) -> Any:
    """Three values, of which Python or JSON cannot hold the second."""
    if kind == "text":
        return pa.array([b"a", b"\xff", b"b"], pa.binary()).view(pa.string())
    values = {"binary": [b"a", b"\0", b"b"], "float64": [1.5, float("inf"), None]}
    return pa.array(values.get(kind, [0, 2**30, None]), kind)


@pytest.mark.parametrize("kind", ["binary", "text", "date32", "float64"])
def test_a_column_that_the_file_of_decisions_cannot_show_is_named(
    kind: str, run: Path, tmp_path: Path
) -> None:
    file = written(tmp_path, ".parquet", states(3))
    parquet.write_table(parquet.read_table(file).append_column("odd", unreadable(kind)), file)
    for out in (".jsonl", ".csv"):
        if (kind, out) == ("float64", ".csv"):
            decide_file(run, file, tmp_path / "out.csv", jobs=1)
            assert [row["odd"] for row in read(tmp_path / "out.csv")] == ["1.5", "inf", ""]
            continue
        command = ["decide", "--run", run, file, "--out", tmp_path / f"out{out}", "--jobs", 1]
        with pytest.raises(TaskError, match="column 'odd': "):
            CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    decide_file(run, file, tmp_path / "out.parquet", jobs=1)
    assert parquet.read_table(tmp_path / "out.parquet").column("odd").num_chunks == 1


def test_a_value_that_python_cannot_hold_costs_its_row(run: Path, tmp_path: Path) -> None:
    rows, file = [json.dumps(one).encode() for one in states(3)], tmp_path / "in.parquet"
    given = pa.array([rows[0], b"\xff", rows[2]], pa.binary()).view(pa.string())
    parquet.write_table(pa.table({"state": given}), file)
    done = decide_file(run, file, tmp_path / "out.jsonl", jobs=1)
    assert (done.rows, done.failed) == (3, 1)
    assert done.first_error.startswith("row 2: column 'state': 'utf-8' codec")
    found = [row.get("action") for row in read(tmp_path / "out.jsonl")]
    assert found == [actions(run, states(3))[0], None, actions(run, states(3))[2]]


def test_half_a_character_costs_no_row(run: Path, tmp_path: Path) -> None:
    file, good = tmp_path / "in.jsonl", json.dumps(states(1)[0])
    bad = json.dumps({**states(1)[0], "receipt": "\ud800"})
    file.write_text(f'{{"id": "\\ud800", "state": {good}}}\n{bad}\n{good}\n')
    for kind in (".jsonl", ".csv", ".parquet"):
        done = decide_file(run, file, tmp_path / f"out{kind}", jobs=1)
        rows = read(tmp_path / f"out{kind}")
        assert (done.rows, done.failed, rows[0]["id"]) == (3, 1, '"\\ud800"')
        assert rows[2]["action"] == actions(run, states(1))[0]


def test_without_out_a_table_and_with_out_a_log_are_refused(run: Path, tmp_path: Path) -> None:
    for more, said in (
        (["--out", str(tmp_path / "o.csv"), "--log"], "--out does not go with --log;"),
        (["--out", str(tmp_path / "o.csv"), "--log-chain"], "--out does not go with --log-...;"),
        (["--dask", "tcp://h:1"], "name the decisions' file with --out"),
        (["--out", str(tmp_path / "o.csv")], "--out decides a whole file; name it"),
    ):
        result = CliRunner().invoke(app, ["decide", "--run", str(run), *more])
        assert said in str(result.exception)
