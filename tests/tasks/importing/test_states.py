"""Files as spreadsheets, programs and OpenAI write them become a task's folder."""

from __future__ import annotations

import bz2
import csv
import io
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.deciding.students import make_student
from logicdistill.errors import MissingExtraError, TaskError
from logicdistill.policy import Policy
from logicdistill.tasks import scaffold
from logicdistill.tasks.importing.reading import read_csv
from logicdistill.tasks.importing.states import Choices, Imported, read_import
from logicdistill.tasks.record_folder import read_folder
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.scaffold import new_task_from
from logicdistill.tasks.schema import Schema, check_state
from logicdistill.writing.by_hand import base_by_hand


def silent(step: str, done: int, total: int) -> None:
    pass


def imported(path: Path, content: str | bytes, **choices: Any) -> Imported:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_import(path, Choices(**choices), silent)


def states(found: Imported) -> list[Any]:
    return [row["state"] for row in found.rows]


def unsplit(found: Imported) -> list[dict[str, Any]]:
    """Without the split, which few rows get."""
    return [{key: row[key] for key in row if key != "split"} for row in found.rows]


def said(found: Imported, subject: str) -> list[str]:
    return [what for about, what in found.report if about == subject]


def lines(rows: list[Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


GERMAN = (
    "Größe;Artikel;label\r\n"
    "12;Müllbeutel für die Küche;annehmen\r\n"
    '3;"Öl; ""kalt gepresst"",\r\nschön";ablehnen\r\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_spreadsheets_encoding_separator_and_quoted_line_breaks_are_read(
    tmp_path: Path, encoding: str
) -> None:
    found = imported(tmp_path / "f.csv", GERMAN.encode(encoding))
    assert unsplit(found) == [
        {"state": {"Größe": 12, "Artikel": "Müllbeutel für die Küche"}, "action": "annehmen"},
        {"state": {"Größe": 3, "Artikel": 'Öl; "kalt gepresst",\r\nschön'}, "action": "ablehnen"},
    ]
    (read,) = said(found, "read")
    assert ("a guess" in read) == (encoding == "cp1252")


def test_another_code_page_is_found_or_named(tmp_path: Path) -> None:
    text = "text,label\nКак вернуть товар обратно,возврат\nГде моя посылка сейчас,доставка\n"
    assert states(imported(tmp_path / "f.csv", text.encode("cp1251")))[0] == {
        "text": "Как вернуть товар обратно"
    }
    content = "text,label\nça va,x\n".encode("mac_roman")
    assert states(imported(tmp_path / "f.csv", content, encoding="mac_roman")) == [
        {"text": "ça va"}
    ]
    with pytest.raises(TaskError, match="line 2 is no utf-8"):
        imported(tmp_path / "f.csv", content, encoding="utf-8")
    with pytest.raises(TaskError, match="unknown encoding"):
        imported(tmp_path / "f.csv", content, encoding="utf8mb4x")


def test_a_damaged_character_costs_its_row_alone(tmp_path: Path) -> None:
    good = "".join(f"schöne Grüße Nummer {n},x\n" for n in range(20)).encode()
    found = imported(tmp_path / "f.csv", b"text,label\n" + good + b"f\xfcr,x\n")
    assert len(found.rows) == 20
    assert said(found, "dropped") == ["1 row: a character is no UTF-8; line 22"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_damaged_utf_16_is_said_and_costs_its_rows_alone(
    tmp_path: Path, encoding: str, mark: str
) -> None:
    good = "text,label\nschöne Grüße,x\n"
    content = (mark + good + "half a \ud83d,x\nlast,y\n").encode(encoding, "surrogatepass")
    found = imported(tmp_path / "f.csv", content + b"z")
    assert states(found) == [{"text": "schöne Grüße"}, {"text": "last"}]
    assert "UTF-16, damaged" in said(found, "read")[0]
    assert said(found, "dropped") == [
        "1 row: a character is no UTF-16; line 3",
        "1 row: 1 cells, the header has 2; line 5",
    ]
    rows = lines([{"text": text, "label": "x"} for text in ("one", "two", "six")])
    content = (mark + rows.replace("two", "\udc00")).encode(encoding, "surrogatepass")
    found = imported(tmp_path / "f.json", content)
    assert said(found, "dropped") == [
        "1 row: field 'text': holds half of a Unicode character; line 2"
    ]
    sound = imported(tmp_path / "f.csv", (mark + good).encode(encoding))
    assert "UTF-16, separated" in said(sound, "read")[0]


@pytest.mark.parametrize("header", ["PK", "PKW", "BZ", "BZhalt"])
def test_a_first_column_may_begin_with_the_letters_of_an_archive(
    tmp_path: Path, header: str
) -> None:
    found = imported(tmp_path / "f.csv", f"{header},label\n1,x\n")
    assert states(found) == [{header: 1}]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_gives_every_row_as_many_cells(
    tmp_path: Path, separator: str
) -> None:
    rows = [["text", "n", "label"], ["one, two; three", "1", "a"], ["four", "2", "b"]]
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    assert states(imported(tmp_path / "f.csv", text.getvalue())) == [
        {"text": "one, two; three", "n": 1},
        {"text": "four", "n": 2},
    ]


def test_excels_line_that_names_the_separator_is_no_row(tmp_path: Path) -> None:
    found = imported(tmp_path / "f.csv", "sep=;\r\na;label\r\nx;y\r\n;\r\n")
    assert unsplit(found) == [{"state": {"a": "x"}, "action": "y"}]
    assert said(found, "dropped") == ["1 row: all cells are empty; line 4"]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "-20", ""], [1, -20, None]),
        (["1", "2.50", "0.1"], [1, 2.5, 0.1]),
        (["1e-05", "2.0", "1"], [1e-05, 2.0, 1]),
        (["01067", "80331", "1"], ["01067", "80331", "1"]),
        (["12345678901234567890", "1", "2"], ["12345678901234567890", "1", "2"]),
        (["0.1000000000000000055", "1", "2"], ["0.1000000000000000055", "1", "2"]),
        (["1", "n/a", "2"], ["1", "n/a", "2"]),
        (["TRUE", "false", ""], [True, False, None]),
        (["true", "1", "0"], ["true", "1", "0"]),
        (["2026-01-02", "", "2026-01-03"], ["2026-01-02", None, "2026-01-03"]),
        (["1,5", "2", "3"], ["1,5", "2", "3"]),
        (["nan", "inf", "1"], ["nan", "inf", "1"]),
        (["٣", "1", "2"], ["٣", "1", "2"]),
    ],
)
def test_cells_are_numbers_only_where_the_whole_column_is_and_nothing_is_lost(
    tmp_path: Path, cells: list[str], values: list[Any]
) -> None:
    text = "x;label\n" + "".join(f"{cell};a\n" for cell in cells)
    found = imported(tmp_path / "f.csv", text)
    kept = [value for value in values if value is not None]
    got = [state["x"] for state in states(found)]
    assert got == kept
    assert list(map(type, got)) == list(map(type, kept))


