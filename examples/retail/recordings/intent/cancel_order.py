def cancel_order() -> str:
    """The customer wants an order called off as a whole.

    Use when: the customer wants to cancel an order, call it off, drop it or withdraw from the purchase before it is sent.
    Rules: 20, 21
    Example: I dont want the desk lamp anymore, please cancel the order
    Example: Something came up and I need to call off what I bought yesterday
    Example: Please annul order for the blender, we no longer need it
    Example: Wrong camera, my mistake. Can you void the whole order so nothing is sent?
    Example: never mind the bottle, cancel it
    Example: I pressed the buy button on the rug by mistake. Do not send it.
    Example: I no longer need the printer, the school provides one, so stop the purchase
    Example: Is it too late to stop the bookshelf? If not, please do
    Example: I'd like to back out of the grill purchase while it's still in your warehouse
    Example: Cancel everything in #W4420917, all three things, I need none of them
    Example: ordered the wrong earbuds at 2am, half asleep. scrap that order
    Example: Good evening, would it be possible to cancel the perfume I ordered on Tuesday? Many thanks.
    Example: My landlord just told me the flat comes furnished, so the office chair I ordered this week isn't needed. Make sure it never ships.
    Example: nope. cancel.
    Example: pls cancle my order its not shiped yet
    Example: Has the garden hose left already? If it hasn't, I don't want it any longer, cancel it
    Example: Why is that order still open?! I told you people to cancel it last week!
    Example: The party is off, so are the lights, the grill and the speaker. Call off the entire order
    Example: Don't bother sending the thermostat, I got one in a shop
    Example: pull the plug on the e-reader order
    Example: I was just playing with the site and it seems I really bought a bicycle?? undo that please
    Example: The order is only pending, so I can still get out of it, right? I want out.
    Example: My wife had ordered the same kettle without telling me, so mine can be dropped
    Example: Cancel both the keyboard and the mouse, they are all there is on the order
    Example: We don't need the luggage set now that the trip fell through, can we get out of it before it goes out the door
    Example: I regret buying the sunglasses. They haven't shipped. Stop it and refund my paypal.
    Example: You charged me for a dumbbell set that I never meant to order. Take the order out of the queue
    Example: Order #W7719023: please cancel, reason: no longer needed
    Example: What do I have to do so that the tablet doesn't get shipped? I don't want it
    Example: hey sorry to be a pain, could you ditch my yoga mat order? got one as a present
    Example: I want to withdraw from buying the air purifier
    Example: For days the patio umbrella has been about to ship. I lost patience, cancel the whole thing
    Example: please don't process the order from last night
    Example: Money is tight this month, so the camera has to wait. Please cancel it.
    Example: abort the purchase of the smart watch
    Example: It says shipping tomorrow. I'd rather it didn't ship at all
    Example: Nothing in that order is of use to me now, so please let it lapse
    Example: Take back my order of the jigsaw puzzle, I ordered it by accident
    Example: I don't want to change anything in the order, I want it gone
    Example: No exchange, no other size. Just cancel the hiking boots before they leave.
    Example: Can I still cancel the vacuum? it was meant for my mom but she already has one
    Example: Delivery takes until May? Then forget it, cancel the desk
    Example: My boss decided against the headphones. Please stop that order, it's the one on my account from Monday
    Example: i pressed order two times, the second one needs to go
    Example: I hereby revoke my order of 3 March for the espresso machine.
    Example: cancelation please, makeup kit, ordered by mistake
    Example: Would you be so kind as to terminate the order I placed this noon
    Example: I've been going back and forth all day and decided I don't need a skateboard at 52. Please cancel the order, and sorry for the trouble.
    Example: the helmet, that was a missclick, get rid of the order
    Example: you can keep the speaker, I want the order voided before you pack it
    Example: The notebooks I ordered for school have the wrong ruling and I'll buy them elsewhere. Is there still time to cancel?
    Example: I'd like my money back for the pet bed, it hasn't been sent so just cancel
    Example: Please cancel the wall clock order and put the money back on my card
    Example: My son says he hates the T-shirts I ordered for him, so let's not have them sent
    >>> cancel_order()
    'cancel order'
    """
    return "cancel order"
