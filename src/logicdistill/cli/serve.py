"""``logicdistill serve``: policies over HTTP."""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from logicdistill.cli.options import LogChain, LogHash, LogRedact, LogRotate
from logicdistill.cli.output import echo
from logicdistill.cli.teacher import NAME_ONE, BaseUrl, Budget, teacher_of
from logicdistill.errors import BaseError, TeacherError, needs_extra
from logicdistill.serving.listening import bound, is_loopback, to_open

if TYPE_CHECKING:
    from fastapi import FastAPI

    from logicdistill.deciding.log import LogOptions
    from logicdistill.policy import Policy
    from logicdistill.protocols import Teacher

SETTINGS = "LOGICDISTILL_SERVE"
"""Environment variable by which the workers get what they serve."""

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000
POLICIES_HELP = "Runs' folders or packed files; NAME=PATH gives one another name."
HOST_HELP = "Address to listen on; any but a loopback one needs --keys."
KEYS_HELP = "TOML file with lists of keys: decide, read, change; --new-key makes one."
DRAIN_HELP = "Told to end, decide on for so long while /ready says 503: a balancer looks elsewhere."
OPEN_HELP = "Answer choices a policy was not made for, by their options' words; marked as such."
TEACHER_HELP = "Live model that writes functions for told rules, such as openai:gpt-5-mini."


@dataclass(frozen=True, slots=True)
class Serving:
    """What a server serves.

    Attributes:
        policies: paths by name.
        host: to listen on.
        keys: file of the keys.
        log: whether decisions are kept in the runs.
        redact, hashed, rotate, chain: see `logicdistill.deciding.log.LogOptions`.
        open_questions: whether choices that a policy was not made for are answered.
        drain: seconds to go on for when told to end.
        teacher: a model's name.
        base_url: of the model's server.
        budget: of the model, in dollars.
    """

    policies: dict[str, str]
    host: str
    keys: str | None = None
    log: bool = False
    teacher: str | None = None
    base_url: str | None = None
    budget: float | None = None
    redact: Sequence[str] = ()
    hashed: Sequence[str] = ()
    rotate: int | None = None
    chain: bool = False
    open_questions: bool = False
    drain: float = 0.0

    @property
    def log_options(self) -> LogOptions:
        """How the log is kept."""
        from logicdistill.deciding.log import LogOptions

        return LogOptions(tuple(self.redact), tuple(self.hashed), self.rotate, self.chain)


