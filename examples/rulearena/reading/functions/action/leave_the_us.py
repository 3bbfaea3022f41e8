from typing import Any


def leave_the_us(parts: dict[str, Any], regions: dict[str, str]) -> dict[str, Any]:
    """Give the state of a flight from the U.S. to another region.

    Use when: the flight starts in the U.S. and ends elsewhere.
    When: regions["start"] == "U.S." and regions["end"] != "U.S."
    Rules: 5
    >>> leave_the_us(parts={"base_price": 180, "customer_class": "First", "bag_list": [], "origin": "Orlando", "destination": "Doha"}, regions={"start": "U.S.", "end": "Qatar"})
    {'base_price': 180, 'customer_class': 'First', 'routine': 'Qatar', 'direction': 0, 'bag_list': []}
    """
    return {
        "base_price": parts["base_price"],
        "customer_class": parts["customer_class"],
        "routine": regions["end"],
        "direction": 0,
        "bag_list": parts["bag_list"],
    }
