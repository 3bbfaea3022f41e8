"""From the right actions that a file holds to the allowed ones, and the fallback among them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from logicdistill.errors import TaskError
from logicdistill.tasks.importing.objects import has_number, kind_key, least_amount, schema_of
from logicdistill.tasks.schema import Schema
from logicdistill.types import Json, same

UNKNOWN = "unknown"
"""The fallback unless a person names another: an action of its own, as no label is a safe guess."""

MOST_LABELS = 200
LONGEST_LABEL = 100
FEW_OBJECTS = 20
"""So many different objects at most are listed as actions; more are described by a schema."""

SHOWN = 5

value_key = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode
"""Equal for equal values, and for no others."""


def allowed_actions(column: str, values: list[Json], count: int) -> tuple[Json, str]:
    """The allowed actions as a list or a JSON Schema, and what a person should know of them.

    Args:
        column: where they come from, for messages.
        values: the different ones.
        count: of all that are known.

    Raises:
        TaskError: they are too many or too long for actions.
    """
    texts = [value for value in values if isinstance(value, str)]
    numbers = [v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    advice = "name another with --action, or say --action none and write the actions"
    if long := [text for text in texts if len(text) > LONGEST_LABEL]:
        raise TaskError(
            f"column {column!r} holds texts, no actions (such as {long[0][:40]!r}...); {advice}"
        )
    if numbers and len(numbers) == len(values) and _are_amounts(numbers, count):
        least, most = shown(min(numbers)), shown(max(numbers))
        said = f"a number, {least} to {most} seen; task.toml holds its bounds"
        return {"type": "number", "minimum": least_amount(numbers)}, said
    if any(isinstance(value, (dict, list)) for value in values) and (
        len(values) > FEW_OBJECTS or any(has_null(value) or has_number(value) for value in values)
    ):
        return schema_of(values), f"{_kinds(values)}; task.toml holds a JSON Schema of them"
    if len(values) > MOST_LABELS:
        raise TaskError(
            f"column {column!r} has {len(values):,} different values, and actions are at most"
            f" {MOST_LABELS}; {advice}"
        )
    return values, f"{count_of(len(values), 'value')}: {some([shown(value) for value in values])}"


def with_fallback(
    actions: Json, given: str | None, labels: Sequence[Json], drafted: bool = True
) -> tuple[Json, Json, bool]:
    """The actions, a fallback that is one of them, and whether it had to be added.

    Args:
        actions: a list, or a JSON Schema.
        given: the fallback as a person wrote it, as text or JSON; None takes `UNKNOWN`.
        labels: the actions that are known.
        drafted: whether ``actions`` are made of the labels, so that their form is known.

    Raises:
        TaskError: the fallback is text where the actions are objects; or null, which TOML has
            not, is the fallback or cannot be taken out of the schema.
    """
    fallback: Json = UNKNOWN if given is None else given
    objects = drafted and bool(labels) and all(isinstance(label, dict) for label in labels)
    key = kind_key(labels)
    if given is None and objects:
        fallback = {key: UNKNOWN} if key else {UNKNOWN: True}
    if given is not None and not any(same(given, label) for label in labels):
        fallback = _parsed(given)
        if isinstance(fallback, (int, float)) and all(isinstance(one, str) for one in labels):
            fallback = given
    if objects and not isinstance(fallback, dict):
        form = value_key({key or "kind": given})
        raise TaskError(f"--fallback {given!r}: the actions are objects; write one, such as {form}")
    if has_null(fallback):
        raise TaskError("--fallback: task.toml cannot hold null; name another action")
    if isinstance(actions, list):
        added = not any(same(fallback, action) for action in actions)
        return [*actions, fallback] if added else actions, fallback, added
    actions = without_null(actions)
    if has_null(actions):
        raise TaskError("the schema of the answers holds null in a value, which TOML has not")
    added = bool(Schema(actions).faults(fallback))
    if added:
        how = next((how for how in ("oneOf", "anyOf") if actions.keys() == {how}), "anyOf")
        listed = actions.get(how, [actions])
        alone = schema_of([fallback]) if objects and key in fallback else {"const": fallback}
        actions = {how: [*listed, alone]}
    return actions, fallback, added


def sentence(label: str) -> str:
    """A draft from a label's words: ``card_arrival`` is about card arrival."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    words = " ".join(re.sub(r"[\W_]+", " ", spaced).split()) or label
    return f"The message is about: {words if words.isupper() else words.lower()}."


def count_of(number: int, what: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f", ... and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def shown(value: Json) -> str:
    """The beginning of a value as JSON."""
    text = value_key(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _are_amounts(numbers: Sequence[float], rows: int) -> bool:
    """Whether numbers are computed, such as a fee, rather than labels, such as 0 to 5."""
    whole = all(float(number).is_integer() for number in numbers)
    return not whole or (len(numbers) > FEW_OBJECTS and rows < 3 * len(numbers))


def _kinds(values: Sequence[Json]) -> str:
    """How many objects there are, and of which kinds."""
    said = count_of(len(values), "different object")
    if (key := kind_key(values)) is None:
        return said
    kinds = dict.fromkeys(shown(value[key]) for value in values)
    return f"{said}, by {key!r}: {some(list(kinds))}"


def has_null(value: Json) -> bool:
    """Whether null is in a value, which TOML cannot hold."""
    inner = value.values() if isinstance(value, dict) else value
    return value is None or (isinstance(value, (dict, list)) and any(map(has_null, inner)))


def without_null(schema: Any) -> Any:
    """The same schema where null is a type and no value, for TOML has none."""
    if isinstance(schema, list):
        return [without_null(value) for value in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: without_null(value)
        for key, value in schema.items()
        if not (key == "default" and value is None)
        and not (key == "examples" and isinstance(value, list) and None in value)
    }
    if "const" in found and found["const"] is None:
        del found["const"]
        found["type"] = "null"
    if isinstance(found.get("enum"), list) and None in found["enum"]:
        listed = [value for value in found.pop("enum") if value is not None]
        either = {"anyOf": [{"enum": listed}, {"type": "null"}]}
        return {**found, "allOf": [*found.get("allOf", ()), either]} if found else either
    return found
