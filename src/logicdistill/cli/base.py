"""``logicdistill base``: look at the function base of a run, and change it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from logicdistill.characters import escaped
from logicdistill.cli.changing import By, Changing, NoImpact, Why, Yes, policy_that_decides
from logicdistill.cli.options import AsJson, RunFolder
from logicdistill.cli.output import echo
from logicdistill.errors import BaseError, GateRefusal, InvalidStateError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from logicdistill.functions.base import FunctionBase, Proposal
    from logicdistill.functions.folder import BaseFolder
    from logicdistill.policy import Policy
    from logicdistill.tasks.record_folder import Record
    from logicdistill.types import Function, Json

NOTED_EPISODES = 100
"""Training episodes whose states the notes of 'base check' are based on."""

base_app = typer.Typer(help="Look at a run's function base, and change it.", no_args_is_help=True)

Name = Annotated[str, Argument(help="A function's name, or STAGE/NAME; 'base list' shows them.")]
StageName = Annotated[str | None, Option(help="The stage, where the manual does not say it.")]
EXPIRES_HELP = "Until when it is in force, such as 2026-12-01T12:00; UTC unless it names a zone."
RULE_HELP = "The rule that it follows, in words, where rules.md has none; decisions cite it."
NewRule = Annotated[str | None, Option("--rule", metavar="TEXT", help=RULE_HELP)]
Expires = Annotated[str | None, Option(metavar="TIME", help=EXPIRES_HELP)]


def _policy(run: Path) -> Policy:
    from logicdistill.policy import Policy

    return Policy.load(run, student="conditions")


def _store(run: Path) -> BaseFolder:
    from logicdistill.functions.folder import BaseFolder
    from logicdistill.runs import Run

    return BaseFolder(Run.open(run).folder / "base")


def print_lines(lines: Iterable[str]) -> None:
    """One after the other, as they come."""
    for line in lines:
        echo(line)


@base_app.command("list")
def list_functions(run: RunFolder, as_json: AsJson = False) -> None:
    """List all functions by stage."""
    from logicdistill.cli import terminal

    base = _policy(run).base
    if not as_json:
        terminal.wide_console().print(terminal.base_table(base))
        return
    rows = [
        {"stage": f.stage, "name": f.name, "origin": f.origin, "manual": asdict(f.manual)}
        for f in base.functions
    ]
    found = {"task": base.task, "snapshot": base.snapshot, "functions": rows}
    if base.helpers:
        found["helpers"] = [
            {"name": f.name, "origin": f.origin, "manual": asdict(f.manual)} for f in base.helpers
        ]
    echo(json.dumps(found, indent=1))


@base_app.command()
def show(name: Name, run: RunFolder) -> None:
    """Show one function's file."""
    from rich.syntax import Syntax

    from logicdistill.cli import terminal

    source, console = escaped(_function(_policy(run).base, name).source), terminal.PlainConsole()
    shown = Syntax(source, "python", theme="ansi_dark", background_color="default", word_wrap=True)
    if console.is_terminal:
        console.print(shown)
    else:
        echo(source, nl=False)


@base_app.command()
def check(run: RunFolder) -> None:
    """Check the base: the gate, again, and edited files. Exit code 1 on a finding.

    A note is about a likely mistake: manuals that read alike, conditions that overlap or never
    hold, functions that are right nowhere.
    """
    policy = _policy(run)
    base = policy.base
    findings = list(_findings(run, policy))
    for name in policy.note_expired():
        expired = base.function(name).manual.expires
        echo(f"note: {name}: expired at {expired}, and is no candidate any more; remove it")
    print_lines(f"note: {note}" for note in _notes(run, policy))
    print_lines(f"finding: {finding}" for finding in findings)
    helpers = f", {len(base.helpers)} helper(s)" if base.helpers else ""
    echo(f"{len(base.functions)} functions{helpers}, {len(findings)} finding(s)")
    if findings:
        raise typer.Exit(1)


@base_app.command()
def log(run: RunFolder, as_json: AsJson = False) -> None:
    """Print the journal: each change, what the gate saw, who made it, and why."""
    from logicdistill.cli import terminal

    entries = _store(run).journal()
    print_lines([json.dumps(entries, indent=1)] if as_json else terminal.journal_lines(entries))


