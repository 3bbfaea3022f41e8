"""How rules are numbered, and where sentences end: in legal texts and in other scripts too."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["integer", "sub", "own"]

_DOT, _END = "[.．]", r"[.)．）:：]"
_STOP = r"(?=[\s*_]|$)"
_ROMAN = "[ivxlcdm]{1,7}|[IVXLCDM]{1,7}"
_HAN = "[一二三四五六七八九十百]{1,4}"
_SUFFIX = r"(?:\s?[(（]\w{1,4}[)）])"
_WORDS = (
    *("art", "article", "artikel", "artículo", "articolo", "section", "sec", "clause", "rule"),
    *("regel", "règle", "regla", "paragraph", "para", "absatz", "abs", "ziffer", "nr", "no"),
    *("punkt", "point", "step", "schritt", "item"),
)
_WORD = "|".join(re.escape(form) for word in _WORDS for form in (word.title(), word.upper()))
_PATTERNS: dict[Kind, tuple[str, ...]] = {
    # Numbers of several levels, paragraphs and articles: each is a provision wherever it stands.
    "own": (
        rf"(?:[A-Z]{{1,4}}|\d{{1,4}})(?:{_DOT}\d{{1,4}})+[a-z]?{_SUFFIX}*{_END}?{_STOP}",
        rf"\d{{1,4}}(?:[a-z]{_END}|{_DOT}[a-z]{_END}?|{_SUFFIX}+{_END}?){_STOP}",
        rf"§{{1,2}}\s?\d+[a-z]?(?:{_SUFFIX}|\s(?:Abs|Nr|lit)\.\s?\w{{1,4}})*{_END}?{_STOP}",
        rf"(?:{_WORD})\.?\s?\d+(?:{_DOT}\d+)*[a-z]?{_SUFFIX}*{_END}?{_STOP}",
        rf"第(?:\d{{1,4}}|{_HAN})[条條节節项項款]",
        rf"[A-Z]{{1,6}}-?\d{{1,5}}[a-z]?[.:)]{_STOP}",
        rf"\[[A-Z]{{1,6}}-?\d{{1,5}}\]{_STOP}",
    ),
    "integer": (
        rf"(?P<number>\d{{1,9}})\\?(?:[.．]\\?[)）]|[.):]){_STOP}",
        r"(?P<wide>\d{1,9})(?:[．）、]|：)",
        rf"[(](?P<inside>\d{{1,3}})[)]{_STOP}",
        r"（(?P<wide_inside>\d{1,3})）",
        r"(?P<circled>[①-⑳㉑-㉟])",
    ),
    "sub": (
        rf"[(](?:[^\W\d_]{{1,2}}|\d{{1,3}}[a-z]|{_ROMAN}|{_HAN})[)]{_STOP}",
        rf"（(?:[^\W\d_]{{1,2}}|{_ROMAN}|{_HAN})）",
        rf"(?:[^\W\d_]|{_ROMAN})\\?[.)]{_STOP}|[a-z]{{2}}\\?\){_STOP}",
        rf"{_HAN}[、．]",
    ),
}
_LABELS = {kind: re.compile("|".join(forms)) for kind, forms in _PATTERNS.items()}
_EMPHASIS = re.compile(r"\*{1,3}|_{1,3}")

# The property Sentence_Terminal of Unicode, which Python's own data lack; and the ellipsis.
_TERMINALS = frozenset(
    ".!?։؝؞؟۔܀܁܂߹।॥၊။።፧፨᙮᜵᜶។៕᠃᠉᥄᥅᪨᪩᪪᪫᭎᭏᭚᭛᭞᭟᭽᭾᭿᰻᰼᱾᱿‼‽⁇⁈⁉⳹⳺⳻⸮⸼⹓⹔。꓿꘎꘏꛳꛷꡶꡷꣎꣏꤯꧈꧉꩝꩞꩟꫰꫱꯫﹒﹖﹗！．？｡།༎…"
)
_UNMARKED = ("THAI", "LAO")  # Scripts that mark no end of a sentence.
_BEHIND = re.compile(
    r"(?:\[\^?[\w-]{1,20}\]|\]\([^()\s]*\)|</?\w+>|<sup>[^<]*</sup>|[¹²³⁰⁴-⁹†‡*_~`'\"\\\s])$"
)
_ROW = re.compile(r"\s*(?:\|.*|.*\||[-:\s]+\|[-:|\s]+)\s*$")
_LISTED = re.compile(r"\s*(?:[-*+•‣▪◦●○·–—]|\d{1,9}[.)])\s")


@dataclass(frozen=True, slots=True)
class Label:
    """What a writer numbered a rule with.

    Attributes:
        text: as written, without emphasis, such as ``5.1.2`` or ``(a)``.
        kind: ``integer``, such as ``3.`` or ``(3)``; ``own``, such as ``5.1.2`` or ``§ 4``, which
            names a provision by itself; ``sub``, such as ``(a)`` or ``iv.``, which needs a parent.
        number: of an integer.
        rest: the text behind it.
    """

    text: str
    kind: Kind
    number: int | None
    rest: str

    @property
    def shape(self) -> str:
        """The same for labels of one list: letters and digits are replaced."""
        return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "1", self.text))


def label_of(text: str) -> Label | None:
    """The label at the beginning of a text, or None."""
    text = text.lstrip()
    bold = _EMPHASIS.match(text)
    start = bold.end() if bold else 0
    for kind, pattern in _LABELS.items():
        if found := pattern.match(text, start):
            rest = text[found.end() :]
            if bold:  # **1.** A rule, or **1. A rule.**
                closed = rest.startswith(bold[0])
                rest = rest[start:] if closed else bold[0] + rest.lstrip()
            written = next(filter(None, found.groupdict().values()), None)
            number = None
            if written is not None:  # ① is a number, but no digit
                number = int(written) if written[1:] else int(unicodedata.numeric(written))
            return Label(found[0].replace("\\", ""), kind, number, rest.lstrip())
    return None


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does, in any script.

    Closing quotes, brackets, emphasis and footnote marks behind the mark are looked through.
    """
    text = text[-1000:].rstrip()  # A sentence has no longer tail of marks.
    while text:
        last = text[-1]
        if last in _TERMINALS:
            return True
        if behind := _BEHIND.search(text[-200:]):
            text = text[: -len(behind[0])]
        elif unicodedata.category(last) in ("Pe", "Pf", "Pi", "Cf", "Mn"):
            text = text[:-1]
        else:
            return unicodedata.name(last, "").startswith(_UNMARKED)
    return False


def incomplete(rules: Sequence[str]) -> list[int]:
    """Places (from 0) of rules that are no whole sentences.

    A rule may end in a table or a list, or lead to sub-items: "Refunds are given as:", "(a) ...".
    A sub-item, or a provision with a label of its own, need not be a sentence.
    """
    labels = [label_of(rule) for rule in rules]
    found = []
    for place, (rule, label) in enumerate(zip(rules, labels, strict=True)):
        following = labels[place + 1] if place + 1 < len(rules) else None
        first, *others = rule.strip().split("\n")
        last = others[-1] if others else first
        listed = any(_ROW.match(line) or _LISTED.match(line) for line in others)
        numbered = bool(label and label.kind != "integer")
        colon = rule.rstrip().endswith((":", "："))
        leads = following is not None and following.kind in ("sub", "own" if colon else "sub")
        if not rule.strip() or not (ends_sentence(last) or listed or numbered or leads):
            found.append(place)
    return found
