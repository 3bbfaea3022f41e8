from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.functions.conftest import FACTS, HONEST, PLAY, written

from logicdistill.errors import BaseError, UnknownNameError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.types import Stage

names = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
words = st.text(st.characters(codec="utf-8"), max_size=30)


@st.composite
def bases(draw: st.DrawFn) -> FunctionBase:
    stage_names = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    stages = tuple(
        Stage(
            name,
            draw(names),
            draw(words),
            draw(st.sampled_from(["one", "all"])) if name != stage_names[-1] else "one",
            tuple(draw(st.lists(names, max_size=2))),
        )
        for name in stage_names
    )
    functions = []
    for name in draw(st.lists(names.map("f_{}".format), max_size=4, unique=True)):
        source = f"TEXT = {draw(words)!r}\n{written(name)}"
        functions.append(
            parse_function(
                source, draw(st.sampled_from(stages)), draw(st.sampled_from(["teacher", "person"]))
            )
        )
    return FunctionBase(draw(words), stages).having(functions)


@given(bases())
@settings(max_examples=20)
def test_a_manifest_gives_the_same_base_back(base: FunctionBase) -> None:
    again = FunctionBase.from_manifest(json.loads(json.dumps(base.to_manifest())))
    assert again == base
    assert again.snapshot == base.snapshot


@given(bases())
@settings(max_examples=20)
def test_any_change_gives_another_snapshot_and_undoing_it_the_old_one(base: FunctionBase) -> None:
    stage = base.stages[0]
    added = base.having([*base.functions, parse_function(written("zz_new"), stage)])
    variants = [
        added,
        added.having([*base.functions, parse_function(written("zz_new"), stage, "person")]),
        added.having([*base.functions, parse_function(written("zz_new") + "# more\n", stage)]),
        replace(base, task=base.task + "x"),
        *(
            replace(base, stages=(replace(stage, **change), *base.stages[1:]))
            for change in (
                {"question": stage.question + "?"},
                {"output": stage.output + "_"},
                {"text": ("zz",)},
                {"reads": (*stage.reads, "zz")},
            )
        ),
    ]
    assert len({base.snapshot, *(variant.snapshot for variant in variants)}) == len(variants) + 1
    assert added.having(base.functions).snapshot == base.snapshot


def test_the_order_in_which_functions_are_given_does_not_matter(
    make_base: Callable[..., FunctionBase],
) -> None:
    assert make_base("a", "b", "c") == make_base("c", "b", "a")


def test_uncovered_rules_are_those_that_no_function_cites() -> None:
    cites = [
        parse_function(
            written(
                name, manual=f"Use when: always.\n    Rules: {rules}\n    >>> {name}(1)\n    2"
            ),
            PLAY,
        )
        for name, rules in (("a", "1, 4"), ("b", "4"))
    ]
    base = FunctionBase("small-v1", (FACTS, PLAY))
    assert base.uncovered_rules(4) == [1, 2, 3, 4]
    assert base.having(cites).uncovered_rules(5) == [2, 3, 5]


def test_unknown_names_offer_the_nearest(make_base: Callable[..., FunctionBase]) -> None:
    base = make_base("halve")
    with pytest.raises(UnknownNameError, match="unknown function 'halv'; did you mean 'halve'"):
        base.function("halv")
    with pytest.raises(UnknownNameError, match="unknown stage 'plan'; did you mean 'play'"):
        base.stage("plan")
    assert base.of_stage("plan") == ()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../up",
        "a/b",
        "/etc",
        ".snapshots",
        "base.toml",
        "a\\b",
        "a b",
        "\0",
        "x" * 61,
        "größe",
    ],
)
def test_a_stage_that_cannot_be_a_folder_is_refused(name: str) -> None:
    with pytest.raises(BaseError, match="it names a folder"):
        FunctionBase("small-v1", (Stage(name, "out", "?"),))


def test_two_stages_or_functions_of_one_name_are_refused() -> None:
    with pytest.raises(BaseError, match="two stages have the name 'play'"):
        FunctionBase("small-v1", (PLAY, replace(PLAY, name="Play")))
    with pytest.raises(BaseError, match="two functions have the name 'honest'"):
        FunctionBase("small-v1", (FACTS, PLAY)).having(
            [parse_function(HONEST, FACTS), parse_function(HONEST, PLAY)]
        )


def test_a_function_of_a_stage_that_is_not_there_is_refused() -> None:
    with pytest.raises(BaseError, match="function honest is of stage 'play'; the base has: other"):
        FunctionBase("small-v1", (replace(PLAY, name="other"),)).having(
            [parse_function(HONEST, PLAY)]
        )


json_like = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=5), x),
)
GOOD: dict[str, Any] = (
    FunctionBase("small-v1", (FACTS, PLAY)).having([parse_function(HONEST, PLAY)]).to_manifest()
)
TOML = GOOD["files"]["base.toml"]


@given(
    st.one_of(
        json_like,
        st.fixed_dictionaries({"files": json_like}),
        st.fixed_dictionaries({"files": st.fixed_dictionaries({"base.toml": json_like})}),
        st.fixed_dictionaries(
            {"files": st.fixed_dictionaries({"base.toml": st.just(TOML), "play/x.py": json_like})}
        ),
        st.fixed_dictionaries({"files": st.just({"base.toml": TOML}), "origins": st.integers()}),
    )
)
def test_what_is_no_manifest_is_refused_in_one_line(manifest: Any) -> None:
    try:
        base = FunctionBase.from_manifest(manifest)
    except BaseError as error:
        message = str(error)
    else:
        message = base.snapshot
    assert "\n" not in message


def test_a_guarded_stage_stays_guarded_and_takes_no_function_without_a_condition() -> None:
    guarded = replace(PLAY, mode="guarded")
    one = written("one", manual="Use when: a.\n    When: n > 0\n    >>> one(1)\n    2")
    base = FunctionBase("task-v1", (guarded,)).having([parse_function(one, guarded)])
    assert FunctionBase.from_manifest(base.to_manifest()) == base
    assert [function.name for function in base.guarded(PLAY.name)] == ["one"]
    with pytest.raises(BaseError, match="other: the functions of stage 'play' apply only while"):
        base.having([*base.functions, parse_function(written("other"), guarded)])


def test_a_base_whose_last_stage_gives_facts_is_refused_for_they_are_no_action() -> None:
    with pytest.raises(BaseError, match="last stage 'facts' has mode 'all'; its result is the act"):
        FunctionBase("small-v1", (FACTS,))


@pytest.mark.parametrize("mode", ["oen", "", 3])
def test_a_mode_that_does_not_exist_is_refused(mode: object) -> None:
    manifest = FunctionBase("small-v1", (replace(PLAY, mode=mode),)).to_manifest()  # type: ignore[arg-type]
    with pytest.raises(
        BaseError, match="is no mode of a stage; there are: one, all, guarded, first"
    ):
        FunctionBase.from_manifest(manifest)
