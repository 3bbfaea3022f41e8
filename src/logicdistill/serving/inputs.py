"""What a client says about a state, in texts and JSON objects, put together to one state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from logicdistill.errors import InvalidStateError
from logicdistill.tasks.schema import each_key_once, is_picture, is_text
from logicdistill.types import Json


@dataclass(slots=True)
class Said:
    """Objects and texts in the order in which they came.

    Attributes:
        fields: the objects, each merged over those before it, field by field.
        texts: the last message's texts that are no JSON object.
        objects: how many objects there were.
        pictures: data URLs.
    """

    fields: dict[str, Json] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    objects: int = 0
    pictures: list[str] = field(default_factory=list)

    def add(self, value: Json) -> None:
        """Take an object, an array of values, or a text; a text may be an object's JSON.

        Raises:
            InvalidStateError: an object in a text has a key twice.
        """
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

        Pictures fill the fields of pictures that no object gave, in their order.

        Args:
            schema: of the policy's states.

        Raises:
            InvalidStateError: there is no object, and no field that a text could fill; or there are
                more pictures than fields for them.
        """
        name, given = text_field(schema), dict(self.fields)
        if self.pictures:
            given |= self._pictured(schema)
        if self.texts and name is not None and name not in given:
            return {**given, name: "\n".join(self.texts)}
        if not self.objects and not self.pictures:
            names = ", ".join(schema["properties"])
            what = "text came, and the policy has no single text field" if self.texts else "nothing"
            raise InvalidStateError(
                f"the input holds no state ({what}); send a JSON object with: {names}"
            )
        return given

    def _pictured(self, schema: Mapping[str, Json]) -> dict[str, Json]:
        names = [name for name, one in schema["properties"].items() if is_picture(one)]
        free = [name for name in names if name not in self.fields]
        if len(self.pictures) > len(free):
            there = ", ".join(names) or "none"
            raise InvalidStateError(
                f"{len(self.pictures)} pictures came for {len(free)} fields of pictures; the policy"
                f" has: {there}"
            )
        return dict(zip(free, self.pictures, strict=False))


def text_field(schema: Mapping[str, Json]) -> str | None:
    """The only field of free text, or else the only field of any text; None where that is open."""
    fields = schema["properties"]
    free = [name for name, one in fields.items() if is_text(one)]
    if not free:
        free = [name for name, one in fields.items() if _only_text(one)]
    return free[0] if len(free) == 1 else None


def _only_text(schema: Json) -> bool:
    plain = isinstance(schema, dict) and schema.get("type") == "string"
    return plain and "enum" not in schema and not is_picture(schema)


def _object_in(text: str) -> dict[str, Json] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text, object_pairs_hook=each_key_once)
    except InvalidStateError as error:
        raise InvalidStateError(f"an object in the input has {error}; send one of them") from None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
