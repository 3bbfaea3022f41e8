"""The page in a real browser: each section from end to end, by mouse and by keyboard alone.

One file, because its tests share one browser and the servers that they ask.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import filelock
import pytest
from fastapi import FastAPI
from tests import patient
from tests.conftest import Lines
from tests.serving.conftest import Serve, running
from tests.serving.test_page import with_keys

from logicdistill.functions.folder import BaseFolder
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.serving.app import create_app
from logicdistill.tasks.scaffold import example_folder, new_task
from logicdistill.types import Json
from logicdistill.writing.replies import recorded_teacher

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
if CHROMIUM is None:
    pytest.skip("no chromium is installed: apt install chromium", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = playwright.expect

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync"),
]
CHECKS = (Path(__file__).parent / "checks.js").read_text()
RULE = 'Answers mean the opposite from now on; the first notices["turned_from"] answers were'
SECTIONS = ("rules", "try", "log", "change")


@dataclass
class Tab:
    """A tab, and what went wrong in it.

    Attributes:
        page: of Playwright.
        errors: of the console and of scripts, without answers that are errors.
        refused: statuses of answers that are errors.
        hosts: that were asked.
    """

    page: Any
    errors: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def console(self, message: Any) -> None:
        """Keep an error or a warning."""
        about_answer = "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not about_answer:
            self.errors.append(message.text)

    def answered(self, response: Any) -> None:
        """Keep a status, and who answered."""
        self.hosts.add(urlsplit(response.url).netloc)
        if response.status >= 400:
            self.refused.append(response.status)

    def asked(self, request: Any) -> None:
        """Keep whom a request is for."""
        self.hosts.add(urlsplit(request.url).netloc)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as made:
        found = made.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def tab(browser: Any, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A fresh tab; its options come by ``indirect``. It asks one host and has no script error."""
    context = browser.new_context(**{"reduced_motion": "reduce", **getattr(request, "param", {})})
    context.set_default_timeout(20_000)
    made = Tab(context.new_page())
    made.page.on("console", made.console)
    made.page.on("pageerror", lambda error: made.errors.append(str(error)))
    made.page.on("response", made.answered)
    made.page.on("request", made.asked)
    yield made
    context.close()
    assert made.errors == []
    assert len(made.hosts) == 1


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
DARK = {"color_scheme": "dark"}


@pytest.fixture(scope="session")
def desk_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A finished run of the returns desk; the workers of one session share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "desk-run" / "desk"
    folder.parent.mkdir(exist_ok=True)
    with filelock.FileLock(folder.parent / "lock"):
        if not (folder / "summary.json").is_file():
            RunPipeline(folder, RunSettings(str(example_folder("returns"))), Lines()).run()
    return folder


