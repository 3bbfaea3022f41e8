"""Checks of functions in the base that they join.

The usage examples of the base still hold: a guarded function may contradict only those of the
functions that it names in ``Replaces:``. In a guarded stage no two conditions hold at once with
different results, neither on a usage example nor on a recorded state. In a stage of facts no two
functions give the same fact with different values there, unless one replaces the other. A condition
can be evaluated in every recorded state in which it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import product

from logicdistill.deciding.standing import Conditions, standing_in
from logicdistill.errors import GateRefusal
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import check_replaced
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Task
from logicdistill.types import (
    Example,
    Function,
    Json,
    Outcome,
    Scope,
    Stage,
    places_of,
    same,
    settled,
    unreplaced,
)
from logicdistill.views import example_call, example_line
from logicdistill.writing.states import ScopesOf

Rejected = tuple[Function, GateRefusal]

FITTING, NEAR_MISSES = 4, 2
"""Fewest sentences of each kind in the manual of a told function that words choose."""


def first_refused(
    base: FunctionBase,
    joined: Sequence[Function],
    sandbox: Sandbox,
    now: datetime,
    scopes_of: ScopesOf | None = None,
) -> Rejected | None:
    """The first of the functions that joined which the base does not bear, and why.

    Args:
        base: the finished base: it holds all functions that join together.
        joined: those of them that are new, in order; the others are not looked at.
        sandbox: its loaded functions are replaced.
        now: the time by which functions expire.
        scopes_of: recorded states on which conditions are compared.
    """
    for function in joined:
        try:
            check_replaced(function, base.functions)
            if base.stage(function.stage).mode != "guarded":
                check_joining(base, function, sandbox, now)
        except GateRefusal as error:
            return function, error
    sandbox.load(base.functions)
    for stage in base.stages:
        new = [function for function in joined if function.stage == stage.name]
        recorded: Sequence[tuple[str, Scope]] = ()
        if scopes_of and (stage.mode in ("guarded", "all") or any(f.conditional for f in new)):
            recorded = scopes_of(base, stage) if new else ()
        if found := _unclear(base, stage, new, recorded, sandbox, now):
            return found
        if new and stage.mode == "guarded":
            scopes = [*_usage_examples(base, stage), *recorded]
            if found := _overlap(base, stage, new, scopes, sandbox, now):
                return found
        if new and stage.mode == "all" and len(base.of_stage(stage.name)) > 1:
            scopes = [*_pairs_of_examples(base, stage, new), *recorded]
            if found := _two_values(base, stage, new, scopes, sandbox, now):
                return found
    return None


def _unclear(
    base: FunctionBase,
    stage: Stage,
    new: Sequence[Function],
    recorded: Sequence[tuple[str, Scope]],
    sandbox: Sandbox,
    now: datetime,
) -> Rejected | None:
    """The new function whose condition cannot be evaluated in a recorded state."""
    conditions = Conditions.of(sandbox, stage, [scope for _, scope in recorded], ())
    asked = set(range(len(recorded)))
    for function in base.of_stage(stage.name):
        if function.expired(now) or not function.conditional:
            continue
        for index, holds in conditions.holding(function, sorted(asked)):
            if holds and stage.mode == "first":
                asked.discard(index)
    for function in new:
        failed = conditions.failed
        where = [index for index, names in enumerate(failed) if function.name in names]
        if where:
            more = f" (and {len(where) - 1} more)" if len(where) > 1 else ""
            return function, GateRefusal(
                f"{function.name}: {failed[where[0]][function.name]}, in {recorded[where[0]][0]}"
                f"{more}; ask first for what it needs"
            )
    return None


def _pairs_of_examples(
    base: FunctionBase, stage: Stage, new: Sequence[Function]
) -> Iterator[tuple[str, Scope]]:
    """Usage examples of two functions that may describe one state and give a fact two values.

    Of each two functions the first such pair. One usage example alone has only the parameters of
    its own function.
    """
    for function in new:
        for other in base.of_stage(stage.name):
            pairs = product(function.manual.examples, other.manual.examples)
            found = (pair for pair in pairs if other is not function and _may_clash(*pair))
            if pair := next(found, None):
                one, its = pair
                where = f"{example_call(function, one)} and {example_call(other, its)}"
                yield where, {**(one.inputs or {}), **(its.inputs or {})}


def _may_clash(one: Example, other: Example) -> bool:
    given, its = one.inputs, other.inputs
    if given is None or its is None:
        return False
    together = all(same(given[name], its[name]) for name in given.keys() & its.keys())
    return together and _differ(one.expected, other.expected) is not None


def _differ(one: Json, other: Json) -> str | None:
    """A fact that both give, with different values."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return None
    shared = (key for key in one if key in other and not same(one[key], other[key]))
    return next(shared, None)


