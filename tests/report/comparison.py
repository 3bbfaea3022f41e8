"""A comparison's folder with small made-up figures for every section of a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from logicdistill.evaluation.metrics import wilson_interval

COMMAND = "logicdistill compare guess twentyone --rule-changes --out runs/compare"


def share(right: int, asked: int) -> dict[str, Any]:
    return {"asked": asked, "share": right / asked, "ci95": list(wilson_interval(right, asked))}


def player(won: int, episodes: int, steps: float = 6.4, **more: Any) -> dict[str, Any]:
    return {
        "episodes": episodes,
        "success": won / episodes,
        "success_ci95": list(wilson_interval(won, episodes)),
        "return_mean": round(won / episodes, 6),
        "return_ci95": [won / episodes - 0.02, won / episodes + 0.02],
        "steps_mean": steps,
        "illegal": 0,
        "unusable": 0,
        "fallbacks": 0,
        "selection_accuracy": None,
        "decision_ms_p50": None,
        "decision_ms_p99": None,
        **more,
    }


def phase(
    name: str, player_name: str, won: int, episodes: int = 200, **more: Any
) -> dict[str, Any]:
    return {"player": player_name, "phase": name, **player(won, episodes), **more}


def summary(task: str, stage: str) -> dict[str, Any]:
    functions = ("halve_above", "halve_below", "start_in_the_middle")
    confusion = {
        stage: {
            label: {label: 90, functions[place - 1]: 5 + place}
            for place, label in enumerate(functions)
        }
    }
    kd_curve = [
        {"seconds": 15.0 * n, "examples": 500 * n, "accuracy": 0.2 + 0.08 * n} for n in range(1, 9)
    ]
    ld_curve = [
        {"seconds": 7.5 * n, "examples": 100 * n, "accuracy": min(1.0, 0.5 + 0.2 * n)}
        for n in range(1, 5)
    ]
    players = {
        "ld-encoder": player(
            996,
            1000,
            selection_accuracy=0.994,
            decision_ms_p50=0.66,
            decision_ms_p99=3.2,
            entropy_bits_mean=0.031,
            confusion=confusion,
            confidence=[[0, 0]] * 4
            + [[20, 9], [30, 19], [50, 37], [80, 64], [200, 180], [4000, 3990]],
            training={"seconds": 30.0, "examples": 400, "curve": ld_curve, "peak_rss_mb": 820},
        ),
        "ld-causal": player(
            190,
            200,
            selection_accuracy=0.97,
            decision_ms_p50=61.0,
            decision_ms_p99=80.0,
            tokens_in_mean=58.0,
        ),
        "kd-encoder": player(
            612,
            1000,
            illegal=310,
            decision_ms_p50=2.9,
            decision_ms_p99=4.4,
            training={"seconds": 120.0, "examples": 4000, "curve": kd_curve},
        ),
        "kd-causal": player(
            71,
            200,
            illegal=140,
            unusable=33,
            decision_ms_p50=410.0,
            tokens_in_mean=120.0,
            tokens_out_mean=5.1,
        ),
        "zero-shot": player(
            3,
            100,
            illegal=20,
            unusable=480,
            decision_ms_p50=700.0,
            tokens_in_mean=300.0,
            tokens_out_mean=12.0,
        ),
        "conditions": player(
            271,
            1000,
            fallbacks=120,
            selection_accuracy=0.28,
            decision_ms_p50=1.2,
            decision_ms_p99=1.8,
        ),
        "random": player(
            201, 1000, selection_accuracy=0.26, decision_ms_p50=0.57, decision_ms_p99=1.1
        ),
        "optimum": player(1000 if task.startswith("guess") else 430, 1000),
    }
    for name, row in players.items():
        row["regret_mean"] = round(players["optimum"]["return_mean"] - row["return_mean"], 6)
        row["mcnemar_p"] = None if name == "ld-encoder" else 0.00012
    rows = [
        phase("before", "ld-encoder", 199),
        phase("during", "ld-encoder", 69),
        phase("after", "ld-encoder", 198, tell_to_decision_ms=266.8),
        phase("before", "kd-encoder", 122),
        phase("during", "kd-encoder", 31, illegal=40),
        phase("retrained", "kd-encoder", 109, retrain_seconds=118.0),
        phase("before", "conditions", 50),
        phase("during", "conditions", 20),
    ]
    return {
        "task": task,
        "snapshot": "141c4c4c7860a072",
        "seconds": {"write": 0.2, "collect": 0.4, "train": 30.0, "export": 1.8, "evaluate": 4.6},
        "players": players,
        "floor": {stage: 0.379},
        "rule_changes": {
            "answers-turned": {"rule": "Answers mean the opposite from now on.", "rows": rows}
        },
    }


def growth_row(functions: int, draw: int) -> dict[str, Any]:
    lost = min(90, functions // 12 + draw)
    some = {"found": share(100 - lost // 2, 100), "ms_p50": 2.0 + functions / 900}
    ways = {
        name: {**some, "inputs": share(100 - lost, 100)} for name in ("as_found", "that_may_run")
    }
    settings = {"task": "guess-v1", "stage": "guess", "functions": functions, "draw": draw}
    return {**settings, "views": 100, **ways}


def measures() -> dict[str, Any]:
    decomposition = {
        "stages": 3,
        "train_seconds": 35.9,
        "selection_accuracy": 0.99,
        "floor": {"guess": 0.39},
    }
    times = {
        name: {"p50": 2.0, "p99": 4.0}
        for name in (
            "decide",
            "decide, view cache on",
            "forward passes",
            "sandbox calls",
            "torch passes",
        )
    }
    return {
        "inputs-guess": {
            "task": "guess-v1",
            "command": "python benchmarks/inputs.py --run runs/guess",
            "episodes": 200,
            "inputs": {
                "training": 11,
                "usage_examples": 9,
                "test": 10,
                "questions": 640,
                "test_in_training": 10,
                "test_in_usage_examples": 8,
                "unlabelled": 1,
                "functions": 5,
            },
            "rows": [
                {"player": name, "success": share(won, 200), "return_mean": won / 200}
                | {"steps_mean": 6.5, "selection": share(right, 10)}
                | {"selection_new": share(right // 5, 2)}
                for name, won, right in (
                    *(("frequent", 20, 2), ("exact", 150, 8), ("pretrained", 200, 10)),
                )
            ],
        },
        "equal-guess": {
            "task": "guess-v1",
            "command": "python benchmarks/equal.py --run runs/guess",
            "episodes": 200,
            "rows": [
                {"player": "ld", "episodes": 3, "lessons": 9, "flat": True}
                | {"success": share(200, 200), "return_mean": 1.0},
                {"player": "kd-table", "episodes": 3, "lessons": 218, "flat": True}
                | {"success": share(200, 200), "return_mean": 1.0, "accuracy": 0.79}
                | {"model": "median line on facts", "mcnemar_p": 1.0},
                {"player": "kd-encoder", "episodes": 3, "lessons": 218, "flat": False}
                | {"success": share(60, 200), "return_mean": 0.3, "accuracy": 0.31}
                | {
                    "trainings": [
                        {"curve": [{"examples": n, "accuracy": 0.31}]} for n in (900, 800)
                    ]
                }
                | {"seconds": 30.0, "mcnemar_p": 1e-9}
                | {"legal": {"success": share(64, 200), "return_mean": 0.32}},
            ],
        },
        "imitation-guess": {
            "task": "guess-v1",
            "command": "python benchmarks/imitation.py --run runs/guess",
            "episodes": 50,
            "ld": {"sees": "LD", "success": share(50, 50), "lessons": 9},
            "floors": [{"sees": "exact play", "success": share(50, 50)}],
            "rows": [
                {"sees": "board", "gathered": "teacher", "lessons": 82, "flat": False}
                | {"seconds": 5.2, "agrees": 0.06, "as_good": 0.22, "validation": share(3, 100)}
                | {"success": share(2, 50), "mcnemar_p": 1e-9}
            ],
        },
        "curves-guess": {
            "task": "guess-v1",
            "command": "python benchmarks/curves.py --run runs/guess",
            "states": 40,
            "draws": 2,
            "rows": [
                {"player": "ld-causal", "answers": "selected", "shown": 1_050, "unusable": 0}
                | {"entropy_bits": {"mean": 0.4, "least": 0.3, "most": 0.5}, "illegal": 1}
                | {"forced_bits": {"mean": 0.3, "least": 0.2, "most": 0.4}}
                | {"as_taught": {"mean": 0.8, "least": 0.7, "most": 0.9}},
            ],
        },
        "growth": {
            "command": "python benchmarks/growth.py --run runs/guess",
            "largest": [
                {"stage": "plan", "functions": 1000}
                | {way: share(17, 100) for way in ("as_found", "that_may_run")}
            ],
            "rows": [growth_row(n, draw) for n in (5, 30, 100, 300, 1000) for draw in (0, 1)],
        },
        "decompositions": {
            "command": "python benchmarks/decompositions.py",
            "guess-v1": [
                {"variant": variant, "functions": count, **decomposition, **player(won, 300)}
                | {"selection_accuracy": 0.99}
                for variant, count, won in (
                    ("shipped", 7, 300),
                    ("coarse", 4, 288),
                    ("wrong-manuals", 7, 15),
                )
            ],
        },
        "control-pendulum": {
            "task": "pendulum-v1",
            "command": "python benchmarks/control.py --task pendulum",
            "players": {"ld-encoder": player(80, 100, return_mean=-158.2, return_std=90.0)},
            "published": {
                "ppo": {"mean": -172.2, "std": 104.2, "episodes": 750, "trained_steps": "100k"}
            },
            "source": "https://example.org/benchmark",
        },
        "decision-guess": {
            "task": "guess-v1",
            "command": "python benchmarks/decision.py --run runs/guess",
            "ms": times,
            "decide_over_parts": 1.2,
            "torch_over_decide": 3.5,
            "decide_many_share": 0.89,
        },
    }


def write_comparison(folder: Path, with_measures: bool = True) -> Path:
    """The folder, with a run of guess as far as a report reads it."""
    tasks = {
        "guess-v1": summary("guess-v1", "guess"),
        "twentyone-v1": summary("twentyone-v1", "play"),
    }
    (folder / "guess" / "replies").mkdir(parents=True)
    (folder / "guess" / "run.toml").write_text('task = "guess-v1"\n')
    example = {
        "stage": "guess",
        "view": "range: wide",
        "candidates": ["a", "b"],
        "label": "a",
        "count": 3,
    }
    (folder / "guess" / "examples.jsonl").write_text(json.dumps(example) + "\n")
    asked = [
        ("functions", None),
        ("label", "guess | range: wide | a, b"),
        ("label", "guess | range: unseen | a, b"),
        ("emergency", "rule"),
    ]
    for number, (kind, subject) in enumerate(asked):
        request = {
            "kind": kind,
            "task": "guess-v1",
            "subject": subject,
            "messages": [["system", "s" * 400], ["user", "u" * 4000]],
        }
        record = {"origin": "recorded", "request": request, "reply": "r" * 798}
        (folder / "guess" / "replies" / f"{number:016}.json").write_text(json.dumps(record))
    (folder / "summary.json").write_text(json.dumps({"command": COMMAND, "tasks": tasks}))
    if with_measures:
        (folder / "measures").mkdir()
        for name, found in measures().items():
            (folder / "measures" / f"{name}.json").write_text(json.dumps(found))
    return folder