@base_app.command()
def add(
    file: Annotated[Path, Argument(help="A function file; docs/functions.md describes it.")],
    run: RunFolder,
    stage: StageName = None,
    emergency: Annotated[
        bool, Option("--emergency", help="Its 'When:' guards it: it stands only while that holds.")
    ] = False,
    expires: Expires = None,
    rule: NewRule = None,
    why: Why = None,
    author: By = None,
    yes: Yes = False,
    no_impact: NoImpact = False,
    as_json: AsJson = False,
) -> None:
    """Add a function from its file.

    It passes the gate and counts from the next decision on, without training.
    """
    with policy_that_decides(run) as policy:
        try:
            made = policy.proposing.add(
                file, stage, emergency=emergency, expires=expires, rule=rule
            )
        except GateRefusal as error:
            raise GateRefusal(f"{file}: {error}") from None
        done = (f"added {function.stage}/{function.name}" for function in made.functions)
        Changing(yes, no_impact, as_json, why, author).put_into_force(policy, made, done)


@base_app.command()
def replace(
    name: Name,
    file: Annotated[Path, Argument(help="The changed function; it has the same name.")],
    run: RunFolder,
    rule: NewRule = None,
    why: Why = None,
    author: By = None,
    yes: Yes = False,
    no_impact: NoImpact = False,
    as_json: AsJson = False,
) -> None:
    """Put a changed function in the place of the one that has its name."""
    with policy_that_decides(run) as policy:
        function = _function(policy.base, name)
        try:
            made = policy.proposing.replace(function.name, file, rule)
        except GateRefusal as error:
            raise GateRefusal(f"{file}: {error}") from None
        done = [f"replaced {function.stage}/{function.name}"]
        Changing(yes, no_impact, as_json, why, author).put_into_force(policy, made, done)


@base_app.command()
def remove(
    name: Name,
    run: RunFolder,
    why: Why = None,
    author: By = None,
    yes: Yes = False,
    no_impact: NoImpact = False,
    as_json: AsJson = False,
) -> None:
    """Remove a function; a rollback brings it back."""
    with policy_that_decides(run) as policy:
        function = _function(policy.base, name)
        made, done = policy.proposing.remove(function.name), [f"removed {function.name}"]
        Changing(yes, no_impact, as_json, why, author).put_into_force(policy, made, done)


@base_app.command()
def rollback(
    snapshot: Annotated[
        str, Argument(help="A snapshot's id (its beginning is enough); 'base log' shows them.")
    ],
    run: RunFolder,
    discard_edits: Annotated[
        bool, Option("--discard-edits", help="Bring edited and deleted files back as well.")
    ] = False,
    why: Why = None,
    author: By = None,
    yes: Yes = False,
    no_impact: NoImpact = False,
    as_json: AsJson = False,
) -> None:
    """Go back to a snapshot. An edited file stays as it is if both snapshots have the same text."""
    store = _store(run)
    with policy_that_decides(run) as policy:
        made = policy.proposing.rollback(snapshot)
        Changing(yes, no_impact, as_json, why, author).put_into_force(
            policy, made, ["rolled back"], discard_edits=discard_edits
        )
    if not as_json:
        print_lines(f"stays as edited: {_edit(path, made.new)}" for path in store.edits())


@base_app.command()
def coverage(run: RunFolder, as_json: AsJson = False) -> None:
    """Show the functions that cite each rule, what is missing, and what no example reaches.

    Missing are rules that no function cites, functions that cite no rule, actions that no function
    gives (but for the fallback), and functions that the teacher gave up. Reached by nothing are
    branches that no usage example and no training state reaches, and values that no state holds.
    """
    from logicdistill.cli import terminal
    from logicdistill.functions.lint import literal
    from logicdistill.functions.unreached import coverage_line, unreached_lines
    from logicdistill.tasks.unseen import unseen_line

    found = _coverage(run)
    if as_json:
        echo(json.dumps(found, indent=1))
        return
    print_lines(terminal.coverage_lines(found["rules"]))
    for kind, items, between in (
        ("rules that no function cites", map(str, found["rules_without_function"]), ", "),
        ("functions that cite no rule", found["functions_without_rule"], ", "),
        ("actions that no function gives", map(literal, found["actions_without_function"]), ", "),
        ("functions that the teacher gave up", found["given_up"], "; "),
    ):
        echo(f"{kind}: {between.join(items) or 'none'}")
    reached = found["reached"]
    print_lines(unreached_lines(reached, str(run / "base")))
    print_lines(f"state: {unseen_line(one, reached['states'])}" for one in reached["values"])
    echo(coverage_line(reached))


