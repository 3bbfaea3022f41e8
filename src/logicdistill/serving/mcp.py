"""Policies as tools of the Model Context Protocol, over standard input and output or HTTP.

Each policy has a tool set of its own, so that ``decide`` takes a state by its own JSON Schema; with
several policies the tools' names begin with the policy's.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import anyio
import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from logicdistill.characters import escaped, escaped_line, json_line
from logicdistill.errors import BaseError, LogicDistillError
from logicdistill.functions.base import Proposal
from logicdistill.policy import Policy
from logicdistill.protocols import Teacher
from logicdistill.serving.listening import bound, in_url, is_loopback
from logicdistill.tasks.naming import task_name
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.schema import FAULTS_SHOWN, Schema
from logicdistill.types import Decision, Json
from logicdistill.version import __version__

LONGEST_NAME = 64
"""Characters of a tool's name that every host takes."""

MOST_SHOWN = 16
"""So many changes at most are kept between the call that shows one and the call that accepts it."""

PATH = "/mcp"
"""Where the tools are served over HTTP."""

_TELL_SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "rule": {"type": "string", "minLength": 1, "description": "The new rule, in one sentence."},
        "expires": {
            "type": ["string", "null"],
            "default": None,
            "description": "Until when it is in force, such as 2026-12-01T12:00 (UTC).",
        },
        "accept": {
            "type": "boolean",
            "default": False,
            "description": "Put into force what an earlier call with the same rule has shown.",
        },
    },
    "required": ["rule"],
    "additionalProperties": False,
}
_NOTHING: dict[str, Json] = {"type": "object", "additionalProperties": False}
_READS = types.ToolAnnotations(read_only_hint=True, open_world_hint=False)
_CHANGES = types.ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)


@dataclass(frozen=True, slots=True)
class _Tool:
    """A tool as hosts see it, and what it does: from arguments to JSON, or a `LogicDistillError`.

    ``text`` makes the answer's text from that JSON.
    """

    about: types.Tool
    call: Callable[[dict[str, Json]], dict[str, Json]]
    text: Callable[[dict[str, Json]], str]


def serve_mcp(
    policies: Mapping[str, Policy],
    *,
    http: bool = False,
    host: str = "127.0.0.1",
    port: int = 8000,
    teacher: Teacher | None = None,
) -> None:
    """Serve policies until the host closes standard input, or until Ctrl-C; in the main thread.

    Args:
        policies: by name; the names begin the tools' names where there are several.
        http: serve streamable HTTP at `PATH` in place of standard input and output.
        host: address of this machine alone to listen at, since nobody is asked for a key.
        port: to listen at; 0 takes a free one. The address is said on standard error.
        teacher: writes the functions of a rule that ``tell_rule`` tells; None offers no such tool.

    Raises:
        BaseError: other machines can reach the address; two names make one.
        StorageError: the address cannot be listened at.
    """
    if http and not is_loopback(host):
        raise BaseError(
            f"--host {host} can be reached from other machines, and --mcp asks for no key; "
            "serve at 127.0.0.1 and put a server that asks who it is before it"
        )
    server = mcp_server(policies, teacher)
    if not http:
        # A thread waits for the next line and cannot be woken, so Ctrl-C ends the process.
        before = signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            anyio.run(_over_stdio, server)
        finally:
            signal.signal(signal.SIGINT, before)
        return
    with bound(host, port) as listening:
        at = listening.getsockname()
        print(f"serving MCP at http://{in_url(at[0])}:{at[1]}{PATH}", file=sys.stderr, flush=True)
        try:
            anyio.run(_over_http, server, host, listening)
        except KeyboardInterrupt:
            return


