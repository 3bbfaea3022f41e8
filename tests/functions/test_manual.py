from __future__ import annotations

import ast
import datetime
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.functions.conftest import FACTS, HONEST, PLAY, written

from logicdistill.errors import ManualError
from logicdistill.functions.manual import (
    MAX_SOURCE_CHARS,
    constant_result,
    fits_docstring,
    parse_expiry,
    parse_function,
    parse_stage_name,
    with_examples,
    with_expiry,
)
from logicdistill.types import Example

FULL = '''import math
STEP = 2


def halve(n: int, facts: dict[str, int]) -> int:
    """Halve a number.

    Use when: n is even
        and not too small.
    When: n % 2 == 0
    Rules: 1, 2 3
    Replaces: double
    Stage: play
    Example: I have eight apples.
    Example: Ten of them.

    Free text, which is no field.

    >>> halve(8, {"low": 0})
    4
    >>> halve(n=10, facts={"low": (1, 2)})
    5
    """
    return n // STEP
'''


def test_every_field_of_a_manual_is_read() -> None:
    function = parse_function(FULL, PLAY, origin="person")
    manual = function.manual
    assert (function.name, function.stage, function.parameters, function.origin) == (
        "halve",
        "play",
        ("n", "facts"),
        "person",
    )
    assert (manual.summary, manual.use_when, manual.when) == (
        "Halve a number.",
        "n is even and not too small.",
        "n % 2 == 0",
    )
    assert (manual.rules, manual.replaces, parse_stage_name(FULL)) == (
        (1, 2, 3),
        ("double",),
        "play",
    )
    assert manual.examples == (
        Example(text="I have eight apples."),
        Example(text="Ten of them."),
        Example(inputs={"n": 8, "facts": {"low": 0}}, expected=4),
        Example(inputs={"n": 10, "facts": {"low": [1, 2]}}, expected=5),
    )
    assert function.texts == (
        "n is even and not too small. Halve a number.",
        "I have eight apples.",
        "Ten of them.",
        "n: 8, low: 0",
        "n: 10, low: 1 2",
    )


def test_a_stage_shows_only_what_it_reads() -> None:
    assert parse_function(FULL, FACTS).texts[-1] == "n: 10"


def test_a_file_without_last_newline_is_the_same_function() -> None:
    assert parse_function(HONEST.rstrip(), PLAY) == parse_function(HONEST, PLAY)


def with_doctest(call: str, want: str = "2") -> str:
    return written(
        "one",
        manual=f"Use when: always.\n    >>> {call}\n    {want}".replace("{", "{{").replace(
            "}", "}}"
        ),
    )


def manual_of(text: str) -> str:
    return written("one", manual=text)


