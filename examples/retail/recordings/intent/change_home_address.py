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
    Example: We bought a house! Please make it the address on my account
    Example: My account still has my college dorm as address, please put my new flat there
    Example: new adress for my profile pls
    Example: Not the order, the account: my default address is wrong
    Example: No open order, I'd just like my customer profile to carry the new address
    Example: Can you change my standard delivery address? I keep having to correct it each time I order
    Example: I haven't lived on Pine Street since spring, please update your files
    Example: Every time I shop the old street comes up. Change the default
    Example: Good morning, due to a change of residence I would like my user data to show my new address. Thank you.
    Example: moved. update account.
    Example: The house number in my profile should be 12a
    Example: From next month I'll be living in Portland, so save that as my main address
    Example: make the address I gave you the primary one for my account
    Example: After the divorce I moved out; my account needs my own address now
    Example: set Tulip Lane 8 as home address for all that I order in the future
    Example: Please overwrite the saved address, it belongs to my last apartment
    Example: my parents' house isn't my home anymore, change that in the account settings for me
    Example: I can't find where to edit my default address on your site, do it for me please
    Example: Our street got a new name, so the address stored in my account has to be changed
    Example: update where i live
    Example: For future orders I want the office to be the default address
    Example: You keep old data on me: I left that building years ago. Correct the address in my record!
    Example: Would you mind registering my new permanent address
    Example: Change user address, unit 5B not 5D
    Example: My firm sent me abroad and now I'm back home; please restore my Seattle address as the account's default
    Example: What is shipped already may go to the old flat, but note the new address in my profile
    Example: my postcode changed, adjust the profile
    Example: Is it you who can change the address in my account? It's been wrong ever since I registered
    Example: The default adress is missing my apartment number, add it once and for all
    Example: I'm a student and move every year lol, here we go again: new account address
    Example: My wife and I are in our new home since Sunday. Kindly amend the address that you have stored for me.
    Example: home address on my account: 77 Birch Ave, replace the one you have
    Example: please fix the address under my name in your database
    Example: I'd like all later parcels to go to my new home automatically, so change my default
    Example: Hey, moving on the 1st! can you put the new address in my user account already?
    Example: The main address in my customer account is my ex's. Replace it by mine
    Example: Replace my profile address. The current order doesn't matter, it has the right one
    Example: there's a typo in the street name in my profile
    Example: I retired to the lake house for good, so that should be my residence in your system
    Example: Put my new street into the account before I order again
    Example: wanna change the address saved in my account
    Example: My address of record with you is outdated, please bring it up to date
    Example: I never lived in Ohio. Why is it in my profile? Correct that
    Example: As I now live with my son, his house is to be my default address from here on
    Example: my registered address should be the one I just typed in
    Example: Please switch my account over to the new house, we got the keys today
    Example: I moved, so take the old address out of my account and put the new one in
    >>> change_home_address()
    'change home address'
    """
    return "change home address"
