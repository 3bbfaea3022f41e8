"""Decisions from text, side by side in one run, each player with the same information.

    python benchmarks/text.py --data clinc150=DIR banking77=DIR [--shots 10] [--draws 3]
    [--only logicdistill nearest] [--json FILE] [--plot FILE]

Every player is given, for each intent: so many training messages (drawn anew in each draw), the
handler's manual (one or two sentences), and the handler's doctest (a message that its author
wrote). Where a player has no place for a sentence, it is one more message. Nobody is given a
message out of scope. All start from the same MiniLM-L6 weights, run with one thread, one
after the other, and are judged on the whole test split. ``manuals`` is given no
message at all: the manuals alone.

What was chosen, and on what: the head of ``logicdistill`` and the recipe of ``fine-tuned`` on
validation messages of both sets (the head's share of "none of these" on ICD-10 as well); C of
``logistic`` on validation messages of the first draw, among `PENALTIES`; ``semantic-router`` and
``nearest`` have nothing to choose (``nearest-five`` decides by semantic-router's rule, without its
thresholds, on the encoder as the package runs it); rate, steps and C of ``setfit`` and rate and
steps of ``fastfit`` on validation messages of the first draw. What is not installed is left out and
said so. A finished draw is kept in ``--work`` and not measured again.

in scope: share of the messages of a known intent that get it, nothing being out of scope (no "none
of these"): the mean of the draws. The 95 % interval holds the draw of the training messages (t
distribution over the draws) and that of the test messages. selective: where the player can say
"none of these": in-scope accuracy and out-of-scope recall together, at its own threshold.
at -2: out-of-scope recall at the threshold that costs just two points of in-scope accuracy (found
on the test split: a property of the scores, not of a threshold that one could have known).
ECE: gap between confidence and accuracy of the answers to messages in scope; ``ece_all`` of all,
where "none of these" is an answer. ``logistic``, ``setfit`` and ``fastfit`` have one temperature,
fitted on a thousand validation messages, which the package is not given; ``ece_raw`` is without.
train: processor seconds from labelled messages to a player that answers. ms: median processor
milliseconds of single messages, one after the other. MB at rest: what deciding reads from disk.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from selecting import interval_over_draws, write_result
from stamps import log_scoring
from text_figures import figures, pareto, plot, table
from text_peers import fastfit, semantic_router, setfit
from text_players import Given, Trained, logicdistill, logistic, manuals, nearest

from logicdistill.files import digest, read_json
from logicdistill.functions.manual import constant_result
from logicdistill.tasks.messages import OUT_OF_SCOPE
from logicdistill.tasks.records import RecordTask, shots
from logicdistill.tasks.registry import get_task

TIMED = 200
MEANS = (
    *("accuracy", "auroc", "oos_recall_at_2", "selective_accuracy", "oos_recall"),
    *("ece", "ece_all", "ece_raw"),
)
LEFT_OUT = ("draw", "key", "command", "versions", "machine", "n")
"""Of a draw: what its row does not say. Its commit and date stay."""
COLUMNS = 5
"""Raised when rows get other columns, so that kept ones are measured again."""


def without_out_of_scope(data: str, folder: Path) -> str:
    """A folder of the same data, in which no training message is out of scope."""
    file = Path(data) / "data_full.json"
    if not file.is_file():
        return data
    folder.mkdir(parents=True, exist_ok=True)
    less = json.loads(file.read_text()) | {"oos_train": []}
    (folder / file.name).write_text(json.dumps(less))
    return str(folder)


def handlers_base(task: str, data: str, folder: Path) -> Any:
    """The functions as the run of a task writes them, without usage examples."""
    from logicdistill.pipeline.settings import RunSettings, training_episodes
    from logicdistill.pipeline.steps import RunPipeline

    episodes = training_episodes(get_task(task, data=Path(data)))
    settings = RunSettings(task, train_episodes=episodes, data=data, shots=1, usage_examples=0)
    return RunPipeline(folder / f"handlers-{task}", settings, quiet()).prepare()


def handlers(base: Any) -> list[tuple[str, str, str]]:
    """Intent, manual and doctest's message of each function."""
    return [
        (str(intent), function.texts[0], function.texts[1])
        for function in base.functions
        for intent in constant_result(function) or ()
    ]


def quiet() -> Any:
    from logicdistill.cli.terminal import TerminalReporter

    return TerminalReporter(Console(quiet=True))


PLAYERS: dict[str, tuple[Callable[[Given], Trained], str | None]] = {
    "logicdistill": (logicdistill, None),
    "fine-tuned": (partial(logicdistill, fine_tune=True), "torch"),
    "manuals": (manuals, None),
    "setfit": (setfit, "setfit"),
    "fastfit": (fastfit, "fastfit"),
    "semantic-router": (semantic_router, "semantic_router"),
    "logistic": (logistic, "sklearn"),
    "nearest": (nearest, None),
    "nearest-five": (partial(nearest, most=5), None),
}


def key_of(player: str, name: str, data: str, count: str, draw: int) -> str:
    """What a finished draw is about; a kept one of another key is measured again."""
    files = sorted(file for file in Path(data).iterdir() if file.is_file())
    return digest(
        player, name, count, draw, COLUMNS, *(digest(file.read_bytes()) for file in files)
    )