def _reached(run: Path, policy: Policy) -> dict[str, Json]:
    """Branches and values that usage examples and training states reach."""
    from logicdistill.cli.terminal import TerminalReporter
    from logicdistill.pipeline.settings import RunSettings
    from logicdistill.pipeline.steps import RunPipeline

    reporter = TerminalReporter(delay=2.0)
    return RunPipeline(run, RunSettings.read(run), reporter, task=policy.task).coverage()


def _coverage(run: Path) -> dict[str, Json]:
    from logicdistill.functions.lint import missing_actions
    from logicdistill.runs import Run
    from logicdistill.tasks.records import RecordTask
    from logicdistill.views import example_line
    from logicdistill.writing.base import LOST_FUNCTIONS

    policy = _policy(run)
    base, task = policy.base, policy.task
    called = {helper.name: helper for f in base.functions for helper in f.called}
    paths, rules = {f: f"{f.stage}/{f.name}" for f in (*base.functions, *called.values())}, []
    examples = {f: [example_line(f, shown) for shown in f.manual.examples] for f in paths}
    for number, text in enumerate(task.rules, start=1):
        citing = [f for f in paths if number in f.manual.rules]
        functions = [{"name": paths[f], "examples": examples[f]} for f in citing]
        rules.append({"rule": number, "text": text, "functions": functions})
    given_up = Run.open(run).record("write").get(LOST_FUNCTIONS, [])
    actions = task.actions if isinstance(task, RecordTask) else []
    return {
        "rules": rules,
        "rules_without_function": base.uncovered_rules(len(task.rules)),
        "functions_without_rule": [paths[f] for f in base.functions if not f.rules],
        "actions_without_function": missing_actions(base, actions),
        "given_up": [text for text in given_up if text.partition(":")[0] not in paths.values()],
        "reached": _reached(run, policy),
    }