BROKEN = {
    "two_functions": (HONEST + HONEST, "exactly one top-level function; found 2"),
    "no_function": ("x = 1\n", "found 0 definitions: none"),
    "a_class": ("class A:\n    pass\n", "exactly one"),
    "async": ("async def f():\n    pass\n", "exactly one"),
    "not_python": ("def f(:\n", "line 1: not valid Python"),
    "nul_byte": (HONEST + "\0", "not valid Python|null"),
    "half_surrogate": (HONEST + "# \ud800", "not valid Python"),
    "half_surrogate_in_manual": (manual_of("Use when: \\ud800."), "half of a character"),
    "control_character": (manual_of("Use when: \\x1b[2J."), "control character"),
    "huge": ("#" * (MAX_SOURCE_CHARS + 1), "at most 20000"),
    "no_docstring": ("def f(n: int) -> int:\n    return n\n", "no docstring"),
    "no_use_when": (manual_of("Rules: 1"), "no 'Use when:'"),
    "empty_use_when": (manual_of("Use when:\n\n    Rules: 1"), "no 'Use when:'"),
    "two_use_when": (manual_of("Use when: a.\n    Use when: b."), "two 'Use when:'"),
    "when_no_expression": (manual_of("Use when: a.\n    When: n = 1"), "not a Python expression"),
    "when_too_deep": (
        manual_of(f"Use when: a.\n    When: {'not ' * 150}n"),
        "not a Python expression",
    ),
    "rules_in_words": (manual_of("Use when: a.\n    Rules: two"), "takes numbers such as"),
    "rules_beyond_reason": (
        manual_of(f"Use when: a.\n    Rules: {'9' * 6000}"),
        "takes numbers such as",
    ),
    "field_in_lower_case": (manual_of("Use when: a.\n    when: n > 1"), "'when:' is.*'When:'"),
    "field_in_upper_case": (manual_of("Use when: a.\n    NOT: b"), "'NOT:' is no.*'Not:'"),
    "field_with_a_blank": (manual_of("Use when: a.\n    When : n > 1"), "'When :' is.*'When:'"),
    "field_in_one_word": (manual_of("Use_when: a."), "'Use_when:' is no.*'Use when:'"),
    "field_in_another_form": (manual_of("Use when: a.\n    Expire: x"), "'Expire:' is.*'Expires:'"),
    "field_behind_a_gap": (
        manual_of("Use when: a.\n\n    Replace: b"),
        "'Replace:' is.*'Replaces:'",
    ),
    "field_in_the_first_line": (
        HONEST.replace('"""', '"""When: n > 1\n\n    ', 1),
        "first line is 'When:'",
    ),
    "replaces_without_when": (manual_of("Use when: a.\n    Replaces: b"), "without 'When:'"),
    "doctest_of_another": (with_doctest("two(1)"), "must be a call of one"),
    "doctest_no_call": (with_doctest("1 + 1"), "must be a call of one"),
    "doctest_computed": (with_doctest("one(1 + 1)"), "literal arguments"),
    "doctest_nested_call": (with_doctest("one(one(1))"), "literal arguments"),
    "doctest_starred": (with_doctest("one(*[1])"), "literal arguments"),
    "doctest_too_many": (with_doctest("one(1, 5)"), "more arguments than one takes"),
    "doctest_twice": (with_doctest("one(1, n=2)"), "more arguments than one takes"),
    "doctest_set": (with_doctest("one({1})"), "JSON does not have"),
    "doctest_bytes": (with_doctest("one(b'x')"), "JSON does not have"),
    "doctest_number_as_key": (with_doctest("one({1: 2})"), "JSON does not have"),
    "doctest_infinity": (with_doctest("one(1e999)"), "JSON does not have"),
    "doctest_surrogate": (with_doctest("one('\\\\ud800')"), "JSON does not have"),
    "doctest_expects_set": (with_doctest("one(1)", "{1, 2}"), "JSON does not have"),
    "doctest_expects_nothing": (with_doctest("one(1)", ""), "not a Python literal"),
    "doctest_expects_name": (with_doctest("one(1)", "abc"), "not a Python literal"),
    "doctest_deep": (with_doctest("one(" + "[" * 150 + "]" * 150 + ")"), "JSON does not have"),
    "parentheses_bomb": ("x = " + "(" * 5000 + ")" * 5000, "not valid Python|nested"),
    "unary_bomb": ("x = " + "-" * 15000 + "1", "not valid Python|nested"),
    "attribute_bomb": ("x = a" + ".b" * 9000, "not valid Python|nested"),
    "sum_bomb": ("x = 1" + "+1" * 9000, "not valid Python|nested"),
    "lambda_bomb": ("x = " + "lambda:" * 2800 + "1", "not valid Python|nested"),
    "elif_bomb": ("if a: pass\n" + "elif a: pass\n" * 1500, "not valid Python|nested"),
    "indent_bomb": (
        "".join(" " * i + "if 1:\n" for i in range(99)) + " " * 99 + "pass\n",
        "not valid Python|nested",
    ),
    "subscript_bomb": ("x = a" + "[0]" * 6000, "not valid Python|nested"),
}


def test_a_line_that_only_sounds_like_a_field_is_prose() -> None:
    lines = (
        "Note: it is free. Whenever: so.",
        "nothing: nothing",
        "When it rains: stay.",
        "Examples:",
    )
    prose = "\n    ".join(lines)
    source = manual_of(f"Use when: a.\n\n    {prose}")
    assert parse_function(source, PLAY).manual.when is None


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_in_one_line(case: str) -> None:
    source, message = BROKEN[case]
    with pytest.raises(ManualError, match=message) as caught:
        parse_function(source, PLAY, where="one.py")
    assert str(caught.value).startswith("one.py: ")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@given(st.text(max_size=200))
def test_any_text_is_a_function_or_refused_in_words(source: str) -> None:
    with pytest.raises(ManualError):
        parse_function(source, PLAY)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=120))
def test_any_docstring_is_a_manual_or_refused_in_words(docstring: str) -> None:
    source = f"def f(n: int) -> int:\n    {docstring!r}\n    return n\n"
    try:
        function = parse_function(source, PLAY)
    except ManualError as error:
        message = str(error)
    else:
        message = function.manual.use_when
    assert message
    assert "\n" not in message


literals = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="ascii"), max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="ascii"), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(value=literals, expected=literals)
def test_any_literal_in_a_usage_example_is_read_as_it_is(value: object, expected: object) -> None:
    docstring = f"Do.\n\nUse when: always.\n>>> f({value!r})\n{expected!r}\n"
    source = f"def f(n: object) -> object:\n    {docstring!r}\n    return n\n"
    assert ast.parse(source)
    (example,) = parse_function(source, PLAY).manual.examples
    assert (example.inputs, example.expected) == ({"n": value}, expected)


TIMES = st.datetimes(
    timezones=st.sampled_from([None, datetime.UTC, datetime.timezone(datetime.timedelta(hours=-7))])
)


