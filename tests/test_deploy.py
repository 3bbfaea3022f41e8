"""The files under deploy/ name what there is; no container is built here."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from tests.cli.test_main import logicdistill

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def dockerfile() -> list[list[str]]:
    """Instructions of the container file, words each."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]


def commands() -> dict[str, list[str]]:
    unit = (DEPLOY / "logicdistill.service").read_text()
    started = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert started is not None
    [default] = [" ".join(one[1:]) for one in dockerfile() if one[0] == "CMD"]
    return {
        "unit": shlex.split(started[1])[1:],
        "compose": COMPOSE["services"]["decides-1"]["command"],
        "container": yaml.safe_load(default),
    }


def test_what_the_container_file_copies_is_there() -> None:
    copied = [one[1:-1] for one in dockerfile() if one[0] == "COPY" and one[1][:2] != "--"]
    assert len(copied) == 2
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("where", ["unit", "compose", "container"])
def test_what_is_started_takes_only_options_that_there_are(where: str) -> None:
    command, *given = commands()[where]
    assert command == "serve"
    known = logicdistill("serve", "--help").stdout
    assert [one for one in given if one.startswith("--") and f"{one} " not in known] == []


def test_the_balancer_asks_each_replica_and_waits_for_it() -> None:
    services = COMPOSE["services"]
    replicas = sorted(name for name in services if name != "balancer")
    asked = re.search(r"\{\$REPLICAS:(.*?)\}", (DEPLOY / "Caddyfile").read_text())
    assert asked is not None
    assert asked[1].split() == [f"{name}:8000" for name in replicas]
    assert sorted(services["balancer"]["depends_on"]) == replicas
    sources = [Path(one.split(":")[0]) for one in services["balancer"]["volumes"]]
    assert all((DEPLOY / one).exists() for one in sources)
    build = services[replicas[0]]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