@base_app.command()
def diff(
    old: Annotated[
        str,
        Argument(help="A snapshot's id (its beginning is enough), 'previous', or a run's folder."),
    ] = "previous",
    new: Annotated[str, Argument(help="The same, or 'current', the base as it is.")] = "current",
    run: Annotated[Path | None, Option(help="The run whose snapshots are meant.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two snapshots.

    Functions added and removed, manuals field by field, code as a unified diff.
    """
    from logicdistill.functions.diff import diff_bases, diff_lines

    before, after = _base_of(old, run), _base_of(new, run)
    found = diff_bases(before, after)
    if as_json:
        echo(json.dumps({"old": before.snapshot, "new": after.snapshot, **found}, indent=1))
        return
    print_lines(diff_lines(found, before, after))
    counts = ", ".join(f"{len(found[key])} {key}" for key in ("added", "removed", "changed"))
    echo(f"{before.snapshot} -> {after.snapshot}: {counts}")


@base_app.command()
def compare(
    runs: Annotated[
        list[Path], Argument(metavar="RUN RUN...", help="Runs or packed policies, two or more.")
    ],
    states: Annotated[
        Path | None, Option(help="States as 'decide' takes them; else the first run's own.")
    ] = None,
    rules: Annotated[bool, Option("--rules", help="Show which functions cite each rule.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show where policies of the same rules decide differently, and under which rule.

    They may come from different models or persons. Where the right action is known, each is
    counted, and so is their majority.
    """
    from contextlib import ExitStack

    from logicdistill.evaluation.agreement import agreement, side_by_side
    from logicdistill.policy import Policy

    if len(runs) < 2:
        raise BaseError("one run is nothing to compare; name two or more")
    with ExitStack() as stack:
        policies = [
            stack.enter_context(Policy.load(run) if run.is_file() else policy_that_decides(run))
            for run in runs
        ]
        records = _compared_states(policies, runs, states)
        found = agreement(policies, records)
        names, task = [str(run) for run in runs], policies[0].task
        bases = {name: policy.base for name, policy in zip(names, policies, strict=True)}
        if as_json:
            functions = {
                name: [f"{f.stage}/{f.name}" for f in base.functions]
                for name, base in bases.items()
            }
            echo(json.dumps({"policies": functions, **found.to_json()}, indent=1))
            return
        shown = list(side_by_side(bases, task.rules if rules else ()))
        print_lines([*shown, *found.lines(names)])


def _compared_states(
    policies: Sequence[Policy], runs: Sequence[Path], file: Path | None
) -> list[Record]:
    """The states of a file, or the recorded ones of the first task.

    Raises:
        BaseError: the policies have different rules, or there are no states.
        InvalidStateError: a state cannot be read.
    """
    from logicdistill.cli.states import states_of
    from logicdistill.writing.states import known_states, named_states

    first = policies[0].task
    for run, policy in zip(runs, policies, strict=True):
        if policy.task.rules != first.rules:
            raise BaseError(f"{run} has other rules than {runs[0]}; compare policies of the same")
    if file is None:
        if not (records := known_states(first, None)):
            raise BaseError(f"{runs[0]} has no recorded states; name a file with --states")
        return records
    found = []
    for given in states_of(file, first.state_schema["properties"]):
        if isinstance(given.state, InvalidStateError):
            raise given.state
        if not isinstance(given.state, dict):
            raise InvalidStateError(f"{given.name}: a state is a JSON object")
        found.append(given.state)
    return named_states(first, found)


@base_app.command("import")
def import_module(
    file: Annotated[
        Path, Argument(help="A Python module; docs/functions.md describes its docstrings.")
    ],
    run: RunFolder,
    stage: StageName = None,
    why: Why = None,
    author: By = None,
    yes: Yes = False,
    no_impact: NoImpact = False,
    as_json: AsJson = False,
) -> None:
    """Add the functions of a Python module.

    Those that pass the gate join; the others are printed with the reason, and the exit code is 1.
    """
    from logicdistill.files import read_text

    text = read_text(file)
    with policy_that_decides(run) as policy:
        made = policy.proposing.import_module(text, str(file), stage)
        if not as_json:
            print_refused(made)
        done = [
            *(f"added {function.stage}/{function.name}" for function in made.functions),
            f"{len(made.functions)} added, {len(made.refused)} refused",
        ]
        changing = Changing(yes, no_impact, as_json, why, author)
        if made.functions:
            changing.put_into_force(policy, made, done)
        else:
            print_lines([] if as_json else done)
    if made.refused:
        raise typer.Exit(1)


def print_refused(made: Proposal) -> None:
    """A line for each function that would not join."""
    print_lines(
        f"refused {name}: {why_not.removeprefix(f'{name}: ')}"
        for name, why_not in made.refused.items()
    )


def _base_of(name: str, run: Path | None) -> FunctionBase:
    if (Path(name) / "base").is_dir():
        return _store(Path(name)).load()
    if run is None:
        raise UnknownNameError("run", name, [])
    store = _store(run)
    if name == "previous":
        parents = [e.get("parent") for e in store.journal() if e.get("parent") != e["snapshot"]]
        name = str((parents or [None])[-1] or "current")
    return store.load() if name == "current" else store.find_snapshot(name)


def _edit(path: str, base: FunctionBase) -> str:
    back = f"'base rollback {base.snapshot} --discard-edits' puts it back"
    undo = back if path in base.to_manifest()["files"] else "no snapshot has it: delete it to undo"
    return f"{path}; 'logicdistill run' takes it in, {undo}"


def _function(base: FunctionBase, name: str) -> Function:
    """The function of that name, also where it is given as STAGE/NAME."""
    stage, _, short = name.rpartition("/")
    known = base.by_name.get(short)
    return known if known and stage in ("", known.stage) else base.function(name)


def _findings(run: Path, policy: Policy) -> Iterator[str]:
    """Edited files, and functions that the gate refuses today."""
    from logicdistill.functions.gate import Gate, check_replaced
    from logicdistill.functions.sandbox import Sandbox

    base, gate = policy.base, Gate.of(policy.task, policy.base.stages)
    for path in _store(run).edits():
        yield f"edited since the last snapshot: {_edit(path, base)}"
    with Sandbox() as sandbox:
        for function in base.by_name.values():
            others = {name: other for name, other in base.by_name.items() if name != function.name}
            try:
                gate.admit(function.source, base.stage(function.stage), others, sandbox)
                check_replaced(function, base.functions)
            except GateRefusal as error:
                yield str(error)


def _notes(run: Path, policy: Policy) -> list[str]:
    """What `lint` says of some training episodes and of the examples that were collected."""
    from logicdistill.functions.lint import lint
    from logicdistill.students.pretrained import load_student
    from logicdistill.training.collect import collect, read_examples
    from logicdistill.training.logged import recorded_labeller

    file, student, right = run / "examples.jsonl", run / "student", None
    found = collect(policy.parts, recorded_labeller(run, policy.parts), range(NOTED_EPISODES))
    if file.is_file():
        examples = read_examples(file)
        right = found.chosen | {(item.stage, item.label) for item in examples if item.label}
    trained = (student / "student.toml").is_file()
    embed = load_student(student).embedder.embed if trained else None
    return lint(policy.base, found.scopes, policy.parts.sandbox.holds, right, embed)
