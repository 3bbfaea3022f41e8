"""A live teacher against real HTTP: faults end in success or in one line; nothing is paid twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.live import FAULTS, GUESS, ROOT, ReplayServer, serving, teacher_for

from logicdistill.errors import (
    LimitReachedError,
    MissingExtraError,
    TeacherError,
    UnusableReplyError,
)
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.protocols import BatchTeacher, Request
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.answers import safe_line
from logicdistill.teacher.limits import Limits
from logicdistill.teacher.live import LiveTeacher
from logicdistill.teacher.models import KEY_VARIABLE
from logicdistill.teacher.prices import listed_prices
from logicdistill.teacher.write import Author
from logicdistill.writing.base import build_base

Served = Callable[..., ReplayServer]
SCHEMA = {
    "type": "object",
    "properties": {"function": {"type": "string"}},
    "required": ["function"],
    "additionalProperties": False,
}
KEY = "sk-secret-0123456789"


@pytest.fixture
def served() -> Iterator[Served]:
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(
            serving(ReplayServer(*arguments, **options))
        )


def question(number: int | str = 0, check: Callable[[Any], str | None] = lambda _: None) -> Request:
    return Request(
        "label",
        "guess-v1",
        (("system", "You label."), ("user", f"question {number}")),
        SCHEMA,
        check=check,
    )


def says(text: str) -> Callable[[list[dict[str, Any]]], str]:
    return lambda messages: text


def written(teacher: LiveTeacher) -> FunctionBase:
    task = get_task("guess")
    samples = [first_state(task, seed) for seed in range(2)]
    return build_base(Author(teacher, task), samples, lambda _: None)[0]


def test_a_base_is_written_over_http_and_a_second_run_pays_nothing(
    served: Served, tmp_path: Path
) -> None:
    server = served(GUESS)
    with teacher_for(server, tmp_path) as teacher:
        first = written(teacher)
    assert isinstance(teacher, BatchTeacher)
    assert len(server.seen) == server.answered == teacher.spent.calls == 4
    with teacher_for(server, tmp_path) as again:
        assert written(again).snapshot == first.snapshot
    assert len(server.seen) == 4
    assert (again.spent.calls, again.known_answers) == (0, 4)
    record = json.loads(next(tmp_path.glob("*.json")).read_text())
    assert record["origin"] == f"tiny at {server.url}"
    assert record["usage"]["calls"] == 1
    assert record["usage"]["dollars"] > 0


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_ends_in_success_and_no_answer_is_paid_twice(
    fault: str, served: Served, tmp_path: Path
) -> None:
    said: list[str] = []
    server = served(
        says('{"function": "a"}'), lambda number: fault if number % 2 == 0 else None, hang=5.0
    )
    with teacher_for(server, tmp_path, said, timeout=2.0 if fault == "hang" else 60.0) as teacher:
        assert [teacher.ask(question(number, fits)) for number in (1, 2, 1)] == [
            {"function": "a"}
        ] * 3
    assert len(server.seen) == teacher.spent.calls == 4
    assert server.answered == 2 == len(list(tmp_path.glob("*.json")))
    assert len(said) == 2
    assert all(line.isprintable() for line in said)


def fits(reply: Any) -> str | None:
    return None if isinstance(reply, dict) and set(reply) == {"function"} else "it has no function"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_ends_in_one_line_and_keeps_what_came_before(
    fault: str, served: Served, tmp_path: Path
) -> None:
    server = served(says('{"function": "a"}'), lambda number: fault if number else None, hang=5.0)
    with teacher_for(
        server, tmp_path, timeout=2.0 if fault == "hang" else 60.0, tries=2
    ) as teacher:
        teacher.ask(question(1))
        unusable = fault in ("truncated-json", "wrong-json", "cut-off")
        with pytest.raises(UnusableReplyError if unusable else TeacherError) as caught:
            teacher.ask(question(2, fits))
    assert str(caught.value).isprintable()
    assert ("3 tries" if unusable else "2 tries") in str(caught.value)
    assert len(server.seen) == (4 if unusable else 3)
    assert len(list(tmp_path.glob("*.json"))) == 1


def test_a_model_by_its_name_alone_is_asked_with_its_own_key_and_prices(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, said = (
        served(says('{"function": "a"}'), {0: "rate-limit", 1: "cut-off", 2: "wrong-json"}.get),
        list[str](),
    )
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv(KEY_VARIABLE, "another-key")
    limits = Limits(budget=0.05, pause=0.01)
    with LiveTeacher("openai:gpt-5-mini", tmp_path, limits=limits, on_event=said.append) as teacher:
        assert teacher.ask(question(1, fits)) == {"function": "a"}
    assert {headers["authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    assert len(server.seen) == teacher.spent.calls == 4
    assert "it was cut off after" in said[1]
    assert server.bodies[0]["max_output_tokens"] == 4_000
    assert server.bodies[0]["text"]["format"]["type"] == "json_schema"
    assert 0 < (teacher.dollars or 0) < 0.001
    assert "of $0.05 by genai-prices" in teacher.cost_line()


def test_an_unusable_answer_goes_back_with_its_reason(served: Served, tmp_path: Path) -> None:
    server = served(
        lambda messages: '{"function": "b"}' if len(messages) > 2 else '{"function": "x"}'
    )
    with teacher_for(server, tmp_path) as teacher:
        assert teacher.ask(
            question(1, lambda reply: None if reply["function"] == "b" else "x is no candidate")
        ) == {"function": "b"}
    roles = [[message["role"] for message in body["messages"]] for body in server.bodies]
    assert roles == [["system", "user"], ["system", "user", "assistant", "user"]]
    assert "x is no candidate" in server.seen[1]
    assert json.loads(next(tmp_path.glob("*.json")).read_text())["usage"]["calls"] == 2


def test_a_server_that_asks_for_a_pause_is_given_it_by_all(served: Served, tmp_path: Path) -> None:
    moments: list[float] = []

    def fault(number: int) -> str | None:
        moments.append(time.monotonic())
        return "rate-limit" if number == 0 else None

    server = served(says('{"function": "a"}'), fault, wait={"retry-after-ms": "300"})
    with teacher_for(server, tmp_path, parallel=1) as teacher:
        teacher.ask_many([question(number) for number in range(2)])
    assert len(moments) == 3
    assert moments[1] - moments[0] >= 0.3


def test_a_server_that_asks_for_an_hour_is_not_waited_for(served: Served, tmp_path: Path) -> None:
    server = served(says("{}"), lambda _: "rate-limit", wait={"Retry-After": "3600"})
    with (
        teacher_for(server, tmp_path) as teacher,
        pytest.raises(TeacherError, match=r"slow down \(1 tries, it asks to wait 3,600 s\)"),
    ):
        teacher.ask(question())
    assert len(server.seen) == 1


def test_a_server_without_json_schemas_is_asked_in_a_simpler_form(
    served: Served, tmp_path: Path
) -> None:
    server = served(says('Here you are:\n```json\n{"function": "a"}\n```'), knows=())
    with teacher_for(server, tmp_path) as teacher:
        assert teacher.ask_many([question(1), question(2)]) == [{"function": "a"}] * 2
        teacher.ask(question(3))
    forms = [body.get("response_format", {}).get("type") for body in server.bodies]
    assert Counter(forms)[None] == 3
    assert forms[-1] is None
    assert '"function": {"type": "string"}' in server.bodies[-1]["messages"][1]["content"]


@pytest.mark.parametrize("rejects", [400, 422, 500])
def test_a_server_that_takes_a_schema_beside_json_object_gets_it_there(
    rejects: int, served: Served, tmp_path: Path
) -> None:
    server = served(says('{"function": "a"}'), knows=("json_object",), rejects=rejects)
    with teacher_for(server, tmp_path) as teacher:
        assert teacher.ask_many([question(1)]) == [{"function": "a"}]
    first, second = [body["response_format"] for body in server.bodies]
    assert (first["type"], second["type"]) == ("json_schema", "json_object")
    assert second["schema"]["properties"]["function"] == {"type": "string"}


def test_many_questions_are_under_way_at_once_and_the_same_one_is_sent_once(
    served: Served, tmp_path: Path
) -> None:
    together = threading.Barrier(4, timeout=120)

    def answer(messages: list[dict[str, Any]]) -> str:
        together.wait()
        return json.dumps({"function": messages[-1]["content"]})

    server = served(answer)
    with teacher_for(server, tmp_path, parallel=4) as teacher:
        found = teacher.ask_many([question(number) for number in (0, 1, 2, 3, 0, 1)])
    assert [reply["function"][-1] for reply in found] == ["0", "1", "2", "3", "0", "1"]  # type: ignore[index]
    assert len(server.seen) == 4


@pytest.mark.parametrize(
    ("limits", "message", "answered"),
    [
        ({"budget": None, "calls": 3}, "the limit of 3 calls is reached", 3),
        (
            {"budget": 0.0168},
            r"the budget of \$0.02 is reached: \$0.00\d+ is spent .* may cost \$0.016",
            8,
        ),
        ({"budget": None, "tokens": 4_400}, "the limit of 4,400 tokens is reached", 4),
    ],
)
def test_a_limit_ends_in_one_line_is_never_passed_and_the_same_command_goes_on(
    limits: dict[str, Any], message: str, answered: int, served: Served, tmp_path: Path
) -> None:
    server = served(says('{"function": "a"}'))
    questions = [question(number) for number in range(60)]
    with (
        teacher_for(server, tmp_path, **limits) as teacher,
        pytest.raises(LimitReachedError, match=message) as caught,
    ):
        teacher.ask_many(questions)
    assert "the same command goes on" in str(caught.value)
    assert len(server.seen) == len(list(tmp_path.glob("*.json"))) >= answered
    spent = teacher.spent
    assert 0 < (teacher.dollars or 0) <= (limits["budget"] or 9)
    assert spent.tokens_in + spent.tokens_out <= limits.get("tokens", 10**9)
    before = len(server.seen)
    with teacher_for(server, tmp_path) as again:
        again.ask_many(questions[: before + 1])
    assert len(server.seen) == before + 1


def test_after_a_failure_the_same_question_is_asked_again(served: Served, tmp_path: Path) -> None:
    broken = [True]
    server = served(says('{"function": "a"}'), lambda _: "server-error" if broken[0] else None)
    with teacher_for(server, tmp_path, tries=1, parallel=4) as teacher:
        with pytest.raises(TeacherError, match="it broke"):
            teacher.ask_many([question(number) for number in range(8)])
        failed, broken[0] = len(server.seen), False
        assert 1 <= failed <= 4
        assert (
            teacher.ask_many([question(number) for number in range(8)]) == [{"function": "a"}] * 8
        )
    assert len(server.seen) == failed + 8


def test_one_unusable_label_costs_none_of_the_others(served: Served, tmp_path: Path) -> None:
    server = served(lambda messages: "no" if "question 1" in str(messages) else '{"function": "a"}')
    with teacher_for(server, tmp_path) as teacher:
        found = teacher.ask_many([question(number) for number in range(3)])
    assert [type(item).__name__ for item in found] == ["dict", "UnusableReplyError", "dict"]
    assert len(server.seen) == 2 + 3


def test_a_key_is_sent_to_its_server_alone_and_stands_nowhere(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other-0123456789")
    said: list[str] = []
    server = served(says('{"function": "a"}'), lambda number: "bad-key" if number == 1 else None)
    with teacher_for(server, tmp_path / "keyless", said) as teacher:
        teacher.ask(question())
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    with teacher_for(server, tmp_path / "keyed", said) as teacher:
        with pytest.raises(
            TeacherError,
            match=f"does not accept the key: .*; correct {KEY_VARIABLE} in the environment",
        ) as caught:
            teacher.ask(question())
        teacher.ask(question(2))
        said.append(teacher.cost_line())
    assert [headers["authorization"] for headers in server.headers] == [
        "Bearer none",
        f"Bearer {KEY}",
        f"Bearer {KEY}",
    ]
    stored = "".join(file.read_text() for file in tmp_path.glob("*/*.json"))
    for text in (str(caught.value), repr(caught.value), stored, *said):
        assert "0123456789" not in text
    assert "***" in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("model", "url", "message"),
    [
        ("openai:gpt-5-mini", None, "OPENAI_API_KEY"),
        ("gpt-5-mini", None, "takes PROVIDER:MODEL, such as openai:gpt-5-mini; got 'gpt-5-mini'"),
        ("nobody:model", None, "Unknown provider"),
        ("anthropic:claude-sonnet-4-5", None, "anthropic"),
        (
            "tiny",
            "localhost:8000",
            "--base-url takes a URL such as http://localhost:8000/v1; got 'localhost:8000'",
        ),
        ("tiny", "http://me:word@localhost/v1", f"holds no key: set {KEY_VARIABLE}"),
        (
            "tiny",
            "http://127.0.0.1:1/v1",
            "the price of 'tiny' is not known, so no budget can hold: give teacher.max_calls",
        ),
    ],
)
def test_what_cannot_be_asked_is_named_in_one_line(
    model: str, url: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(TeacherError) as caught:
        LiveTeacher(model, tmp_path, base_url=url)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_server_that_is_not_there_is_named_in_one_line(tmp_path: Path) -> None:
    limits = Limits(calls=1, tries=3, pause=0.01)  # the limit is not to blame
    teacher = LiveTeacher("tiny", tmp_path, base_url="http://127.0.0.1:1/v1", limits=limits)
    said = (
        r"^http://127.0.0.1:1/v1: nobody answers there \(.*\): "
        r"start the server, or correct --base-url \(3 tries\); what was answered is"
    )
    with teacher, pytest.raises(TeacherError, match=said):
        teacher.ask(question())
    assert (teacher.spent.calls, teacher.spent.tokens_in) == (0, 0)


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "logicdistill.teacher.models")
    monkeypatch.setitem(sys.modules, "pydantic_ai.direct", None)
    with pytest.raises(
        MissingExtraError,
        match=r"a live teacher needs pydantic_ai.direct: pip install 'logicdistill\[teacher\]'",
    ):
        LiveTeacher("openai:gpt-5-mini", tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [{"budget": 0.0}, {"calls": -1}, {"parallel": 0}, {"timeout": 0.0}, {"budget": float("nan")}],
)
def test_limits_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TeacherError, match="give "):
        Limits(**wrong)


def test_prices_are_those_of_the_list_or_none() -> None:
    found = listed_prices("openai:gpt-5-mini")
    assert found is not None
    assert 0 < found.token_in < found.token_out < 1e-4
    assert listed_prices("openai:no-such-model") is None


def test_a_servers_message_is_one_line_without_keys() -> None:
    assert (
        safe_line("Incorrect key sk-abcdef123456 given\nBearer abc\x1b[0m")
        == "Incorrect key *** given ***"
    )


CHILD = """
import json, sys
from pathlib import Path
from logicdistill.protocols import Request
from logicdistill.teacher.limits import Limits
from logicdistill.teacher.live import LiveTeacher
url, folder, messages, schema = sys.argv[1:]
limits = Limits(parallel=2, calls=100)
questions = [
    Request("label", "guess-v1", tuple(map(tuple, json.loads(messages.replace("#", str(number))))),
    json.loads(schema)) for number in range(40)
]
with LiveTeacher("tiny", Path(folder), base_url=url, limits=limits, on_event=print) as teacher:
    teacher.ask_many(questions)
"""


def test_ctrl_c_waits_for_what_is_paid_and_a_second_run_asks_the_rest_alone(
    served: Served, tmp_path: Path
) -> None:
    reached, go = threading.Event(), threading.Event()

    def answer(messages: list[dict[str, Any]]) -> str:
        if "question 5" in str(messages[-1]["content"]):
            reached.set()
            go.wait(120)
        return '{"function": "a"}'

    server = served(answer)
    paths = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    messages = json.dumps(question("#").messages)
    command = [sys.executable, "-u", "-c", CHILD, server.url, str(tmp_path), messages]
    child = subprocess.Popen(
        [*command, json.dumps(SCHEMA)],
        env=os.environ | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reached.wait(120)
    child.send_signal(signal.SIGINT)
    assert child.stdout is not None
    assert child.stdout.readline().startswith("waiting for the answers that are paid for already")
    go.set()
    child.communicate(timeout=120)
    answered = len(server.seen)
    assert 6 <= answered < 40
    assert len(list(tmp_path.glob("*.json"))) == answered
    with teacher_for(server, tmp_path) as teacher:
        teacher.ask_many([question(number) for number in range(40)])
    assert len(server.seen) == 40
