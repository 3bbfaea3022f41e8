"""When distilling has cost less than asking a large model for every decision."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from logicdistill.deciding.episodes import play
from logicdistill.errors import CorruptError
from logicdistill.evaluation.evaluate import optimum_player
from logicdistill.files import read_json
from logicdistill.protocols import Task
from logicdistill.teacher.prices import PriceList, TokenPrices
from logicdistill.training.collect import read_examples
from logicdistill.types import Json

SAMPLED_SEEDS = range(100_000, 100_010)
"""Episodes whose states and actions show how long a question to a large model is."""


@dataclass(frozen=True, slots=True)
class Costs(TokenPrices):
    """Prices and speed of the large model, and prices of the small one's CPU.

    Attributes:
        first_token_seconds, tokens_per_second: latency: until the first token, and then.
        characters_per_token: to estimate tokens by.
        core_hour: dollars for an hour of one CPU core.
        cores: busy while training.
    """

    first_token_seconds: float
    tokens_per_second: float
    characters_per_token: float
    core_hour: float
    cores: float


def read_costs(file: Path | None = None) -> Costs:
    """Costs from a price list; by default the package's own, whose figures are assumed.

    Raises:
        StorageError: the file cannot be read.
        TaskError: a figure is missing or out of range; the message names it.
    """
    found = PriceList(file or Path(__file__).with_name("prices.toml"))
    tokens = found.token_prices()
    return Costs(
        *(tokens.name, tokens.token_in, tokens.token_out),
        found.figure("large_model", "seconds_to_first_token"),
        found.figure("large_model", "tokens_out_per_second", 0.001),
        found.figure("large_model", "characters_per_token", 0.1),
        found.figure("cpu", "dollars_per_core_hour"),
        found.figure("cpu", "cores_while_training", 1.0),
    )


class Tokens(NamedTuple):
    """Tokens that go into a large model and that come out of it."""

    into: float
    out: float


def break_even(
    costs: Costs, written: Tokens, asked: Tokens, training_seconds: float, decision_ms: float
) -> dict[str, Json]:
    """After how many decisions distilling has cost less than asking each time.

    Args:
        costs: see `Costs`.
        written: tokens of writing the function base, labels and repairs included.
        asked: tokens of one decision of the large model.
        training_seconds: wall time of what is done once.
        decision_ms: median of one decision of the small model; above 0.

    Returns:
        Paid once: ``written_dollars`` (asking for the functions), ``trained_dollars``. For one
        decision of the large model and of the small one: ``asked_dollars``, ``decided_dollars``;
        ``asked_ms``, and its ratio to the small one's, ``latency_ratio``. ``decisions``: after so
        many it has cost less to distil; None where the small model's decision costs as much.
    """
    written_dollars, asked_dollars = costs.dollars(*written), costs.dollars(*asked)
    trained_dollars = training_seconds / 3600 * costs.cores * costs.core_hour
    decided_dollars = decision_ms / 3_600_000 * costs.core_hour
    gain = asked_dollars - decided_dollars
    decisions = math.floor((written_dollars + trained_dollars) / gain) + 1 if gain > 0 else None
    asked_ms = 1000 * (costs.first_token_seconds + asked.out / costs.tokens_per_second)
    return {
        "decisions": decisions,
        "written_dollars": written_dollars,
        "trained_dollars": trained_dollars,
        "asked_dollars": asked_dollars,
        "decided_dollars": decided_dollars,
        "asked_ms": asked_ms,
        "latency_ratio": asked_ms / decision_ms,
    }


def written_tokens(run: Path, characters_per_token: float) -> Tokens:
    """Tokens behind a run's base and training, estimated from characters of requests and replies.

    Labels of views that no example shows (for evaluation), and changed rules, do not count.

    Raises:
        CorruptError: a stored reply is not one.
    """
    examples = read_examples(run / "examples.jsonl")
    learnt = {f"{example.stage} | {example.view}" for example in examples}
    into = out = 0
    for file in sorted((run / "replies").glob("*.json")):
        record = read_json(file)
        try:
            request = record["request"]
            kind, view = request["kind"], str(request.get("subject")).rpartition(" | ")[0]
            if kind == "emergency" or (kind == "label" and view not in learnt):
                continue
            into += sum(len(content) for _, content in request["messages"])
            out += len(json.dumps(record["reply"], ensure_ascii=False))
        except (AttributeError, KeyError, TypeError, ValueError):
            raise CorruptError(f"{file}: not a stored reply; delete it and run again") from None
    return Tokens(into / characters_per_token, out / characters_per_token)


def asked_tokens(task: Task, characters_per_token: float) -> Tokens:
    """Mean tokens of one decision: rules and state in, the exact action (or the fallback) out."""
    played = play(task, optimum_player(task), SAMPLED_SEEDS)
    turns = [turn for episode in played for turn in episode.turns]
    rules = "\n".join(f"{number}. {rule}" for number, rule in enumerate(task.rules, start=1))
    into = len(rules) + sum(len(json.dumps(turn.state)) for turn in turns) / len(turns)
    out = sum(len(json.dumps(turn.action)) for turn in turns) / len(turns)
    return Tokens(into / characters_per_token, out / characters_per_token)


def cost(run: Path, task: Task, summary: Mapping[str, Json], costs: Costs) -> dict[str, Json]:
    """The break-even of one run, from its folder and summary, with everything it comes from."""
    written = written_tokens(run, costs.characters_per_token)
    asked = asked_tokens(task, costs.characters_per_token)
    seconds = sum(summary["seconds"].get(step, 0.0) for step in ("write", "collect", "train"))
    decision_ms = summary["players"]["ld-encoder"]["decision_ms_p50"]
    found = break_even(costs, written, asked, seconds, decision_ms)
    return {
        "task": task.id,
        "prices": costs.name,
        "prices_per_million": [round(costs.token_in * 1e6, 6), round(costs.token_out * 1e6, 6)],
        "core_hour": costs.core_hour,
        "written_tokens": [round(tokens) for tokens in written],
        "decision_tokens": [round(tokens, 1) for tokens in asked],
        "once_seconds": round(seconds, 2),
        "decision_ms": decision_ms,
        "decisions": found.pop("decisions"),
        **{name: float(f"{value:.6g}") for name, value in found.items()},
    }
