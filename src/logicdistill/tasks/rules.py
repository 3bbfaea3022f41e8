"""The rules of a document: numbered sentences, read from Markdown, with all that is no rule named.

A numbered item is a rule: ``1.``, ``2)``, and the numbering of legal texts, such as ``5.1.2``,
``(a)``, ``iv.``, ``§ 4``, ``Art. 5``. What is indented under it (paragraphs, lists, a table)
belongs to it. Comments, code in fences and struck-through text are taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from logicdistill.tasks.labels import Label, ends_sentence, incomplete, label_of
from logicdistill.tasks.markup import CODE, COMMENT, Item, Leaf, indent, leaves, taken_out

TITLE_WORDS = 6
"""A numbered line of at most so many words that is no sentence may be a title."""

INTRODUCTION = "before the first rule"
"""Why a title and what follows it is no rule."""

_COUNTED = "number the rules 1, 2, 3 ..., for manuals cite them by number"
_ADVICE = (
    "number it, such as '3. ...', at the line's beginning, or write it into the sentence of a rule"
)
_BULLET = re.compile(r"(?:[-*+•‣▪◦●○·–—])(?:\s|$)")
_ENUMERATED = re.compile(r"(?:[:;,：；，—–]|\b(?:and|or|und|oder|et|ou|y|o))$")
_NOTHING_LEFT = re.compile(r"[> \t]*(?:[-*+]|\d+[.)])?\s*")
_UNCLOSED = {CODE: "a code fence", COMMENT: "a comment"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        number: its place, from 1; manuals cite it.
        label: as the writer numbered it, such as ``5.1.2``; at the beginning of the text where it
            is not the place.
        text: a paragraph in one line; further paragraphs, list items and table rows, a line each.
        line: where it begins, from 1.
    """

    number: int
    label: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say of a line, from 1; 0 stands for the whole document."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a document says.

    Attributes:
        rules: in the order of the document.
        faults: what only the writer can settle; the rules are not to be used.
        notes: what was not read as a rule.
    """

    rules: tuple[Rule, ...]
    faults: tuple[Remark, ...]
    notes: tuple[Remark, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The rules as a task has them."""
        return tuple(rule.text for rule in self.rules)


def read_rules(text: str, first_line: int = 1) -> Rules:
    """Read the rules of a document.

    Args:
        text: Markdown; a byte order mark and any line ends are allowed.
        first_line: number of its first line.
    """
    return _Reader(text, first_line).read()


@cache
def numbered(text: str) -> tuple[str, ...]:
    """The texts of the rules of a document that is known to be sound."""
    return read_rules(text).texts


