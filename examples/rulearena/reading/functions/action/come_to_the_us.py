from typing import Any


def come_to_the_us(parts: dict[str, Any], regions: dict[str, str]) -> dict[str, Any]:
    """Give the state of a flight from another region to the U.S.

    Use when: the flight starts elsewhere and ends in the U.S.
    When: regions["start"] != "U.S." and regions["end"] == "U.S."
    Rules: 5
    >>> come_to_the_us(parts={"base_price": 180, "customer_class": "First", "bag_list": [], "origin": "Doha", "destination": "Orlando"}, regions={"start": "Qatar", "end": "U.S."})
    {'base_price': 180, 'customer_class': 'First', 'routine': 'Qatar', 'direction': 1, 'bag_list': []}
    """
    return {
        "base_price": parts["base_price"],
        "customer_class": parts["customer_class"],
        "routine": regions["start"],
        "direction": 1,
        "bag_list": parts["bag_list"],
    }