def test_why_a_column_of_numbers_is_text_is_said(tmp_path: Path) -> None:
    text = "plz;preis;menge;label\n01067;1.250,50;1;a\n80331;2,00;2;a\n10115;3;n/a;b\n"
    assert said(imported(tmp_path / "f.csv", text), "note")[:3] == [
        "'plz' is text: '01067' in line 2 begins with 0 (2 others are numbers)",
        "'preis' is text: its numbers have a decimal comma; --decimal-comma reads them",
        "'menge' is text: 'n/a' in line 4 is no number (2 others are numbers)",
    ]
    found = imported(tmp_path / "f.csv", text, decimal_comma=True)
    assert [state["preis"] for state in states(found)] == [1250.5, 2.0, 3]


TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)


@given(st.lists(st.tuples(TEXTS, TEXTS, st.integers(-(10**15) + 1, 10**15 - 1)), min_size=1))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[tuple[str, str, int]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("one text", "other", "n"), *rows])
    found = read_csv(Path("f.csv"), text.getvalue(), "UTF-8", silent)
    assert not found.dropped
    assert [(row["one text"], row["other"], int(row["n"])) for _, row in found.rows] == rows


def test_rows_that_cannot_be_read_are_counted_with_reason_and_lines(tmp_path: Path) -> None:
    text = 'text,label\none,a\ntwo\nthree,b,c\nfour,d\n"five" 5,e\n,f\nsix,\n'
    found = imported(tmp_path / "f.csv", text)
    assert [row["state"]["text"] for row in found.rows] == ["one", "four", "six"]
    assert said(found, "dropped") == [
        "1 row: 1 cells, the header has 2; line 3",
        "1 row: 3 cells, the header has 2; line 4",
        "1 row: a quote inside a quoted cell is not doubled; line 6",
        "1 row: no field has a value; line 7",
    ]
    assert said(found, "action")[1] == "1 row without one, kept as states"


