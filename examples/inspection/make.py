"""A task with pictures: parts are inspected, and a written policy says what becomes of them.

    python examples/inspection/make.py parts
    logicdistill run parts

The pictures are drawn. ``--disturbed NAME`` disturbs those of the states; the example pictures
below ``pictures/`` are never disturbed, so what is known is clean and what is decided is not.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Pixels = npt.NDArray[np.uint8]

DEFECTS = ("good", "scratch", "dent", "crack", "stain", "missing_hole")
LATER = "rust"
"""A defect that the task does not know; a function for it may join."""

KINDS = ("bracket", "cover")
SIDE = 64
HERE = Path(__file__).parent


def drawn(defect: str, draw: random.Random) -> Pixels:
    """A part on a ground; size, place, light and the defect's place and form are drawn."""
    ground = tuple(draw.randint(60, 110) for _ in range(3))
    image = Image.new("RGB", (SIDE, SIDE), ground)
    pen = ImageDraw.Draw(image)
    left, top = draw.randint(4, 10), draw.randint(4, 10)
    right, bottom = SIDE - draw.randint(4, 10), SIDE - draw.randint(4, 10)
    grey = draw.randint(150, 210)
    pen.rectangle((left, top, right, bottom), fill=(grey, grey, grey + 10))
    holes = [(x, y) for x in (left + 10, right - 10) for y in (top + 10, bottom - 10)]
    if defect == "missing_hole":
        holes.pop(draw.randrange(4))
    for x, y in holes:
        pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=(40, 40, 40))
    x, y = draw.randint(left + 18, right - 18), draw.randint(top + 18, bottom - 18)
    if defect == "scratch":
        angle, length = draw.uniform(0, math.pi), draw.randint(10, 16)
        along, across = length * math.cos(angle), length * math.sin(angle)
        pen.line((x - along, y - across, x + along, y + across), fill=(grey + 40,) * 3)
    elif defect == "dent":
        pen.ellipse((x - 6, y - 5, x + 6, y + 5), fill=(grey - 45,) * 3)
    elif defect == "crack":
        points = [(x, y)]
        for _ in range(5):
            x, y = x + draw.randint(-7, 7), y + draw.randint(-7, 7)
            points.append((x, y))
        pen.line(points, fill=(20, 20, 20), width=2)
    elif defect == "stain":
        pen.ellipse((x - 7, y - 6, x + 7, y + 6), fill=(150, 110, 60))
    elif defect == LATER:
        for _ in range(25):
            x, y = draw.randint(20, 44), draw.randint(20, 44)
            pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=(170, draw.randint(55, 85), 20))
    noise = np.random.default_rng(draw.getrandbits(32)).normal(0, 4, (SIDE, SIDE, 3))
    return _pixels(np.asarray(image) + noise)


def right_action(defect: str, kind: str, coated: bool) -> str:
    """What rules.md says; it is written here once more, apart from the functions."""
    if defect in ("crack", LATER):
        return "scrap"
    if defect == "missing_hole":
        return "rework" if kind == "bracket" else "scrap"
    if defect == "stain":
        return "pass" if coated else "rework"
    marked = defect in ("scratch", "dent")
    return "rework" if marked and kind == "cover" else "pass"


def _pixels(values: npt.NDArray[Any]) -> Pixels:
    return values.clip(0, 255).astype(np.uint8)


def _noisy(picture: Pixels, draw: random.Random) -> Pixels:
    noise = np.random.default_rng(draw.getrandbits(32)).normal(0, 20, picture.shape)
    return _pixels(picture + noise)


def _blurred(picture: Pixels, _: random.Random) -> Pixels:
    """Means of three by three pixels."""
    framed = np.pad(picture.astype(float), ((1, 1), (1, 1), (0, 0)), mode="edge")
    shifted = [framed[y : y + SIDE, x : x + SIDE] for y in range(3) for x in range(3)]
    return _pixels(np.mean(shifted, axis=0))


def _cropped(picture: Pixels, draw: random.Random) -> Pixels:
    """Six pixels are cut off each of two sides."""
    top, left = draw.choice((0, 6)), draw.choice((0, 6))
    return np.ascontiguousarray(picture[top : top + SIDE - 6, left : left + SIDE - 6])


DISTURBANCES: Mapping[str, Callable[[Pixels, random.Random], Pixels]] = {
    "darker": lambda picture, _: _pixels(picture * 0.6),
    "brighter": lambda picture, _: _pixels(picture * 1.3),
    "noise": _noisy,
    "blur": _blurred,
    "crop": _cropped,
    "palette": lambda picture, _: np.ascontiguousarray(picture[:, :, [2, 0, 1]]),
}
"""What may happen to a picture by name; ``palette`` swaps red, green and blue."""


def records(count: int, seed: int, defects: tuple[str, ...] = DEFECTS) -> list[dict[str, Any]]:
    """So many parts: ``photo`` as pixels, what is beside it, the defect and the right action."""
    draw, found = random.Random(seed), []
    for _ in range(count):
        defect, kind, coated = draw.choice(defects), draw.choice(KINDS), draw.random() < 0.5
        state = {"photo": drawn(defect, draw), "kind": kind, "coated": coated}
        action = right_action(defect, kind, coated)
        found.append({"state": state, "defect": defect, "action": action})
    return found


def write(
    folder: Path, *, pictures: int = 40, states: int = 150, seed: int = 1, disturbed: str = ""
) -> None:
    """The task's folder.

    Args:
        folder: is made.
        pictures: example pictures of each answer.
        states: with the right action, and the photo beside them.
        seed: of all that is drawn.
        disturbed: a key of `DISTURBANCES` for the states' photos, or nothing.
    """
    for name in ("rules.md", "task.toml", "stages.toml", "functions/decide.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / name, folder / name)
    draw = random.Random(seed)
    for defect in DEFECTS:
        mine = folder / "pictures" / "look" / defect
        mine.mkdir(parents=True, exist_ok=True)
        for number in range(pictures):
            Image.fromarray(drawn(defect, draw)).save(mine / f"{number}.png")
    (folder / "photos").mkdir(exist_ok=True)
    lines = []
    for number, record in enumerate(records(states, seed + 1)):
        photo, file = record["state"]["photo"], f"photos/{number}.png"
        shown = DISTURBANCES[disturbed](photo, draw) if disturbed else photo
        Image.fromarray(shown).save(folder / file)
        state = record["state"] | {"photo": file}
        lines.append({"id": f"part-{number}", "state": state, "action": record["action"]})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "states.jsonl").write_text(text, encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=40, help="examples of each answer")
    parser.add_argument("--states", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--disturbed", choices=sorted(DISTURBANCES), default="")
    options = parser.parse_args()
    given = {name: getattr(options, name) for name in ("pictures", "states", "seed", "disturbed")}
    write(options.folder, **given)
    print(f"{options.folder}: {options.states} states and 6 x {options.pictures} example pictures")


if __name__ == "__main__":
    main()
