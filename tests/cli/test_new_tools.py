"""``new --openapi`` and ``new --mcp``: from a description to a call that is really made."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import mcp
import pytest
from tests.cli.test_main import logicdistill, mistake
from tests.serving.test_mcp import over_http
from tests.tasks.importing.test_openapi import ORDER_ID, REASON, SHOP, shop_file

from logicdistill.errors import MissingExtraError
from logicdistill.tasks.importing.mcp_server import read_mcp
from logicdistill.tasks.records import RecordTask

FUNCTIONS = '''def refund_order(
    message: str, order_id: str | None, reason: str | None
) -> dict[str, str | dict[str, str | None]]:
    """Give the money back.

    Use when: the customer wants the money back and says why.
    When: "money back" in message.lower() and order_id is not None and reason is not None
    Rules: 2
    >>> refund_order(message="I want my money back.", order_id="A-7", reason="late")
    {'tool': 'refund_order', 'arguments': {'order_id': 'A-7', 'reason': 'late'}}
    """
    return {"tool": "refund_order", "arguments": {"order_id": order_id, "reason": reason}}


def track_order(message: str, order_id: str | None) -> dict[str, str | dict[str, str | None]]:
    """Say where it is.

    Use when: the customer asks where an order is.
    When: "where" in message.lower() and order_id is not None
    Rules: 1
    >>> track_order(message="Where is it?", order_id="A-7")
    {'tool': 'track_order', 'arguments': {'order_id': 'A-7'}}
    """
    return {"tool": "track_order", "arguments": {"order_id": order_id}}


def open_ticket(message: str) -> dict[str, str | dict[str, str]]:
    """Let a person answer.

    Use when: the customer asks for a person.
    When: "person" in message.lower()
    Rules: 3
    >>> open_ticket(message="A person, please.")
    {'tool': 'open_ticket', 'arguments': {'text': 'A person, please.'}}
    """
    return {"tool": "open_ticket", "arguments": {"text": message}}
'''
SERVER = f'''from typing import Literal
from pathlib import Path

from mcp.server import MCPServer

server = MCPServer("shop", title="A small shop")


@server.tool()
def track_order(order_id: str) -> str:
    """Say where an order is."""
    return f"{{order_id}} is on its way"


@server.tool()
def refund_order(
    order_id: str, reason: Literal{REASON["enum"]}, amount: float | None = None
) -> str:
    """Give the money for an order back."""
    with Path("refunds.txt").open("a") as book:
        book.write(f"{{order_id}} {{reason}}\\n")
    return f"refunded {{order_id}}"


@server.tool()
def open_ticket(text: str, urgent: bool = False) -> str:
    """Ask a person to answer."""
    return "opened"


print("the shop is open", file=__import__("sys").stderr)
server.run()
'''
REFUND = {"message": "My money back!", "order_id": "A-17", "reason": "damaged"}
CALL: dict[str, Any] = {
    "tool": "refund_order",
    "arguments": {"order_id": "A-17", "reason": "damaged"},
}


def edited(folder: Path) -> None:
    """What a person does with the folder: functions, and conditions in the place of a model."""
    (folder / "functions").mkdir()
    (folder / "functions" / "call.py").write_text(FUNCTIONS)
    (folder / "stages.toml").write_text('[[stages]]\nname = "call"\nmode = "first"\n')
    with (folder / "states.jsonl").open("a") as file:
        right = {"state": REFUND, "action": CALL, "split": "test"}
        file.write(json.dumps(right) + "\n")


def decided(folder: Path, out: Path, *states: Any) -> list[Any]:
    result = logicdistill("check", folder)
    assert result.returncode == 0, result.stderr
    result = logicdistill("run", folder, "--out", out)
    assert result.returncode == 0, result.stderr
    result = logicdistill("decide", "--run", out, stdin="\n".join(map(json.dumps, states)))
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_an_api_becomes_a_folder_that_is_checked_at_once_and_says_what_is_left(
    tmp_path: Path,
) -> None:
    result = logicdistill("new", tmp_path / "shop", "--openapi", shop_file(tmp_path))
    assert result.returncode == 0, result.stderr
    assert 'action    3 calls: "track_order", "refund_order", "open_ticket"' in result.stdout
    checked = logicdistill("check", tmp_path / "shop")
    assert checked.returncode == 0, checked.stdout
    assert "stage call (one): no function yet" in checked.stdout
    assert "rules that no function cites: 1, 2, 3" in checked.stdout
    assert checked.stdout.count("(A proposal: say when it is right.)") == 3


def test_from_an_api_to_a_call_that_fits_the_operation(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    logicdistill("new", folder, "--openapi", shop_file(tmp_path))
    edited(folder)
    wrong = {**REFUND, "order_id": "17"}  # which the operation's pattern refuses
    states = REFUND, {"message": "Thank you."}, wrong
    refund, thanks, refused = decided(folder, tmp_path / "run", *states)
    assert refund["action"] == CALL
    assert list(refund["cited"]) == ["2"]
    given = refund["action"]["arguments"]
    # As another reader of the description has it, with the number that the server sets.
    whole = {"$ref": "#/components/schemas/Refund", "components": SHOP["components"]}
    body = {"id": "set by the server", "reason": given["reason"]}
    assert jsonschema_rs.Draft202012Validator(whole).is_valid(body)
    assert not jsonschema_rs.Draft202012Validator(whole).is_valid({**body, "reason": "bored"})
    assert jsonschema_rs.Draft202012Validator(ORDER_ID["schema"]).is_valid(given["order_id"])
    assert thanks["action"] == {"tool": "none", "arguments": {}}
    assert thanks["fallback"] is not None
    assert refused["action"] == thanks["action"]
    assert "field 'arguments.order_id'" in refused["fallback"]


def test_a_call_that_breaks_the_operations_schema_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    logicdistill("new", folder, "--openapi", shop_file(tmp_path))
    edited(folder)
    wrong = FUNCTIONS.replace("'late'}}", "'bored'}}").replace('reason="late"', 'reason="bored"')
    (folder / "functions" / "call.py").write_text(wrong)
    result = logicdistill("check", folder)
    assert result.returncode == 2
    assert "field 'arguments.reason'" in result.stdout
    assert '"bored" is not one of "damaged", "late", "wrong_item"' in result.stdout


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What starts the shop's server, which writes its book into the folder it was started in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "server.py").write_text(SERVER)
    return shlex.join([sys.executable, str(tmp_path / "server.py")])


def test_from_a_servers_tools_to_the_tool_really_called_with_the_decisions_arguments(
    tmp_path: Path, command: str
) -> None:
    folder = tmp_path / "shop"
    result = logicdistill("new", folder, "--mcp", command)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("read      A small shop: an MCP server; 3 tools\n")
    assert "the shop is open" not in result.stderr
    edited(folder)
    task = RecordTask(folder)
    assert task.illegal({}, CALL) is None
    for more in ({"who": "me"}, {"amount": "much"}, {"reason": "bored"}):
        assert task.illegal({}, {**CALL, "arguments": {**CALL["arguments"], **more}}) is not None
    [refund] = decided(folder, tmp_path / "run", REFUND)
    assert refund["action"] == CALL

    async def make() -> Any:
        program, *words = shlex.split(command)
        async with mcp.Client(mcp.StdioServerParameters(command=program, args=words)) as client:
            action = refund["action"]
            return await client.call_tool(action["tool"], action["arguments"])

    answer = asyncio.run(make())
    assert (answer.is_error, answer.content[0].text) == (False, "refunded A-17")
    assert (tmp_path / "refunds.txt").read_text() == "A-17 damaged\n"


def test_a_server_is_also_found_by_its_url(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "shop"
    logicdistill("new", folder, "--mcp", command)
    edited(folder)
    logicdistill("run", folder, "--out", tmp_path / "run")
    with over_http(tmp_path / "run") as url:
        result = logicdistill("new", tmp_path / "asks", "--mcp", url)
    assert '3 calls: "decide", "explain_decision", "list_rules"' in result.stdout, result.stderr
    assert logicdistill("check", tmp_path / "asks").returncode == 0


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("no-such-program --x", "No such file or directory"),
        ("echo hello", "Connection closed"),
        ("'", "No closing quotation"),
        ("http://127.0.0.1:9/mcp", "All connection attempts failed"),
        (f"{sys.executable} -c 'import sys; sys.exit(\"no key\")'", "(it said: no key)"),
    ],
)
def test_a_server_that_does_not_answer_is_one_line(tmp_path: Path, command: str, why: str) -> None:
    said = mistake(logicdistill("new", tmp_path / "shop", "--mcp", command))
    assert "no MCP server answers" in said
    assert why in said
    assert not (tmp_path / "shop").exists()


def test_a_server_that_says_nothing_is_ended(tmp_path: Path) -> None:
    silent = f"{sys.executable} -c 'import time; time.sleep(60)'"
    with pytest.raises(Exception, match=r"has not listed its tools after 0\.5 s"):
        read_mcp(silent, patience=0.5)


PAGES = """import anyio
from mcp import types
from mcp.server import Server
from mcp.server.stdio import stdio_server