def test_a_quote_that_never_closes_is_an_error_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="line 3: a quote opens here and is never closed"):
        imported(tmp_path / "f.csv", 'text,label\none,a\n"two,b\nthree,c\n')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"text,label\n", "there is only the header"),
        (b"PK\x03\x04", "Excel"),
        (b"PK\x05\x06", "ZIP"),
        (b"PK\x07\x08PK\x03\x04", "ZIP"),
        (b"\x1f\x8b\x08", "unpack"),
        (bz2.compress(b""), "unpack"),
        (b'{"a": 1, "b": 2', "not JSON"),
        (b'{"a": {"b": 1}, "c": 2,\n"d": 3}', "one JSON object with 'a', 'c', 'd'"),
        (b'["a", "b"]', "no row can be read; row 1: no JSON object"),
        (b"text,reason\nx,y\n", "no column has a name such as 'action'"),
        (b"label\nx\n", "no column is left for the state"),
        (b"text,label,Category\nx,y,z\n", "2 columns may be the action: label, Category"),
        (b"text,label\nx,\n", "column 'label' is empty"),
    ],
)
def test_a_file_that_gives_no_states_is_refused_in_one_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(TaskError) as caught:
        imported(tmp_path / "f.txt", content)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_columns_are_found_by_name_in_any_case_and_a_typo_gets_the_nearest(tmp_path: Path) -> None:
    text = "Text,Class,ID,Split\nx,a,7,Train\ny,b,8,dev\nz,a,9,test\n"
    found = imported(tmp_path / "f.csv", text)
    assert found.rows[1] == {
        "id": "8",
        "state": {"Text": "y"},
        "action": "b",
        "split": "validation",
    }
    fields = states(imported(tmp_path / "f.csv", text, action="text", id="none", split="none"))
    assert fields[0] == {"Class": "a", "ID": 7, "Split": "Train"}
    with pytest.raises(TaskError, match="did you mean 'Class'"):
        imported(tmp_path / "f.csv", text, action="clas")
    with pytest.raises(TaskError, match="'a' is there 2 times"):
        imported(tmp_path / "f.csv", text, action="text", id="class")
    with pytest.raises(TaskError, match="'x' is no split; there are: train"):
        imported(tmp_path / "f.csv", text, split="text")


def test_columns_get_python_names_and_the_renaming_is_said(tmp_path: Path) -> None:
    text = "Größe (cm),größe cm,class,2nd,label,lambda\n1,2,x,y,a,z\n"
    found = imported(tmp_path / "f.csv", text, action="label")
    assert list(states(found)[0]) == ["größe_cm", "größe_cm_2", "class_", "column_2nd", "lambda_"]
    assert "'Größe (cm)' to größe_cm, 'größe cm' to größe_cm_2" in said(found, "renamed")[0]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("Date,Date,Date 2", ["Date", "Date 3", "Date 2"]),
        ("Date 2,Date,Date", ["Date 2", "Date", "Date 3"]),
        (",column 1,column 1", ["column 1 2", "column 1", "column 1 3"]),
        ("a,,a", ["a", "column 2", "a 2"]),
    ],
)
def test_no_column_is_lost_to_another_of_its_name(header: str, names: list[str]) -> None:
    found = read_csv(Path("f.csv"), f"{header}\nx,y,z\n", "UTF-8", silent)
    assert found.rows == [(2, dict(zip(names, "xyz", strict=True)))]


def test_json_lines_arrays_and_a_recorded_task_are_read(tmp_path: Path) -> None:
    rows = [
        {"weight": 1.5, "tags": ["a"], "action": {"do": "send", "fee": 3}},
        {"weight": float("nan"), "tags": [], "action": {"do": "keep", "fee": 0}},
    ]
    for content in (lines(rows), json.dumps(rows, indent=1), json.dumps({"rows": rows})):
        found = imported(tmp_path / "f.json", content)
        assert states(found) == [{"weight": 1.5, "tags": ["a"]}, {"weight": None, "tags": []}]
        assert found.fallback == {"do": "unknown"}
    found = imported(tmp_path / "f.jsonl", lines(rows) + "{oops\n[1]\n" + '{"weight": 1e999}\n')
    assert len(found.rows) == 2
    assert len(said(found, "dropped")) == 3
    recorded = [{"id": "a", "state": {"n": 1}, "action": "x"}, {"id": "b", "state": {"n": 2}}]
    assert unsplit(imported(tmp_path / "s.jsonl", lines(recorded))) == recorded


