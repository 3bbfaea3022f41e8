"""RuleArena's rules and problems as task folders; see `rulearena.py`.

RuleArena (Zhou et al., ACL 2025, arXiv 2412.08972; MIT) gives rules as Markdown: headings,
paragraphs, tables, and lines of tax forms. A task's rules are numbered items that stand alone. So
each paragraph, table and form line becomes a numbered rule that begins with the titles above it.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from logicdistill.errors import TaskError
from logicdistill.files import write_atomic

Problem = Mapping[str, Any]

TASKS = {"airline": "airline-bags", "tax": "tax"}
"""Folder of each task, by its name in the data and in the names of problems."""

READING = "airline-reading"
_EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "rulearena"
READING_SOURCE, REPLIES = _EXAMPLE / "reading", _EXAMPLE / "replies"

NOT_COMPUTED = "not computed"
"""The fallback: no amount, so that it can never be taken for one."""

LEVELS, EXAMPLES = 3, 10
VALIDATION, TEST = (7, 8), (9,)
"""Index of the examples of a level that are kept from the author; the others are for training."""

FORMS = ("basic", "itemized", "self-employed", "children", "education")
COMPUTED = {
    "business_income": "self_employed",
    "self_employment_deductible": "self_employed",
    "ctc_or_other_dependent_credit": "child_and_dependent",
    "additional_child_tax_credit": "child_and_dependent",
    "american_opportunity_credit": "has_student_loans_or_education_expenses",
    "education_credits": "has_student_loans_or_education_expenses",
}
"""What a form computes, and the field that says whether it is filed: 0, or a blank to fill in."""

BLANKS = ("$TBD", "[__]")
PART_III = "f8863_part_iii"
ANSWER = re.compile(r"(Line 2[13456] - .*?: )(\$[\d,]+|Yes|No)$", re.MULTILINE)

_TASK = """id = "{id}-v1"
title = "{title}"
fallback = "{fallback}"

[actions]
anyOf = [
  {{ type = "number", minimum = {least}, maximum = 100_000_000 }},
  {{ const = "{fallback}" }},
]
"""

_AIRLINE = (
    "The action is the passenger's total in dollars: the ticket's `base_price` and every fee for"
    " bags.",
    "`routine` is the region at the other end of a flight from or to the U.S., and 'U.S.' for a"
    " flight within it; `direction` is 0 for a flight from the U.S. and 1 for a flight to the U.S.;"
    " within the U.S. it decides nothing.",
    "`bag_list` has the passenger's items: `size` is length, width and height in inches, `weight`"
    " is in pounds; the first item is carried on and costs nothing, and all others are checked.",
    "Which checked bag counts as the first, the second and so on is chosen for the passenger: the"
    " free allowance goes to the bag that gains most by it.",
    "A state has no date of issue and no status: each ticket is issued on or after February 20,"
    " 2024, and no status, card or military order applies.",
    "What these rules do not name is not computed: for a class or a region that they do not name,"
    " and for a bag that is 'Not accepted', the function raises an error that says which;"
    " no amount is assumed.",
)
_TAX = (
    "The action is line 37 of Form 1040 in dollars and cents: the amount that is owed, negative"
    " where more was paid.",
    "`$name` at the end of a line marks the field of the state that stands there, `$TBD` an amount"
    " that is computed, and `$0` nought.",
    "A `$name` that is no field of the state is computed by the form that the line names; it is 0"
    " where that form is not filed.",
    "Schedule A is filed where `itemized` is true, Schedule C and Schedule SE where `self_employed`"
    " is true, Schedule 8812 where `child_and_dependent` is true, and Form 8863 where"
    " `has_student_loans_or_education_expenses` is true; the fields of a form that is not filed are"
    " null.",
    "Part III of Form 8863 is filled in for each student of `student_list`; its `$name` are fields"
    " of that student.",
    "A line of a form that is not among these rules is 0, and a field of the state that no line"
    " marks with its `$name` counts on no line.",
    "What these rules do not name is not computed: for a filing status that they do not name, and"
    " for a field that a form needs and that is null, the function raises an error that says which;"
    " no amount is assumed.",
)
"""What the problems say beside the rules; each begins with `_OURS`, so that nobody takes it for the
airline's or the tax office's text."""

_AIRLINE_LAST = (
    "A cell that is '—' has no fee: the list of complimentary bags names confirmed Premium Economy"
    " customers, so their 1st and 2nd checked bags are free there too.",
)
"""Four states of 300 are such; without it the functions refuse them."""

_TAX_LAST = (
    "Line 22 of Form 1040 is not raised to 0 in the recorded amounts: where the credits exceed the"
    " tax, the negative difference counts.",
)
"""Found in an example, ``tax-1-7``, whose answer the form's own line does not allow."""

_OURS = "[This task]"


