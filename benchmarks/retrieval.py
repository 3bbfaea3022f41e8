"""What a search costs as a stage grows from 1,000 to a million functions, and what it misses.

    python benchmarks/retrieval.py --folder runs/retrieval --json docs/measured/retrieval.json

Functions, views and vectors are generated (see `manuals`). Times are milliseconds of single
queries: `search` has the view's vector at hand, `query` embeds it. `add` hands the retriever a base
with one function more and ends with the answer to a query. `cpu_p50` is the time that all threads
of the process ran: compare this one on a busy machine. `dense_recall` is the share of the ten
nearest functions (numpy, all vectors) among the retriever's ten, `dense_recall_later` the same
after the additions were taken into the indices, which took `optimise_s`. `meant` is how often the
function that a view means is among the 16 that the student sees.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from manuals import Derived, Parts, Vectors, density, function, parts, view
from selecting import Cells, write_result

from logicdistill.retrieval.fused import EXACT, FusedRetriever
from logicdistill.students.encoder import OnnxEmbedder
from logicdistill.students.weights import find_weights
from logicdistill.types import Function

SIZES = (1000, 10_000, 100_000, 1_000_000)
ONE_BY_ONE = 10_000
"""The largest base whose functions are also scored one by one by the package."""

INDEXED = 1000
"""The smallest base that is also searched through an index."""

ADDED = 40
"""Enough for the index to be brought up to date in the background."""

K = 16


class Remembering:
    """An embedder that knows the manuals' vectors, and remembers views on request.

    Args:
        embedder: embeds.
        rows: text to its row in ``vectors``.
        vectors: of the manuals.
    """

    def __init__(self, embedder: OnnxEmbedder, rows: dict[str, int], vectors: Vectors) -> None:
        self.embedder, self.rows, self.vectors = embedder, rows, vectors
        self.views: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Any:
        if len(texts) == 1 and texts[0] in self.views:
            return self.views[texts[0]][None]
        known = [self.rows.get(text) for text in texts]
        found = np.zeros((len(texts), self.vectors.shape[1]), np.float32)
        at = [place for place, row in enumerate(known) if row is not None]
        found[at] = self.vectors[[row for row in known if row is not None]]
        if new := [place for place, row in enumerate(known) if row is None]:
            found[new] = self.embedder.vectors([texts[place] for place in new])
        return found


class World:
    """Functions, vectors and views of all sizes; what was embedded is kept in the folder."""

    def __init__(self, folder: Path, embedded: int, largest: int, queries: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.queries = folder, queries
        self.encoder = encoder(folder / "encoder")
        self.parts: list[Parts] = list(itertools.islice(parts(), max(largest, embedded)))
        self.functions = tuple(function(number, made) for number, made in enumerate(self.parts))
        kept = folder / f"embedded-{embedded}.npy"
        if not kept.is_file():
            texts = [item.texts[0] for item in self.functions[:embedded]]
            np.save(
                kept,
                np.concatenate([self._some(texts, start) for start in range(0, embedded, 1000)]),
            )
        known = np.load(kept)
        half = embedded // 2
        derived = Derived(self.parts[:half], known[:half]).vectors(
            self.parts[half:embedded], seed=1
        )
        self.density = {"embedded": density(known[half:]), "derived": density(derived)}
        model = Derived(self.parts[:embedded], known)
        # In a file, so that it does not count as the retriever's memory, nor need any.
        self.vectors = np.lib.format.open_memmap(
            folder / "vectors.npy", "w+", np.float32, (largest, known.shape[1])
        )
        for start in range(0, largest, 10_000):
            made = self.parts[start : min(start + 10_000, largest)]
            self.vectors[start : start + len(made)] = model.vectors(made, seed=start)
        self.rows = {item.texts[0]: row for row, item in enumerate(self.functions[:largest])}

    def _some(self, texts: Sequence[str], start: int) -> Vectors:
        print(f"embedded {start}/{len(texts)}", end="\r", flush=True)
        return self.encoder.vectors(texts[start : start + 1000])

    def views(self, size: int) -> list[tuple[str, Function]]:
        """Views about functions of a base of this size, with the function that each means."""
        rng = random.Random(size)
        return [
            (view(self.parts[number], rng), self.functions[number])
            for number in (rng.randrange(size) for _ in range(self.queries))
        ]


def encoder(folder: Path) -> OnnxEmbedder:
    """MiniLM as published, in int8; exported once."""
    if not (folder / "model.onnx").is_file():
        from logicdistill.training.export import quantize_rows, trace  # torch, for the export alone
        from logicdistill.training.network import SentenceEncoder

        folder.mkdir(parents=True, exist_ok=True)
        weights = find_weights()
        shutil.copy(weights / "tokenizer.json", folder / "tokenizer.json")
        (folder / "model.onnx").write_bytes(quantize_rows(trace(SentenceEncoder(weights))))
    return OnnxEmbedder(folder / "model.onnx", folder / "tokenizer.json")


def milliseconds(work: Callable[[Any], object], items: Sequence[Any]) -> dict[str, float]:
    times, running = [], []
    for item in items:
        begun, begun_running = time.perf_counter(), time.process_time()
        work(item)
        running.append((time.process_time() - begun_running) * 1000)
        times.append((time.perf_counter() - begun) * 1000)
    found = {
        "p50": np.percentile(times, 50),
        "p99": np.percentile(times, 99),
        "cpu_p50": np.percentile(running, 50),
    }
    return {name: round(float(value), 3) for name, value in found.items()}


def resident_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1000


def measure(world: World, size: int, index: Path | None) -> dict[str, Any]:
    """One size; ``index`` is the folder of the index, None scores one by one."""
    base = world.functions[:size]
    asked = world.views(size)
    memory = Remembering(world.encoder, world.rows, world.vectors)
    made = {"exact": min(EXACT, size // 8)} if index else {"exact": size + ADDED}
    retriever = FusedRetriever(memory, index, "benchmark", **made)
    begun = time.perf_counter()
    retriever.top(["a first question"], base, K)
    found: dict[str, Any] = {"build_s": round(time.perf_counter() - begun, 2)}
    retriever.close()
    gc.collect()
    before = resident_mb()
    retriever = FusedRetriever(memory, index, "benchmark", **made)
    begun = time.perf_counter()
    retriever.top(["a first question"], base, K)
    if index:
        found["open_s"] = round(time.perf_counter() - begun, 2)
        found["disk_mb"] = round(
            sum(file.stat().st_size for file in index.rglob("*") if file.is_file()) / 1e6, 1
        )
    found["query_ms"] = milliseconds(lambda item: retriever.top([item[0]], base, K), asked)
    found["embed_ms"] = milliseconds(lambda item: world.encoder.vectors([item[0]]), asked)
    memory.views = {said: memory.embed([said])[0] for said, _ in asked}
    found["search_ms"] = milliseconds(lambda item: retriever.top([item[0]], base, K), asked)
    found["memory_mb"] = round(resident_mb() - before, 1)
    found["meant"] = round(
        float(np.mean([function in retriever.top([said], base, K)[0] for said, function in asked])),
        4,
    )
    dense = FusedRetriever(memory, index, "benchmark", kinds=("dense",), **made)
    found["dense_ms"] = milliseconds(lambda item: dense.top([item[0]], base, 10), asked)
    found["dense_recall"] = recall(world, memory, dense, base)
    found["add_ms"] = adding(world, retriever, base, asked[0][0])
    if index:
        begun = time.perf_counter()
        retriever.settle()
        found["optimise_s"] = round(time.perf_counter() - begun, 2)
        found["dense_recall_later"] = recall(world, memory, dense, base)
    dense.close()
    retriever.close()
    return found


def recall(
    world: World, memory: Remembering, dense: FusedRetriever, base: tuple[Function, ...]
) -> float:
    """Share of the ten nearest functions that a search by vectors finds, over all views."""
    numbers = {function.name: number for number, function in enumerate(base)}
    hits = []
    for said, asked in memory.views.items():
        cosines = world.vectors[: len(base)] @ asked
        nearest = np.argpartition(-cosines, min(10, len(base) - 1))[:10]
        worst = cosines[nearest].min() - 1e-6  # equal vectors are equally right
        found = dense.top([said], base, 10)[0]
        hits.append(sum(cosines[numbers[function.name]] >= worst for function in found) / 10)
    return round(float(np.mean(hits)), 4)


def adding(
    world: World, retriever: FusedRetriever, base: tuple[Function, ...], said: str
) -> dict[str, float]:
    """One function more, again and again, each at a place of its own and never embedded before."""
    bases, grown = [], list(base)
    for number, like in enumerate(world.functions[:ADDED]):
        texts = (f"{like.texts[0]} Base {len(base)}.",)
        grown.insert(
            (number * 7919) % len(grown),
            replace(like, name=f"{like.name}_{len(base)}", texts=texts),
        )
        bases.append(tuple(grown))
    return milliseconds(lambda larger: retriever.top([said], larger, K), bases)


def plot(rows: Sequence[dict[str, Any]], out: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    mpl.rcParams["svg.hashsalt"] = "logicdistill"
    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    for how, style in (("index", "-"), ("one by one", "--")):
        mine = [row for row in rows if row["how"] == how]
        for name, colour in (
            ("search_ms", "tab:blue"),
            ("query_ms", "tab:orange"),
            ("add_ms", "tab:green"),
        ):
            at = [row["functions"] for row in mine]
            axes.plot(
                at,
                [row[name]["cpu_p50"] for row in mine],
                style,
                color=colour,
                marker="o",
                markersize=3,
                label=f"{name[:-3]}, {how}",
            )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="functions in the stage",
        ylabel="milliseconds of one core, median",
    )
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(out, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--folder",
        type=Path,
        required=True,
        help="for the encoder, the embedded manuals and the index",
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument(
        "--embedded",
        type=int,
        default=20_000,
        help="manuals that are embedded; the others' vectors are derived",
    )
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--json", type=Path, help="write the figures")
    parser.add_argument("--plot", type=Path, help="draw them, as SVG")
    options = parser.parse_args()
    out = options.json or options.folder / "retrieval.json"
    world = World(options.folder, options.embedded, max(options.sizes), options.queries)
    print(f"median cosine with the nearest and the tenth neighbour: {world.density}", flush=True)
    cells, rows = Cells(out, options.embedded, options.queries), []
    index = options.folder / "index"
    for size in sorted(options.sizes):
        for how, where in (("one by one", None), ("index", index)):
            if size <= ONE_BY_ONE if where is None else size >= INDEXED:
                settings = {"functions": size, "how": how}
                rows.append(
                    cells.cell(settings, lambda size=size, where=where: measure(world, size, where))
                )
    write_result(
        out,
        {
            "embedded": options.embedded,
            "queries": options.queries,
            "density": world.density,
            "rows": rows,
        },
        {"queries": options.queries},
    )
    if options.plot:
        plot(rows, options.plot)


if __name__ == "__main__":
    main()
