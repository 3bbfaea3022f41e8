"""Shared real parts: bases from the shipped recordings, a short run, a tiny causal model."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import filelock
import pytest
import typer.main
import typer.testing
from hypothesis import settings
from tests.tiny import tiny_encoder

from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore, shipped_replies
from logicdistill.teacher.write import Author
from logicdistill.writing.base import build_base

# A test is never timed: a busy machine holds up any example.
settings.register_profile("quick", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# A shell's background job ignores Ctrl-C, and so would the commands that the tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Typer builds all commands again for each call, which takes longer than most of the calls.
typer.main.get_command = typer.testing._get_command = cache(typer.main.get_command)  # type: ignore[attr-defined]


LONGEST = {
    "compare/test_all_tasks.py",
    "test_tutorial.py",
    "pipeline/test_steps.py",
    "cli/test_main.py",
    "serving/test_mcp.py",
    "students/test_pretrained.py",
    "retrieval/test_lance.py",
    "cli/test_new_tools.py",
    "pipeline/test_live_run.py",
    "serving/test_page_in_browser.py",
}
"""They begin first, so that no worker is left with a long file while the other has nothing."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    items.sort(key=lambda item: not any(item.path == here / name for name in LONGEST))


def recorded_author(task_name: str, folder: Path) -> Author:
    """A teacher that replays the shipped recordings; ``folder`` stores the replies used."""
    task = get_task(task_name)
    return Author(RecordedTeacher(ReplyStore(folder), [shipped_replies(task.id)]), task)


@pytest.fixture(scope="session")
def guess_author(tmp_path_factory: pytest.TempPathFactory) -> Author:
    return recorded_author("guess", tmp_path_factory.mktemp("replies"))


@pytest.fixture(scope="session")
def guess_base(guess_author: Author) -> FunctionBase:
    base, _ = build_base(
        guess_author, [first_state(guess_author.task, seed) for seed in range(2)], lambda line: None
    )
    return base


@pytest.fixture
def guess_policy(guess_base: FunctionBase) -> Iterator[Policy]:
    with Policy(
        get_task("guess"), guess_base, lambda sandbox: ConditionsStudent(sandbox)
    ) as policy:
        yield policy


class Lines:
    """A reporter that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        self.lines.append(text)

    def progress(self, step: str, done: int, total: int) -> None:
        assert 0 <= done <= total


TINY = str(tiny_encoder())
QUICK: dict[str, Any] = {"episodes": 40, "train_episodes": 20, "encoder": TINY, "jobs": 1}
"""Settings of a run that is quick rather than good."""


@pytest.fixture(scope="session")
def quick_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A finished run of guess with a tiny encoder; to change it, take `run_folder`.

    The workers of one session share it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "quick-run" / "guess"
    folder.parent.mkdir(exist_ok=True)
    with filelock.FileLock(folder.parent / "lock"):
        if not (folder / "summary.json").is_file():
            RunPipeline(folder, RunSettings("guess", **QUICK), Lines()).run()
    return folder


@pytest.fixture
def run_folder(quick_run: Path, tmp_path: Path) -> Path:
    """A copy of the quick run."""
    return Path(shutil.copytree(quick_run, tmp_path / "guess"))


@pytest.fixture(scope="session")
def tiny_causal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny untrained causal model and its tokenizer, as transformers saves them."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-causal")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer, tokenizer.decoder = (
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        decoders.ByteLevel(),
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    texts = [
        "light: green, light: red, light: amber",
        "What now?",
        "the light is",
        " yes no go on wait here slow down",
        "Action: Because:",
    ]
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=340, initial_alphabet=alphabet, special_tokens=["<end>"]),
    )
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>").save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        eos_token_id=0,
        bos_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
