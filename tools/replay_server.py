r"""An OpenAI-compatible server that answers from recorded replies, without a key and a model.

    python tools/replay_server.py guess [--port 8123]
    logicdistill run guess --teacher recorded --base-url http://127.0.0.1:8123/v1 \
        --set teacher.max_calls=100 --out runs/live-guess

It finds a reply by the question that it answers: among the task's shipped replies, or in a record
task's ``replies/``. With ``--fault`` every second request fails in one of the ways of `FAULTS`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any

from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import shipped_replies

FAULTS = (
    "rate-limit",
    "server-error",
    "drop",
    "hang",
    "truncated-json",
    "wrong-json",
    "cut-off",
    "not-http-json",
)
"""429 with Retry-After; 500; the connection ends; no answer within the time-out; an answer that is
half a JSON object, one that does not fit the schema, one that ends at its longest length; a body
that is no JSON."""


KNOWN_FORMS = ("json_schema", "json_object")


class ReplayServer(ThreadingHTTPServer):
    """Answers chat completions on loopback.

    Args:
        answer: messages (as they came) to the text of the answer; None is answered with 404.
        fault: number of a request, from 0, to one of `FAULTS`, or None for an honest answer.
        hang: seconds of the fault ``hang``.
        wait: header of the fault ``rate-limit``: how long to wait.
        knows: forms of an answer that are known.
        rejects: status of the answer to a request for another form.
        port: 0 takes a free one.

    Attributes:
        seen: the last message of each request, in the order in which they came.
        bodies: the requests themselves.
        answered: how many got an honest answer.
    """

    daemon_threads = True

    def __init__(
        self,
        answer: Callable[[list[dict[str, Any]]], str | None],
        fault: Callable[[int], str | None] = lambda _: None,
        hang: float = 5.0,
        wait: Mapping[str, str] = MappingProxyType({"retry-after-ms": "20"}),
        knows: Sequence[str] = KNOWN_FORMS,
        rejects: int = 400,
        port: int = 0,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer, self.fault, self.hang = answer, fault, hang
        self.wait, self.knows, self.rejects = wait, knows, rejects
        self.seen: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answered = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """For ``--base-url``."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing; clients may go away."""


class _Handler(BaseHTTPRequestHandler):
    server: ReplayServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two packets

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:  # the name is fixed
        """One answer, to a chat completion or to OpenAI's newer responses."""
        body, server = json.loads(self.rfile.read(int(self.headers["content-length"]))), self.server
        messages = body["messages"] if "messages" in body else _input(body)
        with server.lock:
            number = len(server.seen)
            server.seen.append(str(messages[-1]["content"]))
            server.bodies.append(body)
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
        fault = server.fault(number)
        if fault is not None and not self._honest_after(fault):
            return
        form = body.get("response_format", {}).get("type", "text")
        if form != "text" and form not in server.knows:
            self._send(
                server.rejects, {"error": {"message": f"response_format {form} is not supported"}}
            )
            return
        text = server.answer(messages)
        if text is None:
            self._send(
                404,
                {"error": {"message": "no recorded reply to this question", "code": "no_reply"}},
            )
            return
        if fault in ("truncated-json", "cut-off"):
            text = text[: len(text) // 2]
        elif fault == "wrong-json":
            text = json.dumps({"surprise": text[:20]})
        else:
            with server.lock:
                server.answered += 1
        tokens = sum(len(str(message["content"])) for message in messages) // 4, len(text) // 4
        made = _completion if "messages" in body else _response
        self._send(200, made(number, body["model"], text, tokens, fault == "cut-off"))

    def _honest_after(self, fault: str) -> bool:
        """Do what the fault is; whether an answer follows."""
        if fault == "rate-limit":
            self._send(
                429,
                {"error": {"message": "slow down", "code": "rate_limit_exceeded"}},
                self.server.wait,
            )
        elif fault == "bad-key":
            key = self.headers["authorization"].removeprefix("Bearer ")
            said = f"Incorrect API key provided: {key}"
            self._send(401, {"error": {"message": said, "code": "invalid_api_key"}})
        elif fault == "server-error":
            self._send(500, {"error": {"message": "it broke"}})
        elif fault == "drop":
            self.close_connection = True
            self.connection.close()
        elif fault == "hang":
            time.sleep(self.server.hang)
            self.close_connection = True
        elif fault == "not-http-json":
            self._send(200, "<html>a gateway's page</html>")
        return fault in ("truncated-json", "wrong-json", "cut-off")

    def _send(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)


def _completion(
    number: int, model: str, text: str, tokens: tuple[int, int], cut: bool
) -> dict[str, Any]:
    usage = {
        "prompt_tokens": tokens[0],
        "completion_tokens": tokens[1],
        "total_tokens": sum(tokens),
    }
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "length" if cut else "stop",
    }
    return {
        "id": f"r{number}",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [choice],
        "usage": usage,
    }