@pytest.fixture(scope="module")
def desk(desk_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the returns desk with twenty logged decisions."""
    folder = shutil.copytree(desk_run, tmp_path_factory.mktemp("served") / "desk")
    states = [json.loads(line) for line in (folder / "task/states.jsonl").read_text().splitlines()]
    with ExitStack() as stack:
        policy = stack.enter_context(Policy.load(folder, watch=True, log=True))
        policy.decide_many([line["state"] for line in states[-20:]])
        yield stack.enter_context(running(create_app({"desk": policy})))


@pytest.fixture
def expenses_run(tmp_path: Path) -> Path:
    new_task(tmp_path / "expenses", "by-hand")
    folder = tmp_path / "runs" / "expenses"
    RunPipeline(folder, RunSettings(str(tmp_path / "expenses")), Lines()).run()
    return folder


@pytest.fixture
def expenses(serve: Serve, expenses_run: Path) -> Iterator[str]:
    """A server of the expenses, which `logicdistill new --by-hand` makes."""
    with Policy.load(expenses_run, watch=True, log=True) as policy:
        yield serve({"expenses": policy})


def decided(address: str, **state: Json) -> None:
    url = f"{address}/policies/expenses/decide"
    assert patient.post(url, json={"state": state}).status_code == 200


def show(tab: Tab, address: str, section: str) -> Any:
    tab.page.goto(f"{address}/#{section}")
    expect(tab.page.get_by_role("heading", level=2)).to_have_text(section.capitalize())
    return tab.page


def test_rules_are_found_by_their_words_and_show_what_carries_them_out(tab: Tab, desk: str) -> None:
    page = show(tab, desk, "rules")
    expect(page.locator(".rules > li")).to_have_count(15)
    page.get_by_label("Search rules and functions").fill("final sale")
    rules = page.locator(".rules > li")
    expect(rules.filter(has_text="Goods from a final sale")).to_have_count(1)
    assert 0 < rules.count() < 15
    rule = page.locator("#rule-9")
    rule.get_by_text("Carried out by").click()
    function = rule.get_by_role("article", name="refuse_final_sale")
    function.get_by_text("Exact condition").click()
    expect(function.locator("pre").first).to_contain_text("final_sale")
    function.get_by_role("button", name="Show source").click()
    source = function.get_by_label("Source of refuse_final_sale")
    expect(source).to_contain_text("def refuse_final_sale")
    function.get_by_role("button", name="Hide source").click()
    expect(source).to_have_count(0)


def test_a_rule_that_no_function_serves_is_marked(
    tab: Tab, expenses: str, expenses_run: Path
) -> None:
    with Policy.load(expenses_run) as policy:
        policy.remove("refuse_late_claim")
    page = show(tab, expenses, "rules")
    marked = page.locator(".rule.missing")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("No function carries out this rule")
    page.get_by_label("Only rules that no function serves").check()
    expect(page.locator(".rules > li")).to_have_count(1)
    expect(page.get_by_text("1 of 3 rules shown, 2 functions, 1 rule without")).to_be_visible()


def test_a_try_says_the_action_how_sure_it_is_and_the_rules(tab: Tab, desk: str) -> None:
    page = show(tab, desk, "try")
    page.get_by_label("Begin with").select_option(label=label_with(page, "test-014"))
    asked = json.loads(as_json(page))
    page.get_by_role("button", name="Decide").click()
    found = patient.post(f"{desk}/policies/desk/explain", json={"state": asked}).json()
    result = page.get_by_role("region", name="Decision")
    expect(result.locator(".action")).to_have_text("wait, days 1")
    expect(result.locator(".sure")).to_contain_text(f"{found['confidence']:.0%}".replace("%", " %"))
    decisive = result.locator(".cited").first
    for number in found["trace"][-1]["rules"]:
        expect(decisive).to_contain_text(found["cited"][str(number)])
    for rule in found["cited"].values():
        expect(result.locator(".cited", has_text=rule)).to_have_count(1)
    expect(result.locator(".trace > li")).to_have_count(len(found["trace"]))
    ranked = found["trace"][1]["choice"]["ranked"]
    taken = result.locator(".candidates .chosen")
    expect(taken).to_contain_text(ranked[0]["name"].replace("_", " "))
    expect(page.locator("#said")).to_contain_text("wait, days 1")


def label_with(page: Any, text: str) -> str:
    found: str = page.get_by_label("Begin with").locator("option", has_text=text).inner_text()
    return found


def as_json(page: Any) -> str:
    """The entered state as the page writes it."""
    page.get_by_role("radio", name="as JSON").check()
    found: str = page.get_by_label("State as JSON").input_value()
    page.get_by_label("field by field").check()
    return found


def test_every_example_goes_through_the_form_unchanged(tab: Tab, desk: str) -> None:
    page = show(tab, desk, "try")
    examples = patient.get(f"{desk}/policies/desk/examples?limit=60").json()["examples"]
    for at, one in enumerate(examples[:12]):
        page.get_by_label("Begin with").select_option(str(at))
        assert json.loads(as_json(page)) == one["state"]


def test_a_fallback_and_a_mark_cannot_be_missed(tab: Tab, expenses: str) -> None:
    url = f"{expenses}/policies/expenses/functions/approve"
    source = patient.get(url).json()["source"]
    fails = source.replace('return "approve"', 'return ["approve"][int(amount_eur == 13)]')
    assert patient.put(url, json={"source": fails, "accept": True}).status_code == 200
    page = show(tab, expenses, "try")
    page.get_by_label("amount eur").fill("13")
    page.get_by_label("days ago").fill("3")
    page.get_by_label("receipt").select_option("yes")
    page.get_by_role("button", name="Decide").click()
    result = page.get_by_role("region", name="Decision")
    expect(result.locator(".verdict.fell")).to_contain_text("No function decided this")
    expect(result.locator(".note.bad")).to_contain_text("This is the fallback")
    mark = result.locator(".note.warn").first
    expect(mark).to_contain_text("Something did not go as it should")
    expect(mark).to_contain_text("approve")
    expect(page.locator("#said")).to_contain_text("Fallback")


def test_what_was_entered_wrongly_is_said_at_its_field(tab: Tab, expenses: str) -> None:
    page = show(tab, expenses, "try")
    page.get_by_label("amount eur").fill("")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("alert")).to_contain_text("amount eur: a number is missing")
    expect(page.get_by_label("amount eur")).to_be_focused()
    page.get_by_role("radio", name="as JSON").check()
    page.get_by_label("State as JSON").fill('{"amount_eur": "much"')
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("alert")).to_contain_text("no JSON")
    page.get_by_label("State as JSON").fill('{"amount_eur": "much"}')
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("alert")).to_contain_text("'days_ago' is missing")
    assert tab.refused == [422]


def test_a_case_is_tried_by_the_keyboard_alone(tab: Tab, expenses: str) -> None:
    page = show(tab, expenses, "rules")
    press_until(page, "Tab", "Try")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Try")).to_be_focused()
    press_until(page, "Tab", "amount eur")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("640")
    press_until(page, "Tab", "Decide")
    page.keyboard.press("Enter")
    result = page.get_by_role("region", name="Decision")
    expect(result.locator(".action")).to_have_text("manager")
    expect(result).to_be_focused()
    press_until(page, "Shift+Tab", "amount eur")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("20")
    page.keyboard.press("Control+Enter")
    expect(result.locator(".action")).to_have_text("approve")


FOCUSED = """() => {
  const node = document.activeElement;
  return (node.labels?.[0]?.textContent || node.textContent).trim();
}"""


def press_until(page: Any, keys: str, name: str, most: int = 40) -> None:
    """Press a key until the control of this name has the focus."""
    for _ in range(most):
        page.keyboard.press(keys)
        if page.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"{most} times {keys} and no {name!r}")


def test_logged_decisions_are_filtered_and_labelled(
    tab: Tab, expenses: str, expenses_run: Path
) -> None:
    decided(expenses, amount_eur=640, days_ago=3, receipt=True)
    decided(expenses, amount_eur=20, days_ago=3, receipt=True)
    page = show(tab, expenses, "log")
    cards = page.locator(".log > li")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("approve")
    page.get_by_label("fallbacks").check()
    expect(cards).to_have_count(0)
    page.get_by_label("all", exact=True).check()
    cards.first.get_by_role("button", name="Say what is right").click()
    form = page.get_by_role("form", name="What is right in this case?")
    expect(form).to_contain_text("Nothing is trained on it by itself")
    expect(form.get_by_label("Right action")).to_be_focused()
    form.get_by_label("Right action").select_option("refuse")
    form.get_by_label("Your name").fill("Ada")
    form.get_by_role("button", name="Keep as right").click()
    expect(cards.first).to_contain_text("Right would be: refuse (Ada")
    [kept] = map(json.loads, (expenses_run / "labels.jsonl").read_text().splitlines())
    assert kept["action"] == "refuse"
    assert kept["state"] == {"amount_eur": 20, "days_ago": 3, "receipt": True}
    with page.expect_download() as download:
        page.get_by_role("button", name="Save them as states.jsonl lines").click()
    saved = json.loads(download.value.path().read_text())
    assert saved == {"state": kept["state"], "action": "refuse"}


def test_saved_labels_are_states_that_a_run_takes(expenses_run: Path, tmp_path: Path) -> None:
    file = tmp_path / "expenses" / "states.jsonl"
    line = {"state": {"amount_eur": 20.0, "days_ago": 3, "receipt": True}, "action": "refuse"}
    file.write_text(f"{file.read_text()}{json.dumps(line)}\n")
    RunPipeline(expenses_run, RunSettings(str(tmp_path / "expenses")), Lines()).run()
    with Policy.load(expenses_run) as policy:
        shown = policy.impact(policy.proposing.remove("refuse_late_claim"))
        assert policy.decide(line["state"]).action == "approve"
    assert (shown.known, shown.right_before) == (9, 8)


def test_unsure_decisions_are_those_below_the_slider(tab: Tab, desk: str) -> None:
    logged = patient.get(f"{desk}/policies/desk/decisions?limit=500").json()["decisions"]
    page = show(tab, desk, "log")
    page.get_by_label("unsure", exact=True).check()
    for level in (60, 95):
        page.get_by_label("Unsure means less sure than").fill(str(level))
        below = [o for o in logged if o["fallback"] is None and o["confidence"] < level / 100]
        expect(page.locator(".log > li")).to_have_count(len(below))
    assert below


def test_an_action_of_an_open_form_is_entered_field_by_field(tab: Tab, desk: str) -> None:
    page = show(tab, desk, "log")
    card = page.locator(".log > li").nth(3)
    card.get_by_role("button", name="Say what is right").click()
    card.get_by_label("What to do").select_option("store credit")
    card.get_by_label("amount cents").fill("1250")
    card.get_by_role("button", name="Keep as right").click()
    expect(card).to_contain_text("store credit, amount 12.50")
    [label] = patient.get(f"{desk}/policies/desk/labels").json()["labels"]
    assert label["action"] == {"do": "store_credit", "amount_cents": 1250}


def test_a_changed_function_is_shown_first_and_then_in_force_and_then_undone(
    tab: Tab, expenses: str, expenses_run: Path
) -> None:
    before = BaseFolder(expenses_run / "base").current()
    page = show(tab, expenses, "change")
    page.get_by_label("Which function").select_option("ask_the_manager")
    text = page.get_by_label("Its text")
    expect(text).to_have_value(re.compile("def ask_the_manager"))
    text.fill(text.input_value().replace("500", "1000"))
    page.get_by_role("button", name="Show what it would change").click()
    shown = page.get_by_role("region", name="Another text for ask_the_manager")
    expect(shown).to_be_focused()
    expect(shown).to_contain_text("1 case of 8 would be decided otherwise")
    expect(shown).to_contain_text("8 are right now and 7 would be")
    expect(shown.locator(".cases")).to_contain_text("flight: amount eur")
    assert BaseFolder(expenses_run / "base").current() == before
    shown.get_by_label("Your name").fill("Ada")
    shown.get_by_label("Why").fill("prices rose")
    shown.get_by_role("button", name="Put into force").click()
    expect(page.get_by_text("In force from the next decision on")).to_be_visible()
    newest = page.locator(".journal > li").first
    expect(newest).to_contain_text("replaced ask_the_manager")
    expect(newest).to_contain_text("by Ada")
    expect(newest).to_contain_text("prices rose")
    after = BaseFolder(expenses_run / "base").current()
    assert after != before
    newest.get_by_role("button", name="Undo this").click()
    back = page.get_by_role("region", name=f"Go back to {before}")
    expect(back).to_contain_text("7 are right now and 8 would be")
    back.get_by_role("button", name="Put into force").click()
    expect(page.locator(".journal > li").first).to_contain_text("went back")
    assert BaseFolder(expenses_run / "base").current() == before


def test_a_dropped_change_changes_nothing(tab: Tab, expenses: str, expenses_run: Path) -> None:
    before = BaseFolder(expenses_run / "base").current()
    page = show(tab, expenses, "change")
    page.get_by_label("remove a function").check()
    page.get_by_label("Which function").select_option("approve")
    page.get_by_role("button", name="Show what it would change").click()
    shown = page.get_by_role("region", name="Without approve")
    expect(shown.locator(".badge.bad").first).to_have_text("fallback")
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    assert BaseFolder(expenses_run / "base").current() == before


def test_a_function_is_added_and_removed(tab: Tab, expenses: str, expenses_run: Path) -> None:
    source = (
        "def refuse_nothing(amount_eur: float) -> str:\n"
        '    """Refuse a claim about nothing.\n\n'
        "    Use when: the amount is 0.\n    When: amount_eur <= 0\n"
        "    >>> refuse_nothing(amount_eur=0)\n    'refuse'\n"
        '    """\n    return "refuse"\n'
    )
    page = show(tab, expenses, "change")
    page.get_by_label("Its text").fill(source)
    page.get_by_role("textbox", name="Rule, in words").fill("A claim about nothing is refused.")
    page.get_by_label("It is an exception").check()
    page.get_by_role("button", name="Show what it would change").click()
    shown = page.get_by_role("region", name="A new function")
    shown.get_by_role("button", name="Put into force").click()
    expect(page.locator(".journal > li").first).to_contain_text("A claim about nothing is refused.")
    url = f"{expenses}/policies/expenses/functions/refuse_nothing"
    assert patient.get(url).json()["told"] == "A claim about nothing is refused."
    page.get_by_label("remove a function").check()
    page.get_by_label("Which function").select_option("refuse_nothing")
    page.get_by_role("button", name="Show what it would change").click()
    page.get_by_role("button", name="Put into force").click()
    expect(page.locator(".journal > li").first).to_contain_text("removed refuse_nothing")
    assert patient.get(url).status_code == 404


