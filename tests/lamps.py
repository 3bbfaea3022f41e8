"""A task with pictures: lamps that are red, amber or green, one on a photo or six on a panel."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

COLOURS = {"red": (220, 40, 30), "amber": (230, 170, 30), "green": (40, 190, 70)}
BLUE = (50, 80, 220)
SIDE = 16

Pixels = npt.NDArray[np.uint8]


def lamp(colour: tuple[int, int, int], rng: random.Random) -> Pixels:
    """A lamp somewhere in a grey picture, with noise."""
    grey = rng.randint(70, 120)
    image = Image.new("RGB", (SIDE, SIDE), (grey, grey, grey))
    left, top = rng.randint(1, 4), rng.randint(1, 4)
    ImageDraw.Draw(image).ellipse((left, top, left + 10, top + 10), fill=colour)
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, 6, (SIDE, SIDE, 3))
    return (np.asarray(image) + noise).clip(0, 255).astype(np.uint8)


def panel(colours: list[str], rng: random.Random) -> Pixels:
    """Two rows of three lamps."""
    lamps = [lamp(COLOURS[colour], rng) for colour in colours]
    rows = [np.concatenate(lamps[at : at + 3], axis=1) for at in (0, 3)]
    return np.concatenate(rows)


def png(pixels: Pixels) -> bytes:
    """The picture's file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


DECIDE = '''def {name}({field}: {kind}, loaded: bool) -> str:
    """{summary}

    Use when: {summary}
    When: {when}
    Rules: {rule}

    >>> {name}({field}={shown!r}, loaded=True)
    {result!r}
    """
    return {result!r}
'''

ONE = (
    ("halt", 'colour == "red"', "A red lamp stops the machine.", "red", "stop"),
    ("slow", 'colour == "amber" and loaded', "Amber slows a loaded machine.", "amber", "slow"),
    ("run", 'colour in ("amber", "green")', "Otherwise the machine runs.", "green", "run"),
)
SIX = (
    (
        "halt",
        'any(cell == "red" for row in colour for cell in row)',
        "A red lamp stops the machine.",
        [["green", "red", "green"], ["green"] * 3],
        "stop",
    ),
    (
        "run",
        "loaded or not loaded",
        "Otherwise the machine runs.",
        [["green"] * 3, ["green"] * 3],
        "run",
    ),
)


def lamps_task(folder: Path, *, grid: bool = False, examples: int = 12, seed: int = 0) -> Path:
    """The folder of the task; a state shows one lamp, or with ``grid`` a panel of six."""
    rng = random.Random(seed)
    for colour, shade in COLOURS.items():
        home = folder / "pictures" / "look" / colour
        home.mkdir(parents=True)
        for number in range(examples):
            (home / f"{number}.png").write_bytes(png(lamp(shade, rng)))
    (folder / "photos").mkdir()
    lines = []
    for number in range(24):
        loaded = rng.random() < 0.5
        shown = rng.choices([*COLOURS], weights=[1, 2, 5], k=6 if grid else 1)
        made = panel(shown, rng) if grid else lamp(COLOURS[shown[0]], rng)
        (folder / "photos" / f"{number}.png").write_bytes(png(made))
        state = {"photo": f"photos/{number}.png", "loaded": loaded}
        line = {"id": f"s{number}", "state": state, "action": right(shown, loaded)}
        lines.append(json.dumps({**line, "split": ("train", "test")[number % 2]}))
    (folder / "states.jsonl").write_text("\n".join(lines) + "\n")
    written = SIX if grid else ONE
    rules = [f"{number}. {one[2]}" for number, one in enumerate(written, start=1)]
    (folder / "rules.md").write_text("\n".join(rules) + "\n")
    (folder / "task.toml").write_text(
        'id = "lamps-v1"\ntitle = "Lamps"\nactions = ["stop", "slow", "run"]\nfallback = "stop"\n'
    )
    (folder / "stages.toml").write_text(
        '[[stages]]\nname = "look"\nmode = "one"\noutput = "colour"\nreads = ["photo"]\n'
        + ("grid = [2, 3]\n" if grid else "")
        + '\n[[stages]]\nname = "decide"\nmode = "first"\n'
    )
    (folder / "functions").mkdir()
    kind = "list[list[str]]" if grid else "str"
    texts = [
        DECIDE.format(
            name=name, field="colour", kind=kind, summary=said, when=when, rule=number,
            shown=shown, result=result,
        )
        for number, (name, when, said, shown, result) in enumerate(written, start=1)
    ]  # fmt: skip
    (folder / "functions" / "decide.py").write_text("\n\n".join(texts))
    return folder


def right(shown: list[str], loaded: bool) -> str:
    """The right action."""
    if "red" in shown:
        return "stop"
    return "slow" if shown == ["amber"] and loaded else "run"
