"""Whether the retail policy permits an action in a state.

Written from `rules.md` alone, it shares no code with the functions.

    python examples/retail/checker.py examples/retail/states.jsonl                      # the right
    actions
    logicdistill decide --run runs/retail < states.jsonl | ...                          # or any
    other lines {"state", "action"}

It reads the record, never the customer's words: what a customer wants is not for it to judge.
Permitted is not the same as right.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

REASONS = {"no longer needed", "ordered by mistake"}
CONSEQUENTIAL = {
    "cancel_pending_order",
    "modify_pending_order_address",
    "modify_pending_order_payment",
    "modify_pending_order_items",
    "return_delivered_order_items",
    "exchange_delivered_order_items",
    "modify_user_address",
}
ITEM_TOOLS = {"modify_pending_order_items", "exchange_delivered_order_items"}


def violation(state: Mapping[str, Any], action: Mapping[str, Any]) -> str | None:
    """None where the policy permits the action, otherwise the first sentence that forbids it.

    Args:
        state: a state as in ``states.jsonl``.
        action: an action as ``task.toml`` allows them.
    """
    return next(violations(state, action), None)


def violations(state: Mapping[str, Any], action: Mapping[str, Any]) -> Iterator[str]:
    """All of them; see `violation`."""
    tool = action["tool"]
    verified = state["verified_user"] != ""
    if tool.startswith("find_user_id"):
        yield from _lookup(state, action)
    elif tool == "reply":
        if not verified and action["kind"] != "ask_identity":
            yield "2: the user is not authenticated yet"
        yield from _reply(state, action)
    elif not verified:
        yield "2: the user is not authenticated yet"
    elif tool in CONSEQUENTIAL:
        if state["confirmed"] != tool:
            yield "6: the user did not confirm this action"
        if tool in ITEM_TOOLS and not state["reminded"]:
            yield "29, 38: the customer was not reminded to name all items"
        yield from _arguments(state, action)
        yield from _forbidden(state, action)


def _lookup(state: Mapping[str, Any], action: Mapping[str, Any]) -> Iterator[str]:
    if state["verified_user"]:
        yield "5: a user is authenticated already, and only one is helped"
    fields = ("email",) if action["tool"].endswith("email") else ("name", "zip")
    if any(not action[field] or action[field] != state["given"][field] for field in fields):
        yield "7: looked up by what the user did not give"


def _arguments(state: Mapping[str, Any], action: Mapping[str, Any]) -> Iterator[str]:
    """Nothing in a call is made up: each argument is what the user gave."""
    details = state["details"]
    for name in ("order_id", "items", "new_items", "reason", "address"):
        if name in action and (not action[name] or action[name] != details[name]):
            yield f"7: {name} is not what the user gave"
    if "payment_method" in action and action["payment_method"] not in details["payment_methods"]:
        yield "7: payment_method is not what the user gave"
    if "user_id" in action and action["user_id"] != state["verified_user"]:
        yield "5: the profile is another user's"


def _forbidden(state: Mapping[str, Any], action: Mapping[str, Any]) -> Iterator[str]:
    """What the record forbids, whether the user confirmed or not."""
    tool, order, details = action["tool"], state["order"], state["details"]
    if tool == "modify_user_address":
        return
    if action["order_id"] != order["id"]:
        yield "7: no record of this order"
    if order["user_id"] != state["verified_user"]:
        yield "5: the order is another user's"
    needed = "pending" if "pending" in tool else "delivered"
    if order["status"] != needed:
        yield f"20, 23, 33, 37: the order is {order['status']!r}, not {needed!r}"
    if "modify_pending_order_items" in state["called"] or (
        tool in ITEM_TOOLS and tool in state["called"]
    ):
        yield "18, 28: items were changed already"
    if tool == "cancel_pending_order" and action["reason"] not in REASONS:
        yield "21: this is none of the two reasons"
    if "payment_method" in action and len(details["payment_methods"]) != 1:
        yield "25, 31, 34: one payment method has to be chosen"
    if "items" in action:
        yield from _items(state, action)
    yield from _money(state, action)


def _items(state: Mapping[str, Any], action: Mapping[str, Any]) -> Iterator[str]:
    bought = [item["item_id"] for item in state["order"]["items"]]
    if len(set(action["items"])) != len(action["items"]) or not set(action["items"]) <= set(bought):
        yield "34: an item is not in the order, or named twice"
        return
    if "new_items" not in action:
        return
    if len(action["new_items"]) != len(action["items"]):
        yield "30, 39: one new item for each item"
        return
    for old, new in zip(action["items"], action["new_items"], strict=True):
        here = next(item for item in state["order"]["items"] if item["item_id"] == old)
        there = next((item for item in state["catalogue"] if item["item_id"] == new), None)
        if there is None or not there["available"]:
            yield "30, 39: the new item is not available"
        elif there["product"] != here["product"]:
            yield "30, 39: the new item is another product"
        elif there["option"] == here["option"]:
            yield "30, 39: the new item is no different option"


def _money(state: Mapping[str, Any], action: Mapping[str, Any]) -> Iterator[str]:
    if "payment_method" not in action:
        return
    tool, order = action["tool"], state["order"]
    method = next(
        (item for item in state["payment_methods"] if item["id"] == action["payment_method"]), None
    )
    if method is None:
        yield "12: the payment method is not in the profile"
        return
    gift = method["kind"] == "gift card"
    original = method["id"] == order["paid_with"]
    if tool == "modify_pending_order_payment":
        if original:
            yield "25: this is the original payment method"
        if gift and _cents(method["balance"]) < _cents(order["total"]):
            yield "26: the gift card does not cover the total"
    elif tool == "return_delivered_order_items":
        if not (gift or original):
            yield "35: the refund goes to the original method or a gift card"
    elif gift and _difference(state, action) > _cents(method["balance"]):
        yield "32, 41: the gift card does not cover the difference"


def _difference(state: Mapping[str, Any], action: Mapping[str, Any]) -> Decimal:
    """New price less old, in dollars."""
    old = {item["item_id"]: _cents(item["price"]) for item in state["order"]["items"]}
    new = {item["item_id"]: _cents(item["price"]) for item in state["catalogue"]}
    return sum((new.get(item, Decimal()) for item in action["new_items"]), Decimal()) - sum(
        (old.get(item, Decimal()) for item in action["items"]), Decimal()
    )


def _cents(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def _reply(state: Mapping[str, Any], action: Mapping[str, Any]) -> Iterator[str]:
    kind, details = action["kind"], state["details"]
    if kind == "ask_identity" and state["verified_user"]:
        yield "7: the user is authenticated already"
    if (
        kind == "give_information"
        and details["order_id"]
        and state["order"]["user_id"] != state["verified_user"]
    ):
        yield "5: information about another user's order"
    if kind == "ask_details":
        have = {name: bool(details[name]) for name in ("order_id", "items", "new_items", "address")}
        have |= {
            "reason": details["reason"] in REASONS,
            "payment_method": len(details["payment_methods"]) == 1,
        }
        yield from (f"7: {name} is known already" for name in action["missing"] if have[name])
    if kind == "ask_confirmation":
        proposed = _proposed(state, action["about"])
        if action["about"] in ITEM_TOOLS and not state["reminded"]:
            yield "29, 38: the customer was not reminded to name all items"
        yield from _arguments(state, proposed)
        yield from _forbidden(state, proposed)
    if kind == "deny":
        yield from _untrue(state, action["why"])


def _proposed(state: Mapping[str, Any], tool: str) -> dict[str, Any]:
    """The call that the user is asked to confirm, from the details given."""
    details, call = state["details"], {"tool": tool}
    if tool == "modify_user_address":
        return call | {"user_id": state["verified_user"], "address": details["address"]}
    call["order_id"] = details["order_id"]
    call |= {"reason": details["reason"]} if tool == "cancel_pending_order" else {}
    call |= {"address": details["address"]} if tool == "modify_pending_order_address" else {}
    call |= {"items": details["items"]} if "items" in tool else {}
    call |= {"new_items": details["new_items"]} if tool in ITEM_TOOLS else {}
    if "items" in tool or "payment" in tool:
        call["payment_method"] = (details["payment_methods"] or [""])[0]
    return call


def _untrue(state: Mapping[str, Any], why: str) -> Iterator[str]:
    """A refusal for a reason that the record does not bear out is made up.

    Another person and opinions are in the words alone.
    """
    order, methods = state["order"], state["details"]["payment_methods"]
    claims = {
        "not_pending": order["status"] != "pending",
        "not_delivered": order["status"] != "delivered",
        "already_changed": "modified" in order["status"] or bool(ITEM_TOOLS & set(state["called"])),
        "one_method": len(methods) > 1,
        "same_method": order["paid_with"] in methods,
    }
    found = {
        "balance": ("26", "32"),
        "refund_method": ("35",),
        "other_product": ("another product",),
        "same_item": ("no different option",),
        "not_available": ("not available",),
    }
    if why in found:
        tools = (
            "modify_pending_order_payment",
            "modify_pending_order_items",
            "return_delivered_order_items",
            "exchange_delivered_order_items",
        )
        faults = [fault for tool in tools for fault in _forbidden(state, _proposed(state, tool))]
        claims[why] = any(part in fault for fault in faults for part in found[why])
    if not claims.get(why, True):
        yield f"7: {why} is not what the record says"


def main(file: Path) -> int:
    """Check every line ``{"state", "action"}`` of a file.

    The number of violations is printed, and 1 returned where there are any.
    """
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    bad = [
        (line.get("id", number), fault)
        for number, line in enumerate(lines, 1)
        if (fault := violation(line["state"], line["action"]))
    ]
    for name, fault in bad:
        print(f"{name}: {fault}")
    print(f"{len(lines)} actions, {len(bad)} violations")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