def read_head(text: str) -> tuple[str, str, int] | None:
    """Head and body of a document that begins with settings between two lines ``+++``.

    Returns:
        The head, the body, and the number of the body's first line; None without a head.
    """
    text = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff"))
    parts = re.split(r"^\+\+\+[ \t]*$\n?", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        return None
    body = parts[2]
    return parts[1], body, text[: len(text) - len(body)].count("\n") + 1


@dataclass(slots=True)
class _Draft:
    """A rule that is being read; ``parts`` are the lines of its text."""

    label: Label
    line: int
    parts: list[str] = field(default_factory=list)
    open: bool | None = None

    def close(self) -> None:
        """Its first paragraph ends. Below a title, such as ``§ 4 Returns``, its text follows."""
        if self.open is None:
            self.open = self.label.kind != "integer" and not any(map(ends_sentence, self.parts))

    @property
    def title(self) -> bool:
        """Whether it may be the title of a section, such as ``5. Procedure``."""
        text = " ".join(self.parts)
        short = len(self.parts) == 1 and len(text.split()) <= TITLE_WORDS
        whole = ends_sentence(text) or text.endswith((":", "：", ",", ";", "，", "；"))
        return self.label.kind == "integer" and short and not whole

    def text(self, place: int, flat: bool) -> str:
        """The text, with the label where it is another one than the place."""
        label = "" if flat or self.label.number == place else self.label.text
        return "\n".join([" ".join(filter(None, (label, *self.parts[:1]))), *self.parts[1:]])


class _Reader:
    def __init__(self, text: str, first_line: int) -> None:
        self.first_line = first_line
        self.faults: list[Remark] = []
        self.drafts: list[_Draft] = []
        self.current: _Draft | None = None  # what further blocks belong to
        self.headings: list[int] = []
        self.unread: list[tuple[int, str, int]] = []  # drafts before, kind, line
        self.taken: dict[str, list[int]] = {}
        self.begun = set[int]()  # top-level items, by index
        self.numbers, self.lines = self._take_out(text)

    def read(self) -> Rules:
        """Everything."""
        seen = set[int]()
        for leaf in leaves(self.lines):
            seen.update(range(leaf.start, leaf.start + len(leaf.lines)))
            if leaf.kind != "hr":
                self._leaf(leaf)
        for index, line in enumerate(self.lines):
            if index not in seen and re.search(r"\w", line):  # deeper than the library reads
                self._skip("nested too deep", index)
        return self._finished()

    def _take_out(self, text: str) -> tuple[list[int], list[str]]:
        """Numbers and texts of the lines without comments, code in fences and struck text."""
        text = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")).replace("\0", "\ufffd")
        pieces, end, line = list[str](), 0, self.first_line
        for start, stop, kind, closed in taken_out(text):
            line += text.count("\n", end, start)
            last = line + text.count("\n", start, stop)
            self.taken.setdefault(kind, []).extend(range(line, last + 1))
            if not closed:
                self.faults.append(Remark(line, f"{_UNCLOSED[kind]} begins here and does not end"))
            hidden = re.sub(r"[^\n]", "\0", text[start:stop])
            # A fence parts paragraphs. Of a comment's own lines nothing stays, not even a blank.
            pieces += [text[end:start], hidden.replace("\n", "\n" if kind == CODE else "\0\n")]
            line, end = last, stop
        numbers, lines = list[int](), list[str]()
        whole = "".join([*pieces, text[end:]]).split("\n")
        for number, hiding in enumerate(whole, self.first_line):
            rest = hiding.replace("\0", "")
            code = rest != hiding and number in self.taken.get(CODE, ())
            if rest == hiding or code or not _NOTHING_LEFT.fullmatch(rest):
                numbers.append(number)
                lines.append("" if code else rest)
        return numbers, lines

    def _leaf(self, leaf: Leaf) -> None:
        """A block that holds no other: a part of a rule, one or more rules, or none."""
        outer = leaf.path[0] if leaf.path else None
        if outer and self._attached(outer):
            leaf.path = (outer, *leaf.path)  # nested in what the library takes for no list
        elif outer and outer.index not in self.begun:
            self.begun.add(outer.index)
            self.current = None
            if outer.number is None:
                self._fault(outer.index, "a bullet")
            elif not leaf.lines[0] or indent(self.lines[outer.index]) > 3:
                self._fault(outer.index, "an indented or empty number")
            else:
                self._begin(Label(outer.marker, "integer", outer.number, ""), leaf.start)
        if leaf.kind == "heading":
            self._heading(leaf)
        elif leaf.kind == "table" and self.current:  # of the rule above, indented or not
            self.current.parts += [row.strip() for row in leaf.lines]
        elif leaf.kind == "table":
            for offset in range(len(leaf.lines)):
                self._skip("a table", leaf.start + offset)
        elif leaf.kind == "paragraph":
            self._paragraph(leaf)

    def _attached(self, outer: Item) -> bool:
        """Whether a list is indented under a rule though not so far that Markdown nests it."""
        if outer.index in self.begun or self.current is None or indent(self.lines[outer.index]) < 2:
            return False
        return outer.number is None or self.current.label.kind != "integer"

    def _heading(self, leaf: Leaf) -> None:
        label = label_of(leaf.lines[0])
        if leaf.path and self.current:
            self.current.parts.append(_joined(leaf.lines[0]))
        elif label and ends_sentence(label.rest):  # ### 3. A rule that looks like a heading.
            self._begin(label, leaf.start)
        else:
            self.headings.append(self.numbers[leaf.start])
            self.current = None

    def _paragraph(self, leaf: Leaf) -> None:
        """Line by line: each may begin a rule, go on with one, or belong to none."""
        raw, depth = self.lines[leaf.start], len(leaf.path)
        inside = depth > 0 or (self.current is not None and indent(raw) > 0)
        taking = self.current is not None and (
            inside or self.current.open or leaf.lines[0].startswith("|")
        )
        kind = "a quote" if leaf.quoted else "plain paragraphs"
        prefix = "  " * max(depth - 1, 0)
        if depth > 1 and leaf.begins:
            prefix = f"{'  ' * (depth - 2)}{leaf.path[-1].marker} "
            slipped = leaf.path[-1].first > 1 and self.current and self.current.parts
            if taking and slipped:  # A rule's number that slipped to the right.
                self._fault(leaf.start, "an indented or empty number")
                taking = False
        fresh, faulty = True, inside and not taking
        for offset, text in enumerate(leaf.lines):
            index = leaf.start + offset
            margin = not (inside if offset == 0 else indent(self.lines[index], leaf.quoted))
            label = self._label(leaf, offset) if offset or not leaf.begins else None
            if label and (margin or label.kind == "own"):
                self._begin(label, index)
                taking, fresh, faulty = True, False, False
            elif margin and _BULLET.match(text):
                self._fault(index, "a bullet")
                self.current, taking, faulty = None, False, True
            elif label and offset and taking and re.match(r"\d+\\?[.)]", text):
                self._fault(index, "an indented or empty number")
                taking, faulty = False, True
            elif taking and self.current:
                fresh = self._take(self.current, leaf, offset, fresh or bool(label), prefix)
            else:
                self._skip("of what is no rule" if faulty else kind, index)
        if self.current:
            self.current.close()
        if not taking and not depth:
            self.current = None

    def _take(self, draft: _Draft, leaf: Leaf, offset: int, fresh: bool, prefix: str) -> bool:
        """A line becomes part of a rule; whether the next one begins a line of its text."""
        text, row = _joined(leaf.lines[offset]), leaf.rows[offset]
        if not draft.parts and len(leaf.path) < 2:
            draft.parts.append(text)
        elif fresh or row or not draft.parts or _BULLET.match(text):
            draft.parts.append(prefix + text if offset == 0 else text)
        else:
            draft.parts[-1] += f" {text}"
        return row

    def _label(self, leaf: Leaf, offset: int) -> Label | None:
        """The label that a line begins with; inside a sentence a number is no label."""
        text = leaf.lines[offset]
        label = label_of(text)
        if label is None or offset == 0 or re.match(r"\d+\\?[.)]\s", text):
            return label
        before = leaf.lines[offset - 1]
        if ends_sentence(before) or _ENUMERATED.search(before) or leaf.rows[offset - 1]:
            return label
        last = self.drafts[-1] if self.drafts else None
        if last is None or last.line != self.numbers[leaf.start + offset - 1]:
            return None
        near = map(label_of, leaf.lines[offset + 1 : offset + 20])
        listed = label.kind == "sub" and any(other and other.shape == label.shape for other in near)
        capital = not next(filter(str.isalpha, label.rest), "a").islower()
        return label if listed or capital or label.shape == last.label.shape else None

    def _begin(self, label: Label, index: int) -> None:
        self.current = _Draft(label, self.numbers[index])
        self.current.parts += filter(None, [_joined(label.rest)])
        self.drafts.append(self.current)

    def _fault(self, index: int, what: str) -> None:
        self.faults.append(Remark(self.numbers[index], f"{what} is no rule; {_ADVICE}"))

    def _skip(self, kind: str, index: int) -> None:
        if all(fault.line != self.numbers[index] for fault in self.faults[-1:]):
            self.unread.append((len(self.drafts), kind, self.numbers[index]))

    def _finished(self) -> Rules:
        drafts = self._without_titles()
        flat = all(draft.label.kind == "integer" for draft in drafts)
        rules = tuple(
            Rule(number, draft.label.text, draft.text(number, flat), draft.line)
            for number, draft in enumerate(drafts, start=1)
        )
        notes, faults = list(self._notes(drafts)), self.faults
        if not flat:
            notes += _jumps(drafts)
        else:
            faults += [
                Remark(draft.line, f"rule {draft.label.number} stands in place {place}; {_COUNTED}")
                for place, draft in enumerate(drafts, start=1)
                if draft.label.number != place
            ]
        for place in incomplete([rule.text for rule in rules]):
            what = "a rule is a whole sentence; end it with a full stop"
            faults.append(Remark(rules[place].line, what))
        if not rules:
            such = "rules are numbered items such as '1. A parcel over 20 kg goes to freight.'"
            faults.append(Remark(0, f"has no rule; {such}"))
        faults.sort(key=lambda fault: fault.line or len(self.numbers) + self.first_line + 1)
        return Rules(rules, tuple(faults), tuple(sorted(notes, key=lambda note: note.line)))

    def _without_titles(self) -> list[_Draft]:
        """Where steps are numbered 5.1.2, a line such as ``5. Procedure`` is a title."""
        if not any(re.match(r"\w+[.．]\d", draft.label.text) for draft in self.drafts):
            return self.drafts
        found = []
        for draft, following in zip(self.drafts, [*self.drafts[1:], None], strict=True):
            if draft.title and not (following and following.label.kind == "sub"):
                self.headings.append(draft.line)
            else:
                found.append(draft)
        return found

    def _notes(self, drafts: Sequence[_Draft]) -> Iterator[Remark]:
        begin = drafts[0].line if drafts else 0
        early = [n for n in self.headings if n < begin]
        early += [line for before, _, line in self.unread if line < begin]
        if early:
            shown = _unread([*range(min(early), max(early) + 1)])
            yield Remark(min(early), f"{shown} ({INTRODUCTION})")
        late = sorted(line for line in self.headings if line > begin)
        if late:
            yield Remark(late[0], f"{_unread(late)} ({'headings' if late[1:] else 'a heading'})")
        runs: dict[int, list[tuple[str, int]]] = {}
        for before, kind, line in self.unread:
            if line > begin:
                runs.setdefault(before, []).append((kind, line))
        for run in runs.values():
            first, last = run[0][1], run[-1][1]
            kinds = ", ".join(dict.fromkeys(kind for kind, _ in run))
            shown = _unread([*range(first, last + 1)])
            yield Remark(first, f"{shown} ({kinds}); number what decides")
        for kind, lines in self.taken.items():
            taken = sorted({*lines})
            yield Remark(taken[0], f"{_ranges(taken)} {_be(taken)} taken out ({kind})")


def _jumps(drafts: Sequence[_Draft]) -> Iterator[Remark]:
    """Plain numbers among others that neither go on nor begin again."""
    last = None
    for draft in drafts:
        number = draft.label.number
        if number is None:
            continue
        if last is not None and number not in (1, last + 1):
            yield Remark(draft.line, f"rule {number} follows rule {last}; is one missing?")
        last = number


def _ranges(lines: Sequence[int]) -> str:
    """``lines 3 to 5 and 9``, of numbers in order."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    shown = [f"{first} to {last}" if last > first else f"{first}" for first, last in runs]
    text = " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
    return f"{'lines' if lines[1:] else 'line'} {text}"


def _be(lines: Sequence[int]) -> str:
    return "are" if lines[1:] else "is"


def _unread(lines: Sequence[int]) -> str:
    return f"{_ranges(lines)} {_be(lines)} {'not rules' if lines[1:] else 'no rule'}"


def _joined(text: str) -> str:
    return " ".join(text.split())
