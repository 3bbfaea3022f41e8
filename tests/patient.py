"""httpx's calls for a server of a test: a busy machine may take a minute for any answer."""

from __future__ import annotations

from functools import partial

import httpx

_LOCAL = {"timeout": 120.0, "verify": False}  # Without TLS, certificates are read for nothing.
get = partial(httpx.get, **_LOCAL)
post = partial(httpx.post, **_LOCAL)
put = partial(httpx.put, **_LOCAL)
request = partial(httpx.request, **_LOCAL)
