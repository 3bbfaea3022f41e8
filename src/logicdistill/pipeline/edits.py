"""Files that a person edited in a base's folder pass the gate and join it, or stop the run."""

from __future__ import annotations

from pathlib import Path

from logicdistill.errors import BaseError, GateRefusal
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.protocols import Task
from logicdistill.writing.base import journal_entry


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
    kept = {f.name: f for f in base.functions if f"{f.stage}/{f.name}.py" not in edits}
    edited = {path: source for path, source in edits.items() if source is not None}
    deleted = [base.function(Path(path).stem) for path in edits if path not in edited]
    entries = [journal_entry("remove", function) for function in deleted]
    gate = Gate.of(task, base.stages)
    # A function comes after the one that it replaces: both may have been edited.
    for path in sorted(edited, key=lambda path: "Replaces:" in edited[path]):
        stage, known = base.stage(path.partition("/")[0]), base.by_name.get(Path(path).stem)
        try:
            origin = known.origin if known else "person"
            function, evidence = gate.admit(edited[path], stage, kept, origin=origin)
        except GateRefusal as error:
            command = f"base rollback {base.snapshot} --discard-edits --run {store.path.parent}"
            undo = f"undo the edit: logicdistill {command}" if known else "delete it"
            todo = f"correct the file or {undo}"
            raise GateRefusal(f"{store.path / path}: {error}; {todo}") from None
        kept[function.name] = function
        entries.append(journal_entry("edit", function, evidence.to_json()))
    base, before = base.having(kept.values()), base.snapshot
    _check_deleted(store, base)
    store.commit(base, entries, parent=before)
    return base, len(edits)


def _check_deleted(store: BaseFolder, base: FunctionBase) -> None:
    for stage in base.stages:
        if not base.of_stage(stage.name):
            left = "no function is left in this stage; bring a file back or add one"
            raise BaseError(f"{store.path / stage.name}: {left}")
    for function in base.functions:
        for name in function.manual.replaces:
            if name not in base.by_name:
                gone = f"whose file is gone; remove {function.name} first"
                raise BaseError(f"{function.name} replaces {name} ('Replaces:'), {gone}")
