"""Tables of pages, and what sentences compare; of pictures from the parts of `images.json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.report.document import number

Parts = Mapping[str, Any]
SURE = "at 0.9 or above"
WRONG, WRONG_ACTION, ACTION = "wrong_defect_at_0.9", "wrong_action_at_0.9", "action_at_0.9"


def right(found: Mapping[str, Any]) -> str:
    """A share of few, as a count."""
    return f"{round(found['share'] * found['asked']):,} of {found['asked']:,}"


def _bare(found: Mapping[str, Any]) -> str:
    return right(found).partition(" ")[0]


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _players(found: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[list[str]]:
    return [
        [name, *(right(one[name]["success"]) if name in one else "-" for one in found)]
        for name in names
    ]


def inspection(parts: Parts) -> str:
    """Who reads drawn parts rightly."""
    seen = parts["inspection"]
    rows = [("functions, from the picture", seen["ld"]), *seen["floors"].items()]
    return _table(
        ["who", "right action", "right defect"],
        [
            [name, right(row["action"]), right(row["defect"]) if "defect" in row else "-"]
            for name, row in rows
        ],
    )


def _beside(parts: Parts) -> list[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Pictures by what was done to them: the functions' figures, and those of imitation."""
    seen = parts["inspection"]
    network = seen["floors"]["kd, two layers"]
    shown = [("as drawn", seen["ld"], network)]
    return shown + [(name, row, network[name]) for name, row in seen["disturbed"].items()]


def disturbed(parts: Parts) -> str:
    """What light, noise and crop do to the defects that are seen."""
    return _table(
        ["picture", "right defect", "none of these", "wrong defect", f"of them {SURE}"],
        [
            [name, *(_bare(row[key]) for key in ("defect", "none", "wrong_defect", WRONG))]
            for name, row, _ in _beside(parts)
        ],
    )


def disturbed_actions(parts: Parts) -> str:
    """What they do to the actions, by functions and by imitation."""
    keys = ("action", ACTION, WRONG_ACTION)
    heads = ("right action", f"action {SURE}", "of them wrong")
    return _table(
        ["picture", *heads, *(f"kd: {head}" for head in heads)],
        [
            [name, *(_bare(who[key]) for who in (ld, kd) for key in keys)]
            for name, ld, kd in _beside(parts)
        ],
    )


def oftener_by_imitation(parts: Parts) -> str:
    """The disturbances under which imitation takes more right actions than the functions."""
    names = [
        name for name, ld, kd in _beside(parts)[1:] if kd["action"]["share"] > ld["action"]["share"]
    ]
    return ", ".join(names) or "none"


def sure_and_wrong(parts: Parts) -> str:
    """Wrong ones of the functions' sure actions on disturbed pictures, and of imitation's."""
    _, functions, imitation = zip(*_beside(parts)[1:], strict=True)
    return f"{_wrong_of_sure(functions)} and {_wrong_of_sure(imitation)}"


def _wrong_of_sure(rows: Sequence[Mapping[str, Any]]) -> str:
    wrong, sure = (
        sum(round(row[key]["share"] * row[key]["asked"]) for row in rows)
        for key in (WRONG_ACTION, ACTION)
    )
    low, high = (100 * end for end in wilson_interval(wrong, sure))
    return f"{wrong:,} of {sure:,} ({low:.1f} to {high:.1f} %)"


def babyai(parts: Parts) -> str:
    """Levels that are won."""
    names = ("goto-local", "pickup-loc", "open-door", "unlock-local")
    levels = [parts[f"babyai-{name}"] for name in names]
    rows = _players([level["players"] for level in levels], list(levels[1]["players"]))
    return _table(["who", *(level["level"] for level in levels)], rows)


def babyai_disturbed(parts: Parts) -> str:
    """Levels that are won where the pictures are disturbed."""
    shares = ("no_result", "some_cell_wrong", "some_cell_wrong_at_0.9")
    return _table(
        ["level and picture", "won", "turns without a result", "some cell wrong", SURE],
        [
            [
                f"{level}, {name}",
                right(row["success"]),
                *(f"{row[key]['share']:.0%}" for key in shares),
            ]
            for level, found in parts["babyai-disturbed"]["levels"].items()
            for name, row in found.items()
        ],
    )


def games(parts: Parts) -> str:
    """Games that are won from pictures."""
    found = [parts[name]["players"] for name in ("pursuit", "twentyone")]
    names = ("state (ceiling)", "picture")
    return _table(["who", "pursuit, won", "twenty-one, won"], _players(found, names))


