"""BabyAI's levels from the cells that the agent has seen: the policy by hand beside BabyAI's bot.

    python benchmarks/babyai.py --levels goto-local pickup-loc --out docs/measured/babyai.json

Success is a reward above 0 within the level's steps. The episodes' seeds are evaluation seeds, by
which nothing was written. The bot is ``minigrid``'s; ``most frequent`` always takes the action that
the bot takes most often on the first training seeds. Steps are compared in the episodes that both
win.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from selecting import share, write_result

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Episode, Move, Player, Position, play
from logicdistill.deciding.parts import Parts
from logicdistill.functions.sandbox import Sandbox
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.babyai import LEVELS
from logicdistill.tasks.babyai_world import ACTIONS
from logicdistill.tasks.registry import get_task
from logicdistill.tasks.seeds import evaluation_seeds, training_seeds
from logicdistill.writing.by_hand import base_by_hand

COUNTED = 50
"""Training seeds whose actions of the bot are counted."""

FLOORED = 100
"""Episodes of the floors: they use up all steps of nearly each."""


def bot_player() -> Player:
    """BabyAI's own bot, one for each episode; it reads the environment, not the state."""
    from minigrid.utils.baby_ai_bot import BabyAIBot

    bots: dict[int, Any] = {}
    last: dict[int, Any] = {}

    def player(positions: Sequence[Position]) -> list[Move]:
        moves: list[Move] = []
        for at in positions:
            bot = bots.setdefault(at.seed, None) or BabyAIBot(at.env)
            bots[at.seed] = bot
            action = int(bot.replan(last.get(at.seed)))
            last[at.seed] = action
            moves.append((ACTIONS[action] if action < len(ACTIONS) else None, None))
        return moves

    return player


def random_player(positions: Sequence[Position]) -> list[Move]:
    """Any action; the draw follows from the seed and the moves so far."""
    draws = [random.Random(at.seed * 1_000 + len(at.state["moves"])) for at in positions]
    return [(draw.choice(ACTIONS), None) for draw in draws]


def measure(level: str, episodes: int) -> dict[str, Any]:
    """The players' episodes in a level."""
    task = get_task(f"babyai-{level}-symbolic")
    seeds, counts = evaluation_seeds(episodes), Counter[str]()
    for episode in play(task, bot_player(), training_seeds(COUNTED)):
        counts.update(str(turn.action) for turn in episode.turns)
    frequent = counts.most_common(1)[0][0]
    base, refused = base_by_hand(task)
    assert base is not None, refused
    with Sandbox(base.functions) as sandbox:
        parts = Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, 1)

        def policy(positions: Sequence[Position]) -> list[Move]:
            decisions = decide(parts, [at.state for at in positions])
            return [(decision.action, decision) for decision in decisions]

        ours = play(task, policy, seeds)
    bot = play(task, bot_player(), seeds)
    floors = {
        "random": play(task, random_player, seeds[:FLOORED]),
        f"most frequent ({frequent})": play(
            task, lambda positions: [(frequent, None) for _ in positions], seeds[:FLOORED]
        ),
    }
    both = [(one, other) for one, other in zip(ours, bot, strict=True) if one.success]
    both = [(one, other) for one, other in both if other.success]
    steps, steps_of_bot = (sum(len(pair[place].turns) for pair in both) for place in (0, 1))
    return {
        "level": LEVELS[level][0],
        "task": task.id,
        "base": base.snapshot,
        "players": {
            "conditions": _row(ours),
            "bot": _row(bot),
            **{name: _row(played) for name, played in floors.items()},
        },
        "lost_seeds": [episode.seed for episode in ours if not episode.success],
        "steps_over_bots": round(steps / steps_of_bot, 4),
        "distinct_states": _distinct(ours),
    }


def _row(episodes: Sequence[Episode]) -> dict[str, Any]:
    turns = [turn for episode in episodes for turn in episode.turns]
    return {
        "success": share(sum(episode.success for episode in episodes), len(episodes)),
        "steps_mean": round(len(turns) / len(episodes), 3),
        "fallbacks": sum(
            turn.decision is not None and bool(turn.decision.fallback) for turn in turns
        ),
        "illegal": sum(episode.illegal for episode in episodes),
    }


def _distinct(episodes: Sequence[Episode]) -> dict[str, int]:
    """How many states there are, and how many differ in what the policy reads."""
    read = Counter(
        str([turn.state[name] for name in ("kinds", "colours", "mission", "pose")])
        for episode in episodes
        for turn in episode.turns
    )
    return {"states": read.total(), "distinct": len(read)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--levels", nargs="*", choices=sorted(LEVELS), default=sorted(LEVELS))
    parser.add_argument("--episodes", type=int, default=1_000)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = []
    for level in options.levels:
        rows.append(row := measure(level, options.episodes))
        won = {name: player["success"]["share"] for name, player in row["players"].items()}
        line = f"{row['level']}: {won}; steps over the bot's: {row['steps_over_bots']}"
        print(line, flush=True)
        write_result(options.out, {"n": {"episodes": options.episodes}, "rows": rows})


if __name__ == "__main__":
    main()