def mcp_server(policies: Mapping[str, Policy], teacher: Teacher | None = None) -> Server[Any]:
    """The SDK's server with the tools of these policies; see `serve_mcp`."""
    tools: dict[str, _Tool] = {}
    for name, policy in policies.items():
        prefix = f"{task_name(name)}_" if len(policies) > 1 else ""
        for tool in _tools_of(policy, prefix, teacher):
            if tool.about.name in tools:
                raise BaseError(f"two policies make the tool {tool.about.name!r}; rename one")
            tools[tool.about.name] = tool

    async def list_tools(
        _: ServerRequestContext[Any], __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[tool.about for tool in tools.values()])

    async def call_tool(
        _: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = tools.get(params.name)
        if tool is None:
            known = ", ".join(tools)
            what = f"unknown tool {escaped_line(params.name)[:80]!r}; there are: {known}"
            raise MCPError(types.INVALID_PARAMS, what)
        try:
            found = await asyncio.to_thread(tool.call, params.arguments or {})
        except LogicDistillError as error:
            said = types.TextContent(text=escaped_line(str(error)))
            return types.CallToolResult(content=[said], is_error=True)
        text = types.TextContent(text=tool.text(found))
        return types.CallToolResult(content=[text], structured_content=found)

    titles = "; ".join(policy.task.title for policy in policies.values())
    return Server(
        "logicdistill",
        version=__version__,
        instructions=f"Decisions by written rules: {titles}. A decision cites the rules that it "
        "follows; take its action as it is, and say the rules where somebody asks why.",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _over_stdio(server: Server[Any]) -> None:
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


async def _over_http(server: Server[Any], host: str, listening: socket.socket) -> None:
    import uvicorn

    # Tools keep nothing between two requests of a client, so a client needs no session.
    app = server.streamable_http_app(
        streamable_http_path=PATH, host=host, json_response=True, stateless_http=True
    )
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    await uvicorn.Server(config).serve(sockets=[listening])


def _tools_of(policy: Policy, prefix: str, teacher: Teacher | None) -> list[_Tool]:
    task = policy.task
    title = escaped_line(task.title)

    def list_rules(given: dict[str, Json]) -> dict[str, Json]:
        _check(_NOTHING, given)
        return rules_json(policy)

    def tool(
        name: str,
        what: str,
        takes: Mapping[str, Json],
        gives: dict[str, Json],
        call: Callable[[dict[str, Json]], dict[str, Json]],
        text: Callable[[dict[str, Json]], str] = json_line,
        hints: types.ToolAnnotations = _READS,
    ) -> _Tool:
        room = LONGEST_NAME - len(name)
        about = types.Tool(
            name=prefix[:room] + name,
            description=f"{title}: {what}",
            input_schema=dict(takes),
            output_schema=gives,
            annotations=hints,
        )
        return _Tool(about, call, text)

    tools = [
        tool(
            "decide",
            "decide by the written rules. Takes the state as its arguments.",
            task.state_schema,
            _decision_schema(policy),
            lambda state: decision_json(policy.decide(state)),
        ),
        tool(
            "explain_decision",
            "say in plain words which functions and rules decide a state; not logged.",
            task.state_schema,
            _object({"explanation": {"type": "string"}}),
            lambda state: {"explanation": escaped(policy.explained(state).explain())},
            lambda found: str(found["explanation"]),
        ),
        tool(
            "list_rules",
            "the rules with their numbers, the functions that serve each, and rules without one.",
            _NOTHING,
            _RULES_SCHEMA,
            list_rules,
        ),
    ]
    if teacher is not None:
        telling = _Telling(policy, teacher)
        what = (
            "tell a new rule. The first call has functions written and shows which decisions would "
            "change; nothing is in force. The same call with 'accept': true puts that into force."
        )
        tools.append(
            tool("tell_rule", what, _TELL_SCHEMA, _TOLD_SCHEMA, telling.call, hints=_CHANGES)
        )
    return tools


def decision_json(decision: Decision) -> dict[str, Json]:
    """What a caller needs of a decision; ``later_rules`` are those told after the task's own."""
    later = dict.fromkeys(rule for step in decision.trace for rule in step.told)
    rules = [{"number": number, "words": words} for number, words in decision.cited.items()]
    return {
        "action": decision.action,
        "confidence": decision.confidence,
        "rules": cast(Json, rules),
        "later_rules": list(later),
        "fallback": decision.fallback,
        "snapshot": decision.snapshot,
    }


def rules_json(policy: Policy) -> dict[str, Json]:
    """The rules of a policy, the functions that serve each, and the rules without one."""
    base, rules = policy.base, policy.task.rules
    served: dict[int, list[Json]] = {number: [] for number in range(1, len(rules) + 1)}
    later: dict[str, list[Json]] = {}
    for function in base.functions:
        for number in function.rules:
            served.setdefault(number, []).append(function.name)
        if function.told is not None:
            later.setdefault(function.told, []).append(function.name)
    return {
        "rules": [
            {"number": number, "words": words, "functions": served[number]}
            for number, words in enumerate(rules, start=1)
        ],
        "later_rules": [{"words": words, "functions": names} for words, names in later.items()],
        "without_function": list(base.uncovered_rules(len(rules))),
        "snapshot": base.snapshot,
    }


class _Telling:
    """A policy's ``tell_rule``: what is accepted is what was shown, not a second answer."""

    def __init__(self, policy: Policy, teacher: Teacher) -> None:
        self._policy, self._teacher = policy, teacher
        self._shown: dict[tuple[str, str | None], Proposal] = {}

    def call(self, given: dict[str, Json]) -> dict[str, Json]:
        _check(_TELL_SCHEMA, given)
        rule, expires = " ".join(given["rule"].split()), given.get("expires")
        if given.get("accept", False):
            made = self._shown.pop((rule, expires), None)
            if made is None:
                raise BaseError(
                    "this rule was not shown yet, or is in force; call tell_rule without 'accept', "
                    "and then with the same 'rule' and 'expires'"
                )
            self._policy.accept(made, why="told over MCP")
            return self._told(made, True, [])
        if self._policy.folder is not None:
            self._policy.reload()  # What others changed meanwhile is no reason to refuse it later.
        made = self._policy.proposing.tell(rule, self._teacher, (), expires)
        lines = list(self._policy.impact(made).lines())
        while len(self._shown) >= MOST_SHOWN:
            self._shown.pop(next(iter(self._shown)))
        self._shown[rule, expires] = made
        return self._told(made, False, lines)

    def _told(self, made: Proposal, accepted: bool, impact: list[str]) -> dict[str, Json]:
        functions = [
            {"name": one.name, "stage": one.stage, "source": one.source} for one in made.functions
        ]
        return {
            "accepted": accepted,
            "impact": cast(Json, impact),
            "functions": cast(Json, functions),
            "snapshot": self._policy.base.snapshot,
        }


def _check(schema: dict[str, Json], given: dict[str, Json]) -> None:
    """Raise a `BaseError` that says what came and what is allowed, where arguments do not fit."""
    if faults := Schema(schema).faults(given):
        known = ", ".join(schema.get("properties", ())) or "no arguments"
        raise BaseError(f"{'; '.join(faults[:FAULTS_SHOWN])}; the tool takes: {known}")


def _object(properties: Mapping[str, Json]) -> dict[str, Json]:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def _list(item: Json) -> Json:
    return {"type": "array", "items": item}


_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": "integer"}
_NAMES = _list(_TEXT)
_RULES_SCHEMA = _object(
    {
        "rules": _list(_object({"number": _NUMBER, "words": _TEXT, "functions": _NAMES})),
        "later_rules": _list(_object({"words": _TEXT, "functions": _NAMES})),
        "without_function": _list(_NUMBER),
        "snapshot": _TEXT,
    }
)
_TOLD_SCHEMA = _object(
    {
        "accepted": {"type": "boolean"},
        "impact": _NAMES,
        "functions": _list(_object({"name": _TEXT, "stage": _TEXT, "source": _TEXT})),
        "snapshot": _TEXT,
    }
)


def _decision_schema(policy: Policy) -> dict[str, Json]:
    task = policy.task
    action: dict[str, Json] = {}
    if isinstance(task, RecordTask) and '"$' not in task.action_form:
        action = dict(task.settings.allowed)  # one with references holds only where it stands
    return _object(
        {
            "action": {**action, "description": "What to do."},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "rules": _list(_object({"number": _NUMBER, "words": _TEXT})),
            "later_rules": _NAMES,
            "fallback": {
                "type": ["string", "null"],
                "description": "Why the fallback action was taken, or null.",
            },
            "snapshot": _TEXT,
        }
    )
