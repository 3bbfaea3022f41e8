import re


def read_price(text: str) -> dict[str, int]:
    """Read the price of the ticket in dollars.

    Rules: 2
    >>> read_price(text="Sarah is a Main Cabin Class passenger flying from Orlando to Wuhan with the following items:\\n1. A backpack: 22 x 13 x 6 inches, 10 lbs;\\n2. A luggage box: 44 x 22 x 20 inches, 69 lbs;\\n\\nSarah's flight ticket is $180.")
    {'base_price': 180}
    """
    found = re.search(r"'s flight ticket is \$([0-9]+)\.\s*$", text)
    if found is None:
        raise ValueError("no price such as 'flight ticket is $180.' stands at the end")
    return {"base_price": int(found.group(1))}