def test_a_refused_function_is_said_in_the_gates_words(tab: Tab, expenses: str) -> None:
    page = show(tab, expenses, "change")
    page.get_by_label("Its text").fill("import os\n")
    page.get_by_role("button", name="Show what it would change").click()
    answer = patient.post(f"{expenses}/policies/expenses/functions", json={"source": "import os\n"})
    expect(page.get_by_role("alert")).to_have_text(answer.json()["error"])


def test_a_change_that_others_made_meanwhile_is_explained_and_shown_again(
    tab: Tab, expenses: str, expenses_run: Path
) -> None:
    page = show(tab, expenses, "change")
    page.get_by_label("remove a function").check()
    page.get_by_label("Which function").select_option("refuse_late_claim")
    page.get_by_role("button", name="Show what it would change").click()
    shown = page.get_by_role("region", name="Without refuse_late_claim")
    expect(shown).to_contain_text("8 are right now")
    with Policy.load(expenses_run) as policy:
        policy.remove("ask_the_manager")
    shown.get_by_role("button", name="Put into force").click()
    expect(shown.get_by_role("alert")).to_contain_text("Nothing was put into force")
    expect(shown.get_by_role("alert")).to_contain_text("changed meanwhile")
    expect(shown).not_to_contain_text("8 are right now")
    assert "refuse_late_claim" in BaseFolder(expenses_run / "base").load().by_name
    shown.get_by_role("button", name="Put into force").click()
    expect(page.get_by_text("In force from the next decision on")).to_be_visible()
    assert "refuse_late_claim" not in BaseFolder(expenses_run / "base").load().by_name
    assert tab.refused == [409]