def _response(
    number: int, model: str, text: str, tokens: tuple[int, int], cut: bool
) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {
        "type": "message",
        "id": f"m{number}",
        "role": "assistant",
        "status": "completed",
        "content": content,
    }
    usage = {"input_tokens": tokens[0], "output_tokens": tokens[1], "total_tokens": sum(tokens)}
    usage |= {
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    fixed = {
        "object": "response",
        "created_at": 1,
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
    }
    ended = (
        {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
        if cut
        else {"status": "completed"}
    )
    return {"id": f"r{number}", "model": model, "output": [message], "usage": usage} | fixed | ended


def _input(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of a request for a response, each with its text alone."""
    first = (
        [{"role": "system", "content": body["instructions"]}] if body.get("instructions") else []
    )
    found = [
        {"role": item["role"], "content": item["content"]}
        for item in body["input"]
        if "role" in item
    ]
    return first + [item | {"content": _text(item["content"])} for item in found]


def _text(content: Any) -> str:
    return (
        content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    )


@contextlib.contextmanager
def serving(server: ReplayServer) -> Iterator[ReplayServer]:
    """The server, answering in a thread of its own."""
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def replayed(folders: Sequence[Path]) -> Callable[[list[dict[str, Any]]], str | None]:
    """Answers by the question of each recorded reply, also where complaints follow it."""
    known: dict[str, str] = {}
    labels: dict[tuple[str, str], Any] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.json")):
            record = json.loads(file.read_text(encoding="utf-8"))
            if record["request"]["kind"] == "label":
                view, _, names = record["request"]["subject"].split(" | ", 1)[1].rpartition(" | ")
                labels[view, names] = record["reply"]
            if record["request"]["messages"]:
                known[record["request"]["messages"][-1][1]] = json.dumps(
                    record["reply"], ensure_ascii=False
                )

    def answer(messages: list[dict[str, Any]]) -> str | None:
        asked = [message["content"] for message in messages]
        found = next((known[text] for text in asked if text in known), None)
        return found or _labels(asked[-1], labels)

    return answer


def asked_labels(text: str) -> tuple[str, list[str]]:
    """The candidates' names, and the views, of a request for many labels; no view of any other."""
    manuals, _, states = text.partition("States, each with its number:")
    names = re.findall(r"^- (\w+): ", manuals.partition("Functions:")[2], re.MULTILINE)
    quoted = re.findall(r'^\d+\. (".*")$', states, re.MULTILINE)
    return ", ".join(sorted(names)), [json.loads(view) for view in quoted]


def _labels(text: str, known: Mapping[tuple[str, str], Any]) -> str | None:
    """The recorded labels among those that are asked for; None where there is none."""
    names, views = asked_labels(text)
    numbered = enumerate(views, start=1)
    found = [{"number": n} | known[view, names] for n, view in numbered if (view, names) in known]
    return json.dumps({"labels": found}, ensure_ascii=False) if found else None


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "task", help="a built-in task's id, or the folder of a record task with replies/"
    )
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--fault", choices=FAULTS, help="how every second request fails")
    chosen = parser.parse_args()
    task = get_task(chosen.task)
    folder = (
        task.folder / "replies" if isinstance(task, RecordTask) else shipped_replies(task.id).folder
    )
    server = ReplayServer(
        replayed([folder]),
        lambda number: chosen.fault if number % 2 == 0 else None,
        port=chosen.port,
    )
    print(f"{task.id}: {server.url}  (Ctrl-C ends it)", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
