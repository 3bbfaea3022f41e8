from __future__ import annotations

import json

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.diff import diff_bases, diff_lines
from logicdistill.functions.manual import parse_function


def test_a_base_does_not_differ_from_itself(guess_base: FunctionBase) -> None:
    found = diff_bases(guess_base, guess_base)
    assert found == {"stages": [], "added": [], "removed": [], "changed": {}}
    assert diff_lines(found, guess_base, guess_base) == []


def test_a_manual_is_compared_field_by_field_and_the_code_line_by_line(
    guess_base: FunctionBase,
) -> None:
    old = guess_base.function("halve_above")
    source = old.source.replace("Rules: 2, 4, 5", "Rules: 2, 4").replace("// 2", ">> 1")
    assert source != old.source
    new = guess_base.having(
        [f for f in guess_base.functions if f.name not in ("halve_above", "halve_below")]
        + [parse_function(source, guess_base.stage("guess"))]
    )
    found = json.loads(json.dumps(diff_bases(guess_base, new)))
    assert (found["added"], found["removed"], list(found["changed"])) == (
        [],
        ["guess/halve_below"],
        ["guess/halve_above"],
    )
    change = found["changed"]["guess/halve_above"]
    assert change["manual"] == {"Rules": [[2, 4, 5], [2, 4]]}
    assert [
        line[:1] for line in change["code"] if line[:1] in "-+" and line[:3] not in ("---", "+++")
    ] == ["-", "+"]
    lines = diff_lines(found, guess_base, new)
    assert "- guess/halve_below" in lines
    assert "~ guess/halve_above" in lines
    back = diff_bases(new, guess_base)
    assert (back["added"], back["removed"]) == (found["removed"], found["added"])


def test_a_changed_usage_example_is_shown_alone(guess_base: FunctionBase) -> None:
    old = guess_base.function("halve_above")
    call = old.source[
        old.source.index("    >>> ") : old.source.index(
            "    >>> ", old.source.index("    >>> ") + 1
        )
    ]
    new = guess_base.having(
        [f for f in guess_base.functions if f is not old]
        + [parse_function(old.source.replace(call, ""), guess_base.stage("guess"))]
    )
    gone, come = diff_bases(guess_base, new)["changed"]["guess/halve_above"]["manual"]["examples"]
    assert (len(gone), come) == (1, [])
