"""A host that speaks the Model Context Protocol asks policies: with the official SDK's client."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import mcp
import pytest
from tests.cli.test_main import logicdistill, mistake
from tests.parcels import run_of_parcels
from tests.writing.test_base import QueuedTeacher

from logicdistill import Policy
from logicdistill.deciding.log import LOG
from logicdistill.errors import BaseError
from logicdistill.serving.mcp import LONGEST_NAME, mcp_server, serve_mcp
from logicdistill.tasks.schema import Schema

HEAVY, LIGHT = {"weight_kg": 30}, {"weight_kg": 3}
STRIKE = '''def strike(weight_kg: float) -> str:
    """Send by post while freight is on strike.

    Use when: freight is on strike.
    When: weight_kg > 20
    Replaces: heavy
    >>> strike(weight_kg=30)
    'post'
    """
    return "post"
'''
RULE = "While freight is on strike, everything goes by post."
SERVE = [sys.executable, "-m", "logicdistill", "serve", "--mcp"]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_of_parcels(tmp_path / "parcels")


def asked(server: Any, question: Callable[[Any], Awaitable[Any]], mode: str = "auto") -> Any:
    """What a client of the SDK gets from a server: an object, a command or a URL."""

    async def ask() -> Any:
        async with mcp.Client(server, mode=mode) as client:
            return await question(client)

    return asyncio.run(ask())


def called(server: Any, tool: str, given: Any, mode: str = "auto") -> Any:
    return asked(server, lambda client: client.call_tool(tool, given), mode)


def names(server: Any) -> list[str]:
    async def listed(client: Any) -> list[str]:
        return [tool.name for tool in (await client.list_tools()).tools]

    found: list[str] = asked(server, listed)
    return found


@contextmanager
def over_http(*words: str | Path) -> Iterator[str]:
    """The URL of a server in a process of its own."""
    command = [*SERVE, *map(str, words), "--http", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            said = process.stderr.readline()
            found = re.search(r"http://\S+", said)
            assert found, said
            yield found[0]
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over HTTP whose rules no test changes."""
    with over_http(run_of_parcels(tmp_path_factory.mktemp("served") / "parcels")) as found:
        yield found


def over_stdio(*words: str | Path) -> Any:
    arguments = [*SERVE[1:], *map(str, words)]
    return mcp.StdioServerParameters(command=SERVE[0], args=arguments, env=dict(os.environ))


def test_a_decision_is_logged_and_its_explanation_is_not(run: Path) -> None:
    with Policy.load(run, log=True) as policy:
        server = mcp_server({"parcels": policy})
        said = called(server, "explain_decision", HEAVY).content[0].text
        assert said.startswith("freight")
        assert not (run / LOG).exists()
        called(server, "decide", HEAVY)
    assert len((run / LOG).read_text().splitlines()) == 1


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_a_host_lists_the_tools_and_decides_over_both_transports_and_both_handshakes(
    run: Path, transport: Literal["stdio", "http"], mode: str, request: pytest.FixtureRequest
) -> None:
    async def question(client: Any) -> list[Any]:
        tools = (await client.list_tools()).tools
        states = [HEAVY, LIGHT] * 4
        many = await asyncio.gather(*(client.call_tool("decide", one) for one in states))
        wrong = await client.call_tool("decide", {"weight_kg": "much"})
        return [tools, many, wrong, await client.call_tool("explain_decision", HEAVY)]

    server = over_stdio(run) if transport == "stdio" else request.getfixturevalue("url")
    tools, many, wrong, why = asked(server, question, mode)
    assert [tool.name for tool in tools] == ["decide", "explain_decision", "list_rules"]
    assert tools[0].input_schema["properties"] == {"weight_kg": {"type": "number"}}
    assert tools[0].description.startswith("Parcels: ")
    actions = [one.structured_content["action"] for one in many]
    assert actions == ["freight", "post"] * 4
    first = many[0].structured_content
    assert first["rules"] == [{"number": 1, "words": "A parcel over 20 kg goes to freight."}]
    assert (first["fallback"], first["confidence"]) == (None, 1.0)
    assert json.loads(many[0].content[0].text) == first
    assert wrong.is_error
    assert wrong.content[0].text == (
        'field \'weight_kg\': "much" is not of type "number"; a state of parcels-v1 has: weight_kg'
    )
    assert why.content[0].text == why.structured_content["explanation"]
    assert "heavy: Send by freight. [rule 1]" in why.content[0].text


def test_a_page_in_a_browser_cannot_ask_a_local_server(url: str) -> None:
    hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    plain = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
    }
    place = urlsplit(url)

    def status(**headers: str) -> int:
        connection = HTTPConnection(str(place.hostname), place.port)
        with closing(connection):
            connection.request("POST", place.path, json.dumps(hello), plain | headers)
            return connection.getresponse().status

    assert status() == 200
    assert status(Origin="https://evil.example") == 403
    assert status(Host="evil.example") == 421


