"""What HTTP costs: throughput, latency, start and memory of ``logicdistill serve``.

    python benchmarks/serving.py --run runs/expenses [--states FILE] [--seconds 5] [--json FILE]

Four ways to decide the same states: in this process (`decide_many`), over HTTP many at a time, over
HTTP one at a time from many connections, and one at a time at half of that load. Rates are states a
second. A ratio is a rate over HTTP divided by the rate in this process. `cpu` is milliseconds of
processor time a state, of all processes that decide; on a busy machine compare these. The client is
raw asyncio in this process, and the server is another one; one at a time, the client takes a good
part of a core itself. Milliseconds at half load are counted from the moment at which a request was
due, so a server that stalls is not spared. `ready` is the best of seven starts, beside an import of
the libraries alone.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import re
import resource
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psutil
from selecting import write_result

from logicdistill.policy import Policy
from logicdistill.types import Json

AT_ONCE = 1000
"""States of one call, and of one request of ``decide/many``."""

STARTS = 7
LIBRARIES = "fastapi, uvicorn, onnxruntime, numpy"

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        address: of it.
        process: its id.
        ready: seconds from its start to its first answer.
        ready_cpu: milliseconds of processor time until then.
    """

    address: str
    process: int
    ready: float
    ready_cpu: float

    @property
    def rss(self) -> float:
        """Megabytes that it and its children hold."""
        mine = psutil.Process(self.process)
        return float(sum(one.memory_info().rss for one in (mine, *mine.children(True))) / MB)


def cpu_of(process: int) -> float:
    """Milliseconds of processor time that a process and its children have taken."""
    mine = psutil.Process(process)
    times = [one.cpu_times() for one in (mine, *mine.children(True))]
    return float(1000 * sum(one.user + one.system for one in times))


@contextmanager
def server_of(run: Path, workers: int) -> Iterator[Server]:
    started = time.perf_counter()
    command = [sys.executable, "-m", "logicdistill", "serve", f"served={run}", "--port", "0"]
    command += ["--workers", str(workers)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            found = re.match(r"http://\S+", line)
            if found is None:
                raise SystemExit(line.strip())
            wait_for(f"{found[0]}/ready")
            ready = time.perf_counter() - started
            yield Server(found[0], process.pid, ready, cpu_of(process.pid))
        finally:
            process.terminate()


def wait_for(address: str) -> None:
    """Until it answers; workers begin to listen after the address is printed."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                answer.read()
            return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise SystemExit(f"{address} does not answer")


def imports_cpu() -> float:
    """Milliseconds of processor time that importing the libraries of a server takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", f"import {LIBRARIES}"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def starts(run: Path, workers: int, number: int) -> dict[str, float]:
    """The best of several starts; on a busy machine compare processor times."""
    seconds, took, bare = list[float](), list[float](), list[float]()
    for _ in range(number):
        with server_of(run, workers) as server:
            seconds.append(server.ready)
            took.append(server.ready_cpu)
        bare.append(imports_cpu())
    ready = {"ready_s": min(seconds), "ready_cpu_ms": min(took), "imports_cpu_ms": min(bare)}
    return {**ready, "ready_cpu_ratio": min(took) / min(bare)}


class Connection:
    """One connection that is kept alive."""

    def __init__(self, address: str) -> None:
        self._where = urlsplit(address)

    async def open(self) -> None:
        host, port = self._where.hostname, self._where.port
        self._reader, self._writer = await asyncio.open_connection(host, port, limit=2**26)

    async def send(self, request: bytes) -> bytes:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:20]:
            raise RuntimeError(head.decode())
        if length := re.search(rb"content-length: (\d+)", head):
            return await self._reader.readexactly(int(length[1]))
        body = b""
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            body += await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)
        return body

    def close(self) -> None:
        self._writer.close()