def test_a_rule_in_words_is_written_shown_and_put_into_force(
    tab: Tab, serve: Serve, run_folder: Path
) -> None:
    with Policy.load(run_folder, watch=True) as policy:
        teacher = recorded_teacher(run_folder, policy.task)
        page = show(tab, serve({"guess": policy}, teachers={"guess": teacher}), "change")
        box = page.get_by_label("The new rule, in one sentence")
        box.fill(f"{RULE} given before and meant as they were.")
        page.get_by_role("button", name="Show what it would change").click()
        shown = page.get_by_role("region", name="The new rule")
        expect(shown.locator("details").first).to_be_visible()
        assert not [one for one in policy.base.functions if one.told]
        shown.get_by_role("button", name="Put into force").click()
        expect(page.locator(".journal > li").first).to_contain_text(RULE[:40])
        assert [one for one in policy.base.functions if one.told]
        page.get_by_role("link", name="Play").click()
        page.get_by_role("button", name="Play").click()
        while (after := page.get_by_role("button", name="Next move")).is_enabled():
            after.click()
        expect(page.get_by_text(re.compile("The game is (not )?won"))).to_be_visible()


def test_without_a_teacher_a_rule_in_words_is_off_and_says_why(tab: Tab, expenses: str) -> None:
    page = show(tab, expenses, "change")
    expect(page.get_by_label("a new rule, in words")).to_be_disabled()
    expect(page.get_by_text("needs a model that writes its functions")).to_be_visible()


