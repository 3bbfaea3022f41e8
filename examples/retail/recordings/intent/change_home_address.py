def change_home_address() -> str:
    """The customer wants the default address of the account changed.

    Use when: the customer moved, or wants the default address in the profile or account changed, not one order's.
    Rules: 1
    Example: I moved last month, please update the address in my profile
    Example: Set my default address to the one I gave you
    Example: we are relocating to Denver, so change where I live in your system
    Example: put the new flat into my user profile as the main address
    Example: I need to edit the address in my user profile
    Example: please store my new street as the default for every order from now on
    Example: Could you save another home address for me
    >>> change_home_address()
    'change home address'
    """
    return "change home address"
