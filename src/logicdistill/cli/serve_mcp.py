"""``logicdistill serve-mcp``: a policy as tools of the Model Context Protocol."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from logicdistill.cli.teacher import BaseUrl, Budget, Model, teacher_of
from logicdistill.errors import BaseError, needs_extra


def serve_mcp(
    policies: Annotated[list[Path], Argument(help="Folders of runs, or packed policies.")],
    http: Annotated[bool, Option("--http", help="Over HTTP, at /mcp.")] = False,
    host: Annotated[str, Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    student: Annotated[str | None, Option(help="Who selects; by default the run's own.")] = None,
    allow_tell: Annotated[
        bool, Option("--allow-tell", help="Offer tell_rule, which changes the rules.")
    ] = False,
    teacher: Model = None,
    base_url: BaseUrl = None,
    budget: Budget = None,
) -> None:
    """Serve policies to a host of the Model Context Protocol."""
    with needs_extra("'serve --mcp'", "mcp"):
        from logicdistill.serving import mcp
    from logicdistill.policy import Policy

    if allow_tell and len(policies) > 1:
        raise BaseError(f"--allow-tell is for one policy; got {len(policies)}")
    if allow_tell and teacher is None:
        raise BaseError("--allow-tell needs a teacher that writes the functions; add --teacher")
    with ExitStack() as held:
        asked = None
        if allow_tell:
            asked = held.enter_context(teacher_of(policies[0], teacher, base_url, budget))
        loaded: dict[str, Policy] = {}
        for path in policies:
            name = path.resolve().name.removesuffix(".policy")
            if name in loaded:
                raise BaseError(f"two policies are named {name!r}; rename one")
            loaded[name] = held.enter_context(Policy.load(path, student, watch=path.is_dir()))
        mcp.serve_mcp(loaded, http=http, host=host, port=port, allow_tell=allow_tell, teacher=asked)