def test_a_key_is_asked_for_and_what_it_may_not_do_is_off(
    tab: Tab, serve: Serve, expenses_run: Path, tmp_path: Path
) -> None:
    keys, given = with_keys(tmp_path)
    with Policy.load(expenses_run, watch=True, log=True) as policy:
        policy.decide({"amount_eur": 20, "days_ago": 3, "receipt": True})
        page = tab.page
        page.goto(serve({"expenses": policy}, keys=keys))
        expect(page.get_by_text("This server wants a key.")).to_be_visible()
        page.get_by_label("Key", exact=True).fill("not-a-key-of-this-server")
        page.get_by_label("Key", exact=True).press("Enter")
        expect(page.locator("#view")).to_contain_text("does not know this key")
        page.get_by_label("Key", exact=True).fill(given["read"])
        page.get_by_role("button", name="Use key").click()
        expect(page.locator(".rules > li")).to_have_count(3)
        expect(page.get_by_text("This key may read; it may not decide or change.")).to_be_visible()
        page.get_by_role("link", name="Try").click()
        expect(page.get_by_role("button", name="Decide")).to_be_disabled()
        expect(page.get_by_text("it needs the right to decide")).to_be_visible()
        page.get_by_role("link", name="Log").click()
        expect(page.get_by_role("button", name="Say what is right")).to_be_disabled()
        page.get_by_role("link", name="Change").click()
        expect(page.get_by_role("button", name="Show what it would change")).to_be_disabled()
        expect(page.get_by_text("it needs the right to change")).to_be_visible()
        page.get_by_label("Key", exact=True).fill(given["change"])
        page.get_by_role("button", name="Use key").click()
        expect(page.get_by_role("button", name="Show what it would change")).to_be_enabled()
        stored = page.evaluate("() => [localStorage.length, document.cookie, location.href]")
        assert (stored[0], stored[1]) == (0, "")
        assert given["change"] not in stored[2]
    assert tab.refused == []


