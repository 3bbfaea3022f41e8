"""Example pictures of BabyAI's cells, cut from what an agent sees that walks about at random."""

from __future__ import annotations

import random
from collections.abc import Mapping

from logicdistill.pictures import cells, picture_value
from logicdistill.tasks.babyai_world import ACTIONS, REACH, SIDE, BabyAIEnv
from logicdistill.tasks.seeds import training_seeds
from logicdistill.types import Stage

KINDS_STAGE, COLOURS_STAGE = "see_kinds", "see_colours"

LOOKING = tuple(
    Stage(
        name,
        output,
        f"What {question} stands in this cell?",
        reads=("view",),
        pictures=("view",),
        grid=(SIDE, SIDE),
    )
    for name, output, question in (
        (KINDS_STAGE, "kinds", "kind of thing"),
        (COLOURS_STAGE, "colours", "colour of thing"),
    )
)
"""The stages that read the picture; what they give is what a symbolic state holds."""

EPISODES, STEPS = 80, 60
"""Training seeds, and the steps of a walk in each: a room has one key, and few walks carry it."""

LOOSE = ("key", "ball", "box")
MOST = 40
"""Example pictures of an answer at most; equal ones count once."""


def example_pictures(env: BabyAIEnv) -> Mapping[str, Mapping[str, list[str]]]:
    """By stage and answer the data URLs of cells, labelled with what the environment says.

    Args:
        env: of the level, with pictures.
    """
    found: dict[str, dict[str, dict[str, None]]] = {KINDS_STAGE: {}, COLOURS_STAGE: {}}
    known = dict[bytes, str]()
    for seed in training_seeds(EPISODES):
        draw, ended = random.Random(seed), False
        env.reset(seed=seed)
        for _ in range(STEPS):
            shown, labels = cells(env.picture(), SIDE, SIDE), env.cells()
            for row in range(SIDE):
                for column in range(SIDE):
                    pixels = shown[row][column]
                    key = pixels.tobytes()
                    if key not in known:
                        known[key] = picture_value(pixels)
                    for stage, of in ((KINDS_STAGE, "kinds"), (COLOURS_STAGE, "colours")):
                        mine = found[stage].setdefault(labels[of][row][column], {})
                        if len(mine) < MOST:
                            mine[known[key]] = None
            if ended:
                break
            # Forward as often as all else: a walk that turns on the spot sees little.
            action = "forward" if draw.random() < 0.5 else draw.choice(ACTIONS)
            # And one that picks nothing up never shows a thing as it is carried.
            if labels["kinds"][REACH - 1][REACH] in LOOSE and draw.random() < 0.8:
                action = "pickup"
            _, _, terminated, truncated, _ = env.step(ACTIONS.index(action))
            ended = terminated or truncated
    return {
        stage: {name: [*urls] for name, urls in sorted(of.items())} for stage, of in found.items()
    }
