def change_home_address() -> str:
    """The customer wants the default address of the account changed.

    Use when: the customer moved, or wants the default address in the profile or account changed, not one order's.
    Rules: 1
    Example: I moved last month, please update the address in my profile
    Example: New place! From now on everything should go to the new street
    Example: My saved address is two years old, replace it for all future orders
    Example: we are relocating to Denver, so change where I live in your system
    Example: Update the adress you have on file for me, not for one order but in general
    Example: put the new flat into my user profile as the main address
    >>> change_home_address()
    'change home address'
    """
    return "change home address"