async def listed(_, params):
    at = int(params.cursor) if params and params.cursor else 0
    tool = types.Tool(name=f"tool_{at}", input_schema={"type": "object"})
    return types.ListToolsResult(tools=[tool], next_cursor=str(at + 1) if at < 2 else None)


async def main():
    server = Server("pages", on_list_tools=listed)
    async with stdio_server() as streams:
        await server.run(*streams, server.create_initialization_options())


anyio.run(main)
"""


def test_tools_are_read_from_every_page(tmp_path: Path, command: str) -> None:
    (tmp_path / "server.py").write_text(PAGES)
    assert [tool.name for tool in read_mcp(command).tools] == ["tool_0", "tool_1", "tool_2"]


def test_tools_with_hostile_names_or_schemas_are_one_line(tmp_path: Path, command: str) -> None:
    for old, new, said in (
        ("@server.tool()\ndef track", '@server.tool(name="a\\nb")\ndef track', "the name 'a b'"),
        ("@server.tool()\ndef track", '@server.tool(name="none")\ndef track', "3 calls"),
    ):
        (tmp_path / "server.py").write_text(SERVER.replace(old, new))
        result = logicdistill("new", tmp_path / f"shop{len(new)}", "--mcp", command)
        assert said in (result.stdout if result.returncode == 0 else mistake(result))
    assert '{"tool": "no_tool", "arguments": {}}' in result.stdout


def test_one_way_to_make_a_folder_is_named_alone(tmp_path: Path) -> None:
    file = shop_file(tmp_path)
    for others in (("--mcp", "x"), ("--by-hand",), ("--from", file), ("--action", "a")):
        said = mistake(logicdistill("new", tmp_path / "t", "--openapi", file, *others))
        assert "name one alone" in said
    said = mistake(logicdistill("new", tmp_path / "t", "--by-hand", "--example", "parcels"))
    assert "--by-hand and --example each make a folder of their own" in said
    assert not (tmp_path / "t").exists()
    said = mistake(logicdistill("new", tmp_path / "t", "--openapi", tmp_path / "gone.json"))
    assert "cannot read" in said
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "x").touch()
    said = mistake(logicdistill("new", tmp_path / "t", "--openapi", file))
    assert "holds something already" in said


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'logicdistill\[mcp\]'"):
        read_mcp("echo")
