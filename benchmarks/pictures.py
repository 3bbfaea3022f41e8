"""Encoders of pictures: accuracy of a softmax regression from a few examples of each class.

    python benchmarks/pictures.py --out docs/measured/pictures.json

The examples are clean, what is judged is disturbed as well. Three sets:

- ``cells``: 8 x 8 pixels, cut from the partial views of MiniGrid levels; the labels are type,
  colour and state as its symbolic observation says them. Levels of other seeds are judged.
- ``digits``: the digits of scikit-learn, 8 x 8 pixels; every third is judged.
- ``parts``: drawn machine parts of 64 x 64 pixels, four forms, each whole or with one of three
  defects; colour, size, place, turn, light and ground are drawn at random.

The features of `PixelEncoder` and the side of the network were chosen on other pictures of the same
sets; ``--choose`` shows those. Needs ``minigrid`` and ``scikit-learn``.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from selecting import write_result

from logicdistill.students.regression import fit_softmax
from logicdistill.students.vision import PictureEncoder, picture_encoder

Pixels = npt.NDArray[np.uint8]
Pool = list[list[Pixels]]
"""Pictures by class; each has a border of `BORDER` pixels, for what moves and blurs it."""

BORDER = 2
LEVELS = ("GoToLocal", "PickupLoc", "GoToObj", "Open", "UnlockLocal", "GoToDoor")
STEPS = 40
COLOURS = ("#c82828", "#28a03c", "#3250d2", "#dcbe28", "#963caa", "#787878")
PENALTY = 0.01
SEEDS = {"fit": range(1000, 1040), "choose": range(2000, 2020), "judge": range(500_000, 500_030)}


def middle(picture: Pixels, down: int = 0, right: int = 0) -> Pixels:
    """The picture without its border, moved by some pixels."""
    height, width = picture.shape[:2]
    return picture[BORDER + down : height - BORDER + down, BORDER + right : width - BORDER + right]


def bright(factor: float) -> Callable[[Pixels, np.random.Generator], Pixels]:
    return lambda picture, _: (middle(picture) * factor).clip(0, 255).astype(np.uint8)


def noisy(sigma: float) -> Callable[[Pixels, np.random.Generator], Pixels]:
    def disturbed(picture: Pixels, random: np.random.Generator) -> Pixels:
        shown = middle(picture)
        return (shown + random.normal(0, sigma, shown.shape)).clip(0, 255).astype(np.uint8)

    return disturbed


def moved(picture: Pixels, random: np.random.Generator) -> Pixels:
    """By one pixel in one of four directions."""
    return middle(picture, *[(0, 1), (1, 0), (0, -1), (-1, 0)][random.integers(4)])


def blurred(picture: Pixels, _: np.random.Generator) -> Pixels:
    """Each pixel with its eight neighbours, 1 2 1 a side."""
    whole = picture.astype(np.float32)
    rows = (whole[:-2] + 2 * whole[1:-1] + whole[2:]) / 4
    both = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
    return np.rint(both[1:-1, 1:-1]).astype(np.uint8)


DISTURBANCES: Mapping[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "clean": lambda picture, _: middle(picture),
    "brightness x 0.6": bright(0.6),
    "brightness x 1.4": bright(1.4),
    "noise 10": noisy(10),
    "noise 25": noisy(25),
    "moved": moved,
    "blurred": blurred,
}


def grid_cells(seeds: Sequence[int], tile: int = 8, most: int = 200) -> dict[str, list[Pixels]]:
    """Cells of MiniGrid by type, colour and state, met in a random walk through each level."""
    import gymnasium as gym
    from minigrid.wrappers import RGBImgPartialObsWrapper

    found, random = defaultdict[str, list[Pixels]](list), np.random.default_rng(0)
    for level in LEVELS:
        with contextlib.redirect_stdout(io.StringIO()):  # levels tell how they were drawn
            env = RGBImgPartialObsWrapper(gym.make(f"BabyAI-{level}-v0"), tile_size=tile)
            for seed in seeds:
                shown, _ = env.reset(seed=seed)
                for _ in range(STEPS):
                    symbols = env.unwrapped.gen_obs()["image"]  # type: ignore[attr-defined]
                    framed = np.pad(shown["image"], ((2, 2), (2, 2), (0, 0)), mode="edge")
                    for x, y in np.ndindex(7, 7):
                        label = "-".join(map(str, symbols[x, y]))
                        if (x, y) != (3, 6) and len(found[label]) < most:  # there the agent stands
                            top, left = y * tile, x * tile
                            size = tile + 2 * BORDER
                            found[label].append(framed[top : top + size, left : left + size])
                    shown, _, ended, cut, _ = env.step(int(random.choice([0, 1, 2, 2, 2, 3, 4, 5])))
                    if ended or cut:
                        break
    for cells in found.values():
        random.shuffle(cells)  # type: ignore[arg-type]
    return dict(found)


def digits(remainder: int) -> Pool:
    """Every third digit of scikit-learn, by class."""
    from sklearn.datasets import load_digits

    data = load_digits()
    grey = (data.images * 255 / 16).astype(np.uint8)
    border = ((BORDER, BORDER), (BORDER, BORDER), (0, 0))
    return [
        [
            np.pad(np.repeat(picture[:, :, None], 3, axis=2), border)
            for picture in grey[data.target == label][remainder::3]
        ]
        for label in range(10)
    ]


def parts(count: int, seed: int, side: int = 64) -> Pool:
    """So many drawn parts of each form and state."""
    random = np.random.default_rng(seed)
    return [
        [drawn(form, state, random, side + 2 * BORDER) for _ in range(count)]
        for form in ("disc", "plate", "ring", "bar")
        for state in ("whole", "scratch", "hole", "chip")
    ]


def drawn(form: str, state: str, random: np.random.Generator, side: int) -> Pixels:
    """A machine part, drawn four times as large and made smaller."""
    size = 4 * side
    ground = int(random.integers(60, 200))
    image = Image.new("RGB", (size, size), (ground, ground, ground + int(random.integers(-15, 16))))
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    x, y = size / 2 + random.uniform(-0.06, 0.06, 2) * size
    radius = size * random.uniform(0.26, 0.36)
    base = Image.new("RGB", (1, 1), COLOURS[random.integers(len(COLOURS))]).getpixel((0, 0))
    light = random.uniform(0.7, 1.1)
    colour = tuple(min(255, int(value * light)) for value in base)  # type: ignore[union-attr]
    dark = tuple(int(value * 0.45) for value in colour)
    wide, high = {"plate": (1, 0.8), "bar": (1.15, 0.33)}.get(form, (1, 1))
    box = [x - wide * radius, y - high * radius, x + wide * radius, y + high * radius]
    if form == "disc":
        draw.ellipse(box, fill=colour)
    elif form == "ring":
        draw.ellipse(box, outline=colour, width=int(radius * 0.38))
    else:
        draw.rectangle(box, fill=colour)
    angle = random.uniform(0, 2 * np.pi)
    along, across = np.cos(angle), np.sin(angle)
    if form == "bar":
        at_x, at_y = x + random.uniform(-0.8, 0.8) * radius, y + random.uniform(-0.1, 0.1) * radius
    else:
        reach = radius * (0.8 if form == "ring" else 0.55 * random.uniform(0.3, 1))
        at_x, at_y = x + reach * along, y + reach * across
    if state == "scratch":
        length, turn = radius * random.uniform(0.5, 0.8), random.uniform(0, np.pi)
        far_x, far_y = length * np.cos(turn), length * np.sin(turn)
        line = [at_x - far_x, at_y - far_y, at_x + far_x, at_y + far_y]
        draw.line(line, fill=dark, width=int(size * 0.016))
    if state == "hole":
        hole = radius * random.uniform(0.1, 0.15)
        draw.ellipse([at_x - hole, at_y - hole, at_x + hole, at_y + hole], fill=dark)
    if state == "chip":
        chip, end = radius * random.uniform(0.25, 0.35), random.choice([-1, 1])
        if form in ("disc", "ring"):
            edge_x, edge_y = x + radius * along, y + radius * across
        else:
            edge_x = x + wide * radius * end
            edge_y = y + (high * radius * random.uniform(-0.8, 0.8) if form == "plate" else 0)
        draw.ellipse(
            [edge_x - chip, edge_y - chip, edge_x + chip, edge_y + chip], fill=(0, 0, 0, 0)
        )
    if form in ("plate", "bar"):
        layer = layer.rotate(random.uniform(-12, 12), center=(x, y))
    image.paste(layer, (0, 0), layer)
    small = np.asarray(image.resize((side, side), Image.Resampling.BOX)).astype(np.float32)
    return (small + random.normal(0, 3, small.shape)).clip(0, 255).astype(np.uint8)


def accuracies(
    encoder: PictureEncoder, fit: Pool, judged: Pool, count: int, draws: int
) -> dict[str, float]:
    """Mean accuracy over the classes for each disturbance, over draws of ``count`` examples."""
    random = np.random.default_rng(0)
    truth = np.repeat(np.arange(len(judged)), [len(mine) for mine in judged])
    asked = {
        name: _wide(encoder.vectors([change(one, random) for mine in judged for one in mine]))
        for name, change in DISTURBANCES.items()
    }
    found = defaultdict[str, list[float]](list)
    for draw in range(draws):
        chosen = np.random.default_rng(draw)
        rows = [
            (middle(mine[place]), label)
            for label, mine in enumerate(fit)
            for place in chosen.choice(len(mine), min(count, len(mine)), replace=False)
        ]
        vectors = _wide(encoder.vectors([picture for picture, _ in rows]))
        labels = np.array([label for _, label in rows])
        start = np.zeros((vectors.shape[1], len(fit)), np.float32)
        weights = fit_softmax(vectors, labels, np.ones(len(rows), np.float32), PENALTY, start)
        for name, given in asked.items():
            right = (given @ weights).argmax(axis=1) == truth
            found[name].append(float(np.mean([right[truth == one].mean() for one in {*truth}])))
    return {name: round(float(np.mean(shares)), 4) for name, shares in found.items()}


def _wide(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.hstack([vectors, np.ones((len(vectors), 1), np.float32)])


def milliseconds(encoder: PictureEncoder, pictures: Sequence[Pixels], times: int = 30) -> float:
    """Median processor time of a picture in ms, one thread: other work hardly changes it."""
    encoder.vectors(pictures)
    found = []
    for _ in range(times):
        started = time.process_time()
        encoder.vectors(pictures)
        found.append(time.process_time() - started)
    return round(1000 * statistics.median(found) / len(pictures), 3)


def sets(judge: str, most: int) -> dict[str, tuple[Pool, Pool]]:
    """Name to pictures to fit on and to judge."""
    fit, judged = grid_cells(SEEDS["fit"]), grid_cells(SEEDS[judge])
    known = sorted(label for label, mine in fit.items() if len(mine) >= 20 and label in judged)
    return {
        "cells": ([fit[one] for one in known], [judged[one][:most] for one in known]),
        "digits": (digits(0), [mine[:most] for mine in digits(2 if judge == "judge" else 1)]),
        "parts": (parts(30, 1), parts(most, 3 if judge == "judge" else 2)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--encoders", nargs="+", default=["pixels", "efficientnet-lite0"])
    parser.add_argument("--shots", nargs="+", type=int, default=[1, 5, 20])
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--most", type=int, default=20, help="pictures of a class that are judged")
    parser.add_argument("--choose", action="store_true", help="the pictures that were chosen on")
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    rows = list[dict[str, Any]]()
    found = sets("choose" if asked.choose else "judge", asked.most)
    for name in asked.encoders:
        encoder = picture_encoder(name)
        for task, (fit, judged) in found.items():
            one = milliseconds(encoder, [middle(fit[0][0])])
            seen = {middle(picture).tobytes() for mine in fit for picture in mine}
            new = {middle(picture).tobytes() for mine in judged for picture in mine} - seen
            for count in asked.shots:
                shares = accuracies(encoder, fit, judged, count, asked.draws)
                row = {"encoder": name, "set": task, "shots": count, "classes": len(fit)}
                row |= {"judged": sum(map(len, judged)), "new": len(new)}
                rows.append(row | {"ms": one, "accuracy": shares})
                print(name, task, count, f"{one} ms", shares, flush=True)
    n = {f"{task} judged": sum(map(len, judged)) for task, (_, judged) in found.items()}
    write_result(asked.out, {"rows": rows}, n, asked.draws)


if __name__ == "__main__":
    main()