def test_standard_output_carries_the_protocol_alone(run: Path) -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": _NAMED}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": _call("decide", HEAVY)},
        {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": _call("no\ttool", {})},
    ]
    with subprocess.Popen(
        [*SERVE, str(run)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        for message in messages:
            process.stdin.write(json.dumps(message) + "\n")
        process.stdin.write("no JSON\n")
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(3)]
        process.stdin.close()
        assert process.stdout.read() == ""
        assert process.wait(120) == 0
        assert "Traceback" not in process.stderr.read()
    by_id = {answer["id"]: answer for answer in answers}
    assert by_id[2]["result"]["structuredContent"]["action"] == "freight"
    assert by_id[3]["error"]["message"] == (
        "unknown tool 'no tool'; there are: decide, explain_decision, list_rules"
    )


_NAMED = {"name": "a host", "version": "1"}


def _call(name: str, given: Any) -> dict[str, Any]:
    return {"name": name, "arguments": given}


def test_rules_are_listed_with_their_functions_and_a_change_elsewhere_is_taken_up(
    run: Path,
) -> None:
    def question(client: Any) -> Awaitable[Any]:
        return _before_and_after(client, run)

    before, after = asked(over_stdio(run), question)
    assert before["rules"][0] == {
        "number": 1,
        "words": "A parcel over 20 kg goes to freight.",
        "functions": ["heavy"],
    }
    assert before["without_function"] == []
    assert after["action"] == "post"
    assert after["later_rules"] == [RULE]


async def _before_and_after(client: Any, run: Path) -> tuple[Any, Any]:
    before = (await client.call_tool("list_rules", {})).structured_content
    file = run.parent / "strike.py"
    file.write_text(STRIKE)
    how = "base", "add", file, "--emergency", "--rule", RULE, "--run", run, "--yes"
    result = await asyncio.to_thread(logicdistill, *how)
    assert result.returncode == 0, result.stderr
    return before, (await client.call_tool("decide", HEAVY)).structured_content


def test_of_several_policies_each_has_its_own_tools_with_its_own_schema(
    run: Path, tmp_path: Path
) -> None:
    other = tmp_path / "Päckchen & Co"
    shutil.copytree(run, other)
    with Policy.load(run) as first, Policy.load(other) as second:
        server = mcp_server({"parcels": first, "Päckchen & Co": second})
        listed = names(server)
        assert listed[:3] == ["parcels_decide", "parcels_explain_decision", "parcels_list_rules"]
        assert listed[3] == "Paeckchen-Co_decide"
        assert called(server, listed[3], HEAVY).structured_content["action"] == "freight"
        with pytest.raises(BaseError, match="two policies make the tool 'a-b_decide'"):
            mcp_server({"a b": first, "a-b": second})
        long = names(mcp_server({"x" * 90: first, "y": second}))
        assert len(long[1]) == LONGEST_NAME
        assert long[1].endswith("explain_decision")


def test_a_built_in_task_whose_actions_are_numbers_is_served_too(guess_policy: Policy) -> None:
    server = mcp_server({"guess": guess_policy})
    state = {"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6}
    answer = called(server, "decide", state).structured_content
    assert answer["action"] == 75
    assert answer["rules"]


def test_a_told_rule_is_shown_first_and_what_was_shown_is_put_into_force(run: Path) -> None:
    reply = {"functions": [{"stage": "way", "file": STRIKE}]}
    teacher = QueuedTeacher(emergency=[reply])
    with Policy.load(run) as policy:
        server = mcp_server({"parcels": policy}, teacher)

        async def question(client: Any) -> list[Any]:
            early = await client.call_tool("tell_rule", {"rule": RULE, "accept": True})
            shown = await client.call_tool("tell_rule", {"rule": RULE})
            still = await client.call_tool("decide", HEAVY)
            taken = await client.call_tool("tell_rule", {"rule": RULE, "accept": True})
            again = await client.call_tool("tell_rule", {"rule": RULE, "accept": True})
            wrong = await client.call_tool("tell_rule", {"rules": RULE})
            after = await client.call_tool("decide", HEAVY)
            return [early, shown, still, taken, again, wrong, after]

        early, shown, still, taken, again, wrong, after = asked(server, question)
    assert early.is_error
    assert early.content[0].text.startswith("this rule was not shown yet")
    assert shown.structured_content["accepted"] is False
    assert shown.structured_content["impact"][0] == "would change 1 of 2 states"
    assert shown.structured_content["functions"][0]["name"] == "strike"
    assert still.structured_content["action"] == "freight"
    assert taken.structured_content["accepted"] is True
    assert len(teacher.asked) == 1
    assert again.is_error
    assert wrong.content[0].text == (
        "field 'rules' is not in the schema; field 'rule' is missing; "
        "the tool takes: rule, expires, accept"
    )
    assert after.structured_content["action"] == "post"
    assert after.structured_content["later_rules"] == [RULE]


def test_what_another_process_changed_before_a_rule_is_told_does_not_stand_in_its_way(
    run: Path,
) -> None:
    reply = {"functions": [{"stage": "way", "file": STRIKE}]}
    with Policy.load(run) as policy, Policy.load(run) as other:
        other.remove("light")
        server = mcp_server({"p": policy}, QueuedTeacher(emergency=[reply]))

        async def question(client: Any) -> Any:
            await client.call_tool("tell_rule", {"rule": RULE})
            return await client.call_tool("tell_rule", {"rule": RULE, "accept": True})

        assert asked(server, question).structured_content["accepted"] is True
        assert {"strike"} == policy.base.by_name.keys() - other.base.by_name.keys()


def test_a_change_that_came_between_showing_and_accepting_is_not_overruled(run: Path) -> None:
    reply = {"functions": [{"stage": "way", "file": STRIKE}]}
    with Policy.load(run) as policy:
        server = mcp_server({"p": policy}, QueuedTeacher(emergency=[reply]))

        async def question(client: Any) -> Any:
            await client.call_tool("tell_rule", {"rule": RULE})
            policy.remove("light")
            return await client.call_tool("tell_rule", {"rule": RULE, "accept": True})

        refused = asked(server, question)
        assert refused.is_error
        assert "the base was changed meanwhile" in refused.content[0].text
        assert "strike" not in policy.base.by_name


def test_no_tool_changes_rules_unless_that_is_allowed(run: Path) -> None:
    with Policy.load(run) as policy:
        assert "tell_rule" not in names(mcp_server({"p": policy}))


def test_no_other_machine_reaches_the_tools(run: Path) -> None:
    with Policy.load(run) as policy, pytest.raises(BaseError, match="can be reached from other"):
        serve_mcp({"p": policy}, http=True, host="0.0.0.0")


def test_a_slow_decision_holds_up_no_other_answer(run: Path) -> None:
    others_answered = threading.Event()

    class Slow(Policy):
        def decide(self, state: Any, request: str | None = None) -> Any:
            assert others_answered.wait(120)
            return super().decide(state, request)

    with Slow.load(run) as policy:

        async def question(client: Any) -> list[str]:
            done = []

            async def call(tool: str, given: Any) -> None:
                await client.call_tool(tool, given)
                done.append(tool)

            await client.list_tools()
            slow = asyncio.create_task(call("decide", HEAVY))
            await call("list_rules", {})
            others_answered.set()
            await slow
            return done

        assert asked(mcp_server({"p": policy}), question) == ["list_rules", "decide"]


def test_answers_keep_the_schema_that_their_tool_declares(run: Path) -> None:
    async def question(client: Any) -> list[tuple[Any, Any]]:
        tools = (await client.list_tools()).tools
        calls = [(tool, {} if tool.name == "list_rules" else HEAVY) for tool in tools]
        found = [await client.call_tool(tool.name, given) for tool, given in calls]
        return [(tool.output_schema, one) for tool, one in zip(tools, found, strict=True)]

    with Policy.load(run) as policy:
        for schema, answer in asked(mcp_server({"p": policy}), question):
            assert Schema(schema).faults(answer.structured_content) == []
            extra = {**answer.structured_content, "snapshot": 3, "explanation": 3}
            assert Schema(schema).faults(extra) != []


def test_what_the_tools_decide_is_logged_as_it_is_asked_for(run: Path) -> None:
    field = next(iter(HEAVY))
    server = over_stdio(run, "--log-redact", field, "--log-chain")
    assert called(server, "decide", HEAVY).structured_content["action"] == "freight"
    [line] = map(json.loads, (run / "decisions.jsonl").read_text().splitlines())
    assert (field in line["state"], line["previous"]) == (False, None)
    assert "weigth" in mistake(logicdistill("serve", "--mcp", run, "--log-redact", "weigth"))


def test_a_users_mistakes_are_one_line(run: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = mistake(logicdistill("serve", "--mcp", run, "--http", "--port", port))
    assert said == (
        f"error: cannot listen on 127.0.0.1 port {port}: Address already in use; "
        "take another --port or --host"
    )
    said = mistake(logicdistill("serve", "--mcp", run, "--allow-tell"))
    assert said.endswith("add --teacher, which writes the functions")
    said = mistake(logicdistill("serve", "--mcp", tmp_path / "nowhere"))
    assert "unknown file or run" in said
    for how, why in (
        (["--mcp", "--http", "--host", "0.0.0.0"], "--host 0.0.0.0 can be reached from other"),
        (["--mcp", "--teacher", "recorded"], "add --allow-tell"),
        (
            ["--mcp", "--workers", "2"],
            "--mcp goes with neither --keys, --workers, --new-key, --open-questions nor --drain",
        ),
        (["--http"], "--http is for --mcp; add it"),
    ):
        assert why in mistake(logicdistill("serve", run, *how))
