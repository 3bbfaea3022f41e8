"""The page at ``/``: files of the package, without a build step and without the network.

Everyone may load it, as it holds nothing of a policy. What it shows, it asks of the service with
the reader's key.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from fastapi import APIRouter, Request, Response
from starlette.datastructures import Headers

from logicdistill.serving.bodies import Refused
from logicdistill.serving.keys import RIGHTS, Keys, key_of
from logicdistill.serving.shown import Shown

router = APIRouter(include_in_schema=False)

INDEX = "index.html"

TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}

NAMES = (
    INDEX,
    "style.css",
    "app.js",
    "change.js",
    "dom.js",
    "forms.js",
    "impact.js",
    "log.js",
    "play.js",
    "reasons.js",
    "rules.js",
    "server.js",
    "try.js",
    "words.js",
)
"""The files. A name of a request is looked up here and never in a folder."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""What a browser lets the page do; no text becomes code or markup."""


@cache
def content(name: str) -> tuple[bytes, str]:
    """A file of the page, and its tag for caches."""
    found = (resources.files("logicdistill.serving") / "page" / name).read_bytes()
    return found, f'"{hashlib.sha256(found).hexdigest()[:32]}"'


def answer(name: str, headers: Headers) -> Response:
    """A file of the page, or 304 where the browser has it."""
    if name not in NAMES:
        raise Refused(404, "there is nothing at this address; GET / has the page")
    body, tag = content(name)
    sent = {"etag": tag, "cache-control": "no-cache", "content-security-policy": POLICY}
    known = [one.strip().removeprefix("W/") for one in headers.get("if-none-match", "").split(",")]
    if tag in known:
        return Response(status_code=304, headers=sent)
    kind = TYPES[name.rpartition(".")[2]]
    return Response(body, media_type=f"{kind}; charset=utf-8", headers=sent)


@router.api_route("/", methods=["GET", "HEAD"])
async def index(request: Request) -> Response:
    """The page."""
    return answer(INDEX, request.headers)


@router.api_route("/page/{name}", methods=["GET", "HEAD"])
async def file(name: str, request: Request) -> Response:
    """A script or style of the page."""
    return answer(name, request.headers)


@router.get("/rights")
async def rights(request: Request) -> Response:
    """Whether keys are wanted here, and what the key that came may do."""
    keys: Keys | None = request.app.state.keys
    if keys is None:
        return Shown({"keys": False, "rights": list(RIGHTS)})
    _, given = keys.of(key_of(request.headers)) or ("", frozenset())
    return Shown({"keys": True, "rights": [right for right in RIGHTS if right in given]})