def test_objects_with_amounts_become_a_schema_by_kind_and_the_fallback_is_an_object(
    tmp_path: Path,
) -> None:
    fines = [{"days": n, "action": {"kind": "fine", "amount": n + 0.5}} for n in range(13)]
    rows = [*fines, {"days": 99, "action": {"kind": "note", "to": "desk"}}]
    found = imported(tmp_path / "f.jsonl", lines(rows))
    allowed = Schema(found.actions).faults
    assert found.fallback == {"kind": "unknown"}
    assert not allowed(found.fallback)
    assert not allowed({"kind": "fine", "amount": 1000})
    assert allowed({"kind": "fine", "amount": "10"})
    assert allowed({"kind": "fine", "amount": -1})
    assert allowed({"kind": "fine"})
    assert allowed("unknown")
    assert "'kind'" in allowed({"kind": "fin", "amount": 3})[0]
    with pytest.raises(TaskError, match=r'such as \{"kind": "desk"\}'):
        imported(tmp_path / "f.jsonl", lines(rows), fallback="desk")
    given = imported(tmp_path / "f.jsonl", lines(rows), fallback='{"kind": "ask"}')
    assert not Schema(given.actions).faults({"kind": "ask"})


def test_a_column_that_is_dropped_is_no_field_and_the_report_says_so(tmp_path: Path) -> None:
    text = "a,b,label\n1,x y,p\n2,z w,q\n"
    found = imported(tmp_path / "f.csv", text, drop=("B",))
    assert states(found) == [{"a": 1}, {"a": 2}]
    assert said(found, "left out") == ["'b' (--drop)"]
    with pytest.raises(TaskError, match="unknown column 'c'"):
        imported(tmp_path / "f.csv", text, drop=("c",))
    with pytest.raises(TaskError, match="--drop label: --action names it too"):
        imported(tmp_path / "f.csv", text, drop=("label",), action="label")


def test_what_no_function_of_messages_reads_may_be_missing_and_people_are_not_listed(
    tmp_path: Path,
) -> None:
    people = ["Anna Schmidt", "Ben Okafor", "Cid Lee"]
    rows = [
        {"message": f"please help me out with thing number {n}", "by": people[n % 3]}
        | {"row_id": f"E-{n % 2}1", "label": ("pay", "wait")[n % 2]}
        for n in range(30)
    ]
    (tmp_path / "f.jsonl").write_text(lines(rows))
    found = new_task_from(tmp_path / "desk", tmp_path / "f.jsonl", Choices(), silent)
    assert said(found, "unread")[0].startswith("by, row_id: no function reads them")
    task = RecordTask(tmp_path / "desk")
    assert check_state(task, {"message": "hello"}) == {"message": "hello", "by": None} | {
        "row_id": None
    }
    assert "examples" not in json.dumps(task.state_schema)


def test_parquet_is_read_with_times_as_text_and_exact_decimals_as_numbers(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    import datetime
    import decimal

    from pyarrow import parquet

    table = pyarrow.table(
        {
            "at": [datetime.datetime(2026, 1, 2, 3, 4), None],
            "price": [decimal.Decimal("1.50"), decimal.Decimal("2.00")],
            "share": [0.5, float("nan")],
            "label": ["a", "b"],
            "__index_level_0__": [0, 1],
        }
    )
    parquet.write_table(table, tmp_path / "f.parquet")
    found = read_import(tmp_path / "f.parquet", Choices(), silent)
    assert states(found) == [
        {"at": "2026-01-02T03:04:00", "price": 1.5, "share": 0.5},
        {"at": None, "price": 2.0, "share": None},
    ]
    (tmp_path / "f.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(TaskError, match="not readable as Parquet"):
        read_import(tmp_path / "f.parquet", Choices(), silent)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (("when", [2**30], "date32"), "column 'when': days=1073741824"),
        (("text", [b"\xff"], "binary"), "column 'text': 'utf-8' codec"),
        (("amount", [7.0], "float64"), "two columns have the name 'amount'; rename one"),
    ],
)
def test_a_parquet_column_that_python_cannot_hold_is_one_line_with_its_name(
    column: tuple[str, list[Any], str], said: str, tmp_path: Path
) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    name, values, kind = column
    array = pa.array(values, kind)
    array = array.view(pa.string()) if kind == "binary" else array
    table = pa.table({"amount": [1.5], "label": ["a"]}).append_column(name, array)
    parquet.write_table(table, tmp_path / "f.parquet")
    with pytest.raises(TaskError, match=re.escape(f"f.parquet: {said}")) as refused:
        read_import(tmp_path / "f.parquet", Choices(), silent)
    assert "\n" not in str(refused.value)


