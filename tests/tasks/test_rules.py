"""What a person meant as a rule is a rule; what is none is named by its line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.tasks.labels import ends_sentence, incomplete, label_of
from logicdistill.tasks.rules import read_head, read_rules

LEGAL = """\
1. Orders may be cancelled within 24 hours.

1.1 Express orders are never cancelled.

1.2. Gift cards are never refunded.

(a) Store credit is given where the card has expired.

a) Vouchers are final.

iv. Nothing is refunded in cash.

2. Refunds go to the original payment method.

   Exception: never to an expired card.

> 3. Quoted rule that counts too.

| Class | Days |
|---|---|
| basic | 0 |

§ 4 Alles Weitere entscheidet die Leitung.
"""

PROCEDURE = """\
1. Purpose

This procedure says how refunds are made.

2. Scope

All shops.

5. Procedure

5.1 Verification

5.1.1 Check the card.
The card must be valid.

5.1.2 If it is not valid, refuse:
   (a) politely;
   (b) at once.

Somebody's remark.
On two lines.

6. Output
"""


def texts(text: str) -> list[str]:
    """The rules of a document without a fault."""
    read = read_rules(text)
    assert read.faults == ()
    assert [rule.number for rule in read.rules] == list(range(1, len(read.rules) + 1))
    return list(read.texts)


def faults(text: str) -> list[tuple[int, str]]:
    """Line and beginning of each fault."""
    begins = (
        "a bullet",
        "an indented or empty number",
        "a rule is a whole sentence",
        "has no rule",
    )
    found = []
    for fault in read_rules(text).faults:
        short = [begin for begin in begins if fault.what.startswith(begin)]
        found.append((fault.line, short[0] if short else fault.what.partition(";")[0]))
    return found


def notes(text: str) -> list[str]:
    return [note.what for note in read_rules(text).notes]


TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"


def test_every_provision_of_a_legal_text_is_a_rule_with_the_label_that_it_had() -> None:
    assert texts(LEGAL) == [
        "Orders may be cancelled within 24 hours.",
        "1.1 Express orders are never cancelled.",
        "1.2. Gift cards are never refunded.",
        "(a) Store credit is given where the card has expired.",
        "a) Vouchers are final.",
        "iv. Nothing is refunded in cash.",
        "2. Refunds go to the original payment method.\nException: never to an expired card.",
        "3. Quoted rule that counts too.\n| Class | Days |\n|---|---|\n| basic | 0 |",
        "§ 4 Alles Weitere entscheidet die Leitung.",
    ]
    assert [rule.line for rule in read_rules(LEGAL).rules] == [1, 3, 5, 7, 9, 11, 13, 17, 23]
    assert [rule.label for rule in read_rules(LEGAL).rules][5:8] == ["iv.", "2.", "3."]
    assert notes(LEGAL) == []


def test_without_blank_lines_no_provision_is_glued_to_another() -> None:
    glued = texts(LEGAL.replace("\n\n", "\n"))
    assert [rule.split("\n")[0].split(" Exception")[0] for rule in glued] == [
        rule.split("\n")[0] for rule in texts(LEGAL)
    ]


def test_the_steps_of_a_procedure_are_rules_and_what_is_not_read_is_named() -> None:
    assert texts(PROCEDURE) == [
        "5.1 Verification",
        "5.1.1 Check the card. The card must be valid.",
        "5.1.2 If it is not valid, refuse:\n(a) politely;\n(b) at once.",
    ]
    assert notes(PROCEDURE) == [
        "lines 1 to 9 are not rules (before the first rule)",
        "lines 20 to 21 are not rules (plain paragraphs); number what decides",
        "line 23 is no rule (a heading)",
    ]


@pytest.mark.parametrize(
    "label",
    [
        *("1.1", "1.2.", "5.1.2", "5.1.2)", "A.1", "3.a", "3a)", "3(a)", "12.4(b)(ii)"),
        *("(a)", "a)", "a.", "(iv)", "iv.", "IV.", "(aa)", "б)", "（a）", "（一）", "二、"),
        *(
            "§ 4",
            "§4a",
            "§ 4 (a)",
            "§ 12 Abs. 2",
            "Art. 5",
            "Article 5",
            "ARTICLE 5.",
            "Section 2.1",
        ),
        *("Rule 3:", "Step 2", "Nr. 7", "第4条", "第四条", "R1:", "BR-12.", "[R1]", "**1.1**"),
    ],
)
def test_legal_numbering_is_numbering(label: str) -> None:
    text = f"1. First.\n\n{label} Second is here.\n"
    first, second = texts(text)
    assert first == "First."
    assert second == f"{label.strip('*')} Second is here."


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff1. First.\n2. Second.\n",
        "1. First.\r\n2. Second.\r\n",
        "1. First.\r2. Second.\r",
        "1.\tFirst.\n2.\tSecond.\n",
        "1.\u00a0First.\n2.\u00a0Second.\n",
        "1) First.\n2) Second.\n",
        "1\\. First.\n2\\. Second.\n",
        "(1) First.\n(2) Second.\n",
        "1.) First.\n2.) Second.\n",
        "１．First.\n２．Second.\n",
        "１.　First.\n２.　Second.\n",
        "1、First.\n2、Second.\n",
        "١. First.\n٢. Second.\n",
        "①First.\n②Second.\n",
        "**1.** First.\n**2.** Second.\n",
        "  1. First.\n  2. Second.\n",
        "> 1. First.\n> 2. Second.\n",
        "### 1. First.\n\n### 2. Second.\n",
        "1. First.\n---\n2. Second.\n",
        "Words.\n1. First.\n## Section\nMore words.\n2. Second.\n",
        "1. First.\n2. Second.\n\n<!--\n3. Retired.\n\n-->\n",
        "1. First.\n<!-- 2. Retired.\n3. Too. -->\n2. Second.\n",
        "1. First<!-- until 2024 -->.\n2. Second.\n",
        "1. First.\n2. Second.\n\n```\n3. Retired.\n\n```\n",
        "1. First.\n2. Second.\n\n~~~ text\n3. Retired.\n~~~~\n",
        "1. First.\n\n   ```\n   2. Retired.\n   ```\n2. Second.\n",
        "1. First.\n2. Second.\n3. ~~Retired.~~\n",
        "1. First.\n<del>\n2. Retired.\n</del>\n2. Second.\n",
        "1. First.\n~~2. Retired\nin two lines.~~\n2. Second.\n",
    ],
)
def test_the_same_two_rules_however_they_are_written(text: str) -> None:
    assert texts(text) == ["First.", "Second."]


def test_what_is_taken_out_is_named() -> None:
    text = "1. First.\n<!-- old\n\n2. Retired. -->\n\n```\nx\n```\n2. ~~Gone.~~\n"
    assert notes(text) == [
        "lines 2 to 4 are taken out (comment)",
        "lines 6 to 8 are taken out (code in a fence)",
        "line 9 is taken out (struck through)",
    ]
    assert faults("1. First.\n<!-- 2. Open\n") == [(2, "a comment begins here and does not end")]
    assert faults("1. First.\n```\n2. Open\n") == [(2, "a code fence begins here and does not end")]
    assert texts("1. Write `<!--` or \\<!-- as it is.") == ["Write `<!--` or \\<!-- as it is."]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("1. One of:\n   - this\n   + that.\n2. Two.\n", ["One of:\n- this\n+ that.", "Two."]),
        ("1. One of:\n  - this\n  - that\n2. Two.\n", ["One of:\n- this\n- that", "Two."]),
        ("1. One:\n   1. sub\n   2. sub\n      - x\n", ["One:\n1. sub\n2. sub\n  - x"]),
        (f"1. Fees:\n\n{TABLE}\n", [f"Fees:\n{TABLE}"]),
        (f"1. Fees:\n{TABLE}\n", [f"Fees:\n{TABLE}"]),
        (f"1. Fees:\n   {TABLE}\n2. Two.\n", [f"Fees:\n{TABLE}", "Two."]),
        ("1. Fees:\na | b\n--|--\n1 | 2\n", ["Fees:\na | b\n--|--\n1 | 2"]),
        ("1. One.\n\n   More of it.\n2. Two.\n", ["One.\nMore of it.", "Two."]),
        (
            "(a) Not:\n    - gifts\n\n    Nor cash.\n\n(b) Else.\n",
            ["(a) Not:\n- gifts\nNor cash.", "(b) Else."],
        ),
        ("1. Parcels over\n2.5 kg go by freight.\n", ["Parcels over 2.5 kg go by freight."]),
        ("1. He must\n(a) pay,\n(b) sign.\n", ["He must", "(a) pay,", "(b) sign."]),
        (
            "§ 4 Returns\n\nGoods come back.\n\n§ 5\n\nEnd.\n",
            ["§ 4 Returns\nGoods come back.", "§ 5 End."],
        ),
        (
            "1. One weighs 3 kg -\n   at most 2.5,\n   -1 at night.\n",
            ["One weighs 3 kg - at most 2.5, -1 at night."],
        ),
    ],
)
def test_what_stands_under_an_item_belongs_to_it(text: str, rules: list[str]) -> None:
    assert texts(text) == rules


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. One.\n2. Two.\n4. Four.\n", [(3, "rule 4 stands in place 3")]),
        ("1. One.\n2. Two.\n7) Seven.\n", [(3, "rule 7 stands in place 3")]),
        ("(1) One.\n(3) Three.\n", [(2, "rule 3 stands in place 2")]),
        ("1. One.\n- Two.\n2. Three.\n", [(2, "a bullet")]),
        ("1. One.\n– Two.\n", [(2, "a bullet")]),
        ("1. One.\n   2. Two.\n2. Three.\n", [(2, "an indented or empty number")]),
        ("1. One.\n\n   2. Two.\n\n2. Three.\n", [(3, "an indented or empty number")]),
        ("\t1. One.\n", [(1, "an indented or empty number"), (0, "has no rule")]),
        ("1. One.\n2.\n", [(2, "an indented or empty number")]),
        ("1. One\n", [(1, "a rule is a whole sentence")]),
        ("1. One of:\n2. Two.\n", [(1, "a rule is a whole sentence")]),
        ("- 1. None.\n", [(1, "a bullet"), (0, "has no rule")]),
        ("", [(0, "has no rule")]),
    ],
)
def test_what_only_the_writer_can_settle_is_a_fault_with_its_line(
    text: str, expected: list[tuple[int, str]]
) -> None:
    assert faults(text) == expected


def test_among_legal_labels_a_gap_is_a_note() -> None:
    assert notes("1. One.\n1.1 Sub.\n2. Two.\n4. Four.\n") == [
        "rule 4 follows rule 2; is one missing?"
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "七天内未拆封的商品可以退货。",
            "これは規則です。",
            "هل تم الدفع؟",
            "यह नियम है।",
            "Ναι;.",
        ),
        *("好！", "はい？", "Այո։", "ደህና።", "བོད།", "สินค้าคืนได้", "Wait …", "ok．", "ok｡"),
        *('It says "we are sorry."', "So it is (see section 4.)", "„Das prüfen wir.“", "« Oui. »"),
        *("**Feuerwehr rufen.**", "See there.[^1]", "`Done.`", "他说：「好。」", "Yes.¹", "_No!_"),
        *("See [there.](x.md)", "So.<br>", "So.</b>", "So.\u200f", "So.\\", "『是。』）", "So.’”"),
    ],
)
def test_sentences_end_in_every_script_and_behind_quotes_and_notes(text: str) -> None:
    assert ends_sentence(text)
    assert texts(f"1. {text}") == [text]


@pytest.mark.parametrize("text", ["No full stop", "One,", "(a note)", "“Quoted”", "七天", "", "**"])
def test_what_does_not_end_is_no_sentence(text: str) -> None:
    assert not ends_sentence(text)
    assert incomplete([text]) == [0]


def test_settings_stand_between_two_lines_and_the_rules_keep_their_line_numbers() -> None:
    head, body, line = read_head("\ufeff+++\r\nid = 1\r\n+++\r\n\r\n1. One.\r\n") or ("", "", 0)
    assert (head, body, line) == ("id = 1\n", "\n1. One.\n", 4)
    assert read_rules(body, line).rules[0].line == 5
    assert read_head("1. One.\n+++\n+++\n") is None


def test_a_very_long_document_is_read_quickly() -> None:
    many = "".join(f"{number}. Rule {number} is here.\n" for number in range(1, 3001))
    for text in (many, "1. " + "` `` " * 20_000, "1. x.\n" + "<!--\n" * 20_000, "<s>" * 20_000):
        started = time.process_time()
        read_rules(text)
        assert time.process_time() - started < 10


WORDS = st.sampled_from(["Alpha", "beta", "gamma", "2.5 kg", "*delta*", "| x |", "§", "(b)"])
SENTENCE = st.lists(WORDS, min_size=1, max_size=5).map(lambda words: f"So {' '.join(words)} ends.")
LABELS = st.sampled_from(
    [
        *("1.", "2)", "(3)", "1.1", "4.2.1.", "(a)", "b)", "iv.", "§ 4", "Art. 5", "7、", "**8.**"),
        "",
    ]
)
BEFORE = st.sampled_from(["", "   ", "> ", "- ", "## ", "\t", "      ", "> > "])


@given(st.lists(st.tuples(BEFORE, LABELS, SENTENCE, st.sampled_from(["\n", "\n\n"])), max_size=12))
def test_every_sentence_of_a_document_is_in_a_rule_or_its_line_is_named(
    lines: list[tuple[str, str, str, str]],
) -> None:
    marked = [
        (before, f"{label} {sentence[:-5]}word{place}x ends.", end)
        for place, (before, label, sentence, end) in enumerate(lines)
    ]
    text = "".join(f"{before}{words.strip()}{end}" for before, words, end in marked)
    read = read_rules(text)
    said = "\n".join(read.texts)
    named = {fault.line for fault in read.faults}
    for note in read.notes:
        for part in note.what.split(" (")[0].replace(" and ", ", ").split(", "):
            numbers = [int(word) for word in part.split() if word.isdigit()]
            named |= set(range(numbers[0], numbers[-1] + 1)) if numbers else set()
    for number, line in enumerate(text.split("\n"), start=1):
        words = [word for word in line.split() if word.startswith("word")]
        assert not words or words[0] in said or number in named, (number, text)
    assert [rule.number for rule in read.rules] == list(range(1, len(read.rules) + 1))
    assert [rule.line for rule in read.rules] == sorted({rule.line for rule in read.rules})


@given(st.text(alphabet="1.2)( a§-*|>#`~<!\n\t\u00a0。", max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    read = read_rules(text)
    assert read.rules or read.faults
    for rule in read.rules:
        assert 1 <= rule.line <= text.count("\n") + 1
        label_of(rule.text)
