def change_home_address() -> str:
    """The customer wants the default address of the account changed.

    Use when: the customer moved, or wants the default address in the profile or account changed, not one order's.
    Rules: 1
    Example: I moved last month, please update the address in my profile
    Example: Set my default address to the one I gave you
    Example: we are relocating to Denver, so change where I live in your system
    Example: I got married and moved in with my husband. Account address needs to be his street now
    Example: Change the address of my account
    Example: My permanent address changed to the one below
    Example: Where I live is wrong in your customer file
    Example: update profile address thanks
    >>> change_home_address()
    'change home address'
    """
    return "change home address"