def test_parquet_without_pyarrow_names_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'logicdistill\[parquet\]'"):
        imported(tmp_path / "f.parquet", b"PAR1")


def chat(user: str, answer: Any, system: str = "Sort the messages.") -> dict[str, Any]:
    reply = answer if isinstance(answer, dict) else {"content": answer}
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    return {"messages": [*messages, {"role": "assistant", **reply}]}


def test_fine_tuning_examples_become_messages_with_a_label(tmp_path: Path) -> None:
    rows = [chat("Where is it?", "delivery"), chat("I want my money back", " refund\n")]
    found = imported(tmp_path / "f.jsonl", lines([*rows, {"messages": rows[0]["messages"][:2]}]))
    assert unsplit(found) == [
        {"state": {"message": "Where is it?"}, "action": "delivery"},
        {"state": {"message": "I want my money back"}, "action": "refund"},
    ]
    assert found.system == "Sort the messages."
    assert said(found, "dropped") == ["1 row: the last message is not the assistant's; line 3"]
    several = [chat("One", "a", "Be kind."), chat("Two", "b")]
    several[1]["messages"][1:1] = [{"role": "user", "content": "Hello"}]
    assert states(imported(tmp_path / "f.jsonl", lines(several)))[1] == {
        "message": "Two",
        "earlier": "user: Hello",
        "system": "Sort the messages.",
    }


def call(name: str, **arguments: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"tool_calls": [{"type": "function", "function": function}]}


def test_tool_calls_become_actions_under_the_tools_own_schemas(tmp_path: Path) -> None:
    parameters = {
        "type": "object",
        "properties": {"amount": {"type": "number"}},
        "required": ["amount"],
        "additionalProperties": False,
    }
    rows = [
        chat(json.dumps({"order": "A-1", "total": 3}), call("refund", amount=3)),
        chat(json.dumps({"order": "A-2", "total": 4}), call("close")),
        chat(json.dumps({"order": "A-3", "total": 5}), "Sorry?"),
    ]
    for row in rows:
        row["tools"] = [{"function": {"name": "refund", "parameters": parameters}}]
    (tmp_path / "f.jsonl").write_text(lines(rows * 8))
    found = new_task_from(tmp_path / "desk", tmp_path / "f.jsonl", Choices(), silent)
    assert unsplit(found)[0] == {
        "state": {"order": "A-1", "total": 3},
        "action": {"tool": "refund", "arguments": {"amount": 3}},
    }
    assert said(found, "dropped")[0].startswith("8 rows: answers in words")
    folder = read_folder(tmp_path / "desk")
    assert folder.actions is not None
    assert folder.actions.faults({"tool": "refund", "arguments": {"amount": "3"}})
    assert not folder.actions.faults("unknown")


def log(user: str, answer: Any, finish: str = "stop") -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {
            "intent": {"enum": ["refund", "delivery", None]},
            "urgent": {"type": "boolean"},
        },
        "required": ["intent", "urgent"],
        "additionalProperties": False,
    }
    text = {"type": "text", "text": user}
    request = {
        "messages": [{"role": "user", "content": [text]}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}},
    }
    message = {"role": "assistant", "content": json.dumps(answer)}
    choice = {"finish_reason": finish, "message": message}
    return {"request": request, "response": {"choices": [choice]}}


