import re
from typing import Any


def read_items(text: str) -> dict[str, list[dict[str, Any]]]:
    """Read the passenger's items in their order.

    Rules: 3
    >>> read_items(text="Sarah is a Main Cabin Class passenger flying from Orlando to Wuhan with the following items:\\n1. A backpack: 22 x 13 x 6 inches, 10 lbs;\\n2. A luggage box: 44 x 22 x 20 inches, 69 lbs;\\n\\nSarah's flight ticket is $180.")
    {'bag_list': [{'id': 1, 'name': 'backpack', 'size': [22, 13, 6], 'weight': 10}, {'id': 2, 'name': 'luggage box', 'size': [44, 22, 20], 'weight': 69}]}
    """
    line = r"([0-9]+)\. An? (.+): ([0-9]+) x ([0-9]+) x ([0-9]+) inches, ([0-9]+) lbs;"
    items: list[dict[str, Any]] = []
    listed = text.split("with the following items:")[1].split("\n\n")[0]
    for told in listed.strip().split("\n"):
        found = re.fullmatch(line, told.strip())
        if found is None or int(found.group(1)) != len(items) + 1:
            raise ValueError("not the next item of the list: " + repr(told))
        size = [int(found.group(place)) for place in (3, 4, 5)]
        weight = int(found.group(6))
        items.append({"id": len(items) + 1, "name": found.group(2), "size": size, "weight": weight})
    return {"bag_list": items}