def measure(
    player: str, name: str, data: str, count: int | None, draw: int, threads: int, work: Path
) -> dict[str, Any]:
    """One draw of a row, in this process."""
    data = without_out_of_scope(data, work / f"data-{name}")
    task = get_task(name, data=Path(data))
    assert isinstance(task, RecordTask)
    base = handlers_base(name, data, work)
    told = handlers(base)
    train = [
        *((str(one.state["message"]), str(one.action)) for one in shots(task, count, draw)),
        *((said, intent) for intent, _, said in told),
        *((manual, intent) for intent, manual, _ in told),
    ]
    held = [(str(one.state["message"]), str(one.action)) for one in task.split("validation")]
    held = [pair for pair in held if pair[1] != OUT_OF_SCOPE]
    test = [(str(record.state["message"]), str(record.action)) for record in task.split("test")]
    folder = work / f"{name}-{count or 'full'}-{player}-{draw}"
    trained = PLAYERS[player][0](Given(name, data, count, draw, train, held, base, threads, folder))
    found = trained.answers([text for text, _ in test])
    spent = []
    for text, _ in test[:: max(1, len(test) // TIMED)]:
        started = time.process_time()
        trained.one(text)
        spent.append(1000 * (time.process_time() - started))
    inside = [index for index, (_, label) in enumerate(test) if label != OUT_OF_SCOPE]
    right = sum(found.best[index] == test[index][1] for index in inside)
    none = player == "manuals"
    row: dict[str, Any] = {
        "task": task.id,
        "shots": count,
        "player": player,
        "draw": draw,
        "messages": len(inside),
        "accuracy": right / len(inside),
        "given": {
            "messages": 0 if none else len(train) - 2 * len(told),
            "doctests": 0 if none else len(told),
            "manuals": len(told),
        },
        "train_seconds": trained.seconds,
        "ms": statistics.median(spent),
        "mb_at_rest": trained.bytes / 1e6,
        "threads": threads,
    }
    row |= figures(found, [label for _, label in test])
    if trained.choice is not None:
        row |= trained.choice
    log_scoring(
        task.id, "test", player, len(test), shots=count, draw=draw, accuracy=row["accuracy"]
    )
    return row


def over_draws(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A row of the table: means over the draws, with an interval that holds the draw."""
    first, shares = rows[0], [row["accuracy"] for row in rows]
    row = {key: value for key, value in first.items() if key not in LEFT_OUT}
    for key in MEANS:
        if key in first:
            row[key] = statistics.mean(one[key] for one in rows)
    return row | {
        "draws": len(rows),
        "accuracy_by_draw": [round(share, 4) for share in shares],
        "ci95": interval_over_draws(shares, first["messages"]),
        "train_seconds": statistics.median(one["train_seconds"] for one in rows),
        "ms": statistics.median(one["ms"] for one in rows),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data",
        nargs="+",
        required=True,
        metavar="TASK=DIR",
        help="task and the folder of its data",
    )
    parser.add_argument(
        "--shots",
        nargs="+",
        default=["10"],
        help="training messages of each intent: numbers, or full",
    )
    parser.add_argument("--draws", type=int, default=3, help="of the training messages")
    parser.add_argument("--only", nargs="+", choices=list(PLAYERS), default=list(PLAYERS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("runs/text"),
        help="where finished draws and trained players are kept",
    )
    parser.add_argument("--json", type=Path, dest="out")
    parser.add_argument("--plot", type=Path, help="draw risk against coverage, as SVG")
    parser.add_argument("--pareto", type=Path, help="draw accuracy against cost, as SVG")
    parser.add_argument(
        "--one", nargs=3, metavar=("PLAYER:DRAW", "TASK", "SHOTS"), help=argparse.SUPPRESS
    )
    options = parser.parse_args()
    folders = dict(item.partition("=")[::2] for item in options.data)
    if options.one:
        wanted, name, count = options.one
        limit = None if count == "full" else int(count)
        for player, draw in (pair.split(":") for pair in wanted.split(",")):
            draw = int(draw)
            row = measure(player, name, folders[name], limit, draw, options.threads, options.work)
            write_result(
                options.work / f"{name}-{count}-{player}-{draw}.json",
                row | {"key": key_of(player, name, folders[name], count, draw)},
            )
        return
    say, rows = Console(width=None if sys.stdout.isatty() else 160), []
    options.work.mkdir(parents=True, exist_ok=True)
    players = list[str]()
    for player in options.only:
        package = PLAYERS[player][1]
        if package is not None and importlib.util.find_spec(package) is None:
            say.print(f"{player}: left out, the package {package} is not installed")
        else:
            players.append(player)
    for name, count in itertools.product(folders, options.shots):
        files = {
            (player, draw): options.work / f"{name}-{count}-{player}-{draw}.json"
            for player in players
            for draw in range(1 if player == "manuals" else options.draws)
        }
        missing = [
            f"{player}:{draw}"
            for (player, draw), file in files.items()
            if not file.is_file()
            or read_json(file).get("key") != key_of(player, name, folders[name], count, draw)
        ]
        if missing:
            say.print(f"{name}, {count} shots: {', '.join(missing)} ...")
            one = ["--one", ",".join(missing), name, count, "--work", str(options.work)]
            one += ["--threads", str(options.threads)]
            environment = os.environ | {
                "OMP_NUM_THREADS": str(options.threads),
                "TOKENIZERS_PARALLELISM": "false",
                "ACCELERATE_MIXED_PRECISION": "bf16",  # SetFit and FastFit train 2.7 times as fast
            }
            command = [sys.executable, __file__, "--data", *options.data, *one]
            subprocess.run(command, check=True, env=environment)
        for player in players:
            made = [
                json.loads(file.read_text()) for (who, _), file in files.items() if who == player
            ]
            rows.append(over_draws(made))
    say.print(table(rows))
    if options.out:
        write_result(
            options.out,
            {"rows": rows},
            {row["task"]: row["messages"] for row in rows},
            max(row["draws"] for row in rows),
        )
    if options.plot:
        plot(rows, options.plot)
    if options.pareto:
        pareto(rows, options.pareto)


if __name__ == "__main__":
    main()
