"""A description of an API becomes a task whose actions are calls; anything else is one line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logicdistill.errors import LogicDistillError, TaskError
from logicdistill.tasks.importing.openapi import METHODS, read_openapi
from logicdistill.tasks.importing.plain import MOST_PARTS, Resolver
from logicdistill.tasks.importing.tools import MOST_FIELDS, Tool, Tools
from logicdistill.tasks.record_folder import read_folder
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.scaffold import new_task_of_tools
from logicdistill.tasks.schema import Schema

REASON = {"type": "string", "enum": ["damaged", "late", "wrong_item"]}
ORDER_ID = {
    "name": "order_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^A-[0-9]+$"},
}
SHOP: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "A small shop", "version": "1"},
    "paths": {
        "/orders/{order_id}": {
            "parameters": [ORDER_ID],
            "get": {"operationId": "track_order", "summary": "Say where an order is."},
        },
        "/orders/{order_id}/refunds": {
            "post": {
                "operationId": "refund_order",
                "summary": "Give the money for an order back.",
                "parameters": [
                    {"$ref": "#/components/parameters/OrderId"},
                    {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Refund"}}
                    },
                },
            }
        },
        "/tickets": {
            "post": {
                "operationId": "open_ticket",
                "description": "Ask a person to answer. Only in office hours.",
                "requestBody": {"$ref": "#/components/requestBodies/Ticket"},
            }
        },
    },
    "components": {
        "parameters": {"OrderId": ORDER_ID},
        "schemas": {
            "Refund": {
                "type": "object",
                "required": ["reason", "id"],
                "properties": {
                    "id": {"type": "string", "readOnly": True},
                    "reason": {"$ref": "#/components/schemas/Reason"},
                    "amount": {"type": "number", "exclusiveMinimum": 0},
                },
            },
            "Reason": REASON,
        },
        "requestBodies": {
            "Ticket": {
                "required": True,
                "content": {
                    "text/plain": {"schema": {"type": "string"}},
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["text"],
                            "properties": {
                                "text": {"type": "string"},
                                "urgent": {"type": "boolean"},
                            },
                        }
                    },
                },
            }
        },
    },
}


def shop_file(folder: Path, document: Any = SHOP) -> Path:
    file = folder / "shop.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return file


def operation(schema: Any, version: str = "3.1.0", **others: Any) -> Any:
    """A description with one operation whose body has this schema."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    paths = {"/do": {"post": {"operationId": "do", "requestBody": body}}}
    return {"openapi": version, "paths": paths, **others}


def read(folder: Path, document: Any = SHOP) -> Tools:
    return read_openapi(shop_file(folder, document))


def arguments(folder: Path, document: Any = SHOP, at: int = 0) -> Any:
    return read(folder, document).tools[at].arguments


def refusal(folder: Path, document: Any) -> str:
    with pytest.raises(TaskError) as raised:
        new_task_of_tools(folder / "task", read(folder, document))
    assert not (folder / "task").exists()
    said = str(raised.value)
    assert said.isprintable()
    return said


def test_parameters_and_body_are_arguments_with_references_resolved_and_enums_kept(
    tmp_path: Path,
) -> None:
    found = read(tmp_path)
    assert [tool.name for tool in found.tools] == ["track_order", "refund_order", "open_ticket"]
    assert [tool.call for tool in found.tools] == [
        "GET /orders/{order_id}",
        "POST /orders/{order_id}/refunds",
        "POST /tickets",
    ]
    assert found.tools[1].arguments == {
        "type": "object",
        "properties": {
            "order_id": {"type": "string", "pattern": "^A-[0-9]+$", "x-in": "path"},
            "reason": {**REASON, "x-in": "body"},
            "amount": {"type": "number", "exclusiveMinimum": 0, "x-in": "body"},
        },
        "required": ["order_id", "reason"],
        "additionalProperties": False,
    }
    assert found.tools[2].arguments["required"] == ["text"]
    assert ("left out", "headers and cookies, which the caller sets: 'Idempotency-Key'") in (
        found.report
    )


