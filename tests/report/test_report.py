from __future__ import annotations

import html.parser
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from measured import KINDS
from tests.report.comparison import COMMAND, measures, write_comparison

from logicdistill.errors import CorruptError, UnknownNameError
from logicdistill.report.break_even import read_costs
from logicdistill.report.document import Chart, Point, Section, number
from logicdistill.report.plots import INK, KNOWN, MARKERS, draw
from logicdistill.report.report import read_results, write_report
from logicdistill.runs import Run

MEASURED = {
    "What selecting takes",
    "Logic Distillation and imitation on equal terms",
    "Imitation in pursuit",
    "As a base grows",
    "Other decompositions",
    "Selecting and writing",
    "Control tasks",
    "A decision and its parts",
}
COMPARED = {
    *("Success", "Return and regret", "Illegal and unusable answers", "When a rule changes"),
    *("Training", "Selections", "What a decision costs", "Break-even"),
}


def sections(folder: Path) -> dict[str, Section]:
    found = read_results(folder, read_costs(), KINDS).sections()
    return {section.title: section for section in found}


def change_summary(folder: Path, change: Any) -> None:
    file = folder / "summary.json"
    summary = json.loads(file.read_text())
    for task in summary["tasks"].values():
        change(task)
    file.write_text(json.dumps(summary))


