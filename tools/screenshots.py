"""The pictures of docs/page.md: the page of `logicdistill serve` on the returns desk.

python tools/screenshots.py                    make them, from a run in a temporary folder
python tools/screenshots.py --run runs/returns take that run, which is copied first

It needs Chromium (``apt install chromium``) and the packages playwright and pillow.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from logicdistill.cli.serve import bound
from logicdistill.cli.terminal import TerminalReporter
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.serving.app import create_app
from logicdistill.tasks.scaffold import example_folder

DOCS = Path(__file__).resolve().parent.parent / "docs"
WIDTH, HEIGHT = 1200, 1600
"""In pixels; a longer page is cut."""
MOST_BYTES = 200_000
"""A picture that is larger is an error."""

TRIED = "test-029"
"""The example of the picture: a return that is too late for money, and in time for store credit."""

AUTHOR = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Ada"}
"""Who makes the run's changes: the journal in a picture names nobody else."""

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


@contextmanager
def serving(run: Path) -> Iterator[str]:
    """The address of a server of this run, with some logged decisions."""
    with Policy.load(run, watch=True, log=True) as policy:
        lines = (run / "task" / "states.jsonl").read_text().splitlines()
        policy.decide_many([json.loads(line)["state"] for line in lines[-12:]])
        app, taken = create_app({"desk": policy}), bound("127.0.0.1", 0)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            taken.close()


def rules(page: Any) -> None:
    """Rules that a search finds; one is open, and so is the condition of its first function."""
    page.get_by_label("Search rules and functions").fill("store credit")
    page.locator("#rule-12 summary").first.click()
    page.locator("#rule-12").get_by_text("Exact condition").first.click()


def trying(page: Any) -> None:
    """A decided example."""
    pick = page.get_by_label("Begin with")
    pick.select_option(label=pick.locator("option", has_text=TRIED).inner_text())
    page.get_by_role("button", name="Decide").click()
    expect(page.locator(".verdict")).to_be_visible()


def change(page: Any) -> None:
    """A function's new text and what it would change."""
    page.get_by_label("Which function").select_option("give_store_credit")
    text = page.get_by_label("Its text")
    expect(text).not_to_have_value("")
    text.fill(text.input_value().replace("<= 60", "<= 90").replace("day 60", "day 90"))
    page.get_by_role("button", name="Show what it would change").click()
    expect(page.locator(".proposal")).to_be_visible()
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Why").fill("Longer returns until the end of January")


PICTURES = {"rules": rules, "try": trying, "change": change}


def save(picture: bytes, file: Path) -> None:
    """Write it with few colours, which is a third of the bytes."""
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def take(address: str, chromium: str) -> None:
    """Write the pictures; exits where one is too large."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        for name, prepare in PICTURES.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": 900})
            page.goto(f"{address}/#{name}")
            page.get_by_role("heading", level=2).wait_for()
            prepare(page)
            page.evaluate("() => document.activeElement.blur() ?? scrollTo(0, 0)")
            page.mouse.move(0, 0)
            file = DOCS / f"page-{name}.png"
            whole = page.evaluate("() => document.documentElement.scrollHeight")
            page.set_viewport_size({"width": WIDTH, "height": min(whole, HEIGHT)})
            save(page.screenshot(), file)
            size = file.stat().st_size
            print(f"{file}  {size:,} bytes")
            if size > MOST_BYTES:
                sys.exit(f"{file} has {size:,} bytes; {MOST_BYTES:,} are allowed")
        browser.close()


def main() -> None:
    """See the file's docstring."""
    parser = argparse.ArgumentParser(description="The pictures of docs/page.md.")
    parser.add_argument("--run", type=Path, help="a finished run of the returns desk")
    run: Path | None = parser.parse_args().run
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no chromium was found; apt install chromium")
    os.environ |= AUTHOR
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "desk"
        if run is None:
            settings = RunSettings(str(example_folder("returns")))
            RunPipeline(made, settings, TerminalReporter()).run()
        else:
            shutil.copytree(run, made)
        with serving(made) as address:
            take(address, chromium)


if __name__ == "__main__":
    main()
