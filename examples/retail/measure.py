"""How trained policies do on a split of the retail states.

Right actions, violations by `checker.py`, and the floors. Each run is named by its student.

python examples/retail/measure.py --run runs/retail                    # the test states, each once
python examples/retail/measure.py --run runs/retail runs/retail-tuned  # pretrained and fine-tuned
python examples/retail/measure.py --run runs/retail --split validation --wrong
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checker import violation

from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.weights import find_weights
from logicdistill.training.export import fine_tune
from logicdistill.types import Choice, Decision, Query

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent.parent / "benchmarks"))
from selecting import write_result  # noqa: E402
from stamps import log_scoring  # noqa: E402


class ZeroShot:
    """The encoder before any training.

    It always names a function, since what it takes for "none of these" was not fitted.
    """

    name = "zero-shot"

    def __init__(self, policy: Policy, folder: Path) -> None:
        fine_tune(
            policy.base.stages,
            policy.base.functions,
            [],
            find_weights("minilm"),
            folder,
            0,
            0,
            lambda *_: None,
        )
        self._student = EncoderStudent(folder)

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        return [choice.without_none() for choice in self._student.select(queries)]


def row(
    lines: Sequence[Any], decisions: Sequence[Decision], intents: dict[str, str]
) -> dict[str, Any]:
    """One player's figures."""
    right = sum(
        decision.action == line["action"] for line, decision in zip(lines, decisions, strict=True)
    )
    chosen = [
        next((step.function for step in decision.trace if step.stage == "intent"), None)
        for decision in decisions
    ]
    faults = [
        violation(line["state"], decision.action)
        for line, decision in zip(lines, decisions, strict=True)
    ]
    low, high = wilson_interval(right, len(lines))
    return {
        "states": len(lines),
        "right_action": round(right / len(lines), 4),
        "right_action_ci95": [round(low, 4), round(high, 4)],
        "right_intent": round(
            sum(
                name == intents[line["state"]["text"]]
                for line, name in zip(lines, chosen, strict=True)
            )
            / len(lines),
            4,
        ),
        "violations": sum(fault is not None for fault in faults),
        "fallbacks": sum(decision.fallback is not None for decision in decisions),
    }


def measure(runs: Sequence[Path], split: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Figures of every player, and the states in which the first run's policy is wrong."""
    lines = [line for line in read(FOLDER / "states.jsonl") if line["split"] == split]
    states = [line["state"] for line in lines]
    intents = {
        label["text"]: label["function"] for label in read(FOLDER / "recordings" / "labels.jsonl")
    }
    players, wrong = dict[str, Any](), list[dict[str, Any]]()
    for run in runs:
        with Policy.load(run) as policy:
            decisions = policy.decide_many(states)
        tuned = Run.open(run).settings["fine_tune"]
        players["fine-tuned" if tuned else "pretrained"] = row(lines, decisions, intents)
        wrong += [] if run != runs[0] else mistakes(lines, decisions)
    with Policy.load(runs[0]) as policy, tempfile.TemporaryDirectory() as scratch:
        untrained = policy.with_student(ZeroShot(policy, Path(scratch)))
        players["untrained"] = row(lines, untrained.decide_many(states), intents)
    for name in ("conditions", "first", "random"):
        with Policy.load(runs[0], student=name) as policy:
            players[name] = row(lines, policy.decide_many(states), intents)
    found: dict[str, Any] = {"task": "retail-v1", "split": split, "players": players}
    for what, values in (
        ("action", [json.dumps(line["action"]) for line in lines]),
        ("intent", [intents[line["state"]["text"]] for line in lines]),
    ):
        [(_, count)] = Counter(values).most_common(1)
        found[f"most_frequent_{what}"] = round(count / len(lines), 4)
    return found, wrong


def mistakes(lines: Sequence[Any], decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """The states in which the action is not the recorded one."""
    return [
        {
            "id": line["id"],
            "text": line["state"]["text"],
            "chosen": [step.function for step in decision.trace if step.choice],
            "took": decision.action,
            "right": line["action"],
        }
        for line, decision in zip(lines, decisions, strict=True)
        if decision.action != line["action"]
    ]


def read(file: Path) -> list[Any]:
    """The lines of a JSON Lines file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--run",
        type=Path,
        nargs="+",
        required=True,
        help="made by: logicdistill run examples/retail [--fine-tune] --out RUN",
    )
    parser.add_argument("--split", default="test", choices=("train", "validation", "test"))
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    parser.add_argument(
        "--wrong", action="store_true", help="show each wrong action of the first run's policy"
    )
    options = parser.parse_args()
    found, wrong = measure(options.run, options.split)
    print(json.dumps(found, indent=1))
    for item in wrong if options.wrong else ():
        print(json.dumps(item, ensure_ascii=False))
    if options.split == "test":
        for name in ("pretrained", "fine-tuned"):
            if name in found["players"]:
                judged = found["players"][name]
                log_scoring(
                    "retail", "test", name, judged["states"], accuracy=judged["right_action"]
                )
    if options.out:
        write_result(options.out, found, {"states": found["players"]["random"]["states"]})


if __name__ == "__main__":
    main()
