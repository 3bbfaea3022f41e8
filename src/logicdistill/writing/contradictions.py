"""What a function that joins in an emergency must leave as it is: the usage examples of the base still hold afterwards.

Where its ``When:`` does not hold it is no candidate, so nothing changes. Where it does hold, it may only disagree with the functions
that it names in ``Replaces:``.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from logicdistill.deciding.stage import candidates_for
from logicdistill.errors import GateRefusal
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Task
from logicdistill.types import Example, Function, Json, Stage
from logicdistill.views import example_line


def check_joining(
    base: FunctionBase,
    function: Function,
    sandbox: Sandbox,
    *,
    now: datetime.datetime,
    overrules: bool = True,
) -> None:
    """Refuse an emergency function that contradicts a usage example of the base.

    Args:
        base: the base with the function.
        function: the one that joins.
        sandbox: its loaded functions are replaced by the base's.
        now: the time.
        overrules: whether the function may contradict the usage examples of what it replaces.

    Raises:
        GateRefusal: the usage example that it would break, in one line; or it has expired already.
    """
    name = function.name
    if function.expired(now):
        raise GateRefusal(
            f"{name}: 'Expires: {function.manual.expires}' has passed; give a later time"
        )
    if function not in base.guarded(function.stage):
        return
    sandbox.load(base.functions)
    stage = base.stage(function.stage)
    known = [
        (owner, example)
        for owner in base.of_stage(stage.name)
        for example in owner.manual.examples
        if example.inputs is not None and set(function.parameters) <= set(example.inputs)
    ]
    holding = sandbox.holds(function, [example.inputs or {} for _, example in known])
    met = [pair for pair, holds in zip(known, holding, strict=True) if holds or pair[0] is function]
    standing, guarding = candidates_for(
        base, sandbox, stage, [example.inputs or {} for _, example in met], now
    )
    for (owner, example), stand, guards in zip(met, standing, guarding, strict=True):
        if function not in stand:
            continue
        if owner is function:
            for other in guards:
                if other is not function:
                    _compare(stage, function, example, other, sandbox, own=True)
        elif owner in stand or not overrules:
            _compare(stage, owner, example, function, sandbox, own=False)


def check_fits(
    task: Task,
    base: FunctionBase,
    function: Function,
    sandbox: Sandbox,
    scope: Mapping[str, Json],
    replaced: Sequence[str],
) -> None:
    """Refuse a function that does not decide the state that it was written for.

    Args:
        task: whose actions the last stage gives.
        base: the base with the function.
        function: the one that joins.
        sandbox: its loaded functions are replaced by the base's.
        scope: the state, with the results of the earlier stages.
        replaced: names of the candidates that do not fit it.

    Raises:
        GateRefusal: what is wrong, in one line.
    """
    name, manual = function.name, function.manual
    sandbox.load(base.functions)
    if manual.when is None or not sandbox.holds(function, [scope])[0]:
        raise GateRefusal(f"{name}: its 'When:' has to hold in the state that was asked about")
    missing = [other for other in replaced if other not in manual.replaces]
    if missing:
        raise GateRefusal(
            f"{name}: {missing[0]!r} does not fit the state that was asked about; name it in 'Replaces:'"
        )
    outcome = sandbox.call(function, scope)
    final = function.stage == base.stages[-1].name
    wrong = outcome.error or (task.illegal(scope, outcome.value) if final else None)
    if wrong:
        raise GateRefusal(f"{name}: in the state that was asked about: {wrong}")


def _compare(
    stage: Stage, owner: Function, example: Example, other: Function, sandbox: Sandbox, *, own: bool
) -> None:
    """Refuse where ``other`` gives another result for a usage example of ``owner``; ``own``: the owner is the one that joins."""
    outcome = sandbox.call(other, example.inputs or {})
    if outcome.error is not None or not _differs(stage, outcome.value, example.expected):
        return
    line, name = example_line(owner, example), owner.name if own else other.name
    if own:
        raise GateRefusal(
            f"{name}: in its usage example {line} the 'When:' of {other.name} holds as well, which gives {outcome.value!r}; "
            f"name {other.name} in 'Replaces:' or narrow 'When:'"
        )
    cure = (
        "narrow 'When:'"
        if owner.name in other.manual.replaces
        else f"name {owner.name} in 'Replaces:' or narrow 'When:'"
    )
    raise GateRefusal(
        f"{name}: would break the usage example {line}: its 'When:' holds there, and it gives {outcome.value!r}; {cure}"
    )


def _differs(stage: Stage, one: Json, other: Json) -> bool:
    """Whether two results contradict each other; in a stage of facts they are merged, so only a fact that both give can."""
    if not stage.selects and isinstance(one, dict) and isinstance(other, dict):
        return any(one[fact] != other[fact] for fact in one.keys() & other.keys())
    return bool(one != other)
