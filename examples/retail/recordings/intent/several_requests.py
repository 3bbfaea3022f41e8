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
    Example: I moved last week, so put the new street on my account, and the blender that's still on order should go there as well.
    Example: cancel the lego and tell me when the doll comes
    Example: The trousers that came are too tight, I need a 34. And while you're there, call off my order of belts.
    Example: sandals: refund. kettle order: pay w paypal
    Example: Stop the armchair, it's still pending. Furthermore I'd like to know what's left on my gift card.
    Example: My hoodie from last week should go back, and the one that I ordered yesterday should be an S.
    Example: Could you send my open order to the office and also charge it to my other card?
    Example: First, where's my tent? Second, I want the boots I received a size bigger.
    Example: two things. one: rug in beige not brown (not shipped). two: deliver it 2 my moms
    Example: How much did the lamp cost, and could you take it back?
    Example: I'd like the 1 TB version of the SSD that isn't sent yet, and my old SSD, which came in March, I'd like to return.
    Example: Please update my profile with my new home, and swap the mug that arrived for the blue one.
    Example: What's your favourite among the tents? And does the green one come for four persons?
    Example: wrong card and wrong address on my order, fix both pls
    Example: Has my refund for the fan gone out? If you're at it, cancel the heater too.
    Example: Hi there! A bit of a list today: the curtains that were delivered are too short and I'd like the 2.5 m ones, the cushions should be refunded, and my new order needs another delivery address.
    Example: Call off what I ordered, then shut my account for good.
    Example: Pay the desk by gift card, and get it in walnut, it's still pending.
    Example: The order with the books: different address. The order with the pens: cancel.
    Example: Would you recommend the drill set, and could you add it to my order?
    Example: My brother's order must be stopped, and for my own one I'd like to change the card.
    Example: I have a question on my delivery date and a complaint about your driver.
    Example: Since our move everything's wrong: the sofa on order goes to the old house and my account has the old house too. Please correct one and the other.
    Example: The headphones go back to you for a refund. Besides that, which headphones would you pick yourself?
    Example: Put PayPal on my pending order. And reset my password, I had to guess it.
    Example: i want my $$ back for the broken vase plus change shipping addr on the new one
    Example: Let me exchange the ring for a 7, and please have the necklace that's on order engraved.
    Example: One order is to be cancelled, from the other one I'd like to send two items back.
    Example: Speed up the delivery of the suit and make it a 46.
    Example: What sizes does the jacket come in? Also I moved, put the new address in the account please.
    Example: So, the bike. Larger frame, please, and bill it to my PayPal instead of the Visa I used. It's not shipped.
    Example: Two matters: A) the mattress we got is too soft, we want the firm one, B) the bed frame, still pending, is to be cancelled.
    Example: My address on file is old. By the way, which cards do you have on file?
    Example: nope dont want the fan anymore cancel, also the toaster that came is dead gimme a refund
    Example: Take the carpet back, I beg you. The receipt for it I need as well, with our company name.
    Example: Is the navy raincoat in stock? If it is, I'd swap the yellow one I got, and the wellies I'd return.
    Example: Please cancel the pan, order the wok for me instead.
    Example: I'd be happy if you could do three things: correct my home address, tell me my order number, and make my pending shirt a medium.
    Example: Refund the skis as they came with a crack; also the goggles, still not shipped, I'd like in black.
    Example: exchange W2214410, cancel W2214500
    Example: My mum wants her order cancelled, and I want mine shipped to her.
    Example: Could I get a discount on the sofa, and have it delivered to my new flat?
    Example: It's a big day for returns: the mixer goes back. Something else: can my order of bowls go on my gift card?
    Example: do u like the pink one? and can u switch my pending order to pink
    Example: For the speaker I need two changes before it goes out, namely the white version and my office as destination.
    Example: Return the brown shoes from Monday, they're too small, and cancel the black ones from today.
    Example: The paddling pool's here, too small, bigger one please. And the slide that's on order, I don't want it any longer.
    Example: Good day, I'd like to report a new home address, and I'd also like to send back the coffee table that arrived on Tuesday.
    Example: I need my order held back until May and the card on it changed.
    Example: Swap these sneakers, they're a size too small, and give me a hint which insoles are best.
    Example: Just 2 quick ones: cancel the mascara order + whats my user id
    Example: The parcel must go to my neighbour. Moreover it must not be paid by PayPal but by card.
    Example: You can have the vacuum back, and please stop these newsletters.
    Example: I regret two things: the treadmill, please cancel, and the address I gave for the dumbbells, please change it to the gym.
    Example: pls change my mail address and my street address in the profile
    Example: My daughter has outgrown it all: the jacket that came, exchange for 128; the boots that are coming, make them 33.
    Example: Repair my drill, and take the bit set back, it's the wrong one.
    Example: New default address for me, new shipping address for the running order. Same place: 19 Mercer Road.
    Example: Need to pay differently for the fridge, need to have it brought to another house, need it in silver. Can you do all that?
    Example: Is the chess set I've ordered nice in your view? And when will it be here?
    Example: My order's wrong twice: the shirts ought to be blue, and the address ought to be my parents'.
    Example: cancel my order then look if my wife has one open too
    Example: I'd like to keep the tent but in green, and I'd like not to keep the stove, both came on Friday.
    Example: Call off the wine rack. Also the glasses arrived with one broken, please send an intact one in exchange.
    Example: The gift for my mum: please wrap it and bring it to her place at 11 Dove Lane.
    Example: Could someone (1) refund the boots in my hall, (2) find out where the laces are?
    Example: What's the worth of my gift card? And please let it pay for the sofa order, if it's enough.
    Example: I have issues with two parcels. The one that came: return it. The one that's coming: redirect it to W 4th Street.
    Example: The mobile number you have for me is old and so is the home street; renew both please.
    Example: Take one pillow out of my order and put the rest on PayPal
    Example: Thanks for sorting the card. Now the address of that order too, and then I've a pair of jeans to return.
    Example: send back the lipstick, exchange the mascara
    Example: Would the firm mattress be better for me, what do you think? And please cancel the pillow.
    Example: As to W6600127, cancel. As to W6600139, I want another colour. As to W6600145, where is it?
    Example: Please get rid of the old address in my profile and of the order I placed by mistake this morning.
    Example: The sewing machine arrived and is dead, I want my money. The fabric hasn't arrived, and I want to know where it is.
    Example: change order to express & change size to M
    Example: While we're waiting for the refund of the rug, could you tell me its status and switch the new rug's payment to Visa?
    Example: No boots for me, cancel those, but I do want the hat I got in another colour, so exchange that.
    Example: Look, the jacket I got is too big, so M please; the jacket I've on order is the same, so M as well, please.
    Example: I want the price difference for the coat since it's on sale now, and my delivered scarf goes back.
    Example: I've run out of luck with you: cup broken, refund it; lamp late, cancel it; driver rude, note it.
    Example: Undo the cancellation of my desk and ship it to my new office.
    Example: Please stop the skateboard, my son broke his arm. His helmet, which came last week, may be returned too.
    Example: Where do I live according to your account? And could you have my current order brought to 5 Hill St instead?
    Example: pending order: paypal + XL. delivered order: refund
    Example: My friend's parcel, where is it? And mine, can you cancel it?
    Example: No rush with these: my saved address is a year old, and the gnome you delivered should be swapped for the bigger one.
    Example: Have the boots shipped? I'd also like the ones I got in May repaired.
    Example: W8830017: wrong street and wrong colour. Not sent yet, so mend both.
    Example: My neighbour wants his order cancelled, and I need my own one paid with another card.
    Example: May I pay the yarn by PayPal? And could you suggest a good pattern for a beginner?
    Example: hi pls start a return for the lunch box, then put my new flat as home address
    Example: I'm after a new login password, and the status of my stroller order.
    Example: I moved in with my partner on Sunday, so my account needs his address. We've now got two kettles as well, and mine, which arrived last week, should go back to you for a refund.
    Example: Good morning, three matters. The rug W5510283 isn't shipped and should be grey. The lamp from last month has a loose contact, so I'd like it exchanged for one that works. Finally, what's my gift card worth?
    Example: hey so i got the hoodie n its too small, need L. also theres a 2nd order with the cap, dont want that anymore so cancel it. thx
    Example: My card was stolen, which is why the order for the stroller must be paid with PayPal. And as we're staying with my mother until I've got new keys, it should be delivered to her at 40 Brook Street.
    Example: First of all thank you, the bike is great. The helmet's too tight though, so one size up, please. And I've been looking for the date on which I ordered the lock, could you tell me?
    Example: I've changed my mind about a few things. The standing desk, which is pending, I'd like to cancel, and the office chair, which is standing here, I'd like to return, as I'm going back to the sofa.
    Example: You sent me an email about my return and I can't find the label in it, so what's its status? While I'm writing: the new blouse, still to be shipped, should be a 40.
    Example: My wife wants to know when the sofa arrives, and I want to know from you if it'd look better by the window. Well, and I'd also like to pay for it by Mastercard.
    Example: The delivery was a day late and I'd like a voucher for that. Then there's the blender itself: it's the small one, I'd rather have the large one, can I swap?
    Example: We've had a lot of change here. Please set the new house as our home address, have the pending wardrobe delivered there too, and send me an invoice for the removal boxes.
    Example: cancel the pan, return the pot
    Example: refund hat, swap gloves
    Example: new card and new size for my order pls
    Example: track lamp, cancel rug
    Example: other address, other card, W2290711
    Example: Invoice, and a bigger size
    Example: where's order 1? cancel order 2
    Example: return boots + update my address
    >>> several_requests()
    'several requests'
    """
    return "several requests"