def serve(
    policies: Annotated[list[str] | None, Argument(metavar="POLICY...", help=POLICIES_HELP)] = None,
    host: Annotated[str, Option(help=HOST_HELP)] = DEFAULT_HOST,
    port: Annotated[int, Option(min=0, max=65535, help="0 takes a free one.")] = DEFAULT_PORT,
    workers: Annotated[int, Option(min=1, help="Processes that decide.")] = 1,
    keys: Annotated[Path | None, Option(metavar="FILE", help=KEYS_HELP)] = None,
    log: Annotated[
        bool, Option("--log", help="Keep states and decisions in the runs, for 'consolidate'.")
    ] = False,
    redact: LogRedact = None,
    hashed: LogHash = None,
    rotate: LogRotate = None,
    chain: LogChain = False,
    teacher: Annotated[str | None, Option(metavar="MODEL", help=TEACHER_HELP)] = None,
    base_url: BaseUrl = None,
    budget: Budget = None,
    open_questions: Annotated[bool, Option("--open-questions", help=OPEN_HELP)] = False,
    drain: Annotated[float, Option(metavar="SECONDS", min=0, max=60, help=DRAIN_HELP)] = 0,
    new_key: Annotated[
        bool, Option("--new-key", help="Print a key and its line for the keys file, and end.")
    ] = False,
    mcp: Annotated[
        bool, Option("--mcp", help="Tools of the Model Context Protocol, on standard input.")
    ] = False,
    http: Annotated[bool, Option("--http", help="With --mcp: over HTTP, at /mcp.")] = False,
    allow_tell: Annotated[
        bool, Option("--allow-tell", help="With --mcp: offer tell_rule, which changes the rules.")
    ] = False,
) -> None:
    """Serve policies over HTTP: a page, decisions, changes, and two decision APIs.

    Clients of OpenAI's and of TypeSafe's decision API use a policy's name as the model. A run's
    folder is watched: what other commands change in it counts from the next decision on.

    With --mcp an agent's host gets the tools decide, explain_decision and list_rules instead.
    """
    kept: dict[str, Any] = {"redact": redact or (), "hashed": hashed or ()}
    kept |= {"rotate": rotate, "chain": chain}
    if teacher is None and (base_url is not None or budget is not None):
        given = "--base-url" if budget is None else "--budget"
        raise TeacherError(f"{given} is about a live teacher; {NAME_ONE}")
    if mcp:
        if keys is not None or workers > 1 or new_key or open_questions or drain:
            others = "--keys, --workers, --new-key, --open-questions nor --drain"
            raise BaseError(f"--mcp goes with neither {others}")
        if not http and (host, port) != (DEFAULT_HOST, DEFAULT_PORT):
            raise BaseError("--host and --port are for --mcp over HTTP; add --http")
        named = named_policies(policies or [])
        offered = Serving(named, host, None, log, teacher, base_url, budget, **kept)
        _serve_mcp(offered, http, port, allow_tell)
        return
    if http or allow_tell:
        raise BaseError(f"{'--http' if http else '--allow-tell'} is for --mcp; add it")
    from logicdistill.serving.keys import new_key as make_key
    from logicdistill.serving.keys import read_keys

    if new_key:
        key, entry = make_key()
        echo(f"key   {key}\nfile  change = [{json.dumps(entry)}]   # or decide, or read")
        return
    named = named_policies(policies or [])
    if keys is not None:
        read_keys(keys)
    elif not is_loopback(host):
        raise BaseError(
            f"--host {host} can be reached from other machines, and there are no --keys; "
            "give --keys FILE ('logicdistill serve --new-key' makes a key), or leave --host out"
        )
    if teacher is not None and (len(named) > 1 or workers > 1):
        raise TeacherError("--teacher is for one policy and one worker: they share the --budget")
    if teacher is not None and (packed := [one for one in named.values() if Path(one).is_file()]):
        raise TeacherError(f"--teacher changes a run's folder; {packed[0]} is a packed policy")
    asked = teacher, base_url, budget
    kept |= {"open_questions": open_questions, "drain": drain}
    serving = Serving(named, host, None if keys is None else str(keys), log, *asked, **kept)
    with bound(host, port) as taken, opened(serving) as app:
        import uvicorn

        from logicdistill.serving.connections import PatientProtocol

        config: dict[str, Any] = {
            "log_level": "warning",
            "access_log": False,
            "server_header": False,
            "proxy_headers": False,
            "timeout_keep_alive": 30,
            "timeout_graceful_shutdown": 10,
            "limit_concurrency": 4096,
            "ws": "none",
            "http": PatientProtocol,
        }
        port = taken.getsockname()[1]
        said = f"{to_open(host, port)}  policies: {', '.join(named)}"
        if workers == 1:
            echo(said, err=True)
            with contextlib.suppress(KeyboardInterrupt):
                uvicorn.Server(uvicorn.Config(app, **config)).run(sockets=[taken])
            return
    # What is wrong was said above, once. The workers load the policies again, each for itself.
    with tempfile.TemporaryDirectory(prefix="logicdistill-metrics-") as counts:
        os.environ |= {SETTINGS: json.dumps(asdict(serving)), "PROMETHEUS_MULTIPROC_DIR": counts}
        echo(f"{said}  workers: {workers}", err=True)
        name = "logicdistill.cli.serve:worker"
        uvicorn.run(name, factory=True, host=host, port=port, workers=workers, **config)