def test_the_folder_is_sound_and_the_rules_are_proposals(tmp_path: Path) -> None:
    new_task_of_tools(tmp_path / "shop", read(tmp_path))
    task = RecordTask(tmp_path / "shop")
    assert len(task.rules) == 3
    assert task.rules[2] == (
        "Call open_ticket to do this: Ask a person to answer. (A proposal: say when it is right.)"
    )
    assert task.state_schema["properties"]["reason"] == {
        "type": ["string", "null"],
        "default": None,
        "examples": ["damaged", "late", "wrong_item"],
    }
    right = {"tool": "refund_order", "arguments": {"order_id": "A-1", "reason": "late"}}
    assert task.illegal({}, right) is None
    assert task.illegal({}, task.fallback({})) is None
    for wrong in (
        {"tool": "refund_order", "arguments": {"order_id": "A-1"}},
        {"tool": "refund_order", "arguments": {"order_id": "1", "reason": "late"}},
        {"tool": "refund_order", "arguments": {"order_id": "A-1", "reason": "late", "x": 1}},
        {"tool": "none", "arguments": {"order_id": "A-1"}},
        {"tool": "drop_database", "arguments": {}},
    ):
        assert task.illegal({}, wrong) is not None


def test_the_dialect_of_openapi_3_0_becomes_json_schema(tmp_path: Path) -> None:
    given = {
        "type": "object",
        "properties": {
            "above": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "example": 3},
            "note": {"type": "string", "nullable": True},
            "size": {"type": "string", "enum": ["s", None], "nullable": True},
            "who": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Who"}]},
            "ignored": {"$ref": "#/components/schemas/Who", "maxLength": 1},
        },
    }
    schemas = {"schemas": {"Who": {"type": "string", "title": "Who"}}}
    found = arguments(tmp_path, operation(given, "3.0.3", components=schemas))["properties"]
    who = {"anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}]}
    assert found["above"] == {"type": "number", "exclusiveMinimum": 0, "x-in": "body"}
    assert found["note"]["type"] == ["string", "null"]
    assert found["who"] == {**who, "x-in": "body"}
    assert found["ignored"] == {"type": "string", "x-in": "body"}
    new_task_of_tools(tmp_path / "t", read(tmp_path, operation(given, "3.0.3", components=schemas)))
    task = RecordTask(tmp_path / "t")
    for size, fits in (("s", True), (None, True), ("m", False)):
        call = {"tool": "do", "arguments": {"size": size}}
        assert (task.illegal({}, call) is None) == fits


def test_beside_a_reference_of_3_1_its_neighbours_hold_too(tmp_path: Path) -> None:
    given = {"type": "object", "properties": {"who": {"$ref": "#/x", "maxLength": 1}}}
    found = arguments(tmp_path, operation(given, x={"type": "string"}))["properties"]["who"]
    assert Schema(found).faults("a") == []
    assert Schema(found).faults("ab") != []
    assert Schema(found).faults(1) != []


def test_a_body_that_is_no_object_with_fields_is_one_argument(tmp_path: Path) -> None:
    many = {"type": "array", "items": {"type": "integer"}}
    found = arguments(tmp_path, operation(many))
    assert found["properties"] == {"body": {**many, "x-in": "body"}}
    assert found["required"] == ["body"]


def test_all_of_two_objects_is_one_object(tmp_path: Path) -> None:
    parts = [
        {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
        {"properties": {"b": {"type": "integer"}}},
    ]
    found = arguments(tmp_path, operation({"allOf": parts}))
    assert list(found["properties"]) == ["a", "b"]
    assert found["required"] == ["a"]


def test_arguments_of_one_name_are_told_apart_and_the_file_says_whose_they_are(
    tmp_path: Path,
) -> None:
    place = {"name": "id", "schema": {"type": "integer"}}
    get = {"parameters": [{**place, "in": "path"}, {**place, "in": "query"}]}
    paths = {"/x/{id}": {"get": get, "post": get}, "/x/{id}/": {"get": {"operationId": "a\nb"}}}
    found = read(tmp_path, {"openapi": "3.1.0", "paths": paths})
    assert [tool.name for tool in found.tools] == ["get_x_id", "post_x_id", "get_x_id_2"]
    first = found.tools[0].arguments
    assert first["properties"]["query_id"] == {"type": "integer", "x-in": "query", "x-name": "id"}
    assert first["required"] == ["id"]


def test_a_schema_that_contains_itself_is_open_where_it_comes_again(tmp_path: Path) -> None:
    tree = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "parts": {"$ref": "#/components/schemas/Many"}},
        "required": ["name"],
    }
    many = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
    components = {"schemas": {"Tree": tree, "Many": many}}
    document = operation({"$ref": "#/components/schemas/Tree"}, components=components)
    found = read(tmp_path, document)
    notes = [what for subject, what in found.report if subject == "note"]
    assert notes == ["'#/components/schemas/Tree' contains itself; the inner one is left open"]
    new_task_of_tools(tmp_path / "t", found)
    call = {"tool": "do", "arguments": {"name": "a", "parts": [{"anything": 1}]}}
    assert RecordTask(tmp_path / "t").illegal({}, call) is None