def _two_values(
    base: FunctionBase,
    stage: Stage,
    new: Sequence[Function],
    scopes: Sequence[tuple[str, Scope]],
    sandbox: Sandbox,
    now: datetime,
) -> Rejected | None:
    """The new function that gives a fact which another one gives with another value."""
    places = [scope for _, scope in scopes]
    standing = standing_in(base, sandbox, stage, places, now, partial=True)
    given: list[dict[Function, Json]] = [{} for _ in scopes]
    for function in base.of_stage(stage.name):
        where = [index for index, found in enumerate(standing) if function in found.functions]
        outcomes = sandbox.call_many(function, [scopes[index][1] for index in where])
        for index, outcome in zip(where, outcomes, strict=True):
            given[index][function] = outcome.value
    for (place, _), results in zip(scopes, given, strict=True):
        for function, other in product([f for f in new if f in results], results):
            fact = _differ(results[function], results[other])
            if fact is not None and not settled(function, other):
                value, its = results[function][fact], results[other][fact]
                return function, GateRefusal(
                    f"{function.name}: gives {fact!r} as {other.name} does, and in {place:.300} "
                    f"it gives {value!r:.150} and {other.name} {its!r:.150}; "
                    "one of them names the other in 'Replaces:', or name the fact differently"
                )
    return None


def _usage_examples(base: FunctionBase, stage: Stage) -> Iterator[tuple[str, Scope]]:
    for function in base.of_stage(stage.name):
        for example in function.manual.examples:
            if example.inputs is not None:
                yield example_line(function, example), example.inputs


def _overlap(
    base: FunctionBase,
    stage: Stage,
    new: Sequence[Function],
    scopes: Sequence[tuple[str, Scope]],
    sandbox: Sandbox,
    now: datetime,
) -> Rejected | None:
    """The new function whose condition holds together with another's, with another result."""
    holding: list[list[Function]] = [[] for _ in scopes]
    for function in base.of_stage(stage.name):
        if not function.expired(now):
            bound = [set(function.parameters) <= set(scope) for _, scope in scopes]
            holds = sandbox.holds(function, [scope for _, scope in scopes])
            for found, fits, held in zip(holding, bound, holds, strict=True):
                if fits and held:
                    found.append(function)
    kept = [unreplaced(found) for found in holding]
    met = [found if len(found) > 1 and any(f in new for f in found) else [] for found in kept]
    results: dict[int, list[tuple[Function, Json]]] = {}
    for function, indices in places_of(met).items():
        outcomes = sandbox.call_many(function, [scopes[index][1] for index in indices])
        for index, outcome in zip(indices, outcomes, strict=True):
            if outcome.error is None:
                results.setdefault(index, []).append((function, outcome.value))
    clashes = [
        (index, *clash)
        for index, given in sorted(results.items())
        if (clash := _clash(given, new)) is not None
    ]
    if not clashes:
        return None
    index, function, value, other, its = clashes[0]
    more = sum(clash[1] is function and clash[3] is other for clash in clashes) - 1
    where = f"{scopes[index][0]} (and {more} more)" if more else scopes[index][0]
    return function, GateRefusal(
        f"{function.name}: its 'When:' holds together with that of {other.name} in {where}, where "
        f"{function.name} gives {value!r:.150} and {other.name} {its!r:.150}; "
        "one of them names the other in 'Replaces:', or narrow 'When:'"
    )


