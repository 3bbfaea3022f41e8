from typing import Any


def stay_in_the_us(parts: dict[str, Any], regions: dict[str, str]) -> dict[str, Any]:
    """Give the state of a flight within the U.S.

    Use when: the flight starts and ends in the U.S.
    When: regions["start"] == "U.S." and regions["end"] == "U.S."
    Rules: 5
    >>> stay_in_the_us(parts={"base_price": 180, "customer_class": "First", "bag_list": [], "origin": "Orlando", "destination": "Austin"}, regions={"start": "U.S.", "end": "U.S."})
    {'base_price': 180, 'customer_class': 'First', 'routine': 'U.S.', 'direction': 0, 'bag_list': []}
    """
    return {
        "base_price": parts["base_price"],
        "customer_class": parts["customer_class"],
        "routine": "U.S.",
        "direction": 0,
        "bag_list": parts["bag_list"],
    }
