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
    Example: Hi, the blouse I bought an hour ago is no use to me after all. Could you please stop it before it leaves?
    Example: scrap my lego order
    Example: I've found the exact same rice cooker in my parents' attic, so there's no point in you shipping mine. Call it off please.
    Example: Order #W5528190 was a slip of the thumb. Delete it please, I want nothing from it.
    Example: Turns out I already had the paint set coming from another shop. Yours hasn't moved, so cancel.
    Example: Can you kill W4417032 pls, havent had a shipping mail yet
    Example: we're not going skiing this winter because of my knee, so the goggles that are still waiting at your end are pointless - drop the order
    Example: No sofa. Changed my mind. Stop it.
    Example: It was my four-year-old on my phone who bought the trampoline, and it's on my account. Undo that purchase before somebody loads it on a truck!
    Example: Is there any way I could still get out of the mattress order? My back doctor told me to sleep on something else.
    Example: The lipstick trio got ordered twice because I refreshed the page. Two separate orders now, please call off the newer one.
    Example: don't want it any more, the curtain order i mean
    Example: Kindly consider my purchase of the dining table from this morning revoked.
    Example: Got laid off today. Sorry, but the gaming console I ordered at lunch can't happen, so please take that order down.
    Example: cancel W6630918 reason ordered by mistake
    Example: Cold feet about the drone. Pull it back before it ships?
    Example: The wedding has been postponed to next year, therefore neither the dress nor the shoes in that order will be needed. Please withdraw all of it.
    Example: How do I go about stopping an order? It's yesterday's one with the cookbook
    Example: Whoops, meant to save the hammock to my wish list and bought it. Please reverse that, nothing should come.
    Example: i'd rather u didnt send the fish tank, landlord says no
    Example: For the third time: CANCEL THE TREADMILL. It's not even packed!
    Example: Would you be able to call a halt to the cutlery set purchase? Grandma has just promised me hers.
    Example: Abandon the order with the face cream and the sunscreen, both of them, that's the complete order.
    Example: I wanted a tent for 2 and ordered one for 8, lol. Don't swap it, I'm borrowing one, so cancel altogether.
    Example: My mum was to get the slippers for her birthday, but she bought herself a pair on Saturday. I'd like my order for them stopped.
    Example: Please do not dispatch the bar stools
    Example: Now that I've read the small print I no longer wish to buy the vacuum robot. The order is two hours old; cancel it.
    Example: changed mind on the cycling shorts. order off pls
    Example: You haven't sent the high chair in three weeks, so I've bought one in town. I'm cancelling.
    Example: I wasn't even sober when I ordered the karaoke machine... please tell me it can be stopped
    Example: To whom it may concern: I rescind my order dated 14 June for one chest of drawers.
    Example: Not a return, it hasn't come. I simply don't want the fan any more.
    Example: Stop the presses! No baking tins for me after all
    Example: We get a furnished office now; desk order #W7302265 can be dropped.
    Example: The running belt: I bought it, I slept on it, I don't want it. Please make sure it stays in the warehouse.
    Example: somebody in the family already gave our baby the same stroller. ours is not shipped. cancel?
    Example: Cancelling my order, the chess set. Ta.
    Example: Please strike my order for those snow boots from Monday, I won't be needing them
    Example: I panicked and bought six months' worth of vitamins last night. None of it should ship, end that order please.
    Example: can i undo a purchase from 10 mins ago (phone case)
    Example: The doctor banned me from running, so the running shoes that you're about to ship are useless now; stop them
    Example: Never ship #W2047713. I no longer need any of it.
    Example: Hello! I hope I'm not too late. I'd like to call my purchase of the leather sofa off, as our lounge is smaller than we believed.
    Example: nevermind my jeans order, dont send
    Example: Two-week wait for a yoga block? No thanks, call it a day and cancel
    Example: It seems my partner and I both ordered the slow cooker, each from our own account. Mine is the one that should go away.
    Example: I'll pass on the hoodie after all. It's from today, so it can't have left.
    Example: Is my order still cancellable? If yes, then do it right away: W8841207
    Example: I've got buyer's remorse over that handbag and it hasn't even shipped. Please cancel and give me back my money.
    Example: wrong tab, wrong product, wrong day. void the electric guitar order.
    Example: My order of plant pots should not be fulfilled
    Example: u can stop packing the toy kitchen, kid wants a bike
    Example: Thought I was on the wishlist page!! Dont ship the telescope
    Example: We have decided against a second child seat, and would be grateful if the order could be withdrawn before it gets to the courier.
    Example: reason is no longer needed, order is the one with the sander, cancellation please
    Example: All of yesterday's order, please: gone. The picnic is rained off.
    Example: I'm sorry to mess you about, but the blackout curtains I ordered must not be sent
    Example: cxl my order of protein bars
    Example: The school has changed the reading list again. Take my order for the three novels out of the system, please, all three.
    Example: I don't care how far along the packing is, the freezer must not leave your place. I have withdrawn from the deal.
    Example: Accidental order! Two taps in my pocket and I own a kayak?! Cancel!!
    Example: Not needed: stroller rain cover, ordered Sunday, still with you. Please cancel.
    Example: I talked it over with my husband and we aren't going to buy the fireplace tools. The order's under my name; please stop it.
    Example: My allergy test came back, so a feather pillow is out of the question. Please prevent the one I've ordered from being shipped.
    Example: i want 2 cancel the thing i ordered at midnight
    Example: drop it. the waffle iron. all of it. thx
    Example: Could somebody see to it that order W1938846 is cancelled today? Ordered in error.
    Example: Patience is over, I no longer want to wait for that rain jacket, so call the order off and refund me
    Example: His parents have just bought my nephew the same coding robot, so I'd like out of my purchase.
    Example: please cancle, i orderd the wrong sewing machine by acident
    Example: Good day. With reference to #W9056124, please note that the customer (me) has changed his mind and asks for cancellation.
    Example: The lawn mower shouldn't ship. We're getting artificial grass, would you believe it.
    Example: cancel my tennis racket pls, broke my wrist
    Example: About the patio heater: HOA says no. Please make my order vanish.
    Example: Why on earth did I buy a ukulele. Please take it off my hands before it's even in them, i.e. cancel
    Example: I never confirmed that order for a bathrobe, I only looked at it. Cancel it at once.
    Example: Hold on, don't send the bookends. My shelf doesn't need them
    Example: just wanna cancel
    Example: You can forget about my order, W3350987. I've lost interest.
    Example: Half of my order was wrong and the other half I can do without. So please cancel every item in it.
    Example: Mistake on my part: it should have been a bread knife for 20 dollars, not a bread maker for 200. Don't correct it, just cancel it.
    Example: Revoke purchase. Eyeshadow palette. Bought in error.
    Example: My daughter has outgrown her dinosaur phase overnight, so the dinosaur bedding I ordered for her may stay with you - cancel please
    Example: I moved last week and the new kitchen has a built-in microwave. So please call off the one I've ordered, it's still pending.
    Example: Same blender, 30 dollars less down the road. So I'm withdrawing my order with you.
    Example: The credit card bill scared me. Rather than paying another way I'd like the smart TV order cancelled.
    Example: Forget about a new address, I just don't want the toolbox any more. Cancel it.
    Example: no other color no other size no nothing, cancel the sweater thats pending
    Example: You offer exchanges once it has come, I know, but I'd rather it never came: stop the sleeping bag.
    Example: Rather embarrassing, but my cat walked over the keyboard and ordered a camera lens. Please call it off.
    Example: The moisturiser was to be a gift for a friend, she tells me she's allergic. Please stop that order of mine.
    Example: Everything on W7719460, cancelled please, I don't need any of it now that the trip is off
    Example: i dont wanna buy the skateboard ramp anymore
    Example: Do me a favour and tear up my order for the wine rack
    Example: My flatmates and I were going to share a big inflatable hot tub, and I ordered it on everyone's say-so. Two of them have now backed out of paying, so there is no way that I can keep it. It hasn't been shipped yet, so please call the purchase off.
    Example: Hello, I'm a bit embarrassed. I was comparing two strollers in two tabs and wanted to empty the basket, but what I pressed was the order button. We've bought the other one in a store since, so nothing of yours should be sent, please.
    Example: I've been loyal for years, but a month for a bookcase is a joke. Your status page has been saying pending since the 2nd and nobody answers my mails. I'm out, so take the order off your books and give me my 240 dollars back.
    Example: good evening, yesterday my grandson showed me how to shop on the internet and in the end we had really bought a pair of football boots. He thought it was practice and so did I. Could you please make that undone before they come?
    Example: Our dog died last night. There's a big order of food, a bed and a new leash of mine that's waiting to be sent, and I can't bear the idea of opening it. Would you kindly cancel all of it?
    Example: On Tuesday I wrote to you about a different colour for the armchair. Forget that. We've looked at our bank account and decided that there'll be no armchair at all this year, so please take back the order while it's still pending.
    Example: The doctors say I'm having twins!! So the single pram I ordered on the weekend is kind of pointless and I'll have to think again from scratch. pls dont ship it, just call it off
    Example: You emailed me that my order W4471029 will be packed tomorrow. I'd thought it had failed because the page froze, so I bought the same sewing machine at the mall. One's enough for me, hence please stop yours.
    Example: Not angry, just practical: the office is closing, we all work from home from May, and no one needs a coffee machine for forty people. I placed the order myself on Monday from my account; it can be withdrawn.
    Example: I wanted to surprise my husband with a drum kit for his fiftieth. Then our downstairs neighbour threatened to sue. Long story short, would you be so good as to cancel it before a truck with drums pulls up here?
    Example: order off please, lamp
    Example: cancel #W6610427
    Example: nope, dont ship it
    Example: Void my last order
    Example: I'm out. Cancel the sofa.
    Example: undo my order plz
    Example: please dont send the rug
    Example: Cancellation, today's order
    >>> cancel_order()
    'cancel order'
    """
    return "cancel order"