def request_of(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def in_process(policy: Policy, states: Sequence[Json], seconds: float) -> tuple[float, float]:
    """States a second, and milliseconds of processor time a state."""
    batch = list(islice(cycle(states), AT_ONCE))
    policy.decide_many(batch)
    cpu, done, started = cpu_of(os.getpid()), 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        policy.decide_many(batch)
        done += len(batch)
    return done / (time.perf_counter() - started), (cpu_of(os.getpid()) - cpu) / done


async def many(server: Server, states: Sequence[Json], seconds: float) -> tuple[float, float]:
    """As `in_process`. Two connections, so that one body is read while the other is decided."""
    address = server.address
    body = b"\n".join(json.dumps(one).encode() for one in islice(cycle(states), AT_ONCE))
    request = request_of("/policies/served/decide/many", body)
    cpu, done, started = cpu_of(server.process), 0, time.perf_counter()

    async def ask() -> None:
        nonlocal done
        connection = Connection(address)
        await connection.open()
        while time.perf_counter() - started < seconds:
            lines = await connection.send(request)
            done += lines.count(b"\n")
        connection.close()

    await asyncio.gather(ask(), ask())
    return done / (time.perf_counter() - started), (cpu_of(server.process) - cpu) / done


async def single(
    server: Server, states: Sequence[Json], seconds: float, connections: int
) -> tuple[float, float]:
    """As `in_process`."""
    address = server.address
    requests = singles(states)
    cpu, done, started = cpu_of(server.process), 0, time.perf_counter()

    async def ask(first: int) -> None:
        nonlocal done
        connection = Connection(address)
        await connection.open()
        mine = cycle(requests[first % len(requests) :] + requests[: first % len(requests)])
        while time.perf_counter() - started < seconds:
            await connection.send(next(mine))
            done += 1
        connection.close()

    await asyncio.gather(*map(ask, range(connections)))
    return done / (time.perf_counter() - started), (cpu_of(server.process) - cpu) / done


def singles(states: Sequence[Json]) -> list[bytes]:
    return [
        request_of("/policies/served/decide", json.dumps({"state": one}).encode()) for one in states
    ]


async def at_rate(
    address: str, states: Sequence[Json], seconds: float, rate: float, connections: int
) -> list[float]:
    """Milliseconds of requests that are due at a steady rate."""
    free = asyncio.Queue[Connection]()
    for _ in range(connections):
        connection = Connection(address)
        await connection.open()
        free.put_nowait(connection)
    took = list[float]()

    async def ask(request: bytes, due: float) -> None:
        connection = await free.get()
        await connection.send(request)
        free.put_nowait(connection)
        took.append((time.perf_counter() - due) * 1000)

    requests, tasks = cycle(singles(states)), list[asyncio.Task[None]]()
    started = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = started + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(ask(next(requests), due)))
    await asyncio.gather(*tasks)
    while not free.empty():
        free.get_nowait().close()
    return took


def measure(
    run: Path, states: Sequence[Json], seconds: float, connections: int, workers: int
) -> dict[str, Any]:
    with Policy.load(run) as policy:
        inside, inside_cpu = in_process(policy, states, seconds)
    with server_of(run, workers) as server:
        asyncio.run(single(server, states, 1.0, connections))  # it fills its caches
        batches, batches_cpu = asyncio.run(many(server, states, seconds))
        ones, ones_cpu = asyncio.run(single(server, states, seconds, connections))
        took = asyncio.run(at_rate(server.address, states, seconds, ones / 2, connections))
        p50, p99 = np.percentile(took, [50, 99])
        return {
            "states": len(states),
            "connections": connections,
            "workers": workers,
            "in_process": inside,
            "in_process_cpu_ms": inside_cpu,
            "many": batches,
            "many_ratio": batches / inside,
            "many_cpu_ms": batches_cpu,
            "single": ones,
            "single_ratio": ones / inside,
            "single_cpu_ms": ones_cpu,
            "half_load_p50_ms": float(p50),
            "half_load_p99_ms": float(p99),
            "rss_mb": server.rss,
        }


def states_of(run: Path, file: Path | None) -> list[Json]:
    text = (file or run / "task" / "states.jsonl").read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [one.get("state", one) for one in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True, help="a run's folder")
    parser.add_argument("--states", type=Path, help="JSONL; by default those of the run's task")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    gc.freeze()  # a look of this process's collector at all of it would be told of the server
    states = states_of(options.run, options.states)
    found = measure(options.run, states, options.seconds, options.connections, options.workers)
    found |= starts(options.run, options.workers, STARTS)
    for name, value in found.items():
        print(
            f"{name:<18} {value:>12,.2f}" if isinstance(value, float) else f"{name:<18} {value:>9}"
        )
    if options.json:
        write_result(options.json, found, {"states": len(states)})


if __name__ == "__main__":
    main()