def test_chat_logs_keep_the_response_schema_as_that_of_the_actions(tmp_path: Path) -> None:
    rows = [
        log(f"Please look at number {n}", {"intent": ("refund", None)[n % 2], "urgent": n > 9})
        for n in range(20)
    ]
    rows[3] = log("Cut off", {"intent": "ref"}, "length")
    rows[4] = log("Wrong", {"intent": "sell", "urgent": True})
    batch = {"custom_id": "r", "response": {"body": rows[0]["response"]}}
    rows[0] = {**batch, "request": {"body": rows[0]["request"]}}
    (tmp_path / "f.jsonl").write_text(lines(rows))
    found = new_task_from(tmp_path / "desk", tmp_path / "f.jsonl", Choices(), silent)
    assert unsplit(found)[0] == {
        "state": {"message": "Please look at number 0"},
        "action": {"intent": "refund", "urgent": False},
    }
    assert said(found, "dropped") == [
        "1 row: the answer was cut off; line 4",
        '1 row: the answer breaks the schema: field \'intent\': "sell" is not one of "refund",'
        ' "delivery", null; line 5',
    ]
    folder = read_folder(tmp_path / "desk")
    assert [fault.file for fault in folder.faults] == ["rules.md"]
    assert folder.actions is not None
    assert not folder.actions.faults({"intent": None, "urgent": True})
    assert folder.actions.faults({"intent": "sell", "urgent": True})


def test_responses_of_the_newer_interface_are_read_as_well(tmp_path: Path) -> None:
    old = log("Where is it?", {"intent": "delivery", "urgent": False})
    schema = old["request"]["response_format"]["json_schema"]["schema"]
    text = {"format": {"type": "json_schema", "schema": schema}}
    said_ = [{"type": "output_text", "text": '{"intent": "delivery", "urgent": false}'}]
    row = {
        "request": {"input": old["request"]["messages"], "text": text},
        "response": {"output": [{"type": "message", "content": said_}]},
    }
    found = imported(tmp_path / "f.jsonl", lines([row]))
    assert found.rows[0]["action"] == {"intent": "delivery", "urgent": False}


def messages(count: int) -> str:
    rows = [f"please tell me about the case {n},case-{n % 3}" for n in range(count)]
    return "\n".join(["text,category", *rows])


