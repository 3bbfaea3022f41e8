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
    Example: The linen trousers got here and I can't close them. I'm done with online clothes, please refund them.
    Example: order W3318121 was delivered, sheets are scratchy, want my money back
    Example: My red toaster was on the doorstep this morning, but I've decided to live without toast. Can it go back to you?
    Example: hoodie came, too big, dont want another, refund
    Example: I tried the ski pants on, looked in the mirror, and gave up skiing. You can have them back for my money.
    Example: Please take the bar stools back that were brought on Saturday.
    Example: The blender on my counter wakes the baby. How do I give it back?
    Example: Got my dress. It isn't me. I'll be sending it back and hope for my money soon.
    Example: ipad case dont fit, sending back, pay me back on the card
    Example: Our grandson has the castle set twice now, so ours, which came on Monday, should be returned for a refund.
    Example: Everything in the box that came yesterday is going back. None of it fits and I don't want other sizes.
    Example: The candle stinks. Refund.
    Example: These sneakers look nothing like the picture. I wish to send them back and see the amount on my gift card.
    Example: We hung the TV on the wall and it's too much for our room. We'd rather do without, so please arrange for its return.
    Example: Who collects the wardrobe that was delivered on Friday? I don't want it in my house any more and want the money.
    Example: gramps wont wear the gloves i bought him. back they go, refund plz
    Example: The headphones died after a day, and I've lost faith in the brand, so money back rather than a new pair.
    Example: Mattress has been here a week and my back is worse. Return, please.
    Example: Your face serum gave me a rash. I won't be using it again and want it refunded.
    Example: photo paper returned? how? i got it last week and dont need it
    Example: I'd like the bike helmet that you delivered to go back, and the refund on my gift card rather than on my Visa.
    Example: The pan I received is warped. I don't trust a second one, so just give me my money back.
    Example: scooter arrived, kid already got one from nana, want to return it
    Example: What was delivered as silk curtains is plastic. I am returning these and expect every cent.
    Example: Half a tub of protein powder left, tastes like chalk - any way of sending it back for a refund?
    Example: Of the three jackets in the parcel I keep the blue one. The black and the green ones are to be returned.
    Example: She said no. So the ring, which arrived last week, may go back. Please refund my card.
    Example: Please start the return of the heated blanket. It smells of burning plastic and I don't want it near me.
    Example: #W5471883 has arrived, and the armchair squeaks. Return it and refund PayPal, the way I paid.
    Example: yoga pants r see thru!! sending them back obvs
    Example: It's delivered, it's heavy, it's ugly. I want rid of the garden table and my cash back.
    Example: The laptop is here and slow as a snail. I'll buy another make. Refund, please.
    Example: My wife didn't like the blouse that I gave her, so I'd like to give it back to the shop.
    Example: Can I send back just two of the four placemats that I got?
    Example: I bought this golf club from you in a good mood and now it's in the corner. It was delivered nine days ago, may it go back?
    Example: bike came today, box was crushed, frame bent. take it away, i want a refund not a new one
    Example: Fountain pen blots. No replacement needed, refund wanted.
    Example: The suit came a day after the wedding. It's of no use now, so you get it back.
    Example: send a label for the planner i got pls, dont like it, want my money
    Example: I've found the phone I received from you 100 dollars cheaper elsewhere. So this one's going back for a refund.
    Example: Ceramic knife chipped on day one. Not having another. Money back please.
    Example: We no longer need the pushchair which you delivered (sad reasons). Could we give it back?
    Example: Sandals received, too tight, and I'm through with them. How do I get refunded?
    Example: Can a pillow be sent back after a night's sleep on it? Mine came Monday, it's like a brick.
    Example: I've had the coffee maker since Thursday. It leaks all over. I won't have it repaired or exchanged, I'm giving it back.
    Example: Photo frame arrived with scratches, don't want it any more
    Example: Yellow raincoat is here and I look like a duck. Take it back, please.
    Example: tent got delivered too late for the festival, so i dont need it now. return it
    Example: The hand cream smells of my old headmistress. I'd rather have my money.
    Example: Bookcase from order W9083110: one plank is split, I'm not building it. Pick it up and refund me.
    Example: It came, I saw, I hated. The hat goes home to you.
    Example: Would you refund flip flops if they've been worn once? They came yesterday and they cut my toes.
    Example: Art class cancelled, so the sketchpads that got delivered can go back to you for a refund, right?
    Example: My dog turned up her nose at the food you delivered. Unopened sacks back to you, refund to me, deal?
    Example: Just the gold watch from the delivery please; the silver one stays with me. Refund for the gold.
    Example: Mum has a teapot like that already. It reached me on Friday, so can I return it?
    Example: TV stand delivered, blocks the door, don't want a smaller one, want to send it off
    Example: My order was delivered after I'd tried in vain to cancel. So be it, I'll return the coats.
    Example: An opened controller, is that returnable? It came last week and I've bought a different one.
    Example: Reading glasses: received, wrong for my eyes, doctor says no. Please reimburse me and take them back.
    Example: Paddling pool burst after one hour. Get it off my lawn and refund me.
    Example: how do i return a lipstick, i got the wrong one and am allergic
    Example: No longer in love with the duvet cover on my bed since Tuesday. Return please.
    Example: You delivered a keyboard with a dead key. That's it, I'm sending it in for a refund.
    Example: My new vase came in pieces. I don't want it again. Where should the shards go and when do I get my money?
    Example: Monitor stays black. I could ask for another one but no: refund, and come and fetch it.
    Example: This mixer is for sale in the shop opposite for half. I got yours on Wednesday and hereby return it.
    Example: Please refund the frying pan from W1126045, it's here and it sticks.
    Example: Thank you for the quick delivery of the cycling jersey. However, I've broken my leg and won't ride this year, hence the wish to return it.
    Example: Not what I expected, this board game. Take it back?
    Example: got 6 prs of socks yesterday but they itch so bad, want to give em back
    Example: After a week with the router I've gone back to my old one. Yours can be returned, I hope.
    Example: Gym bag's here. Zip is broken. I'm not keeping it, give me my money.
    Example: I put up the fence panels and took them down again, the council forbids them. Could I return them?
    Example: Refund to my gift card for the wok, please, I'm mailing it back to you this afternoon. You delivered it on the 9th.
    Example: If I return the fairy lights that arrived, would the money go on my PayPal again? I'd like to do that.
    Example: Cutting board cracked in the first wash. Return W6619522 please.
    Example: The lunch box and the thermos have come. Thermos great, lunch box leaks soup: that one back please.
    Example: Both dress shirts which came on Monday shall be returned, my company now lets us wear jeans.
    Example: My tablet arrived locked to another user, refurbished obviously. I want to return it and be paid in full.
    Example: The onesie I got for my niece is too small, her mother says to leave it, so I'd rather just return it.
    Example: I tested the paddle I received once in my pool and decided kayaking isn't for me. Refund possible?
    Example: Instead of another size give me the 60 dollars for the rings that came today
    Example: Is the raincoat I received still within reach of a refund? I never took off the tags and I don't want it.
    Example: The dog harness that arrived doesn't fit and I've bought one in the shop. So yours is coming back.
    Example: Changed my mind about the foundation, and it's in my bathroom already. Can I post it back to you for the money?
    Example: boots delivered. boots awful. boots return.
    Example: The delivered lampshades clash with the walls, so back you get them
    Example: You billed me 89 for a drone that barely flies. It came on Sunday, I'm handing it back, put the 89 on my card.
    Example: A doll with one eye! Delivered yesterday. My girl is scared of it. I'd like to return it, no substitute.
    Example: Too many books arrived for my liking, I'll read two and would return the other three
    Example: Her birthday gift didn't go down well. The necklace that I bought for my sister came on Monday and I want to return it to you.
    Example: I'd like to give the scale back, it's been in my bathroom for 3 days and insults me every morning
    Example: They came, both lamps, and neither is staying; I'd appreciate a refund.
    Example: The exercise bike was delivered on the 4th, full of good intentions. It's now a very expensive clothes rack, hardly used. Before it gets too old I'd like you to have it back and refund my card.
    Example: My sister and I had the same idea for our parents' anniversary, and they've now got two identical toasters. Hers was first, so mine, which I'd ordered and unpacked at their place on Sunday, should go back. How do I get my money?
    Example: I waited in all day for the bookcase, and it came, fine. But it's got a dent in the side, the back wall's missing, and I've no nerve to wait for another. Fetch it and pay me back, that's all that I want.
    Example: hi, so the leggings came today and theyre nice but my mom says theyre too expensive and i have to send them back. can i? tags are on. the money should go back to where it came from
    Example: You'll find that I've never returned anything in eleven years. This time I must: the perfume I was sent gives me a migraine. I wouldn't want another scent, so please tell me where to send it and refund me.
    Example: Both items in W4419338 got here on Monday. The kettle boils, the toaster doesn't toast. The kettle stays, and the toaster goes back for a refund onto the gift card, not the Visa, if you don't mind.
    Example: We ordered garden furniture for a garden which, since yesterday, we no longer have, as the sale of the house fell through. The parcels are in the hall, unopened. Would you collect them and reimburse us?
    Example: I know I could get the coat in a bigger size, you needn't offer it. I stood in front of the mirror with it for half an hour and it's simply not my colour. I'd prefer to send it back and have my 120 dollars.
    Example: My wife says that I was to buy one drone and not two. Well, two have arrived since I ordered two. One will be flown by our son, and the other I'd like to give back, if you please.
    Example: The keyboard is fine, the mouse is fine, I'm not. I've been told today to stop working at a desk. So everything I received from you last week may go back, still sealed, and I'd be glad of the refund.
    Example: parcel came, refund it pls
    Example: got it, hate it, return it
    Example: Return label for the hat?
    Example: sending the lamp back
    Example: money back 4 the drone u sent
    Example: Rug's here. Doesn't stay.
    Example: delivered, unwanted, refund?
    Example: can i give the boots back
    >>> return_items()
    'return items'
    """
    return "return items"
