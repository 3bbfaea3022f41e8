"""Files that a person edited in a base's folder pass the gate and join it, or stop the run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from logicdistill.deciding.parts import utc_now
from logicdistill.errors import BaseError, GateRefusal, ManualError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.functions.helpers import called_first, helpers_in, is_helper, linked
from logicdistill.functions.sandbox import PATIENT, Sandbox
from logicdistill.protocols import Task
from logicdistill.types import HELPERS, Function
from logicdistill.writing.base import journal_entry
from logicdistill.writing.contradictions import first_refused
from logicdistill.writing.states import scopes_by_conditions


def commit_edits(store: BaseFolder, task: Task) -> tuple[FunctionBase, int]:
    """Take the edited files into the base.

    Returns:
        The base, and the number of edited, new and deleted files.

    Raises:
        GateRefusal: the gate refuses a file; the base stays as it was.
        BaseError: a deleted file is still needed.
    """
    store.repair()
    base, edits = store.load(), store.edits()
    if not edits:
        return base, 0
    kept = {n: f for n, f in base.by_name.items() if f"{f.stage}/{f.name}.py" not in edits}
    edited = {path: source for path, source in edits.items() if source is not None}
    deleted = [base.function(Path(path).stem) for path in edits if path not in edited]
    entries = [journal_entry("remove", function) for function in deleted]
    gate, paths = Gate.of(task, base.stages), dict[Function, str]()
    for path in _helpers_first(store, edited, kept):
        if path not in edited:  # a helper that calls another one, which may have changed
            name = Path(path).stem
            kept[name] = linked(kept[name], helpers_in(kept))
            continue
        stage, known = base.stage(path.partition("/")[0]), base.by_name.get(Path(path).stem)
        origin, told = (known.origin, known.told) if known else ("person", None)
        try:
            function, evidence = gate.admit(edited[path], stage, kept, origin=origin, told=told)
        except GateRefusal as error:
            raise _with_remedy(error, store, base, path) from None
        kept[function.name] = function
        paths[function] = path
        entries.append(journal_entry("edit", function, evidence.to_json()))
    try:
        base, old = base.holding(kept.values()), base
    except BaseError as error:
        raise BaseError(f"{store.path}: {error}") from None
    _check_deleted(store, base, [f.name for f in deleted if f.name not in kept])
    with Sandbox(limits=PATIENT) as sandbox:
        for helper, path in [item for item in paths.items() if is_helper(item[0])]:
            try:
                for caller in gate.check_callers(helper, base.by_name.values(), sandbox):
                    paths.setdefault(caller, path)
            except GateRefusal as error:
                raise _with_remedy(error, store, old, path) from None
        scopes_of = scopes_by_conditions(task, sandbox)
        if found := first_refused(base, list(paths), sandbox, utc_now(), scopes_of):
            raise _with_remedy(found[1], store, old, paths[found[0]])
    store.commit(base, entries, parent=old.snapshot)
    return base, len(edits)


def _helpers_first(
    store: BaseFolder, edited: Mapping[str, str], kept: Mapping[str, Function]
) -> list[str]:
    """Paths of all helpers, each behind those that it calls, and of the edited functions."""
    folder = f"{HELPERS.name}/"
    sources = {name: helper.source for name, helper in helpers_in(kept).items()}
    sources |= {Path(path).stem: text for path, text in edited.items() if path.startswith(folder)}
    try:
        helpers = [f"{folder}{name}.py" for name in called_first(sources)]
    except ManualError as error:
        raise BaseError(f"{store.path}: {error}") from None
    return [*helpers, *sorted(path for path in edited if not path.startswith(folder))]


def _with_remedy(
    error: GateRefusal, store: BaseFolder, base: FunctionBase, path: str
) -> GateRefusal:
    undo = "delete it"
    if Path(path).stem in base.by_name:
        command = f"base rollback {base.snapshot} --discard-edits --run {store.path.parent}"
        undo = f"undo the edit: logicdistill {command}"
    return GateRefusal(f"{store.path / path}: {error}; correct the file or {undo}")


def _check_deleted(store: BaseFolder, base: FunctionBase, deleted: Collection[str]) -> None:
    for stage in base.stages:
        if not base.of_stage(stage.name):
            left = "no function is left in this stage; bring a file back or add one"
            raise BaseError(f"{store.path / stage.name}: {left}")
    for function in base.functions:
        for name in function.manual.replaces:
            if name in deleted:
                gone = f"whose file is gone; remove {function.name} first"
                raise BaseError(f"{function.name} replaces {name} ('Replaces:'), {gone}")