def test_text_that_others_wrote_stays_text(tab: Tab, expenses: str) -> None:
    attack = "<img src=x onerror=document.title=1><b>bold</b>"
    page = show(tab, expenses, "change")
    page.get_by_label("Its text").fill(attack)
    page.get_by_role("button", name="Show what it would change").click()
    expect(page.get_by_role("alert")).to_be_visible()
    source = (
        "def approve(amount_eur: float) -> str:\n"
        f'    """{attack}\n\n    Use when: no other rule fits.\n    Rules: 3\n'
        '    >>> approve(amount_eur=500)\n    \'approve\'\n    """\n    return "approve"\n'
    )
    url = f"{expenses}/policies/expenses/functions/approve"
    answer = patient.put(url, json={"source": source, "accept": True, "why": attack})
    assert answer.status_code == 200
    for section in SECTIONS:
        show(tab, expenses, section)
        expect(page.locator("main img, main b:text-is('bold')")).to_have_count(0)
    expect(page.locator(".journal")).to_contain_text(attack)


@pytest.mark.parametrize("tab", [{}, DARK, PHONE], ids=["light", "dark", "phone"], indirect=True)
def test_every_section_has_names_structure_and_contrast_and_fits(tab: Tab, desk: str) -> None:
    for section in SECTIONS:
        page = show(tab, desk, section)
        for summary in page.locator("main summary").all()[:8]:
            if summary.is_visible():
                summary.click()
        if section == "try":
            page.get_by_label("Begin with").select_option(label=label_with(page, "test-014"))
            page.get_by_role("button", name="Decide").click()
            expect(page.locator(".verdict")).to_be_visible()
        if section == "log":
            page.get_by_role("button", name="Say what is right").first.click()
        if section == "change":
            page.get_by_label("Which function").select_option("give_store_credit")
            text = page.get_by_label("Its text")
            expect(text).to_have_value(re.compile("def give_store_credit"))
            text.fill(text.input_value().replace("<= 60", "<= 45"))
            page.get_by_role("button", name="Show what it would change").click()
            expect(page.locator(".proposal")).to_be_visible()
        assert page.evaluate(CHECKS) == []
        wide, room = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, section


def test_the_checks_find_what_they_look_for(tab: Tab, expenses: str) -> None:
    page = show(tab, expenses, "rules")
    page.evaluate(
        """() => {
      const add = (tag, text, given) => {
        const node = document.createElement(tag);
        node.textContent = text;
        Object.assign(node, given);
        document.querySelector("main").append(node);
        return node;
      };
      add("input", "");
      add("h6", "too deep");
      add("p", "faint").style.color = "#bbb";
      add("p", "twice", { id: "title" });
    }"""
    )
    found = "\n".join(page.evaluate(CHECKS))
    for fault in ("no name: <input>", "to <h6>", "contrast 1.", "id twice: title"):
        assert fault in found


def test_two_policies_are_told_apart(tab: Tab, serve: Serve, expenses_run: Path) -> None:
    with Policy.load(expenses_run) as one, Policy.load(expenses_run) as other:
        page = show(tab, serve({"first": one, "second": other}), "rules")
        expect(page.locator("#about")).to_contain_text("Policy first")
        page.get_by_label("Policy").select_option("second")
        expect(page.locator("#about")).to_contain_text("Policy second")


def test_the_page_works_inside_another_application(tab: Tab, parcels: Policy) -> None:
    outer = FastAPI()
    outer.mount("/rulings", create_app({"parcels": parcels}))
    with running(outer) as address:
        page = tab.page
        page.goto(f"{address}/rulings/#rules")
        expect(page.locator(".rules > li")).to_have_count(2)
        page.get_by_role("link", name="Try").click()
        page.get_by_label("weight kg").fill("77.5")
        page.get_by_role("button", name="Decide").click()
        expect(page.locator(".action")).to_have_text("freight")
