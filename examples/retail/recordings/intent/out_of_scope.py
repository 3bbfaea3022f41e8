def out_of_scope() -> str:
    """The customer asks for something that none of the actions can do.

    Use when: the customer wants money off, an invoice, repair, wrapping, faster delivery, items added or removed, a new order, or complains.
    Rules: 10, 24
    Example: Add a second lamp to the order that is on its way
    Example: please reactivate the order that was cancelled, I want it after all
    Example: delete my account and all data you have about me
    Example: place a new order for me, two vacuum bags, same card as always
    Example: Repair my hair dryer, it's still under guarantee
    Example: undo the cancellation of the toaster order
    Example: deliver my parcel tomorrow morning, I will pay extra for express
    Example: Take the socks out of my order and leave the rest as it is
    Example: Cancel only the mouse, I still want the keyboard from the same order
    Example: I want one thing less in the order, the other two should come
    Example: drop the second T-shirt from the order, one is enough
    Example: Please add a helmet to my bike order
    Example: make it three water bottles instead of one
    Example: I'd like to order the grill again, the same as last year
    Example: Can you come and assemble the bookshelf
    Example: Can you gift wrap the perfume
    Example: please write "for Lena" on the parcel
    Example: I need it by Friday. Send the watch express
    Example: Your ad said 20% off, I paid full price. Give me the difference
    Example: student discount?
    Example: My e-reader screen died after 14 months, please have it repaired
    Example: Invoice for the office chair please, made out to my firm
    Example: get me a supervisor
    Example: i want to talk to a real person
    Example: Your driver parked on my flowers and I want to file a complaint
    Example: I can't get into my account, reset my password please
    Example: change my phone number in the account
    Example: my surname changed after the wedding, please change the name on my profile
    Example: add a new credit card to my profile
    Example: top up my gift card with 50 dollars
    Example: I want to buy a gift card for my nephew
    Example: unsubscribe me from these newsletters!!!
    Example: close my account
    Example: You refunded the cancelled lamp, but I want it after all, bring that order back to life
    Example: I'd like to undo the return I requested yesterday and keep the boots
    Example: merge my two orders into one parcel
    Example: hold the parcel back for two weeks while I'm on holiday
    Example: The parcel came a week late and ruined the party, I want compensation
    Example: Can you teach me how to set up the thermostat?
    Example: the espresso machine leaks, send a technician
    Example: spare part for the vacuum, the filter, can I get just that
    Example: I'd like to extend the guarantee for the tablet to five years
    Example: Do you have jobs in your store
    Example: Let me know as soon as the red bike is back in stock
    Example: Reserve a pair of running shoes in size 44 for me till Monday
    Example: Please pay me interest for the late refund
    Example: Could you have my initials engraved on the watch I ordered
    Example: I registered twice by accident, join my two accounts
    Example: send me a paper catalogue
    Example: Pay back the shipping fee, I was promised free delivery
    Example: pls delete the review I wrote
    Example: I'd like to sell you my old bike
    Example: I don't want the whole order cancelled, just lose the umbrella from it
    Example: apply the coupon SPRING10 to the order I placed already
    >>> out_of_scope()
    'out of scope'
    """
    return "out of scope"
