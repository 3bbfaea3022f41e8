import re


def read_flight(text: str) -> dict[str, str]:
    """Read the cities in which the flight starts and ends.

    Rules: 4
    >>> read_flight(text="Sarah is a Main Cabin Class passenger flying from Orlando to Wuhan with the following items:\\n1. A backpack: 22 x 13 x 6 inches, 10 lbs;\\n2. A luggage box: 44 x 22 x 20 inches, 69 lbs;\\n\\nSarah's flight ticket is $180.")
    {'origin': 'Orlando', 'destination': 'Wuhan'}
    """
    found = re.search(r" flying from (.+) to (.+) with the following items:", text)
    if found is None:
        raise ValueError("no flight such as 'flying from Orlando to Wuhan' is told")
    return {"origin": found.group(1), "destination": found.group(2)}
