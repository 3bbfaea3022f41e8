"""The tools of a server of the Model Context Protocol: it is started, asked, and ended."""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from logicdistill.errors import TaskError, needs_extra, one_line
from logicdistill.tasks.importing.actions import MOST_LABELS, count_of
from logicdistill.tasks.importing.plain import Resolver
from logicdistill.tasks.importing.tools import Tool, Tools, closed

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import Tool as Offered

PATIENCE = 60.0
"""Seconds that a server has to start and to list its tools."""


def read_mcp(command: str, patience: float = PATIENCE) -> Tools:
    """The tools of a server.

    Args:
        command: what starts it, with its arguments as a shell splits them; it gets the environment
            of this process. Or its URL (``http://...``).
        patience: seconds that it has.

    Raises:
        TaskError: it cannot be started or reached, or does not list tools.
        MissingExtraError: the SDK is not installed.
    """
    with needs_extra("'new --mcp'", "mcp"):
        from mcp import Client, StdioServerParameters, stdio_client
    with tempfile.TemporaryFile("w+", errors="replace") as said, _quiet():
        try:
            if command.startswith(("http://", "https://")):
                client = Client(command)
            else:
                program, *arguments = shlex.split(command) or [""]
                started = StdioServerParameters(
                    command=program, args=arguments, env=dict(os.environ)
                )
                client = Client(stdio_client(started, errlog=said))
            name, offered = asyncio.run(_within(patience, client))
        except Exception as error:
            raise TaskError(_why(command, error, said, patience)) from None
    found = Tools(name, [])
    notes: dict[str, None] = {}
    for tool in offered:
        resolver = Resolver(tool.input_schema)
        try:
            arguments = resolver.plain(tool.input_schema)
        except TaskError as error:
            raise TaskError(f"{one_line(tool.name)[:60]}: {error}") from None
        says = one_line(tool.description or tool.title or "")
        found.tools.append(Tool(tool.name, says, closed(arguments)))
        notes |= dict.fromkeys(f"{one_line(tool.name)[:60]}: {note}" for note in resolver.notes)
    found.say("read", f"{name}: an MCP server; {count_of(len(offered), 'tool')}")
    for note in notes:
        found.say("note", note)
    return found


async def _within(patience: float, client: Client) -> tuple[str, list[Offered]]:
    async with asyncio.timeout(patience):
        return await _listed(client)


async def _listed(client: Client) -> tuple[str, list[Offered]]:
    """The server's name, and its tools."""
    found: list[Offered] = []
    async with client:
        cursor: str | None = None
        while len(found) <= MOST_LABELS:  # one that has more is refused
            page = await client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if cursor is None or not page.tools:
                break
        about = client.server_info
    name = one_line(about.title or about.name)[:80] if about else ""
    return name or "a server without a name", found


@contextmanager
def _quiet() -> Iterator[None]:
    """The SDK logs a server's mistakes with their tracebacks; here they are one line."""
    logger = logging.getLogger("mcp")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _why(command: str, error: BaseException, said: IO[str], patience: float) -> str:
    """What went wrong, in one line, with the last thing that the server said."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    shown = one_line(command)[:100]
    if isinstance(error, TimeoutError):
        why = f"it has not listed its tools after {patience:g} s"
    elif isinstance(error, OSError) and error.strerror:
        why = error.strerror
    else:
        why = one_line(error)
    said.seek(0)
    last: Any = [line for line in said.read()[-2000:].splitlines() if line.strip()][-1:]
    heard = f" (it said: {one_line(last[0])[:160]})" if last else ""
    advice = "give a command that starts an MCP server on standard input and output, or a URL"
    return f"no MCP server answers: {shown!r}: {why}{heard}; {advice}"
