"""Checks of an emergency function in its base: the usage examples of the base still hold.

It may contradict only those of the functions that it names in ``Replaces:``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from logicdistill.deciding.stage import standing_in
from logicdistill.errors import GateRefusal
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Task
from logicdistill.types import Function, Json, Outcome, Scope, Stage
from logicdistill.views import example_line


def check_joining(
    base: FunctionBase, function: Function, sandbox: Sandbox, now: datetime, overrules: bool = True
) -> None:
    """Refuse an emergency function that contradicts a usage example of the base, which holds it.

    With ``overrules`` it may contradict the usage examples of what it replaces.

    Raises:
        GateRefusal: the usage example that it would break; or it has expired already.
    """
    name = function.name
    if function.expired(now):
        expiry = f"'Expires: {function.manual.expires}'"
        raise GateRefusal(f"{name}: {expiry} has passed; give a later time")
    if function not in base.guarded(function.stage):
        return
    sandbox.load(base.functions)
    stage = base.stage(function.stage)
    known = [
        (owner, example, example.inputs)
        for owner in base.of_stage(stage.name)
        for example in owner.manual.examples
        if example.inputs is not None and set(function.parameters) <= set(example.inputs)
    ]
    holding = sandbox.holds(function, [inputs for _, _, inputs in known])
    met = [item for item, holds in zip(known, holding, strict=True) if holds or item[0] is function]
    standing = standing_in(base, sandbox, stage, [inputs for _, _, inputs in met], now)
    for (owner, example, inputs), found in zip(met, standing, strict=True):
        if function not in found.functions:
            continue
        line = example_line(owner, example)
        if owner is function:
            for other in (guard for guard in found.guards if guard is not function):
                outcome = sandbox.call(other, inputs)
                if _contradicts(stage, outcome, example.expected):
                    raise GateRefusal(
                        f"{name}: in its usage example {line} the 'When:' of {other.name} holds "
                        f"as well, which gives {outcome.value!r}; "
                        f"name {other.name} in 'Replaces:' or narrow 'When:'"
                    )
        elif owner in found.functions or not overrules:
            outcome = sandbox.call(function, inputs)
            if _contradicts(stage, outcome, example.expected):
                named = owner.name in function.manual.replaces
                remedy = "" if named else f"name {owner.name} in 'Replaces:' or "
                raise GateRefusal(
                    f"{name}: would break the usage example {line}: its 'When:' holds there, "
                    f"and it gives {outcome.value!r}; {remedy}narrow 'When:'"
                )


def check_fits(
    task: Task,
    base: FunctionBase,
    function: Function,
    sandbox: Sandbox,
    scope: Scope,
    replaced: Sequence[str],
) -> None:
    """Refuse a function that does not decide the state that it was written for.

    ``scope`` is that state with the results of the earlier stages, ``replaced`` names the
    candidates that do not fit it. The base holds the function.

    Raises:
        GateRefusal: what is wrong, in one line.
    """
    name, manual, asked = function.name, function.manual, "the state that was asked about"
    sandbox.load(base.functions)
    if manual.when is None or not sandbox.holds(function, [scope])[0]:
        raise GateRefusal(f"{name}: its 'When:' has to hold in {asked}")
    for other in replaced:
        if other not in manual.replaces:
            raise GateRefusal(f"{name}: {other!r} does not fit {asked}; name it in 'Replaces:'")
    outcome = sandbox.call(function, scope)
    final = function.stage == base.stages[-1].name
    wrong = outcome.error or (task.illegal(scope, outcome.value) if final else None)
    if wrong:
        raise GateRefusal(f"{name}: in {asked}: {wrong}")


def _contradicts(stage: Stage, outcome: Outcome, expected: Json) -> bool:
    """Whether a result differs. Facts are merged, so only a fact that both give can."""
    value = outcome.value
    if not stage.selects and isinstance(value, dict) and isinstance(expected, dict):
        return any(value[fact] != expected[fact] for fact in value.keys() & expected.keys())
    return outcome.error is None and bool(value != expected)
