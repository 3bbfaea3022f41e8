"""Usage examples in words: labelled messages become ``Example:`` lines of the functions that are right for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import fits_docstring, parse_function, with_examples
from logicdistill.selection import Parts, queries_for
from logicdistill.tasks.record_folder import Record
from logicdistill.tasks.records import fixed_order
from logicdistill.training.collect import UNLABELLED, Labeller

USAGE_EXAMPLES = 10
"""Usage examples in words that a function gets by default."""

BATCH = 1000
"""States that are labelled at once."""


def reads_text_alone(base: FunctionBase) -> bool:
    """Whether a decision is one selection and its view nothing but free text: then a state in words is a usage example."""
    return len(base.stages) == 1 and base.stages[0].mode == "one" and base.stages[0].reads_text_alone


def with_usage_examples(parts: Parts, labeller: Labeller, records: Sequence[Record], count: int) -> FunctionBase:
    """The base with labelled states as usage examples.

    Args:
        parts: task, base and sandbox; the base `reads_text_alone`.
        labeller: names the right function of a state.
        records: training states to draw from, in the order of `logicdistill.tasks.records.shots`.
        count: usage examples in words that a function has afterwards, if there are so many states; those it has already count.

    Returns:
        The base; only docstrings of functions that pass the gate already are changed.
    """
    stage = parts.base.stages[0]
    whole = replace(parts, top_k=len(parts.base.functions))
    drawn: dict[str, list[str]] = {}
    ordered = sorted(records, key=lambda record: fixed_order(0, record.state))
    for start in range(0, len(ordered), BATCH):
        queries = queries_for(whole, stage, [record.state for record in ordered[start : start + BATCH]])
        for query, label in zip(queries, labeller.labels(queries), strict=True):
            if label is not None and label != UNLABELLED:
                drawn.setdefault(label, []).append(" ".join(query.view.split()))
    functions = []
    for function in parts.base.functions:
        known = [example.text for example in function.manual.examples if example.text is not None]
        new = [text for text in dict.fromkeys(drawn.get(function.name, [])) if text not in known and fits_docstring(text)]
        source = with_examples(function.source, new[: max(0, count - len(known))])
        functions.append(parse_function(source, stage, function.origin))
    return parts.base.having(functions)
