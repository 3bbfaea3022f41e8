"""What training states reach: a witness of their decisions, and what it says of the functions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.coverage import cover, marked
from logicdistill.functions.sandbox import Sandbox, condition_parameters
from logicdistill.functions.unreached import coverage_json
from logicdistill.protocols import Task
from logicdistill.tasks.unseen import Values
from logicdistill.types import Decision, Function, Json, Scope, Step


class Witness:
    """Sees the decisions of training states, and keeps with what each function ran.

    Args:
        task: whose states they are.
        base: which decides.
    """

    def __init__(self, task: Task, base: FunctionBase) -> None:
        self._base, self._values = base, Values(task.state_schema)
        self._marked = {function.name: marked(function) for function in base.functions}
        self._ran = Counter[str]()
        self._calls: dict[str, dict[str, Scope]] = {name: {} for name in self._marked}
        self._asked: dict[str, dict[str, Scope]] = {
            function.name: {} for function in base.functions if _is_asked(base, function)
        }
        self._needs = {
            name: condition_parameters(self._marked[name].function.manual.when or "")
            for name in self._asked
        }

    def see(self, state: Mapping[str, Json], decision: Decision, explored: set[str]) -> None:
        """Keep what a decision shows.

        Args:
            state: that was decided.
            decision: as the labels lead to it.
            explored: stages in which another function was tried than the right one.
        """
        self._values.see(state)
        scope, missing = dict(state), set[str]()
        for step in decision.trace:
            stage = self._base.stage(step.stage)
            for function in self._base.of_stage(stage.name):
                if function.name in self._asked and not self._needs[function.name] & missing:
                    _keep(self._asked[function.name], scope, self._needs[function.name])
            for name in _called(step) if step.stage not in explored else ():
                one = self._marked[name]
                if not set(one.function.parameters) & missing:
                    self._ran[name] += 1
                    if one.copy is not None:
                        _keep(self._calls[name], scope, one.function.parameters)
            if step.outcome.error is not None:
                missing.add(stage.output)
            scope[stage.output] = step.outcome.value

    def coverage(
        self, sandbox: Sandbox, on_progress: Callable[[int, int], None] = lambda *_: None
    ) -> dict[str, Json]:
        """What was reached (see `coverage_json`), with ``snapshot`` and ``values``.

        Args:
            sandbox: its functions are replaced.
            on_progress: is called with the functions done and in all.
        """
        copies = [one.copy for one in self._marked.values() if one.copy is not None]
        sandbox.load([*self._base.functions, *copies])
        found = []
        for done, (name, one) in enumerate(self._marked.items(), start=1):
            calls, asked = [*self._calls[name].values()], [*self._asked.get(name, {}).values()]
            found.append(cover(one, sandbox, calls, self._ran[name], asked))
            on_progress(done, len(self._marked))
        reached = coverage_json(found, self._values.states)
        return {"snapshot": self._base.snapshot, **reached, "values": self._values.unseen()}


def _is_asked(base: FunctionBase, function: Function) -> bool:
    """Whether the function's ``When:`` has a say in its stage."""
    when = function.manual.when is not None
    return when and (base.stage(function.stage).selects or function.guarded)


def _called(step: Step) -> list[str]:
    """Functions that ran, whether they gave a result or failed."""
    failed = [name for name, why in step.failed.items() if "'When:' cannot be" not in why]
    return list(dict.fromkeys([*(one.name for one in step.ran), *failed]))


def _keep(kept: dict[str, Scope], scope: Mapping[str, Any], names: Any) -> None:
    """Keep these names of the scope, once; nothing where one is not there."""
    if all(name in scope for name in names):
        picked = {name: scope[name] for name in names}
        kept.setdefault(json.dumps(picked, sort_keys=True), picked)
