"""Answers of a server that mean harm, over real HTTP: one line, bounded, and no key anywhere."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.live import PRICES

from logicdistill.errors import TeacherError
from logicdistill.protocols import Request
from logicdistill.teacher.answers import read_json_answer
from logicdistill.teacher.exchange import LARGEST
from logicdistill.teacher.limits import Limits
from logicdistill.teacher.live import LiveTeacher
from logicdistill.teacher.models import KEY_VARIABLE
from logicdistill.teacher.secrets import masked

KEY = "lk-Attack_KEY-0123456789"


class Server(ThreadingHTTPServer):
    """Answers every request with the same bytes."""

    daemon_threads = True
    status, body = 200, b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.headers: dict[str, str] = {}
        self.asked = 0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:  # the name is fixed
        self.rfile.read(int(self.headers["content-length"]))
        self.server.asked += 1
        self.send_response(self.server.status)
        headers = {"content-type": "application/json", **self.server.headers}
        for name, value in {**headers, "content-length": str(len(self.server.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def body(content: Any, **more: Any) -> bytes:
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    whole = {"id": "r", "object": "chat.completion", "created": 1, "model": "m"}
    return json.dumps({**whole, "choices": [choice], "usage": usage, **more}).encode()


def ask(server: Server, folder: Path, said: list[str]) -> Any:
    limits = Limits(budget=1.0, timeout=60.0, pause=0.01, tries=2)
    url = f"http://127.0.0.1:{server.server_port}/v1"
    with LiveTeacher(
        "m", folder, base_url=url, prices=PRICES, limits=limits, on_event=said.append
    ) as teacher:
        question = Request(
            "label",
            "t",
            (("user", "q"),),
            {"type": "object"},
            check=lambda reply: None if isinstance(reply, dict) else "no object",
        )
        return teacher.ask(question)


BOMB = gzip.compress(b"[" * (LARGEST * 20))
UNREADABLE = {
    "no choices": (body("", choices=[]), {}),
    "choices that are no list": (body("", choices={"a": 1}), {}),
    "null content": (body(None), {}),
    "content that is a number": (body(7), {}),
    "deep body": (b"[" * 200_000, {}),
    "deep answer": (body('{"a":' * 300 + "1" + "}" * 300), {}),
    "not a number": (body('{"a": NaN, "b": 1e999}'), {}),
    "too many digits": (body('{"a": %s}' % ("9" * 5000)), {}),
    "bomb": (BOMB, {"content-encoding": "gzip"}),
    "large": (b" " * (LARGEST + 1), {}),
    "says gzip and is not": (body("{}"), {"content-encoding": "gzip"}),
    "unknown compression": (body("{}"), {"content-encoding": "br"}),
    "empty": (b"", {}),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_answer_that_cannot_be_read_is_one_line(
    case: str, server: Server, tmp_path: Path
) -> None:
    server.body, server.headers = UNREADABLE[case]
    said: list[str] = []
    with pytest.raises(TeacherError) as caught:
        ask(server, tmp_path, said)
    assert all(line.isprintable() for line in [str(caught.value), *said])
    assert not list(tmp_path.glob("*.json"))


def test_half_a_character_in_an_answer_is_a_sign_of_replacement(
    server: Server, tmp_path: Path
) -> None:
    server.body = body('{"why": "cut \\ud83d", "\\ud83d\\ude00": "\ud83d"}')
    found = ask(server, tmp_path, [])
    assert found == {"why": "cut \ufffd", "\U0001f600": "\ufffd"}
    assert server.asked == 1
    assert ask(server, tmp_path, []) == found
    assert server.asked == 1


def test_what_was_paid_is_kept_before_it_is_read_and_goes_when_it_is_stored(
    server: Server, tmp_path: Path
) -> None:
    server.body = body("", choices=[])
    with pytest.raises(TeacherError):
        ask(server, tmp_path, [])
    [kept] = (tmp_path / "unread").iterdir()
    assert kept.read_bytes() == server.body
    server.body = body("{}")
    assert ask(server, tmp_path, []) == {}
    assert not list((tmp_path / "unread").iterdir())


def test_what_was_paid_and_not_read_is_read_by_the_next_run_and_not_asked_again(
    server: Server, tmp_path: Path
) -> None:
    server.body = body("", choices=[])
    with pytest.raises(TeacherError):
        ask(server, tmp_path, [])
    [kept] = (tmp_path / "unread").iterdir()
    kept.write_bytes(body('{"a": 1}'))  # as a run leaves it that is killed before it reads
    asked, said = server.asked, list[str]()
    assert ask(server, tmp_path, said) == {"a": 1}
    assert server.asked == asked
    assert any("was paid before" in line for line in said)
    assert not list((tmp_path / "unread").iterdir())
    assert ask(server, tmp_path, []) == {"a": 1}


def test_a_question_goes_nowhere_else(server: Server, tmp_path: Path) -> None:
    other = Server()
    threading.Thread(target=other.serve_forever, daemon=True).start()
    other.body, server.status = body("{}"), 307
    server.headers = {"location": f"http://127.0.0.1:{other.server_port}/v1/chat/completions"}
    with pytest.raises(TeacherError, match="leads on to"):
        ask(server, tmp_path, [])
    assert (server.asked, other.asked) == (1, 0)
    other.shutdown()
    other.server_close()


SPELLINGS = {
    "as it is": KEY,
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 in a longer text": base64.b64encode(f"Bearer {KEY}!".encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(f"x{KEY}y".encode()).decode(),
    "hexadecimal": KEY.encode().hex(),
    "every byte as in a URL": "".join(f"%{ord(letter):02X}" for letter in KEY),
    "quoted": quote(KEY, safe=""),
    "blanks between": " ".join(KEY),
    "lines between": "\n".join(KEY[at : at + 5] for at in range(0, len(KEY), 5)),
    "backwards": KEY[::-1],
    "upper case": KEY.upper(),
    "HTML": "".join(f"&#{ord(letter)};" for letter in KEY),
    "JSON": "".join(f"\\u{ord(letter):04x}" for letter in KEY),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_key_that_comes_back_in_an_answer_is_not_stored(
    spelling: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    written = SPELLINGS[spelling]
    server.body = body(json.dumps({"a": f"the key is {written}, is it?", written: 1}))
    said: list[str] = []
    found = ask(server, tmp_path, said)
    assert next(iter(found)) == "a"
    assert found["a"].startswith("the key is ")
    assert "***" in found["a"]
    stored = [file.read_text() for file in tmp_path.rglob("*.*") if file.is_file()]
    assert stored
    parts = {written[at : at + 12] for at in range(0, len(written) - 12, 6)}
    assert not any(part in text for part in parts for text in [*stored, *said])
    assert any("repeats a key" in line for line in said)


def test_words_in_such_variables_stay_in_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_MODE", "production")
    assert masked("in production, always") == "in production, always"
    assert masked("in production", strict=True) == "in ***"


@given(st.text())
def test_any_text_of_a_model_is_plain_json_or_a_value_error(text: str) -> None:
    try:
        found = read_json_answer(text)
    except ValueError:
        return
    json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
