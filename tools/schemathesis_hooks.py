"""What JSON Schema cannot say of a body: where schemathesis makes one, it is made so.

    logicdistill serve runs/expenses --log &
    SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH=tools \
        schemathesis run http://127.0.0.1:8000/openapi.json --phases examples,coverage,fuzzing

The run writes labels and logs: serve copies. Install schemathesis in an environment of its own.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import schemathesis

_numbers = count()


@schemathesis.hook
def map_case(context: Any, case: Any) -> Any:
    """A function's file is one that runs, an expiry lies ahead, and no option comes twice."""
    valid = case.meta is None or case.meta.generation.mode.is_positive
    if not valid or not isinstance(case.body, dict):
        return case
    [body] = context.operation.body
    fields = body.definition["schema"].get("properties", {})
    for name in ("source", "expires"):
        if isinstance(case.body.get(name), str):
            shown = fields[name]["examples"]
            function = case.path_parameters.get("function", "")
            found = next((one for one in shown if f"def {function}(" in one), shown[0])
            case.body[name] = found.replace("_too(", f"_{next(_numbers)}(")  # a name comes once
    if "source" in case.body:
        case.body.pop("stage", None)
    if "accept" in case.body:
        case.body["accept"] = False  # the description is of the base as it was then
    given = case.body.get("questions")
    for at, question in enumerate(given if isinstance(given, list) else ()):
        for options, name in (("choices", "value"), ("levels", "label")):
            if options in question:
                once = list({one[name]: one for one in question[options]}.values())
                known = {"type": "predicate", "instructions": question["instructions"]}
                given[at] = {**question, options: once} if len(once) > 1 else known
    return case
