"""A stage with a grid: the student is asked for each cell of a picture, and equal cells once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from logicdistill.deciding.missing import Missing
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.stage import InProgress, select_one
from logicdistill.errors import InvalidStateError
from logicdistill.pictures import cells, decoded, picture_value
from logicdistill.types import Json, Outcome, Stage, Step
from logicdistill.views import render_view


def select_cells(parts: Parts, stage: Stage, decisions: Sequence[InProgress]) -> None:
    """The result is a list of rows; a cell that no function fits is None.

    The confidence of a decision is multiplied by that of each different cell. What reads the result
    cannot be evaluated where a cell is None, where the student is not sure enough of one, or where
    its function fails (see `logicdistill.deciding.missing`): nobody knows what stands there.
    """
    whole = replace(stage, grid=())
    asked = [_Asked(decision) for decision in decisions]
    shared = dict[tuple[int, bytes], InProgress]()
    alone = set(stage.reads) == set(stage.pictures)
    for number, one in enumerate(asked):
        one.cut(stage, shared, 0 if alone else number + 1)
    select_one(parts, whole, list(shared.values()))
    for one in asked:
        one.end(stage)


@dataclass(slots=True)
class _Asked:
    """A decision, and for each cell of its picture the decision about that cell."""

    decision: InProgress
    rows: list[list[InProgress]] = field(default_factory=list)
    fault: str | None = None

    def cut(self, stage: Stage, shared: dict[tuple[int, bytes], InProgress], group: int) -> None:
        """Lay the grid over the picture; equal cells of a group are asked about together."""
        scope, name = self.decision.scope, stage.pictures[0]
        if not isinstance(scope.get(name), str):
            self.fault = f"no picture came in {name!r}"
            return
        try:
            parted = cells(decoded(scope[name]), stage.grid[0], stage.grid[1])
        except InvalidStateError as error:
            self.fault = f"{name!r}: {error}"
            return
        for row in parted:
            found = []
            for pixels in row:
                key = group, b"%d %d " % pixels.shape[:2] + pixels.tobytes()
                if key not in shared:
                    cell = {**scope, name: picture_value(pixels)}
                    missing = dict(self.decision.missing)
                    shared[key] = InProgress(cell, missing=missing)
                found.append(shared[key])
            self.rows.append(found)

    def end(self, stage: Stage) -> None:
        """The stage's result, or why there is none."""
        decision, view = self.decision, render_view(stage, self.decision.scope)
        cells = {id(cell): cell for row in self.rows for cell in row}
        values: list[list[Json]] = []
        for line, row in enumerate(self.rows, start=1):
            values.append([cell.scope.get(stage.output) for cell in row])
            for place, cell in enumerate(row, start=1):
                found = cell.missing.get(stage.output)
                why = cell.stopped or (found.why if found and found.kind != "none" else None)
                if why and not self.fault:
                    self.fault = f"row {line}, column {place} of the picture: {why}"
        steps = [cell.trace[-1] for cell in cells.values() if cell.trace]
        ran = tuple(dict.fromkeys(one for step in steps for one in step.ran))
        failed = {name: why for step in steps for name, why in step.failed.items()}
        if self.fault:
            decision.scope[stage.output] = None
            decision.missing[stage.output] = Missing(self.fault, "unknown")
            outcome = Outcome(error=self.fault)
            decision.trace.append(Step(stage.name, view, None, None, (), outcome, failed))
            return
        sure = 1.0
        for cell in cells.values():
            found = cell.missing.get(stage.output)
            sure *= cell.confidence * (found.probability if found else 1.0)
        decision.confidence *= sure
        decision.scope[stage.output] = values
        if strange := self._strange(stage):
            decision.missing[stage.output] = Missing(strange, "partial")
        rules = tuple(dict.fromkeys(number for one in ran for number in one.rules))
        step = Step(stage.name, view, None, None, rules, Outcome(values), failed, ran, sure)
        decision.trace.append(step)

    def _strange(self, stage: Stage) -> str | None:
        """The first cell that no function fits, and how many more there are; None without any."""
        found = [
            (line, place, missing.why)
            for line, row in enumerate(self.rows, start=1)
            for place, cell in enumerate(row, start=1)
            if (missing := cell.missing.get(stage.output))
        ]
        if not found:
            return None
        line, place, why = found[0]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return f"row {line}, column {place} of the picture: {why}{more}"