def test_messages_get_a_sentence_an_action_and_the_fallback_is_no_label(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(messages(30))
    found = new_task_from(tmp_path / "desk", tmp_path / "f.csv", Choices(), silent)
    written = tomllib.loads((tmp_path / "desk" / "task.toml").read_text())
    assert written["actions"] == {f"case-{n}": f"The message is about: case {n}." for n in range(3)}
    assert written["fallback"] == "unknown"
    assert "added to the actions" in said(found, "fallback")[0]
    assert not (tmp_path / "desk" / "rules.md").exists()
    task = RecordTask(tmp_path / "desk")
    assert task.rules[1] == "The message is about: case 1."
    assert task.illegal(task.records[0].state, "unknown") is None
    base, refused = base_by_hand(task)
    assert base is not None
    assert [function.name for function in base.functions] == ["case_0", "case_1", "case_2"]
    assert not refused


def test_records_with_numbers_leave_the_rules_to_write_and_check_says_so(tmp_path: Path) -> None:
    rows = [f"{n},please look at this case {n},{('pay', 'ask')[n % 2]}" for n in range(30)]
    (tmp_path / "f.csv").write_text("\n".join(["amount,note,decision", *rows]))
    new_task_from(tmp_path / "fees", tmp_path / "f.csv", Choices(fallback="ask"), silent)
    written = tomllib.loads((tmp_path / "fees" / "task.toml").read_text())
    assert (written["actions"], written["fallback"]) == (["ask", "pay"], "ask")
    (fault,) = read_folder(tmp_path / "fees").faults
    assert str(fault).startswith("rules.md: has no rule; rules are numbered items such as")
    (tmp_path / "fees" / "rules.md").write_text("1. Even amounts are paid.\n")
    task = RecordTask(tmp_path / "fees")
    assert len(task.records) == 30
    assert task.state_schema["properties"]["note"] == {"type": "string", "format": "text"}


@pytest.mark.parametrize("type_", ["int", "float"])
def test_in_a_column_of_whole_numbers_another_number_is_a_state_like_any_other(
    tmp_path: Path, type_: str
) -> None:
    rows = [f"{n},{'pay' if n > 7 else 'ask'}" for n in range(15)]
    (tmp_path / "f.csv").write_text("\n".join(["amount,decision", *rows]))
    new_task_from(tmp_path / "fees", tmp_path / "f.csv", Choices(fallback="ask"), silent)
    (tmp_path / "fees" / "rules.md").write_text("1. Amounts over 7 are paid.\n")
    (tmp_path / "fees" / "functions").mkdir()
    (tmp_path / "fees" / "functions" / "decide.py").write_text(
        f'''def pay(amount: {type_}) -> str:
    """Pay.

    When: amount > 7
    Use when: the amount is over 7.
    Rules: 1
    >>> pay(amount=8)
    'pay'
    """
    return "pay"
'''
    )
    task = RecordTask(tmp_path / "fees")
    assert task.state_schema["properties"]["amount"] == {"type": "number"}
    base, refused = base_by_hand(task)
    assert not refused
    assert base is not None
    with Policy(task, base, make_student("conditions", tmp_path)) as policy:
        assert policy.decide({"amount": 7.5}).action == "pay"
        assert policy.decide({"amount": 6.5}).action == "ask"


def test_without_actions_check_asks_for_them(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("n,category\n" + "".join(f"{n},x\n" for n in range(30)))
    new_task_from(tmp_path / "t", tmp_path / "f.csv", Choices(action="none"), silent)
    faults = [str(fault) for fault in read_folder(tmp_path / "t").faults]
    assert any("'actions' is missing" in fault for fault in faults)


@pytest.mark.parametrize(
    ("labels", "actions"),
    [
        ([0, 1, 2] * 10, [0, 1, 2, "unknown"]),
        ([True, False] * 10, [False, True, "unknown"]),
        ([n + 0.5 for n in range(30)], {"type": "number", "minimum": 0}),
        (list(range(-3, 40)), {"type": "number", "minimum": -10_000}),  # no wall: -4 may come
        ([n * 1000 - 16751.15 for n in range(30)], {"type": "number", "minimum": -100_000_000}),
        ([n * 1000 - 4e8 for n in range(30)], {"type": "number", "minimum": -999_999_999}),
    ],
)
def test_numbers_are_labels_where_few_repeat_and_else_amounts(
    tmp_path: Path, labels: list[Any], actions: Any
) -> None:
    rows = [{"n": f"n{index}", "action": label} for index, label in enumerate(labels)]
    found = imported(tmp_path / "f.jsonl", lines(rows))
    if isinstance(actions, dict):
        actions = {"anyOf": [actions, {"const": "unknown"}]}
    assert found.actions == actions


def test_too_many_or_too_long_labels_are_no_actions(tmp_path: Path) -> None:
    text = "n,label\n" + "".join(f"{n},l{n}\n" for n in range(300))
    with pytest.raises(TaskError, match="300 different values, and actions are at most 200"):
        imported(tmp_path / "f.csv", text)
    with pytest.raises(TaskError, match="holds texts, no actions"):
        imported(tmp_path / "f.csv", f"n,label\n1,{'long ' * 30}\n")


def test_equal_rows_and_states_with_two_actions_are_counted_with_their_lines(
    tmp_path: Path,
) -> None:
    found = imported(tmp_path / "f.csv", "a,label\nx,one\ny,one\nx,two\ny,one\nz,One\n")
    assert said(found, "twice") == ["1 row with state and action of another one"]
    assert said(found, "conflict") == [
        '1 state with different right actions: lines 2, 4 ("one", "two")'
    ]
    assert said(found, "note") == ["actions that differ only in case: 'one', 'One'; are they one?"]


@pytest.mark.parametrize("count", [2, 3, 5, 9])
def test_few_states_are_shared_out_so_that_there_are_some_to_test(
    tmp_path: Path, count: int
) -> None:
    found = imported(tmp_path / "f.csv", messages(count) + "\n" + messages(count)[14:])
    split = {row["state"]["text"]: row.get("split") for row in found.rows}
    assert all(row.get("split") == split[row["state"]["text"]] for row in found.rows)
    (counts,) = said(found, "states")
    assert not counts.startswith("0 train")
    assert " 0 test" not in counts


def test_ctrl_c_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.csv").write_text(messages(30))

    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(scaffold, "write_lines", interrupted)
    with pytest.raises(KeyboardInterrupt):
        new_task_from(tmp_path / "desk", tmp_path / "f.csv", Choices(), silent)
    assert [file.name for file in tmp_path.iterdir()] == ["f.csv"]


def test_the_name_of_a_folder_may_be_any_and_that_of_the_task_is_made_from_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "f.csv").write_text(messages(30))
    for name, task in {
        "Müll & Käse": "Muell-Kaese",
        "返品": "task",
        "two words": "two-words",
    }.items():
        new_task_from(tmp_path / name, tmp_path / "f.csv", Choices(), silent)
        written = tomllib.loads((tmp_path / name / "task.toml").read_text())
        assert written["id"] == f"{task}-v1"
