from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.characters import escaped, escaped_line, json_line, unsafe

EVIL = "\x00\x07\x1b\x7f\x85\x9b\u00ad\u061c\u200b\u200d\u200e\u202e\u2028\u2066\u2069\u3164\ufeff"


@pytest.mark.parametrize("letter", [*EVIL, "\ud800", "\U000e0041", "\r"])
def test_what_steers_reorders_or_is_not_seen_is_found_and_shown_escaped(letter: str) -> None:
    found = unsafe(f"one\ntwo {letter}x")
    assert found is not None
    assert (found[0], found[2]) == (2, letter.encode("unicode_escape").decode())
    assert f"U+{ord(letter):04X}" in found[1]
    assert escaped(f"a{letter}b") == f"a{found[2]}b"
    assert escaped(f"a{letter}b").isascii()


def test_text_of_people_stays_as_it_is() -> None:
    for text in ("Grüße, 你好, שלום, नमस्ते, ❤️ 🚒", "tab\tand\nlines", "windows\r\nlines\r\n"):
        assert unsafe(text) is None
        assert escaped(text) == text.replace("\r\n", "\n")
    assert escaped_line("a\nb\t c\x1b") == "a b c\\x1b"


@given(st.text(st.characters(), max_size=200))
def test_no_text_reaches_a_terminal_with_a_control_or_format_character(text: str) -> None:
    shown = escaped(text)
    assert unsafe(shown) is None
    steering = {c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
    assert steering <= {"\t", "\n"}
    line = json_line({"text": text})
    assert json.loads(line) == {"text": text}
    assert unsafe(line) is None