def read_problems(file: Path) -> list[Problem]:
    """The lines of ``problems.jsonl``.

    Raises:
        TaskError: the file cannot be read, or is no such file.
    """
    try:
        found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for problem in found:
            problem["level"], problem["index"], problem["state"]
    except OSError as error:
        raise TaskError(f"{file}: cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError) as error:
        needed = "a line is an object with 'level', 'index' and 'state'"
        raise TaskError(f"{file}: {needed} ({error!r})") from None
    return found


def name_of(task: str, problem: Problem) -> str:
    """Such as ``airline-2-17``."""
    return f"{task}-{problem['level']}-{problem['index']}"


def state_of(task: str, problem: Problem) -> dict[str, Any]:
    """The problem's state as the task has it.

    In tax the blanks that a form fills in are left out, and so is the printed part III of Form
    8863, whose answers are in ``student_list``.

    Raises:
        TaskError: what is left out says more than what stays.
    """
    state = dict(problem["state"])
    if task != "tax":
        return state
    for name, filed in COMPUTED.items():
        value = state.pop(name)
        if state[filed] is not (value in BLANKS) or (value != 0 and value not in BLANKS):
            what = f"{name} is {value!r} where {filed} is {state[filed]}"
            raise TaskError(f"{name_of(task, problem)}: {what}; a form's blank follows its field")
    printed = [found[2] for found in ANSWER.finditer(state.pop(PART_III, ""))]
    told = [
        f"${value:,}" if type(value) is int else value
        for student in state.get("student_list", ())
        for value in student.values()
    ]
    if printed != told:
        what = f"{PART_III} has {printed}, student_list {told}"
        raise TaskError(f"{name_of(task, problem)}: {what}; they are to say the same")
    return state


@dataclass(slots=True)
class _Draft:
    """A rule: its first line, and what is indented under it, in blocks of lines."""

    titles: str
    text: str
    blocks: list[list[str]] = field(default_factory=list)

    def add(self, line: str, kind: str) -> None:
        """A line that belongs to it; lines of one kind make a block."""
        if not self.blocks or _kind(self.blocks[-1][-1]) != kind:
            self.blocks.append([])
        self.blocks[-1].append(line)

    def shown(self, number: int) -> str:
        text = f"[{self.titles}] {self.text}"
        if not text.endswith((".", "!", "?", ":", "—")) or not self.blocks:
            text = text.rstrip(":").removesuffix(".") + ("" if text.endswith(("!", "?")) else ".")
        margin = " " * len(f"{number}. ")
        rest = ["\n".join(margin + line for line in block) for block in self.blocks]
        return "\n\n".join([f"{number}. {text}", *rest])


def _kind(line: str) -> str:
    return "table" if line.startswith("|") else "list" if line.startswith("- ") else "text"


def numbered_rules(
    documents: Sequence[str], ours: Sequence[str], whole: bool, last: Sequence[str] = ()
) -> str:
    """Rules as numbered items.

    Args:
        documents: Markdown; a form is a document.
        ours: what the problems say beside them.
        whole: whether a rule begins with the document's title too.
        last: what settles a doubt, or is against them.
    """
    drafts = [_Draft(_OURS.strip("[]"), text) for text in ours]
    for document in documents:
        drafts += _drafts(document, whole)
    drafts += [_Draft(_OURS.strip("[]"), text) for text in last]
    return "\n\n".join(draft.shown(place) for place, draft in enumerate(drafts, start=1)) + "\n"


_INSTRUCTION = "Instruction"
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_LINE = re.compile(r"Line \w+ - ")
_ITEM = re.compile(r"(\d+)\. (?:([a-z])\. )?(?=\S)")
_PART = re.compile(r"\d+\.\d+ ")
_FIELD = re.compile(r": \$\w+$")


def _drafts(document: str, whole: bool) -> Iterator[_Draft]:
    """The rules of a document, in its order."""
    titles: list[tuple[int, str]] = []
    told = set[str]()  # titles that a rule has in full
    current: _Draft | None = None
    fresh, items = True, False  # a paragraph begins; the section has lines '1. ...'

    def begin(text: str) -> _Draft:
        shown = [title for depth, title in titles if whole or depth > 1 or len(titles) == 1]
        path = [title if title not in told else _short(title) for title in shown]
        told.update(shown)
        path = [one for one in path[:-1] if not one.startswith(_INSTRUCTION)] + path[-1:]
        return _Draft(", ".join(path), text)

    for raw in document.splitlines():
        line = " ".join(raw.split())
        if heading := _HEADING.fullmatch(line):
            depth = len(heading[1])
            if depth == 1 and heading[2].startswith("Part "):
                depth = 2  # of the form above
            titles = [found for found in titles if found[0] < depth]
            titles.append((depth, heading[2].rstrip(":.")))
        if heading or line == "---" or (items and _LINE.match(line)) or _leaves(titles, line):
            if not heading:  # back to the form's own lines
                titles = [found for found in titles if found[0] < 3]
            if current:
                yield current
            current, items, fresh = None, False, True
            if heading or line == "---":
                continue
        if not line:
            fresh = True
            continue
        item, part = _ITEM.match(line), _PART.match(line)
        if line.startswith("|"):
            current = current or begin("The amounts are in this table:")
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rule = all(re.fullmatch(":?-+:?", cell) for cell in cells)
            current.add(f"| {' | '.join('---' if rule else cell for cell in cells)} |", "table")
        elif current and (line.startswith("* ") or part):
            current.add(f"- {line[2:] if not part else line[part.end() :]}", "list")
        elif current and not item and not _LINE.match(line) and not _own(line, fresh):
            current.add(line, "text")
        else:
            if current:
                yield current
            items = items or bool(item)
            if item:
                line = f"Line {item[1]}{item[2] or ''} - {line[item.end() :]}"
            current = begin(line.removeprefix("* "))
        fresh = False
    if current:
        yield current


def _leaves(titles: Sequence[tuple[int, str]], line: str) -> bool:
    """Whether a form's line follows instructions, which end without a mark."""
    inside = any(title.startswith(_INSTRUCTION) for _, title in titles)
    return bool(inside and _LINE.match(line)) and "Worksheet" not in titles[-1][1]


def _own(line: str, fresh: bool) -> bool:
    """Whether a line of text is a rule of its own, and does not go on with the one above."""
    if _FIELD.search(line):
        return True
    return fresh and not line[0].islower()


def _short(title: str) -> str:
    return re.sub(r" \(Form 1040\)", "", re.split(r": | - |\. ", title)[0])


def part_three(problems: Sequence[Problem]) -> str:
    """Part III of Form 8863, from the first problem that prints it, with ``$name`` for answers."""
    for problem in problems:
        if printed := problem["state"].get(PART_III):
            first = re.split(r"\n(?=## Part III)", printed.lstrip())[0]
            for name in problem["state"]["student_list"][0]:  # in the order of the lines
                first = ANSWER.sub(rf"\g<1>$@{name}", first, count=1)
            return first.replace("$@", "$")
    raise TaskError(f"no problem has {PART_III!r}, of which part III of Form 8863 is made")


def rules_of(task: str, data: Path, problems: Sequence[Problem]) -> str:
    """``rules.md`` of a task."""
    if task == "airline":
        documents = [_text(data / task / "rules.md")]
        return numbered_rules(documents, _AIRLINE, whole=False, last=_AIRLINE_LAST)
    forms = {form: _text(data / task / f"{form}.md") for form in FORMS}
    printed = part_three([one for one in problems if "answer" in one])
    forms["education"] = forms["education"].replace(f"${PART_III}", printed)
    return numbered_rules([*forms.values()], _TAX, whole=True, last=_TAX_LAST)


def split_of(problem: Problem) -> str:
    """Of an example."""
    index = problem["index"]
    return "validation" if index in VALIDATION else "test" if index in TEST else "train"


def make(data: Path, folder: Path) -> list[Path]:
    """Write the task folders, the airline's reading beside them; what was there is replaced.

    Raises:
        TaskError: a file of the data is missing or is not what it should be.
    """
    made = []
    titles = {"airline": "What a passenger pays with bags", "tax": "What is owed in income tax"}
    for task, name in TASKS.items():
        problems = read_problems(data / task / "problems.jsonl")
        examples = [one for one in problems if "answer" in one]
        to = folder / name
        to.mkdir(parents=True, exist_ok=True)
        (to / "schema.json").unlink(missing_ok=True)  # made of the states, and shown by 'check'
        write_atomic(to / "rules.md", rules_of(task, data, problems))
        least = 0 if task == "airline" else -100_000_000
        settings = {"id": f"rulearena-{name}", "title": titles[task], "least": least}
        write_atomic(to / "task.toml", _TASK.format(fallback=NOT_COMPUTED, **settings))
        _write_states(
            to, task, examples, lambda one, task=task: (state_of(task, one), one["answer"])
        )
        shutil.copytree(REPLIES / name, to / "replies", dirs_exist_ok=True)
        made.append(to)
        if task == "airline":
            made.append(reading(folder / READING, examples))
    return made


def reading(to: Path, examples: Sequence[Problem]) -> Path:
    """The task that reads a passenger's sentences, with its functions."""
    shutil.copytree(READING_SOURCE, to, dirs_exist_ok=True)
    _write_states(to, "airline", examples, lambda one: ({"text": one["text"]}, read_as(one)))
    return to


def read_as(problem: Problem) -> dict[str, Any]:
    """What a reading of the text has to give: the state, with direction 0 within the U.S.

    There the data's direction is drawn at random, is not in the text, and decides nothing.
    """
    state = dict(problem["state"])
    return state | ({"direction": 0} if state["routine"] == "U.S." else {})


def _write_states(
    to: Path,
    task: str,
    examples: Sequence[Problem],
    row: Callable[[Problem], tuple[Mapping[str, Any], Any]],
) -> None:
    lines = []
    for one in examples:
        state, action = row(one)
        line = {"id": name_of(task, one), "split": split_of(one), "state": state, "action": action}
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    write_atomic(to / "states.jsonl", "".join(lines))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise TaskError(f"{file}: cannot be read: {error.strerror or error}") from None