def _serve_mcp(serving: Serving, http: bool, port: int, allow_tell: bool) -> None:
    with needs_extra("'serve --mcp'", "mcp"):
        from logicdistill.serving.mcp import serve_mcp

    if allow_tell and len(serving.policies) > 1:
        raise BaseError(f"--allow-tell is for one policy; got {len(serving.policies)}")
    if allow_tell and any(Path(path).is_file() for path in serving.policies.values()):
        raise BaseError("--allow-tell changes a run's folder; a packed policy is not changed")
    if allow_tell != (serving.teacher is not None):
        missing = "--teacher, which writes the functions" if allow_tell else "--allow-tell"
        raise BaseError(f"a rule is told with --allow-tell and --teacher; add {missing}")
    with loaded(serving) as (policies, teachers):
        teacher = next(iter(teachers.values()), None)
        serve_mcp(policies, http=http, host=serving.host, port=port, teacher=teacher)


def worker() -> FastAPI:
    """The application of one of several workers; it ends with its process."""
    serving = Serving(**json.loads(os.environ[SETTINGS]))
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(opened(serving))


@contextmanager
def opened(serving: Serving) -> Iterator[FastAPI]:
    """The application with its policies loaded; they are closed at the end."""
    with calm_collector() as loaded_for_good:
        with needs_extra("'serve'", "serve"):
            import fastapi  # noqa: F401
            import prometheus_client  # noqa: F401
            import uvicorn  # noqa: F401
        from logicdistill.serving.app import create_app
        from logicdistill.serving.keys import read_keys
        from logicdistill.serving.limits import LOOPBACK

        with loaded(serving) as (policies, teachers):
            app = create_app(
                policies,
                keys=None if serving.keys is None else read_keys(Path(serving.keys)),
                # A key keeps other pages out; then a proxy may stand before the server.
                hosts=(*LOOPBACK, serving.host) if serving.keys is None else None,
                teachers=teachers,
                open_questions=serving.open_questions,
                drain=serving.drain,
            )
            loaded_for_good()
            yield app


@contextmanager
def calm_collector() -> Iterator[Callable[[], None]]:
    """The garbage collector rests until the given function is called, while nearly all stays.

    Afterwards it does not look again and again at what was loaded until then: a look at all of it
    stops every request for some tens of milliseconds.
    """

    def loaded_for_good() -> None:
        gc.freeze()
        gc.enable()

    gc.disable()
    try:
        yield loaded_for_good
    finally:
        gc.enable()
        gc.unfreeze()


@contextmanager
def loaded(serving: Serving) -> Iterator[tuple[dict[str, Policy], dict[str, Teacher]]]:
    """The policies by name, and those who write functions for them; closed at the end."""
    from logicdistill.policy import Policy

    with ExitStack() as stack:
        policies: dict[str, Policy] = {}
        teachers: dict[str, Teacher] = {}
        for name, given in serving.policies.items():
            path = Path(given)
            folder = path.is_dir()
            options = serving.log_options
            log = serving.log or options != type(options)()
            policy = Policy.load(path, watch=folder, log=log, log_options=options if log else None)
            policies[name] = stack.enter_context(policy)
            if serving.teacher is not None and folder:
                asked = teacher_of(path, serving.teacher, serving.base_url, serving.budget)
                teachers[name] = stack.enter_context(asked)
        yield policies, teachers


def named_policies(given: Sequence[str]) -> dict[str, str]:
    """Paths by the names that they have in addresses.

    Raises:
        BaseError: there is none, two have one name, or a name does not fit into an address.
    """
    if not given:
        raise BaseError("no policy was named; give a run's folder or a packed file, or several")
    named: dict[str, str] = {}
    for one in given:
        name, sign, path = one.partition("=")
        if not sign or Path(one).exists():
            name, path = Path(one).resolve().stem, one
        if not name or not all(sign.isalnum() or sign in "._-" for sign in name):
            raise BaseError(
                f"{name!r} does not fit into an address; name it with letters, digits, '.', '_' "
                f"and '-': NAME={path}"
            )
        if name in named:
            raise BaseError(
                f"{named[name]} and {path} are both named {name!r}; name one: OTHER={path}"
            )
        named[name] = path
    return named
