def change_items() -> str:
    """The customer wants another option of an item in an order that has not been sent.

    Use when: the customer wants another size, colour or version of something that is ordered but not yet shipped.
    Rules: 24, 30
    Example: Make the shirt a large instead of a medium, it has not shipped yet right?
    Example: swap the jeans i just ordered for the longer length
    Example: want another keyboard layout than the one I clicked, order still pending
    Example: Upgrade the tablet I ordered this morning to the one with more storage
    Example: I'd like a different option for something in the order that hasn't left yet
    Example: edit my order again, now i want the bike with the bigger frame
    Example: I meant to order the large bottle, can you change it before shipping
    Example: The hiking boots I just ordered should be 43, not 42. They haven't gone out
    Example: Don't cancel the boots, only make them one size bigger before you send them
    Example: Can you switch the fleece jacket in my order from green to navy before it's packed
    Example: make both T-shirts in the open order XL
    Example: i took the keyboard with the clicky switches, can the order be changed to the silent ones
    Example: Could I please have the larger perfume bottle in the order I placed this morning?
    Example: change the order so the helmet is size L
    Example: Order #W6613082 is still pending, I want the 40 litre backpack in it instead of the 30
    Example: I'd like the five-tier bookshelf rather than the four-tier one, you've not sent it yet
    Example: wrong color clicked!!! earbuds should be white. order is 5 min old
    Example: The order hasn't left. Please put the watch with the leather band in place of the one with the steel band
    Example: Before you ship the luggage set: I measured the car boot, and the large suitcase won't go in. Let me have the set with the medium one.
    Example: the wall clock on order, can I have it with normal numbers and not roman
    Example: Is it still possible to take the 32 GB e-reader? I ordered the 8 GB one an hour ago
    Example: Instead of the standard running shoes please send the wide fit, they're in the order that's waiting
    Example: My upcoming office chair should have armrests, alter it
    Example: sunglasses i bought today: polarised please instead of plain
    Example: longer yoga mat in my pendng order plz
    Example: I wish to amend the order: espresso machine with milk frother, not without
    Example: We found out our dog has grown, so the pet bed that's still with you needs to be an L
    Example: Change dumbbells from 5 kg to 10 kg, order not shipped
    Example: the gas grill in the order has to become a charcoal grill
    Example: Up the tablet to 128 GB, it's not on its way yet I hope
    Example: The hose in my unshipped order should be the 30 m one and the umbrella beige
    Example: black speaker, not red, for what I ordered last night
    Example: You're still preparing the shoes I ordered for my daughter, one size up please
    Example: I need to correct my order for the air purifier to the large-room model
    Example: Please update the puzzle to the 1000 piece one before it goes out
    Example: In my cart I had the white desk lamp but the order confirmation says black. Put that right, it isn't shipped
    Example: the mouse should be wireless. pending order. thx
    Example: Could you replace the corded vacuum by the cordless type in what you're about to send
    Example: hey team, the bottle I ordered, lid with straw pls, if it's not boxed up yet
    Example: Modify the jacket I haven't received yet to grey
    Example: I don't want to return anything, nothing has come yet. I only want the camera with the better zoom
    Example: Thermostat on order: give me white
    Example: Kids' size for both helmets in the order please, before dispatch
    Example: The makeup kit that I'm waiting for should be in the lighter shade
    Example: Since it is not delivered so far, I'd rather get the longer skateboard
    Example: please swap out the 10 watt charger for the 20 watt one, it's still listed as pending
    Example: Dotted notebook rather than lined in the order, ok?
    Example: The plug on the kettle I ordered is wrong for my country, change to the EU version before sending
    Example: I wanted size 41 and by accident clicked 40 on the sneakers. Fix the order
    Example: The bicycle in my current order: large frame instead of medium, it's for my husband who is 1.95 m
    Example: soft case not hard case, still time to change it?
    Example: Can I upgrade what I ordered to the pro version? shipping label isn't even made
    Example: Let me have other options of the items in the order, it is pending
    Example: Make the speaker in the order the bigger one and bill the difference to my paypal
    >>> change_items()
    'change items'
    """
    return "change items"
