"""A told rule about words: whom it takes, and whom it leaves alone.

    python benchmarks/telling_words.py --data DIR [--chosen] [--quick] [--out FILE]

DIR holds ``clinc150/`` and ``banking77/``. Each case is a base of twelve of their intents with ten
training messages each, and a rule about a kind of message that none of them has. The function was
written from the rule alone; the twelve new sentences and six near misses were written before any
result was seen, all by an AI assistant. ``others`` are eight validation messages of each intent:
how many are decided as before. ``alone`` is the same function without its near misses, added as an
ordinary one. No test message is read. ``--chosen`` takes other cases instead, on which settings
were chosen. ``--quick`` takes the first case, and one other of each intent.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from selecting import write_result

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.policy import Policy
from logicdistill.protocols import Request
from logicdistill.students.pretrained import load_student
from logicdistill.students.weights import find_weights
from logicdistill.tasks.records import RecordTask, shots
from logicdistill.tasks.registry import get_task
from logicdistill.training.frozen import fit_pretrained
from logicdistill.types import Stage

STAGE = Stage("intent", "intent", "What is it about?", reads=("message",), text=("message",))
CASES, CHOSEN = (
    json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    for name in ("told_words.json", "told_words_chosen.json")
)


class Written:
    """Answers with one function file."""

    def __init__(self, file: str) -> None:
        self._file = file

    def ask(self, request: Request) -> Any:
        return {"functions": [{"stage": STAGE.name, "file": self._file}]}


def file(name: str, use_when: str, fits: Sequence[str], near: Sequence[str] = ()) -> str:
    """A function that names its action."""
    lines = [*(f"Example: {text}" for text in fits), *(f"Not: {text}" for text in near)]
    manual = "".join(f"    {line}\n" for line in [f"Use when: {use_when}", *lines])
    summary = f'"""Answer {name}.\n\n{manual}    """'
    return f'def {name}() -> str:\n    {summary}\n    return "{name}"\n'


def measured(case: Mapping[str, Any], data: Path, others_each: int) -> dict[str, Any]:
    """One case: counts, and the sentences that were decided wrongly."""
    source = get_task(case["task"], data=data / case["task"])
    assert isinstance(source, RecordTask)
    sentences = {
        found[1]: found[2]
        for rule in source.rules
        if (found := re.fullmatch(r"Answer (\w+) when (.*)", rule))
    }
    drawn = {name: list[str]() for name in case["intents"]}
    for record in shots(source, 10, seed=0):
        if record.action in drawn:
            drawn[str(record.action)].append(" ".join(str(record.state["message"]).split()))
    rest = {name: list[str]() for name in case["intents"]}
    for record in source.split("validation"):
        if record.action in rest and len(rest[str(record.action)]) < others_each:
            rest[str(record.action)].append(str(record.state["message"]))
    others = [text for texts in rest.values() for text in texts]
    functions = [
        parse_function(file(name, sentences[name], texts), STAGE) for name, texts in drawn.items()
    ]
    told = case["function"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "task.toml").write_text(
            f'id = "words-v1"\ntitle = "Words"\nfallback = "none"\n'
            f"actions = {json.dumps([*drawn, told['name'], 'none'])}\n"
        )
        (folder / "rules.md").write_text("# Words\n\n1. Each message has one kind, or none.\n")
        schema: dict[str, Any] = {"type": "object", "required": ["message"]}
        schema["properties"] = {"message": {"type": "string", "format": "text"}}
        schema["additionalProperties"] = False
        (folder / "schema.json").write_text(json.dumps(schema))
        states = [
            {"id": split, "state": {"message": others[0]}, "split": split}
            for split in ("train", "validation", "test")
        ]
        (folder / "states.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in states))
        fit_pretrained([STAGE], functions, [], find_weights("minilm"), folder / "student")
        task, base = RecordTask(folder), FunctionBase("words-v1", (STAGE,)).having(functions)
        asked = [*case["new"], *case["near"], *others]

        def actions(policy: Policy) -> list[str]:
            return [one.action for one in policy.decide_many([{"message": t} for t in asked])]

        with Policy(task, base, load_student(folder / "student")) as policy:
            before = actions(policy)
            started = time.perf_counter()
            teacher = Written(file(told["name"], told["use_when"], told["fits"], told["near"]))
            policy.tell(case["rule"], teacher)
            seconds = time.perf_counter() - started
            after = actions(policy)
        with Policy(task, base, load_student(folder / "student")) as policy:
            alone = folder / f"{told['name']}.py"
            alone.write_text(file(told["name"], told["use_when"], told["fits"]))
            policy.add(alone)
            without = actions(policy)
    result: dict[str, Any] = {"rule": case["rule"], "task": case["task"], "intents": len(drawn)}
    for kind, found in (("told", after), ("alone", without)):
        new, near = len(case["new"]), len(case["near"])
        taken = [action == told["name"] for action in found]
        same = [one == two for one, two in zip(before, found, strict=True)]
        missed = [t for t, right in zip(asked[:new], taken[:new], strict=True) if not right]
        wrong = [t for t, right in zip(asked[new:], taken[new:], strict=True) if right]
        result[kind] = {
            "new": sum(taken[:new]),
            "near_left": near - sum(taken[new : new + near]),
            "others_same": sum(same[new + near :]),
            "missed": missed,
            "wrongly_taken": wrong,
        }
    counts = {"new": len(case["new"]), "near": len(case["near"]), "others": len(others)}
    return result | {"of": counts, "tell_s": round(seconds, 2)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--chosen", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = []
    cases = CHOSEN if options.chosen else CASES
    for case in cases[:1] if options.quick else cases:
        rows.append(measured(case, options.data, 1 if options.quick else 8))
        print(json.dumps(rows[-1]), flush=True)
    if options.out:
        write_result(options.out, {"cases": rows}, {"cases": len(rows)})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
