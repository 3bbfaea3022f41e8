"""What a decision costs, beside a large model's answer and a hosted decision model's.

    python benchmarks/cost.py [--quick] --out FILE

Two policies that come with the package: expenses (exact rules) and the returns desk (messages, then
exact rules). Measured: a decision, right actions on the test states, and the time from a function
with a changed rule to the first decision that obeys it (gate, recorded states, journal on disk).
Prices and speed of others are assumed; nobody else is called.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from selecting import share, write_result

from logicdistill.pipeline.distilling import distill
from logicdistill.policy import Policy
from logicdistill.report.break_even import Tokens, read_costs
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.scaffold import new_task
from logicdistill.types import Json, same

HOSTED = (0.04, 0.10)
"""Assumed dollars for a thousand decisions of a hosted decision model, from and to."""

WRITING = (Tokens(20_000, 6_000), Tokens(45_000, 12_000))
"""Tokens in which live models wrote rule books of 15 to 22 rules (docs/log.md), from and to."""

TASKS = {"by-hand": "expenses", "returns": "returns"}
LIMIT = ("500", "1000")
"""The expenses' rule that changes: from so many euros on the manager decides."""


def milliseconds(policy: Policy, states: Sequence[dict[str, Json]], count: int) -> dict[str, float]:
    """One decision at a time; a message is new the first time round."""
    took = []
    for number in range(count):
        state = states[number % len(states)]
        started = time.perf_counter()
        policy.decide(state)
        took.append(1000 * (time.perf_counter() - started))
    first = took[: len(states)]
    return {
        "new_p50": round(statistics.median(first), 3),
        "p50": round(statistics.median(took), 3),
        "p99": round(sorted(took)[int(0.99 * (len(took) - 1))], 3),
    }


def obeying(policy: Policy, folder: Path, repeats: int) -> dict[str, Any]:
    """From a changed function's file to the first decision that obeys it."""
    state = {"amount_eur": 640, "days_ago": 3, "receipt": True}
    changed = folder / "limit.py"
    source = policy.base.function("ask_the_manager").source
    changed.write_text(source.replace(*LIMIT), encoding="utf-8")
    before, took = policy.base.snapshot, []
    for _ in range(repeats):
        assert policy.decide(state).action == "manager"
        started = time.perf_counter()
        policy.replace("ask_the_manager", changed)
        obeyed = policy.decide(state).action
        took.append(1000 * (time.perf_counter() - started))
        assert obeyed == "approve"
        policy.rollback(before)
    return {"repeats": repeats, "ms_p50": round(statistics.median(took), 1)}


def row(example: str, name: str, scratch: Path, decisions: int, repeats: int) -> dict[str, Any]:
    """One policy's figures."""
    new_task(scratch / name, example)
    run = scratch / f"{name}-run"
    with distill(scratch / name, run) as policy:
        assert isinstance(policy.task, RecordTask)
        test = [record for record in policy.task.split("test") if record.known]
        states = [record.state for record in test]
        found = policy.decide_many(states)
        right = sum(
            same(one.action, record.action) for one, record in zip(found, test, strict=True)
        )
        rules = "\n".join(policy.task.rules)
        actions = [json.dumps(record.action) for record in test]
        per_token = read_costs().characters_per_token
        asked = Tokens(
            (len(rules) + statistics.fmean(len(json.dumps(state)) for state in states)) / per_token,
            statistics.fmean(map(len, actions)) / per_token,
        )
        figures: dict[str, Any] = {
            "task": name,
            "rules": len(policy.task.rules),
            "functions": len(policy.base.functions),
            "right": share(right, len(test)),
            "floors": floors(run, len(test)),
            "decision_ms": milliseconds(policy, states, decisions),
            "asked_tokens": [round(tokens) for tokens in asked],
        }
        if example == "by-hand":
            figures["obeying"] = obeying(policy, scratch, repeats)
    return figures | money(asked, figures["decision_ms"]["new_p50"])


def floors(run: Path, states: int) -> dict[str, Any]:
    """Right actions without reading: as the run has measured them."""
    summary = json.loads((run / "summary.json").read_text())
    found = {name: row["success"] for name, row in summary["players"].items()}
    found["frequent"] = summary["frequent"]["success"]
    return {
        name: share(round(found[name] * states), states)
        for name in ("random", "frequent")
        if name in found
    }


def money(asked: Tokens, decision_ms: float) -> dict[str, Any]:
    """Dollars of a thousand decisions, and after how many a written base has paid for itself."""
    costs = read_costs()
    own = decision_ms / 3_600_000 * costs.core_hour * 1000
    large = costs.dollars(*asked) * 1000
    once = [costs.dollars(*tokens) for tokens in WRITING]
    after = {
        "large model": [round(1000 * dollars / (large - own)) for dollars in once],
        "hosted": [
            round(1000 * once[0] / (HOSTED[1] - own)),
            round(1000 * once[1] / (HOSTED[0] - own)),
        ],
    }
    return {
        "dollars_a_thousand": {"own": own, "large model": round(large, 4), "hosted": HOSTED},
        "writing_dollars": [round(dollars, 3) for dollars in once],
        "pays_after": after,
        "large_model_ms": round(
            1000 * (costs.first_token_seconds + asked.out / costs.tokens_per_second)
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer decisions and repeats")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    decisions, repeats = (100, 3) if options.quick else (1_000, 20)
    with tempfile.TemporaryDirectory() as scratch:
        rows = [
            row(example, name, Path(scratch), decisions, repeats) for example, name in TASKS.items()
        ]
    found = {"prices": read_costs().name, "rows": rows}
    write_result(options.out, found, {"decisions": decisions, "repeats": repeats})


if __name__ == "__main__":
    main()