class Page(html.parser.HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag


def read(folder: Path, kind: str) -> str:
    return (folder / f"report.{kind}").read_text()


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison's folder with its report."""
    folder = write_comparison(tmp_path_factory.mktemp("report") / "made")
    write_report(folder, kinds=KINDS)
    return folder


@pytest.fixture(scope="module")
def page(reported: Path) -> str:
    return (reported / "report.html").read_text()


def test_every_section_whose_data_is_there_is_shown_and_no_other(tmp_path: Path) -> None:
    folder = write_comparison(tmp_path / "made")
    assert set(sections(folder)) == MEASURED | COMPARED
    for file in (folder / "measures").iterdir():
        file.unlink()

    def strip(task: dict[str, Any]) -> None:
        del task["rule_changes"], task["players"]["optimum"]
        for row in task["players"].values():
            for key in (
                "training",
                "confusion",
                "confidence",
                "decision_ms_p50",
                "decision_ms_p99",
                "entropy_bits_mean",
            ):
                row.pop(key, None)
            row.pop("tokens_in_mean", None), row.pop("tokens_out_mean", None)

    change_summary(folder, strip)
    assert set(sections(folder)) == {"Success", "Illegal and unusable answers"}


def test_tables_hold_the_summarys_figures_with_intervals_and_command(tmp_path: Path) -> None:
    found = sections(write_comparison(tmp_path / "made"))
    exhibit = found["Success"].exhibits[0]
    assert exhibit.command == COMMAND
    assert exhibit.rows[2] == (
        "kd-encoder (not converged)",
        "1,000",
        "61.2%",
        "58.1% - 64.2%",
        "0.6120",
        "6.40",
        "",
        "0.00012",
    )
    assert exhibit.rows[0][0] == "ld-encoder"
    assert any(note.startswith("Not converged: ") for note in exhibit.notes)
    regret = {row[0]: row[3] for row in found["Return and regret"].exhibits[1].rows}
    assert regret["random"] == "0.2290"
    refused = {row[0]: row[1:] for row in found["Illegal and unusable answers"].exhibits[0].rows}
    assert refused["kd-causal"] == ("1,280", "140 (10.9%)", "33 (2.6%)", "0 (0.0%)")


def test_a_changed_rule_shows_every_phase_of_every_player_and_what_reacting_took(
    tmp_path: Path,
) -> None:
    guess, twentyone = sections(write_comparison(tmp_path / "made"))["When a rule changes"].exhibits
    cells = {(row[0], row[1]): row for row in guess.rows}
    assert cells["ld-encoder", "after"][-1] == "267 ms"
    assert cells["kd-encoder", "retrained"][-1] == "118 s of training"
    assert cells["conditions", "during"][3] == "10.0%"
    assert guess.charts[0].limits == (0.0, 1.0)
    assert (
        twentyone.charts[0].value == "return of an episode"
    )  # where exact play loses most hands as well


def test_a_training_without_a_curve_is_one_point_beside_the_others_curves(tmp_path: Path) -> None:
    folder = write_comparison(tmp_path / "made")
    change_summary(folder, lambda task: task["players"]["ld-encoder"]["training"].update(curve=[]))
    exhibit = sections(folder)["Training"].exhibits[1]
    assert exhibit.rows[0] == ("ld-encoder", "30", "99.4%")
    assert [name for name, *_ in exhibit.rows].count("kd-encoder") == 8
    assert "selections in play" in exhibit.notes[0]


def test_calibration_reports_each_bin_that_was_used(tmp_path: Path) -> None:
    exhibit = sections(write_comparison(tmp_path / "made"))["Selections"].exhibits[1]
    assert exhibit.rows[0] == ("ld-encoder", "0.4 - 0.5", "20", "9", "45.0%", "25.8% - 65.8%")
    assert len(exhibit.rows) == 6
    # Of the six shares two lie outside their bins: 0.633 of 30 by 0.033, 0.74 of 50 by 0.04.
    assert "ld-encoder: on average the share right lies 0.1% outside its bin." in exhibit.notes[0]
    assert "at most 9.8%" in exhibit.notes[0]


def test_a_student_that_is_sure_and_always_right_is_not_said_to_be_miscalibrated(
    tmp_path: Path,
) -> None:
    folder = write_comparison(tmp_path / "made")
    change_summary(
        folder,
        lambda task: task["players"]["ld-encoder"].update(confidence=[[0, 0]] * 9 + [[400, 400]]),
    )
    assert "lies 0.0% outside its bin" in sections(folder)["Selections"].exhibits[1].notes[0]


def test_a_p_value_too_small_to_be_read_is_a_bound(tmp_path: Path) -> None:
    folder = write_comparison(tmp_path / "made")
    change_summary(folder, lambda task: task["players"]["random"].update(mcnemar_p=3.1e-154))
    cells = {row[0]: row[-1] for row in sections(folder)["Success"].exhibits[0].rows}
    assert (cells["random"], cells["conditions"]) == ("< 1e-6", "0.00012")


def test_the_page_needs_neither_network_nor_script(page: str) -> None:
    tags = Page(page).tags
    assert not {"script", "link", "img", "iframe", "object", "image"} & {tag for tag, _ in tags}
    assert not [
        found for _, found in tags if "src" in found or any(name.startswith("on") for name in found)
    ]
    assert not re.search(r"url\((?!#)|@import", page)
    assert {
        found["href"]
        for tag, found in tags
        if tag == "a" and not (found["href"] or "").startswith("#")
    } == {"https://arxiv.org/abs/2604.05150"}


def test_every_chart_has_words_and_its_ids_are_its_own(page: str) -> None:
    tags = Page(page).tags
    charts = [found for tag, found in tags if found.get("role") == "img"]
    assert len(charts) == sum(tag == "svg" for tag, _ in tags) > 20
    assert all("The table has all numbers." in (found["aria-label"] or "") for found in charts)
    ids = [found["id"] for _, found in tags if "id" in found]
    assert len(ids) == len(set(ids))
    targets = {found["xlink:href"] for _, found in tags if "xlink:href" in found} | set(
        re.findall(r"url\((#[^)]+)\)", page)
    )
    assert {str(target)[1:] for target in targets} <= set(ids)


def test_charts_take_the_pages_colour_and_players_differ_in_more_than_colour(page: str) -> None:
    assert INK not in page
    assert "currentColor" in page
    assert len({MARKERS[place % len(MARKERS)] for place in range(len(KNOWN))}) == len(KNOWN)


@pytest.fixture(scope="module")
def injected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of one task whose names and rules are markup, with its report."""
    folder = write_comparison(tmp_path_factory.mktemp("injected") / "made", with_measures=False)
    summary = json.loads((folder / "summary.json").read_text())
    del summary["tasks"]["twentyone-v1"]
    (folder / "summary.json").write_text(json.dumps(summary))

    def inject(task: dict[str, Any]) -> None:
        task["rule_changes"]["answers-turned"]["rule"] = (
            "<script>alert(1)</script> [x](javascript:alert)"
        )
        task["players"]["<b>bold</b> | cell"] = task["players"]["random"]

    change_summary(folder, inject)
    write_report(folder)
    return folder


def test_text_from_a_run_cannot_become_markup(injected: Path) -> None:
    markdown, page = (read(injected, kind) for kind in ("md", "html"))
    assert not {"script", "b"} & {tag for tag, _ in Page(page).tags}
    assert "javascript:" not in {str(found.get("href"))[:11] for _, found in Page(page).tags}
    assert "<b>bold</b> &#124; cell" in markdown


def test_the_same_folder_gives_the_same_report(injected: Path) -> None:
    before = [read(injected, kind) for kind in ("md", "html")]
    assert before[1].count("<svg") > 3
    write_report(injected)
    assert [read(injected, kind) for kind in ("md", "html")] == before


def test_without_charts_the_tables_stay(tmp_path: Path) -> None:
    folder = write_comparison(tmp_path / "made")
    page = write_report(folder, plots=False, kinds=KINDS)[1].read_text()
    assert "<svg" not in page
    assert page.count("<table>") == len(
        re.findall(r"^\| ---", (folder / "report.md").read_text(), flags=re.MULTILINE)
    )


def test_charts_without_matplotlib_name_the_extra(tmp_path: Path) -> None:
    folder = write_comparison(tmp_path / "made", with_measures=False)
    code = "import sys; sys.modules['matplotlib'] = None; "
    code += "from logicdistill.cli.main import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "report", str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "logicdistill[report]" in result.stderr


def test_a_missing_folder_names_the_nearest_one(tmp_path: Path) -> None:
    write_comparison(tmp_path / "compare")
    with pytest.raises(UnknownNameError, match=r"did you mean '.*compare'"):
        write_report(tmp_path / "compar")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        '{"tasks": {"guess-v1": []}}',
        '{"tasks": {"guess-v1": {"players": {"x": {}}}}}',
    ],
)
def test_a_damaged_summary_is_one_line(tmp_path: Path, content: str) -> None:
    folder = write_comparison(tmp_path / "made")
    (folder / "summary.json").write_text(content)
    with pytest.raises(CorruptError) as caught:
        write_report(folder, plots=False, kinds=KINDS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(measures()))
def test_a_damaged_measure_is_one_line(tmp_path: Path, name: str) -> None:
    folder = write_comparison(tmp_path / "made")
    damaged = json.dumps({"task": "guess-v1", "rows": [{}], "players": 3, "guess-v1": [{}]})
    (folder / "measures" / f"{name}.json").write_text(damaged)
    with pytest.raises(CorruptError, match=r"measure it again") as caught:
        write_report(folder, plots=False, kinds=KINDS)
    assert "\n" not in str(caught.value)


def test_a_report_says_who_wrote_the_functions_as_the_runs_recorded_it(tmp_path: Path) -> None:
    folder = write_comparison(tmp_path / "made")
    assert "wrote the functions" not in read_results(folder, read_costs(), KINDS).intro
    authors = {"guess": "live: openai:some-model", "twentyone": "recorded; a person"}
    for name, author in authors.items():
        work = {"written_by": author}
        Run.create(folder / name, {"task": f"{name}-v1"}).step("write", "key", lambda w=work: w)
    write_report(folder, plots=False, kinds=KINDS)
    for file in ("report.md", "report.html"):
        text = (folder / file).read_text()
        assert all(author in text for author in authors.values())
        assert "model was called" not in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *(
            (None, ""),
            (float("nan"), ""),
            (0, "0"),
            (0.0, "0"),
            (1, "1"),
            (2.543, "2.543"),
            (-0.05211, "-0.05211"),
        ),
        *(
            (0.000123456, "0.0001235"),
            (1234.56, "1,235"),
            (99999.0, "99,999"),
            (100, "100"),
            (1e-9, "0.000000001"),
        ),
    ],
)
def test_a_number_keeps_four_digits_and_no_trailing_zeros(value: float | None, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize("kind", ["rows", "bars", "phases", "lines"])
def test_a_chart_of_one_point_without_interval_can_be_drawn(kind: Any) -> None:
    picture = draw(Chart(kind, "one", {"ld-encoder": [Point(3, 0.5)]}, "value"), "p-")
    assert picture.startswith("<svg")
    assert ">one<" in picture
