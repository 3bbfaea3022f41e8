"""Markdown as the reader of rules needs it: its blocks, and what its writer took out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$")
QUOTED = re.compile(r"(?: {0,3}> ?)+")
_BLANK = re.compile(r"\n[ \t]*\n")
_OPENING = re.compile(
    r"(?P<escaped>\\.)|(?P<comment><!--)|^[ \t>]*(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})"
    r"|(?P<span>`+)|(?P<struck>(?<!~)~~(?![~\s]))|(?P<tag><(?:del|s|strike)\b[^<>\n]*>)",
    re.MULTILINE | re.IGNORECASE,
)
CODE, COMMENT, STRUCK = "code in a fence", "comment", "struck through"


@dataclass(frozen=True, slots=True)
class Item:
    """A list item around a block, by its marker; ``first`` is its list's first number."""

    marker: str
    number: int | None
    first: int
    index: int


@dataclass
class Leaf:
    """A block that holds no other: ``paragraph``, ``heading``, ``table`` or ``hr``.

    ``begins``: it is the first one of its innermost item.
    """

    kind: str
    start: int
    lines: list[str]
    path: tuple[Item, ...]
    quoted: bool
    begins: bool

    @cached_property
    def rows(self) -> list[bool]:
        """For each line, whether it is a row of a table."""
        return _rows(self.lines)


def leaves(source: Sequence[str]) -> Iterator[Leaf]:
    """The blocks that hold no other, with the list items around them; for lines of Markdown."""
    path: list[Item] = []
    firsts: list[int] = []
    quotes, begins, inner, table = 0, False, "", False
    for token in _markdown().parse("\n".join(source)):
        start, end = token.map or (0, 0)
        if token.type == "blockquote_open":
            quotes += 1
        elif token.type == "blockquote_close":
            quotes -= 1
        elif token.type in ("ordered_list_open", "bullet_list_open"):
            firsts.append(int(token.attrs.get("start", 1)))
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            firsts.pop()
        elif token.type == "list_item_open":
            number = int(token.info) if token.info else None
            path.append(Item(f"{token.info}{token.markup}", number, firsts[-1], start))
            begins = True
        elif token.type == "list_item_close":
            if begins:  # an empty one
                yield Leaf("paragraph", path[-1].index, [""], (*path,), quotes > 0, True)
            path.pop()
            begins = False
        elif token.type in ("table_open", "hr"):
            lines = [
                QUOTED.sub("", line, count=1) if quotes else line for line in source[start:end]
            ]
            yield Leaf(token.type.removesuffix("_open"), start, lines, (*path,), quotes > 0, begins)
            begins, table = False, token.type == "table_open"
        elif token.type == "table_close":
            table = False
        elif token.type in ("paragraph_open", "heading_open"):
            inner = token.type.removesuffix("_open")
        elif token.type == "inline" and not table:
            lines = [line.strip() for line in token.content.split("\n")]
            yield Leaf(inner, start, lines, (*path,), quotes > 0, begins)
            begins = False


@cache
def _markdown() -> MarkdownIt:
    """Blocks alone: lists, quotes, tables, headings. The command line starts without the library.

    Off is what would make a rule something else: four spaces are no code, a tag hides no lines, a
    dash below a rule makes it no heading.
    """
    from markdown_it import MarkdownIt

    off = ["code", "fence", "html_block", "lheading", "reference", "inline"]
    return MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable(off)


def taken_out(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Start, end and kind of what is taken out, and whether it is closed."""
    at, paragraph, unclosed = 0, -1, set[tuple[str, int]]()
    while opening := _OPENING.search(text, at):
        kind, mark = str(opening.lastgroup), opening[0].strip("> \t\n")
        at = opening.end()
        if kind == "escaped":
            continue
        if paragraph < at:  # code and struck text end with the paragraph at the latest
            blank = _BLANK.search(text, at)
            paragraph = blank.start() if blank else len(text)
        within = kind in ("span", "struck")
        limit = paragraph if within else len(text)
        if (mark.lower(), limit) in unclosed:
            continue
        found = re.compile(_closing(kind, mark), re.MULTILINE | re.IGNORECASE).search(
            text, at if kind != "comment" else opening.start() + 2, limit
        )
        if found is None and kind in ("span", "struck", "tag"):
            unclosed.add((mark.lower(), limit))
            continue
        end = found.end() if found else len(text)
        if kind != "span":
            named = {"comment": COMMENT, "fence": CODE}.get(kind, STRUCK)
            yield opening.start(), end, named, found is not None
        at = end


def _closing(kind: str, mark: str) -> str:
    match kind:
        case "comment":
            return "-->"
        case "fence":
            return rf"^[ \t>]*{re.escape(mark)}{re.escape(mark[0])}*[ \t]*$"
        case "struck":
            return r"(?<=\S)~~(?!~)"
        case "tag":
            return rf"</{re.sub(r'[<>]', '', mark).split()[0]}\s*>"
    return rf"(?<!`){mark}(?!`)"


def indent(line: str, quoted: bool = False) -> int:
    """Columns before the text."""
    line = (QUOTED.sub("", line, count=1) if quoted else line).expandtabs(4)
    return len(line) - len(line.lstrip())


def _rows(lines: Sequence[str]) -> list[bool]:
    """For each line of a paragraph, whether it is a row of a table that was glued to it."""
    found = [line.startswith("|") for line in lines]
    for index, line in enumerate(lines):
        if "|" in line and (_DELIMITER.match(line) or (index and found[index - 1])):
            found[index] = True
            if index and _DELIMITER.match(line):
                found[index - 1] = "|" in lines[index - 1]
    return found