def test_a_chain_of_schemas_that_doubles_at_each_step_is_refused(tmp_path: Path) -> None:
    def pair(number: int) -> Any:
        ref = {"$ref": f"#/components/schemas/S{number + 1}"}
        return {"type": "object", "properties": dict.fromkeys("abcdefghij", ref)}

    schemas = {f"S{number}": pair(number) for number in range(12)} | {"S12": {"type": "string"}}
    document = operation({"$ref": "#/components/schemas/S0"}, components={"schemas": schemas})
    assert f"has more than {MOST_PARTS:,} parts" in refusal(tmp_path, document)


def test_what_lies_very_deep_is_left_open_and_said(tmp_path: Path) -> None:
    deep: Any = {"type": "string"}
    for _ in range(300):
        deep = {"type": "object", "properties": {"inner": deep}}
    found = read(tmp_path, operation(deep))
    assert any("is left open" in what for subject, what in found.report if subject == "note")
    new_task_of_tools(tmp_path / "t", found)
    assert read_folder(tmp_path / "t").faults == []


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("openapi: 3.1.0\npaths: {}\n", "is no JSON; convert YAML first: python -c"),
        ('{"openapi": "3.1.0", ', "is no JSON: Expecting property name"),
        ("[" * 100_000, "is no JSON: maximum recursion depth"),
        ("[]", "has no 'openapi' with a version"),
        ({"swagger": "2.0", "paths": {}}, "is Swagger 2.0; convert it to OpenAPI 3.0 or 3.1 first"),
        ({"openapi": "3.2.0"}, "is OpenAPI 3.2.0; 3.0 and 3.1 can be read"),
        ({"openapi": "3.1.0"}, "there is nothing to call"),
        (operation({"$ref": "#/nowhere"}), "do: the reference '#/nowhere' leads nowhere"),
        (operation({"$ref": "a.json#/x"}), "do: the reference 'a.json#/x' leads out of the file"),
        (operation({"$ref": ["\n"]}), "leads out of the file"),
        (operation({"type": "strin\ng"}), "do: "),
        (operation({"type": "object", "properties": {"a": {"enum": [{"b": None}]}}}), "holds null"),
        (operation({"enum": [2**70]}), "a whole number beyond 64 bits"),
        (
            {"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/paths/~1a"}}},
            "the reference '#/paths/~1a' leads in a circle",
        ),
        (
            {"openapi": "3.1.0", "paths": {f"/{n}": {"get": {}} for n in range(201)}},
            "201 can be called, and actions are at most 200",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, document: Any, said: str) -> None:
    assert said in refusal(tmp_path, document)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.json").open("wb") as file:
        file.truncate(30_000_000)
    with pytest.raises(TaskError, match="has 30,000,000 bytes; a description has at most"):
        read_openapi(tmp_path / "big.json")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a", "b", "a"], "two are named 'a'; give one another name"),
        (["a", ""], "the name '' is not 1 to 128 printable characters"),
        (["a\nb"], "the name 'a b' is not 1 to 128 printable characters"),
        (["none", "no_tool"], "one name is for calling none"),
    ],
)
def test_names_that_no_call_can_have_are_one_line(
    tmp_path: Path, names: list[str], said: str
) -> None:
    with pytest.raises(TaskError, match=re.escape(said)):
        new_task_of_tools(tmp_path / "t", Tools("x", [Tool(name, "", {}) for name in names]))


def test_at_most_some_arguments_are_fields_and_one_of_two_types_takes_both(tmp_path: Path) -> None:
    def tool(name: str, kind: str) -> Tool:
        many = {f"a{number}": {"type": kind} for number in range(MOST_FIELDS + 5)}
        return Tool(name, "", {"type": "object", "properties": many, "required": list(many)})

    found = Tools("x", [tool("one", "string"), tool("two", "integer")])
    new_task_of_tools(tmp_path / "t", found)
    fields = RecordTask(tmp_path / "t").state_schema["properties"]
    assert len(fields) == 1 + MOST_FIELDS
    assert fields["a0"]["type"] == ["string", "integer", "null"]


