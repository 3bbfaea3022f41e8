"""What a change would change is counted on recorded and logged states, and nothing is changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.writing import expenses
from tests.writing.expenses import EURO, expense, make_run

from logicdistill.deciding.log import LOG
from logicdistill.errors import BaseError, GateRefusal, InvalidStateError
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.tasks.records import RecordTask
from logicdistill.writing import states as states_module
from logicdistill.writing.by_hand import base_by_hand

OVER_ALL = EURO.replace("    >>>", "    Replaces: small, large, machines\n    >>>")


@pytest.fixture
def policy(tmp_path: Path) -> Iterator[Policy]:
    with Policy.load(make_run(tmp_path / "run")) as found:
        yield found


def written(tmp_path: Path, source: str) -> Path:
    file = tmp_path / f"{source.split('def ')[1].split('(')[0]}.py"
    file.write_text(source)
    return file


def test_an_impact_counts_each_kind_of_change_and_what_was_right(
    policy: Policy, tmp_path: Path
) -> None:
    assert isinstance(policy.task, RecordTask)
    expected = Counter(
        record.action
        for record in policy.task.records
        if record.state["currency"] == "EUR" and record.action != "approve"
    )
    assert len(expected) == 2
    before = policy.base.snapshot
    found = policy.impact(policy.proposing.add(written(tmp_path, OVER_ALL)))
    assert {group.old: len(group.states) for group in found.groups} == expected
    assert {(group.new, group.right_after) for group in found.groups} == {("approve", 0)}
    changed = expected.total()
    assert (found.decided, found.changed, found.right_before, found.right_after) == (
        40,
        changed,
        40,
        40 - changed,
    )
    first, *groups = str(found).splitlines()
    assert first == f"would change {changed} of 40 states; right: 40 before, {40 - changed} after"
    names, count = ", ".join(found.groups[0].states[:2]), len(found.groups[0].states)
    assert groups[0] == (
        f"  {names} and {count - 2} more: manager -> approve; {count} right before, none after"
    )
    assert json.loads(json.dumps(found.to_json()))["changed"] == changed
    assert policy.base.snapshot == before
    assert policy.decide(policy.task.records[3].state).action == policy.task.records[3].action


def test_each_kind_of_change_has_an_impact_and_takes_effect_when_it_is_accepted(
    policy: Policy, tmp_path: Path
) -> None:
    first, make = policy.base.snapshot, policy.proposing
    smaller = expense(
        "small", 'claim == "taxi" and amount <= 100', "approve", 'claim="taxi", amount=20'
    )
    for made, old, new, fits in (
        (make.remove("machines"), "procurement", "ask", False),
        (make.replace("small", written(tmp_path, smaller)), "approve", "ask", False),
        (make.bring_in({"euro": OVER_ALL}), "manager", "approve", True),
    ):
        group = policy.impact(made).groups[0]
        assert (group.old, group.new, group.fitted, group.fits) == (old, new, True, fits)
        policy.accept(made)
        assert policy.base is made.new
        back = policy.proposing.rollback(first[:6])
        group = policy.impact(back).groups[0]
        assert (group.old, group.new) == (new, old)
        policy.accept(back)
        assert policy.base.snapshot == first
    policy.accept(make.remove("machines"))
    with pytest.raises(BaseError, match="changed meanwhile"):
        policy.accept(make.remove("small"))


def test_logged_states_count_without_a_right_action_and_each_state_once(
    policy: Policy, tmp_path: Path
) -> None:
    assert isinstance(policy.task, RecordTask)
    fresh = {"claim": "hotel", "amount": 999, "currency": "EUR"}
    unfit = {"claim": "hotel"}
    lines = [{"state": state} for state in (fresh, policy.task.records[0].state, unfit, fresh)]
    (tmp_path / "run" / LOG).write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    found = policy.impact(policy.proposing.add(written(tmp_path, OVER_ALL)))
    assert (found.decided, found.known) == (41, 40)
    assert "right of 40 known: 40 before" in str(found)
    hotels = next(group for group in found.groups if group.old == "manager")
    assert hotels.states[-1] == "decision 1"
    assert hotels.known == len(hotels.states) - 1
    assert f"; {hotels.known} of {hotels.known} known right before" in str(hotels)


def test_states_of_ones_own_can_be_given_and_have_to_fit(policy: Policy, tmp_path: Path) -> None:
    made = policy.proposing.add(written(tmp_path, OVER_ALL))
    hotel = {"claim": "hotel", "amount": 300, "currency": "EUR"}
    found = policy.impact(made, [hotel, hotel | {"currency": "USD"}])
    assert [(group.states, group.known) for group in found.groups] == [(("state 0",), 0)]
    assert str(policy.impact(made, [])) == "no recorded or logged states to show the change on"
    with pytest.raises(InvalidStateError, match="state 1: field 'claim' is missing"):
        policy.impact(made, [hotel, {}])


def test_of_many_states_a_sample_is_decided_and_that_is_said(
    policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states_module, "MOST_STATES", 10)
    made, seen = policy.proposing.add(written(tmp_path, OVER_ALL)), list[tuple[int, int]]()
    found = policy.impact(made, progress=lambda done, total: seen.append((done, total)))
    assert (found.decided, found.states) == (10, 40)
    assert "of 10 states (a sample of 40)" in str(found)
    assert seen == [(10, 10)]
    assert policy.impact(made) == found


def test_in_a_guarded_stage_a_condition_that_overlaps_on_a_recorded_state_is_refused(
    policy: Policy, tmp_path: Path
) -> None:
    """It names no test state: one that an author has seen proves nothing any more."""
    assert "c001" in {record.id for record in policy.task.split("test")}  # the first that overlaps
    before = policy.base.snapshot
    with pytest.raises(GateRefusal) as caught:
        policy.add(written(tmp_path, EURO))
    said = str(caught.value)
    assert said.startswith("euro: its 'When:' holds together with that of large in c003 (and ")
    assert said.endswith(
        "where euro gives 'approve' and large 'manager'; "
        "one of them names the other in 'Replaces:', or narrow 'When:'"
    )
    joined, refused = policy.bring_in(
        {
            "euro": EURO,
            "few": expense(
                "few", 'claim == "taxi" and amount < 20', "approve", 'claim="taxi", amount=15'
            ),
        }
    )
    assert [function.name for function in joined] == ["few"]
    assert refused == {"euro": said}
    policy.rollback(before)
    assert len(BaseFolder(tmp_path / "run" / "base").journal()) == 3


def test_an_overlap_that_usage_examples_show_is_refused_without_any_state(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    taxi = {"claim": "taxi", "amount": 1, "currency": "EUR"}
    lines = [{"state": taxi, "split": split} for split in ("train", "test")]
    (run / "task" / "states.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    hotels = expense("hotels", 'claim == "hotel"', "approve", 'claim="hotel", amount=20')
    with Policy.load(run) as policy, pytest.raises(GateRefusal) as caught:
        policy.add(written(tmp_path, hotels))
    assert "holds together with that of large in large(claim='hotel', amount=300)" in str(
        caught.value
    )


def test_replaces_may_name_a_function_that_comes_later(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", expenses.SOURCES[0])
    early, later = (
        expense("big", "amount > 100", "manager", 'claim="hotel", amount=300', more)
        for more in ("    Replaces: machines\n", "")
    )
    machines = expenses.SOURCES[2].replace('== "machine"', '== "machine" and amount > 50')
    with Policy.load(run) as policy:
        joined, refused = policy.bring_in({"big": early, "machines": machines})
        assert ([function.name for function in joined], refused) == (["big", "machines"], {})
        state = {"claim": "machine", "amount": 900, "currency": "EUR"}
        assert policy.decide(state).action == "manager"
        policy.rollback(BaseFolder(run / "base").journal()[0]["snapshot"])
        joined, refused = policy.bring_in({"big": later, "machines": machines})
        assert [function.name for function in joined] == ["big"]
        assert "machines: its 'When:' holds together with that of big" in refused["machines"]


def test_a_function_that_falls_takes_those_along_that_replace_it(policy: Policy) -> None:
    over_euro = expense("usd", 'currency == "USD" and claim == "x"', "ask", 'claim="x", amount=1')
    joined, refused = policy.bring_in(
        {"usd": over_euro.replace("    >>>", "    Replaces: euro\n    >>>"), "euro": EURO}
    )
    assert joined == []
    assert "replaces 'euro', which is not in stage 'decide'" in refused["usd"]


def test_functions_of_a_folder_may_name_later_ones_and_may_not_overlap(tmp_path: Path) -> None:
    folder = expenses.make_task(tmp_path / "expense")
    home = folder / "functions" / "decide"
    home.mkdir(parents=True)
    (folder / "stages.toml").write_text(
        '[[stages]]\nname = "decide"\noutput = "action"\nmode = "guarded"\nquestion = "Who?"\n'
    )
    for source in expenses.SOURCES:
        written(home, source)
    overlap = "large: its 'When:' holds together with that of euro in c003"
    for more, refused in (
        ("", [f"functions/decide/large.py:1: {overlap}"]),
        ("    Replaces: small, machines, large\n", []),
        ("    Replaces: nothing\n", ["functions/decide/euro.py:1: euro: replaces 'nothing', "]),
    ):
        written(home, EURO.replace("    >>>", f"{more}    >>>"))
        found = base_by_hand(RecordTask(folder))[1]
        assert len(found) == len(refused), found
        for line, start in zip(found, refused, strict=True):
            assert line.startswith(start)
