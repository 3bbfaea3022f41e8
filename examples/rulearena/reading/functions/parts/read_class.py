import re


def read_class(text: str) -> dict[str, str]:
    """Read the class in which the passenger flies.

    Rules: 1
    >>> read_class(text="Sarah is a Main Cabin Class passenger flying from Orlando to Wuhan with the following items:\\n1. A backpack: 22 x 13 x 6 inches, 10 lbs;\\n2. A luggage box: 44 x 22 x 20 inches, 69 lbs;\\n\\nSarah's flight ticket is $180.")
    {'customer_class': 'Main Cabin'}
    """
    known = ["Basic Economy", "Main Cabin", "Main Plus", "Premium Economy", "Business", "First"]
    found = re.search(r" is an? (.+) Class passenger flying from ", text)
    if found is None:
        raise ValueError("no class stands before 'Class passenger'")
    if found.group(1) not in known:
        raise ValueError("the rules name no class " + repr(found.group(1)))
    return {"customer_class": found.group(1)}