def cost(parts: Parts) -> str:
    """Milliseconds of a decision."""
    keys = ("encoder_ms", "decision_ms", "ratio", "beside_ms")
    return _table(
        ["encoder", "encoder alone, ms", "decision, ms", "ratio", "beside it, ms"],
        [
            [name, *(row[key] for key in keys)]
            for name, row in parts["cost"].items()
            if isinstance(row, dict) and "ratio" in row
        ],
    )


def levels(rows: Sequence[Mapping[str, Any]]) -> str:
    """BabyAI's levels by functions from exact cells."""
    names = ("conditions", "bot", "random", "most frequent (forward)")
    return _table(
        ["level", "functions by hand", "BabyAI's bot", "steps / the bot's", "random", "forward"],
        [
            [row["level"].split("-")[1], won[0], won[1], f"{row['steps_over_bots']:.3f}", *won[2:]]
            for row in rows
            for won in [[_with_interval(row["players"][name]["success"]) for name in names]]
        ],
    )


def _with_interval(found: Mapping[str, Any]) -> str:
    low, high = (f"{100 * end:.1f}" for end in found["ci95"])
    return f"{100 * found['share']:.0f} % ({low} to {high}; n = {found['asked']:,})"


def options(sets: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Choices without an example, by the number of options, described or by their names alone."""
    found = {
        (name, row["options"], row["form"]): row for name, rows in sets.items() for row in rows
    }
    sizes = [row["options"] for row in sets["clinc150"] if row["form"] == "names"]
    every = dict(zip(sizes, (row["options"] for row in sets["banking77"]), strict=False))
    return _table(
        ["options", "CLINC150, described", "names alone", "BANKING77, described", "names alone"],
        [
            [
                size if size == every[size] else f"all ({size}; {every[size]})",
                *(
                    _points(found[name, of, form])
                    for name, of in (("clinc150", size), ("banking77", every[size]))
                    for form in ("described", "names")
                ),
            ]
            for size in sizes
        ],
    )


def _points(row: Mapping[str, Any]) -> str:
    low, high = (f"{100 * end:.1f}" for end in row["ci95"])
    return f"{100 * row['share']:.1f} % ({low} to {high})"


def search(rows: Sequence[Mapping[str, Any]]) -> str:
    """What a search costs, with every function scored and with an index."""
    by_size: dict[int, dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        by_size.setdefault(row["functions"], {})[row["how"]] = row
    return _table(
        [
            "functions",
            *(head for what in ("search", "query", "add") for head in (f"{what}: all", "LanceDB")),
            *("nearest ten found", "build, s", "indices up to date, s", "MB on disk"),
        ],
        [
            [
                f"{size:,}",
                *(
                    f"{hows[how][f'{what}_ms']['cpu_p50']:.1f}" if how in hows else ""
                    for what in ("search", "query", "add")
                    for how in ("one by one", "index")
                ),
                f"{100 * hows['index']['dense_recall']:.1f} %",
                *(f"{hows['index'][key]:,.0f}" for key in ("build_s", "optimise_s", "disk_mb")),
            ]
            for size, hows in by_size.items()
        ],
    )


HOWS = {"one by one": "all", "index": "LanceDB"}


def core_hour(row: Mapping[str, Any]) -> str:
    """Dollars an hour of a core, at which a thousand own decisions have their price."""
    hours = row["decision_ms"]["new_p50"] / 3600
    return number(row["dollars_a_thousand"]["own"] / hours, 3)


CORRUPTIONS = {
    "lying doctest": "a lying doctest",
    "swapped comparison in the code": "a comparison in the code turned round",
    "swapped comparison in 'When:'": "a comparison in `When:` turned round",
    "wrong type": "a number of the code as text, or the reverse",
    "wrong key": "another text in the code",
    "wrong action": "a result that is no action",
    "off by one": "a number of the code plus one",
}


def corrupted(causes: Mapping[str, Mapping[str, Any]]) -> str:
    """How much of each kind of corruption the gate refuses."""
    rows = sorted(causes.items(), key=lambda item: -item[1]["refused"] / item[1]["tried"])
    return _table(
        ["corruption", "refused"],
        [[CORRUPTIONS[kind], f"{row['refused']} of {row['tried']}"] for kind, row in rows],
    )


PICTURES = (inspection, disturbed, disturbed_actions, babyai, babyai_disturbed, games, cost)
TABLES: Mapping[str, Callable[[Any], str]] = {
    f"table-{make.__name__.replace('_', '-')}": make
    for make in (*PICTURES, levels, options, search, corrupted)
} | {
    make.__name__.replace("_", "-"): make
    for make in (oftener_by_imitation, sure_and_wrong, core_hour)
}
