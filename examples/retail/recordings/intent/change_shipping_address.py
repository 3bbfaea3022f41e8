def change_shipping_address() -> str:
    """The customer wants one order delivered to another address.

    Use when: the customer wants an order that was placed delivered somewhere else, or its delivery address corrected.
    Rules: 24
    Example: The lamp I ordered should go to my office and not to my flat
    Example: We will be at the holiday cottage next week, redirect the parcel there
    Example: Please ship the puzzle to my parents place, I'll be there over christmas
    Example: the destination on my purchase is wrong, can it still be switched
    Example: Change the shipping address of the desk to 5 Lake View
    Example: Could the scarf be dropped at the office reception and not at home
    Example: wrong city on the order!! it has to go to Boston not Austin
    Example: The bookshelf should come to my new studio, please change where it's delivered
    Example: deliver the grill to my brother's garden, thats where the bbq is
    Example: I'm in hospital for a week. Can my order be brought there instead of my flat?
    Example: The street number on order #W1180347 should be 18 and not 81
    Example: oh no i left the old adress in, for the earbuds. can u fix it b4 they ship
    Example: send my perfume to the hotel where I am staying, please
    Example: Would you please have the office chair delivered to my workplace?
    Example: For just this one order, use my parents' address
    Example: don't change my account, only the address on the shoes order
    Example: I've a new flat, but my account can wait. What matters is that the tablet isn't sent to the old one
    Example: Package for the watch goes to the wrong state, it's OR not OK
    Example: My sister will receive the puzzle I bought her, ship it straight to her home
    Example: ZIP code on the open order is missing a digit
    Example: redirect #W5571290 to 40 Harbor Street, Apt 3
    Example: We're snowed in and the courier can't get up here, so please have the parcel sent to the village store
    Example: can you ship the dog bed to my vacation rental
    Example: The vacuum is going to my old place!!! change it!!!
    Example: Different drop-off place for the e-reader please
    Example: Please put c/o Miller on the delivery address of my order, my name isn't on the bell
    Example: I want the bicycle at the shop where they'll assemble it, not at my door
    Example: it's a present. deliver it to the birthday boy, not to me
    Example: Could I still change where the sunglasses go? I'll be travelling
    Example: Our office moved floors, so on the order of the keyboards it should say 7th floor
    Example: where it says Maple Road on my order it must be Maple Court
    Example: please let the luggage be delivered to the airport hotel; I fly on Sunday
    Example: The camera must not go to the house as my kids would see their present, send it to my mother's
    Example: New destination for the helmet: 9 Quarry Lane, Boise
    Example: Have the speaker left at my girlfriend's, I'm always there anyway
    Example: I gave you my billing address as shipping address. The espresso machine has to go to the other one
    Example: wrong adress on the yoga mat
    Example: not my home please, the pick up point at the station for my order
    Example: I moved yesterday and there is one thermostat still to be delivered. Send it to the new place
    Example: change delivery address
    Example: Please route the patio umbrella to our summer house where we actually need it
    Example: The order with the desk was placed with the address of my last job. Could that be corrected before it is shipped?
    Example: I'm at my dorm until June, so ship the notebook there this time
    Example: Deliver the jacket next door, number 16, nobody is in at ours
    Example: My roommate moved out and my order has her new address by mistake, mine is what it should be
    Example: The address of the dumbbell order lacks the building name, please complete it
    Example: drop my order at the fire station where I work
    Example: send it elsewhere: I won't be at that address when it comes
    Example: Hello, can the makeup kit reach me in Chicago rather than in Dallas?
    Example: Autofill put my old city on the order. Please edit the shipping info.
    Example: to my uncle in Reno please, the garden hose, he'll set it up for me
    Example: would like the water bottle shipped to the gym
    Example: the label for the T-shirts has a spelling mistake in the street, correct it
    Example: Change the address on the order to my aunt's and leave everything else as it is
    >>> change_shipping_address()
    'change shipping address'
    """
    return "change shipping address"