@given(TIMES, TIMES)
def test_any_time_can_be_set_as_the_expiry_and_set_again_and_nothing_else_changes(
    first: datetime.datetime, second: datetime.datetime
) -> None:
    try:
        expiries = [parse_expiry(time.isoformat(), "it") for time in (first, second)]
    except ManualError:
        assume(
            False
        )  # a time in the first or the last year that another zone puts outside the calendar
    source = FULL
    for expiry in expiries:
        source = with_expiry(source, expiry)
        function = parse_function(source, PLAY)
        assert function.manual.expires == expiry
        assert function.expired(datetime.datetime.fromisoformat(expiry))
        assert replace(function.manual, expires=None) == parse_function(FULL, PLAY).manual
    assert source.replace(f"    Expires: {expiries[1]}\n", "") == FULL


@pytest.mark.parametrize("text", ["noon", "", "2026-13-01", "12:00", "1999", "tomorrow 12:00"])
def test_an_expiry_that_is_no_time_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(
        ManualError, match=r"'Expires:' takes a time such as 2026-12-01T12:00 \(UTC unless"
    ):
        parse_function(FULL.replace("Stage: play", f"Expires: {text}"), PLAY)


LATE = '''"""Late.

    Use when: few steps are left.
    When: n > 0
    >>> late(n=1)
    {}
    """'''


@pytest.mark.parametrize(
    "docstring",
    [
        LATE,
        LATE.replace("Use when:", "\\x55se when:"),
        LATE.replace("    Use when:", "    Use \\\nwhen:"),
        LATE.replace("    Use when: few steps are left.\n    When: n > 0\n", ""),
        LATE.replace("When: n", "Expires: 2001-01-01\n    When: n"),
        repr("Late.\n\nUse when: few steps are left.\nWhen: n > 0\n>>> late(n=1)\n{}"),
        '("Late.\\n\\n" "Use when: few steps are left.\\n" "When: n > 0\\n")',
        LATE.replace("Use when", "\\x45xpires: 2001-01-01\n    Use when"),
        '"""Late."""',
    ],
)
def test_an_expiry_that_was_asked_for_is_what_the_manual_says_or_it_is_refused(
    docstring: str,
) -> None:
    source = f"def late(n: int) -> dict[str, str]:\n    {docstring}\n    return {{}}\n"
    expires = "2026-12-01T12:00:00+00:00"
    try:
        dated = with_expiry(source, expires)
    except ManualError as error:
        assert "cannot be written into this manual" in str(error)  # noqa: PT017
        assert not docstring.startswith('"""') or "x45" in docstring or docstring.count("\n") == 0
    else:
        assert parse_function(dated, FACTS).manual.expires == expires


def test_a_function_that_no_student_reads_needs_no_use_when() -> None:
    source = HONEST.replace("    Use when: always.\n", "")
    assert source != HONEST
    assert parse_function(source, FACTS).manual.use_when == ""
    with pytest.raises(ManualError, match="honest has no 'Use when:' line"):
        parse_function(source, PLAY)


def described(body: str) -> str:
    return f'def f(n: int) -> object:\n    """Do.\n\n    Use when: always.\n    """\n    {body}\n'


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
)
def test_a_constant_result_is_what_the_body_says_at_once(value: object) -> None:
    assert constant_result(parse_function(described(f"return {value!r}"), PLAY)) == (value,)


@pytest.mark.parametrize(
    "body",
    [
        "return n",
        "n = 1\n    return 1",
        "return f(1)",
        "return {1}",
        "return {[]: 1}",
        "pass",
        "return",
    ],
)
def test_a_result_that_has_to_be_computed_is_no_constant(body: str) -> None:
    assert constant_result(parse_function(described(body), PLAY)) is None


words = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters='"\\'), min_size=1, max_size=8
)


@pytest.mark.parametrize("end", ["\n    ", ""])
@pytest.mark.parametrize("doctest", ["\n    >>> f(1)\n    1\n", ""])
@given(
    st.lists(
        st.lists(words, min_size=1, max_size=4).map(" ".join).filter(fits_docstring), max_size=4
    )
)
@settings(max_examples=25)
def test_usage_examples_are_added_and_the_rest_stays(
    end: str, doctest: str, texts: list[str]
) -> None:
    docstring = f'"""Do.\n\n    Use when: always.\n    Example: é{doctest}{end}"""'
    source = f"def f(n: int) -> int:\n    {docstring}\n    return n\n"
    before, after = (parse_function(text, PLAY) for text in (source, with_examples(source, texts)))
    assert [example.text for example in after.manual.examples if example.text is not None] == [
        "é",
        *texts,
    ]
    assert replace(after.manual, examples=()) == replace(before.manual, examples=())
    assert after.source.rpartition('"""')[2] == before.source.rpartition('"""')[2]
