"""Example pictures of functions: where a manual's links lead, and names that hold the hashes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from logicdistill.errors import BaseError, InvalidStateError, ManualError, one_line
from logicdistill.functions.manual import PICTURE, with_examples
from logicdistill.pictures import digest_of, picture_value
from logicdistill.types import PICTURES, Function

MOST_PICTURES = 250
"""Example pictures of a function at most; its file names each in a line."""

_LINE = re.compile(rf"(?m)^(\s*Example:\s*){PICTURE.pattern}(\s*)$")


def name_of(url: str) -> str:
    """The name of a picture: the first digits of its hash, and its kind."""
    kind = url.partition(";")[0].rpartition("/")[2]
    return f"{digest_of(url)}.{kind}"


def illustrated(function: Function, pictures: Mapping[str, str]) -> Function:
    """The function with the pictures that its manual shows.

    Raises:
        BaseError: one is not there.
    """
    shown = [one.picture for one in function.manual.examples if one.picture is not None]
    if gone := [name for name in shown if name not in pictures]:
        todo = "give the file, or write the picture as a data URL"
        raise BaseError(f"{function.name}: the picture {gone[0][:80]!r} is not there; {todo}")
    if not shown or list(function.pictures) == shown:
        return function
    return replace(function, pictures={name: pictures[name] for name in shown})


def checked_pictures(given: Any) -> dict[str, str]:
    """The pictures of a manifest; raises `BaseError` where a name is not its picture's."""
    if not isinstance(given, dict):
        raise BaseError("'pictures' is no object of data URLs by name")
    for name, url in given.items():
        try:
            found = name_of(picture_value(url))
        except InvalidStateError as error:
            raise BaseError(f"picture {name[:80]!r}: {error}") from None
        if found != name:
            raise BaseError(f"picture {name[:80]!r} is another one: its content is {found}")
    return dict(given)


def taken_in(
    source: str, folder: Path | None, known: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """A function file whose links to pictures lead to names, and those pictures by name.

    A link is a path beside the file, a data URL, or a name that is known already.

    Args:
        source: text of the file.
        folder: where the file lies; None follows no path.
        known: pictures of the base, by name.

    Raises:
        ManualError: a picture is missing, or is none.
    """
    found: dict[str, str] = {}

    def named(link: re.Match[str]) -> str:
        where = link[3]
        name = where.removeprefix(f"{PICTURES}/")
        if name in known:
            found[name] = known[name]
        else:
            url = _read(where, folder)
            name = name_of(url)
            found[name] = url
        return f"{link[1]}![{link[2]}]({PICTURES}/{name}){link[4]}"

    text = _LINE.sub(named, source)
    if len(found) > MOST_PICTURES:
        raise ManualError(f"{len(found)} example pictures; at most {MOST_PICTURES} are allowed")
    return text, found


def _read(where: str, folder: Path | None) -> str:
    try:
        if where.startswith("data:"):
            return picture_value(where)
        if folder is None:
            raise ManualError(f"the picture {where[:80]!r} is a path; write it as a data URL")
        return picture_value(folder / where)
    except InvalidStateError as error:
        raise ManualError(f"picture {where[:80]!r}: {one_line(error)}") from None


def with_pictures(source: str, urls: Sequence[str]) -> tuple[str, dict[str, str]]:
    """A function file with further example pictures, and those by name; each once.

    Raises:
        ManualError: there are too many.
    """
    found = {name_of(url): url for url in urls}
    if len(found) > MOST_PICTURES:
        raise ManualError(f"{len(found)} example pictures; at most {MOST_PICTURES} are allowed")
    lines = [f"![]({PICTURES}/{name})" for name in found if name not in source]
    return with_examples(source, lines), found
