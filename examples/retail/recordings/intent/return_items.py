def return_items() -> str:
    """The customer wants to give back items that arrived and be refunded.

    Use when: the customer has received something and wants to send it back for a refund.
    Rules: 33, 34
    Example: The lamp is too dim, I want to send it back
    Example: I want to return the blender, I dont need it
    Example: How disappointing. The tablet goes back, refund me please
    Example: Collect the tent again, I don't want to keep it
    Example: get the coffee maker out of my kitchen and pay me back
    Example: hello I would like to start a return for the vacuum cleaner
    Example: The bottle leaks, I return it
    Example: I'd like to send back the bookshelf that came yesterday
    Example: The grill was delivered on Friday and I want to return it for a refund
    Example: Everything in #W5581130 arrived and I want to give all three things back
    Example: wrong earbuds, they're in my hand, want to return them and get my money
    Example: Good afternoon, could you kindly arrange a return for the perfume I received?
    Example: After two weeks with the office chair my back hurts more than before. I've had enough, it goes back to you and I expect a refund.
    Example: sending it back. refund.
    Example: pls i want retun the tshirt it came and is to small
    Example: The garden hose came too late for the summer, so take it back
    Example: Too late to cancel, I know, the parcel is already here. So I return the thermostat
    Example: No replacement please, only the money. The speaker I got crackles
    Example: I don't want another size, I want to return the hiking boots altogether
    Example: Can the refund for the e-reader go onto my gift card when I send it back?
    Example: What's the procedure to send the helmet back? It was delivered this morning and it doesn't fit
    Example: From the delivery I'm keeping the keyboard, only the mouse goes back
    Example: Return the luggage set and the pet bed, they came in one box
    Example: My wife got me the very same kettle, so the one you delivered may go home to you
    Example: the sunglasses look ridiculous on me lol. how do i get my cash back for them
    Example: UNACCEPTABLE. Third day and the tablet is dead. Money back NOW.
    Example: Please issue a return label for the dumbbells, they're of no use to me
    Example: return request for order #W9034411, the air purifier, refund to original payment
    Example: I opened the box of the smart watch, saw the scratch and closed it again. I would like you to take it back.
    Example: The patio umbrella broke in the first wind, take the thing back and refund what I paid
    Example: hey, the yoga mat smells weird, can i give it back?
    Example: Cancel the makeup kit? No, it's already here. I want to return it.
    Example: I received the digital camera but bought a better one meanwhile, so yours goes back
    Example: the espresso machine is too loud, my neighbours complain, I want to hand it back
    Example: Would it be possible to return the puzzle although the box is open
    Example: I don't need the skateboard which arrived today
    Example: Please refund the vacuum cleaner that was brought on Wednesday, I'm not happy with it
    Example: You may pick up the desk again, it takes up half the room and I don't want it
    Example: My grandson has that action camera already, I bought it for his birthday and would return it
    Example: The description said wool and what came is polyester. I am sending the jacket back for a full refund
    Example: i have two left shoes in the box?! return these please and give me back my money
    Example: one of the water bottles I received is dented, that one I'd like to return
    Example: I'm returning the wall clock, its ticking drives me mad
    Example: want to give some delivered items back, refund to card
    Example: What I got is not what I ordered, so have it back
    Example: Refund me for the backpack, I've had it at home since Saturday and never used it
    Example: The charger that you delivered gets dangerously hot. I want to bring it back and be reimbursed.
    Example: Not keeping the lamp
    Example: Thanks for the fast delivery, but sadly the boots pinch. May I return them please?
    Example: the toothbrush came already opened, gross, take it back
    Example: I ordered two fleece jackets to try them on. One stays, the other returns to you.
    Example: He didn't like his present, so the watch I bought for him should be returned to your shop
    Example: The bike you delivered is way too heavy for me. Refund please, I'm not after an exchange
    Example: Is it okay to send back just the hat? It came with the gloves, which I love
    >>> return_items()
    'return items'
    """
    return "return items"
