"""Ask a running service in all dialects while its rules change and its workers are killed.

    python benchmarks/serving_stress.py --run runs/expenses [--minutes 10] [--json FILE]

RUN is copied. Every `CHANGE` seconds a function is replaced or the base rolled back, over HTTP.
Every `KILL` seconds a worker is killed. An answer is *wrong* if its snapshot decides the state
otherwise. A request that fails within `AFTER` seconds of a kill was on the killed worker; any
other is *lost*.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from selecting import write_result

from logicdistill.policy import Policy
from logicdistill.types import Json

CHANGE, KILL, AFTER = 5.0, 30.0, 5.0
CLIENTS = 6
MB = 1024 * 1024


class World:
    """What the clients share: where to ask, what is right by snapshot, and what came."""

    def __init__(self, port: int, name: str, states: list[dict[str, Json]]) -> None:
        self.port, self.name, self.states = port, name, states
        self.right: dict[str, list[Json]] = {}
        self.count = Counter[str]()
        self.said = list[str]()
        self.killed_at = -100.0
        self.stop = threading.Event()
        self.lock = threading.Lock()

    def note(self, what: str, example: str = "") -> None:
        """Count something, and keep its first examples."""
        with self.lock:
            self.count[what] += 1
            if example and self.count[what] <= 3:
                self.said.append(f"{what}: {example[:300]}")


def ask(connection: http.client.HTTPConnection, path: str, body: Any, method: str = "POST") -> Any:
    """Status, headers and JSON of a request."""
    text = json.dumps(body).encode()
    connection.request(method, path, text, {"content-type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.headers, json.loads(answer.read())


def client(world: World, seed: int) -> None:
    """Ask in one dialect after the other until it is over."""
    dice, connection = random.Random(seed), None
    while not world.stop.is_set():
        at, dialect = dice.randrange(len(world.states)), dice.choice(("own", "openai", "typesafe"))
        try:
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=20)
            one(world, connection, at, dialect)
        except (OSError, http.client.HTTPException) as error:
            connection = None
            where = "cut off by a kill" if time.monotonic() - world.killed_at < AFTER else "lost"
            world.note(where, f"{dialect}: {error!r}")
            time.sleep(0.05)


def one(world: World, connection: http.client.HTTPConnection, at: int, dialect: str) -> None:
    """One request, and whether its answer is the one of its snapshot."""
    state, actions = world.states[at], ["approve", "manager", "refuse"]
    if dialect == "own":
        status, headers, found = ask(connection, f"/policies/{world.name}/decide", {"state": state})
        action = found.get("action")
    elif dialect == "openai":
        content = [{"type": "input_json", "data": state}]
        question = {
            "type": "choice",
            "name": "action",
            "instructions": "What?",
            "choices": [{"value": value} for value in actions],
        }
        message = {"type": "message", "role": "user", "content": content}
        body = {"model": world.name, "input": [message], "questions": [question]}
        status, headers, found = ask(connection, "/v1/decisions", body)
        action = found["answers"][0].get("choice") if status == 200 else None
    else:
        question = {"type": "choice", "criteria": dict.fromkeys(actions)}
        body = {"model": world.name, "state": state, "questions": {"action": question}}
        status, headers, found = ask(connection, "/v1/systemone", body)
        action = found["answers"]["action"].get("choice") if status == 200 else None
    if status != 200:
        world.note(f"{dialect}: status {status}", json.dumps(found))
        return
    world.note(dialect)
    snapshot = headers["x-logicdistill-snapshot"]
    if snapshot not in world.right:
        world.note("a snapshot that nobody made", snapshot)
    elif action != world.right[snapshot][at]:
        world.note("wrong", f"{dialect} {state} {action} by {snapshot}")


def change(world: World, change_to: dict[str, str], first: str) -> None:
    """Replace a function and roll the base back, in turns."""
    forward = True
    while not world.stop.wait(CHANGE):
        path, body = f"/policies/{world.name}/rollback", {"snapshot": first, "accept": True}
        method = "POST"
        if forward:
            path = f"/policies/{world.name}/functions/{change_to['name']}"
            body, method = {"source": change_to["source"], "accept": True}, "PUT"
        try:
            connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=20)
            status, _, found = ask(connection, path, body, method)
        except (OSError, http.client.HTTPException) as error:
            cut = time.monotonic() - world.killed_at < AFTER
            world.note("a change cut off by a kill" if cut else "a change lost", repr(error))
            continue
        world.note("changes" if status == 200 else f"a change: {status}", json.dumps(found))
        forward = not forward


def main() -> int:
    """Run it, and print what came."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    dice = random.Random(0)
    states: list[dict[str, Json]] = [
        {
            "amount_eur": dice.randrange(1500),
            "days_ago": dice.randrange(150),
            "receipt": dice.random() < 0.7,
        }
        for _ in range(200)
    ]
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(shutil.copytree(options.run, Path(scratch) / "expenses"))
        limit = (run / "base" / "decide" / "ask_the_manager.py").read_text(encoding="utf-8")
        other = {"name": "ask_the_manager", "source": limit.replace("500", "1000")}
        right: dict[str, list[Json]] = {}
        with Policy.load(run) as policy:
            first = policy.base.snapshot
            right[first] = [one.action for one in policy.decide_many(states)]
            file = Path(scratch) / "ask_the_manager.py"
            file.write_text(other["source"], encoding="utf-8")
            policy.replace("ask_the_manager", file)
            right[policy.base.snapshot] = [one.action for one in policy.decide_many(states)]
            policy.rollback(first)
        command = [sys.executable, "-m", "logicdistill", "serve", str(run), "--port", "0"]
        command += ["--workers", str(options.workers)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
            result = stressed(server, states, right, other, options)
    print(json.dumps(result, indent=1))
    if options.json:
        write_result(options.json, result, {"requests": sum(result["count"].values())})
    bad = ("wrong", "lost", "a change lost", "a snapshot that nobody made")
    return 1 if any(result["count"].get(what) for what in bad) else 0


def stressed(
    server: subprocess.Popen[str],
    states: list[dict[str, Json]],
    right: dict[str, list[Json]],
    other: dict[str, str],
    options: argparse.Namespace,
) -> dict[str, Any]:
    """The load, the changes and the kills, on a server that has started."""
    assert server.stderr is not None
    said = ""
    while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", said)):
        said = server.stderr.readline()
    threading.Thread(target=server.stderr.read, daemon=True).start()
    world = World(int(found[1]), "expenses", states)
    world.right = right
    first, began, memory = next(iter(right)), time.monotonic(), list[float]()
    while True:
        try:
            ask(http.client.HTTPConnection("127.0.0.1", world.port), "/ready", None, "GET")
            break
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    threads = [threading.Thread(target=client, args=(world, seed)) for seed in range(CLIENTS)]
    threads.append(threading.Thread(target=change, args=(world, other, first)))
    for thread in threads:
        thread.start()
    parent, dice = psutil.Process(server.pid), random.Random(1)
    while time.monotonic() - began < 60 * options.minutes:
        time.sleep(min(KILL, max(1.0, 60 * options.minutes - (time.monotonic() - began))))
        memory.append(sum(one.memory_info().rss for one in parent.children(recursive=True)) / MB)
        if options.workers > 1 and time.monotonic() - began < 60 * options.minutes - AFTER:
            workers = [one for one in parent.children() if "spawn_main" in " ".join(one.cmdline())]
            if workers:
                world.killed_at = time.monotonic()
                dice.choice(workers).kill()
                world.note("kills")
    world.stop.set()
    for thread in threads:
        thread.join()
    server.send_signal(signal.SIGINT)
    server.wait(30)
    return {
        "minutes": options.minutes,
        "workers": options.workers,
        "count": dict(world.count.most_common()),
        "examples": world.said,
        "memory_mb": [round(one) for one in memory],
    }


if __name__ == "__main__":
    raise SystemExit(main())
