"""What a client says about a state, in texts and JSON objects, put together to one state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from logicdistill.errors import InvalidStateError
from logicdistill.tasks.schema import is_text
from logicdistill.types import Json


@dataclass(slots=True)
class Said:
    """Objects and texts in the order in which they came.

    Attributes:
        fields: the objects, each merged over those before it, field by field.
        texts: the last message's texts that are no JSON object.
        objects: how many objects there were.
    """

    fields: dict[str, Json] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    objects: int = 0

    def add(self, value: Json) -> None:
        """Take an object, an array of values, or a text; a text may be an object's JSON."""
        if isinstance(value, str):
            found = _object_in(value)
            if found is None:
                self.texts.append(value)
                return
            value = found
        if isinstance(value, list):
            for one in value:
                self.add(one)
        elif isinstance(value, dict):
            self.fields.update(value)
            self.objects += 1

    def state(self, schema: Mapping[str, Json]) -> dict[str, Json]:
        """The state: the fields, and the texts in the only text field where no object gave it.

        Args:
            schema: of the policy's states.

        Raises:
            InvalidStateError: there is no object, and no field that a text could fill.
        """
        name = text_field(schema)
        if self.texts and name is not None and name not in self.fields:
            return {**self.fields, name: "\n".join(self.texts)}
        if not self.objects:
            names = ", ".join(schema["properties"])
            what = "text came, and the policy has no single text field" if self.texts else "nothing"
            raise InvalidStateError(
                f"the input holds no state ({what}); send a JSON object with: {names}"
            )
        return self.fields


def text_field(schema: Mapping[str, Json]) -> str | None:
    """The only field of free text, or else the only field of any text; None where that is open."""
    fields = schema["properties"]
    free = [name for name, one in fields.items() if is_text(one)]
    if not free:
        free = [name for name, one in fields.items() if _only_text(one)]
    return free[0] if len(free) == 1 else None


def _only_text(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "string" and "enum" not in schema


def _object_in(text: str) -> dict[str, Json] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