def test_a_name_in_another_script_or_with_markdown_is_a_rule_like_any_other(tmp_path: Path) -> None:
    says = ["退款。", "<!-- ~~x~~ `a", "वापसी करें।", "1. 2. (a) § 4", "a\u202eb", ""]
    found = Tools("x", [Tool(f"*{n}* 工具", text, {}) for n, text in enumerate(says)])
    new_task_of_tools(tmp_path / "t", found)
    assert len(RecordTask(tmp_path / "t").rules) == len(says)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
REFS = st.sampled_from(["#/components/schemas/A", "#/components/schemas/B", "#", "#/x", "b#/c"])
KEYWORDS = st.sampled_from(
    [
        *("type", "enum", "const", "properties", "required", "items", "allOf", "oneOf", "default"),
        *("additionalProperties", "nullable", "minimum", "exclusiveMinimum", "pattern", "$ref"),
        *("description", "format", "readOnly", "x-y", "unknown"),
    ]
)
SCHEMAS = st.recursive(
    st.sampled_from([{"type": "string"}, {"type": "object"}, {"type": "integer"}, True])
    | REFS.map(lambda ref: {"$ref": ref}),
    lambda inner: (
        st.dictionaries(st.text(max_size=4), inner, max_size=3).map(
            lambda fields: {"type": "object", "properties": fields, "required": list(fields)}
        )
        | st.lists(inner, max_size=2).map(lambda parts: {"allOf": parts})
        | inner.map(lambda item: {"type": "array", "items": item, "nullable": True})
        | st.dictionaries(KEYWORDS, VALUES | inner, max_size=3)
    ),
    max_leaves=6,
)


def documents(junk: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Descriptions with junk in the place of many of their parts, or with nothing there."""
    names = st.text(min_size=1, max_size=6)
    parameters = st.fixed_dictionaries(
        {"name": names | junk, "in": st.sampled_from(["path", "query", "header"]) | junk},
        optional={"schema": SCHEMAS, "required": st.booleans() | junk, "description": names},
    )
    bodies = st.dictionaries(
        st.sampled_from(["application/json", "a/b+json", "text/plain"]) | names,
        st.fixed_dictionaries({"schema": SCHEMAS}) | junk,
    ).map(lambda forms: {"content": forms, "required": True})
    operations = st.fixed_dictionaries(
        {},
        optional={
            "operationId": names | junk,
            "summary": st.text(max_size=30) | junk,
            "parameters": st.lists(parameters | junk, max_size=3) | junk,
            "requestBody": bodies | junk,
        },
    )
    methods = st.sampled_from(METHODS)
    items = st.dictionaries(methods, operations | junk, min_size=1, max_size=2)
    paths = st.dictionaries(names, items | junk, min_size=1, max_size=2)
    schemas = st.fixed_dictionaries({"A": SCHEMAS, "B": SCHEMAS})
    return st.fixed_dictionaries(
        {
            "openapi": st.sampled_from(["3.0.0", "3.1.0"]),
            "paths": paths | junk,
            "components": st.fixed_dictionaries({"schemas": schemas}),
        },
        optional={"info": st.fixed_dictionaries({"title": names | junk}) | junk},
    )


@pytest.mark.parametrize("junk", [st.nothing(), VALUES], ids=["descriptions", "with junk"])
def test_any_json_is_read_as_a_sound_folder_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, junk: st.SearchStrategy[Any]
) -> None:
    read_before: list[int] = []

    @settings(max_examples=100)
    @given(documents(junk) | junk)
    def reads(document: Any) -> None:
        folder = tmp_path_factory.mktemp("any")
        try:
            tools = new_task_of_tools(folder / "task", read(folder, document)).tools
        except LogicDistillError as error:
            said = str(error)
        else:
            said = ""
            read_before.append(len(tools))
            assert read_folder(folder / "task").faults == []
            assert len(RecordTask(folder / "task").rules) == len(tools)
        assert said.isprintable()
        assert (folder / "task").exists() == (not said)

    reads()
    assert len(read_before) > (20 if junk.is_empty else 0), "most are refused: nothing is tested"


def test_a_resolver_follows_every_form_of_a_path() -> None:
    document = {"a/b": [{"c~d": {"type": "string"}}], "e f": {"type": "integer"}}
    resolver = Resolver(document)
    assert resolver.plain({"$ref": "#/a~1b/0/c~0d"}) == {"type": "string"}
    assert resolver.plain({"$ref": "#/e%20f"}) == {"type": "integer"}
    for wrong in ("#/a~1b/1", "#/a~1b/x", "#anchor", "#/a~1b/00000000000"):
        with pytest.raises(TaskError):
            resolver.plain({"$ref": wrong})
