def several_requests() -> str:
    """The customer asks for two or more things at once.

    Use when: the message holds two or more different requests.
    Rules: 5, 8
    Example: Cancel the lamp order and send the mug from the other order back
    Example: I want to return the jeans and exchange the shirt for a bigger one
    Example: Return for the backpack, plus cancel whatever else is still open
    Example: I need to swap the tent, send back the stove and find out what my gift card balance is
    Example: Besides cancelling the camera I'd like to exchange the tripod I got last week
    Example: Cancel the bottle and change the address of the mug order
    Example: update my home address and switch the desk order to paypal
    Example: Return the bookshelf and tell me where my lamp is
    Example: Cancel the grill. Oh, and my new address for the account is 5 Fern Road
    Example: earbuds back, boots one size up
    Example: Please exchange the perfume for the larger one; also, what's left on my gift card?
    Example: i need 2 things done: cancel order 1, change card on order 2
    Example: Can you send the tablet to my office and switch it to the 128 GB one while you're at it?
    Example: I have moved, so update my profile, and the order that's still open should go to the new place too
    Example: Which keyboard do you recommend, and can you return my old one?
    Example: change color of the bike to red + pay by paypal
    Example: The jacket doesn't fit, so I'd like L instead. The helmet I don't want at all, refund it please.
    Example: Swap the watch band, and add a second watch
    Example: refund for the vacuum, and an invoice for the chair
    Example: Stop the umbrella order, and the hose that arrived is too short, can I get the longer one?
    Example: Hello, I have a few matters to settle today. My address in the account is outdated, the running shoes from last week should be returned and I'd like to know when the e-reader arrives.
    Example: cancel it and place a new order with the other card
    Example: Where's my parcel? And cancel the other one.
    Example: thermostat: change address. speaker: change payment.
    Example: Exchange the boots; after that we talk about the order I want to cancel
    Example: what do you think of the blue one, and is it in stock
    Example: Please set my default address to the new flat and take back the wall clock
    Example: put the desk on my visa, make it oak, and deliver it to work
    Example: I'd like a refund for the makeup kit, plus a discount on the next one
    Example: Sort out both: order A to be called off, order B in size S
    Example: yoga mat to be returned. water bottle to be exchanged. thx
    Example: What did I pay for the camera, and can I pay the case with my gift card?
    Example: Besides the wrong street on my order, the colour of the backpack is wrong as well, please fix both
    Example: my mum's order needs cancelling and mine should go by express
    Example: Return the dumbbells, cancel the bench that isn't sent yet
    Example: tell me the balance of the gift card and then use it for the puzzle order
    Example: Once the return of the shoes is done, please also change the shipping address for the socks
    Example: I want to give back the kettle and I also need another charger than the one you sent
    Example: cancel, and also delete my account
    Example: Sorry for the long message. The espresso machine came without the milk jug and I want to return it. Then there is the tea kettle I ordered yesterday, which should be red. That's all!
    Example: pls check stock of the L jacket, then exchange mine
    Example: Change payment to paypal and the address to my dorm
    Example: I'm keeping nothing of the skateboard order, cancel it; but the notebook order needs my new address
    Example: track order #W2201984 and cancel #W2202117
    Example: new account address please and one more thing: bigger size for the sneakers in my open order
    Example: I've got three issues with three orders: one to cancel, one to return, one to pay differently
    Example: how much was the luggage set? i also want to return the small bag
    Example: not only should the tablet go on another card, it should also go to another address
    Example: refund me for the lamp, and while I have you, has the bulb shipped?
    Example: Cancel the pet bed order and tell me which one is better for a big dog
    Example: Please gift wrap the watch and ship it to my niece
    Example: exchange for L. also my email is new, change it
    Example: Update the profile with my new street. Also withdraw my order of the air purifier.
    Example: There's one thing to be returned and another order where I picked the wrong version, not sent yet
    >>> several_requests()
    'several requests'
    """
    return "several requests"