def _clash(
    given: list[tuple[Function, Json]], new: Sequence[Function]
) -> tuple[Function, Json, Function, Json] | None:
    """The last of the new functions that gives another result than one before it, and that one.

    The later one is refused: what was there first stays.
    """
    given = sorted(given, key=lambda item: new.index(item[0]) if item[0] in new else -1)
    for place, (function, value) in reversed(list(enumerate(given))):
        for other, its in given[:place]:
            if function in new and not same(its, value):
                return function, value, other, its
    return None


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
    stage = base.stage(function.stage)
    if stage.by_words and (function.by_words or (function.emergency and not function.guarded)):
        _check_sentences(base, function)
    if function not in base.guarded(stage.name) or function.by_words:
        return
    sandbox.load(base.functions)
    known = [
        (owner, example, example.inputs)
        for owner in base.of_stage(stage.name)
        for example in owner.manual.examples
        if example.inputs is not None and set(function.parameters) <= set(example.inputs)
    ]
    holding = sandbox.holds(function, [inputs for _, _, inputs in known])
    met = [item for item, holds in zip(known, holding, strict=True) if holds or item[0] is function]
    places = [inputs for _, _, inputs in met]
    standing = standing_in(base, sandbox, stage, places, now, partial=True)
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
                        f"{_remedy(stage, other.name)}"
                    )
        elif owner in found.functions or not overrules:
            outcome = sandbox.call(function, inputs)
            if _contradicts(stage, outcome, example.expected):
                named = owner.name in function.manual.replaces
                remedy = _remedy(stage, None if named else owner.name)
                raise GateRefusal(
                    f"{name}: would break the usage example {line}: its 'When:' holds there, "
                    f"and it gives {outcome.value!r}; {remedy}"
                )


def _remedy(stage: Stage, other: str | None) -> str:
    """What to do about a 'When:' that holds where another function is right."""
    if stage.by_words:
        return (
            "where words decide, leave 'When:' and 'Replaces:' out and show sentences that fit "
            "('Example:') and that nearly fit ('Not:')"
        )
    return f"name {other} in 'Replaces:' or narrow 'When:'" if other else "narrow 'When:'"


def _check_sentences(base: FunctionBase, function: Function) -> None:
    """Refuse a function that joins by words and shows too few, or another function's sentences.

    Raises:
        GateRefusal: how many sentences of which kind it has; or the sentence and both functions.
    """
    manual, name = function.manual, function.name
    mine = {_plain(text) for text in function.texts[1:]}
    kinds = (("Example", FITTING, len(mine)), ("Not", NEAR_MISSES, len(manual.near_misses)))
    for kind, least, count in kinds if function.emergency else ():
        if count < least:
            raise GateRefusal(
                f"{name}: words decide in stage {function.stage!r}, and it shows {count} sentences "
                f"as '{kind}:'; write at least {FITTING} that fit ('Example:') and "
                f"{NEAR_MISSES} that nearly fit ('Not:'), each in other words"
            )
    for other in base.of_stage(function.stage):
        if other is function or settled(function, other):
            continue
        if shared := [text for text in other.texts[1:] if _plain(text) in mine]:
            replaces = f", or name {other.name} in 'Replaces:'" if manual.when else ""
            raise GateRefusal(
                f"{name}: its usage example {shared[0]!r:.150} is one of {other.name} too; "
                f"a sentence fits one function: take it out of {name}, or make it a near miss "
                f"('Not:'){replaces}"
            )


def _plain(text: str) -> str:
    """A sentence without what does not tell it from another: case, spaces, its last mark."""
    return " ".join(text.casefold().split()).rstrip(".!?")


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
