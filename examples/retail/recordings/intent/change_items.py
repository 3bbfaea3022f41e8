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
    Example: I just ordered the linen trousers in a 32, but my tape measure says 34. Can you fix that before they go out?
    Example: order W3318402, still pending: queen size sheets not king
    Example: Could the toaster I bought half an hour ago be the red one? I pressed cream.
    Example: hoodie in my open order -> size S pls
    Example: The sofa hasn't shipped and I've had second thoughts about the colour only. Grey instead of teal, please.
    Example: Please alter my pending order so that the dog collar is the adjustable kind.
    Example: Oops, left-handed scissors was what I needed, I ordered right-handed. Not sent yet, can you amend?
    Example: make my rice cooker the 10 cup one if it isnt on the truck
    Example: The paperback in the order I placed today ought to be the hardcover edition. Kindly change it, I'll cover the price difference by gift card.
    Example: It's about the mascara in order #W8825016: brown was my intention, black is what the confirmation lists. It's pending, so please correct.
    Example: Can I go up one size on the ski pants before you dispatch them? My son has had a growth spurt.
    Example: wrong voltage!!! I need 220V on the hair curler thats still waiting to be sent
    Example: Ordered today: blender 1.5 l. Wanted: blender 2 l. Please adjust.
    Example: Is it possible to take the tennis racket with grip 3 rather than grip 2? The order is not even an hour old.
    Example: Sorry, me again, the girl with the pending dress order. Could it be the long one and not the knee-length?
    Example: swap ipad case color to blue in my open order
    Example: You're going to ship the LEGO castle in the small edition tomorrow; please make it the large edition.
    Example: Everything I've ordered should be in size 10 rather than 8, nothing has left your warehouse
    Example: The tea kettle I'm waiting for, could it be stainless steel and not glass? You haven't sent it and I've a toddler.
    Example: need my pending sneakers in wide width
    Example: On second thoughts the 55 inch TV is too big for our lounge; the 43 inch would do. The order is from last night and unshipped.
    Example: Not a cancellation! I want the cardigan, but in M. It's still at your place.
    Example: Please upgrade the SSD in my unshipped order, 1 TB in place of 500 GB, and charge the difference to my card.
    Example: I've measured the alcove again and the wardrobe has to be the two-door model. It hasn't left you, so surely that can be changed?
    Example: Hey! Messed up the choice on my headphones, over-ear please, not on-ear. Order's ten minutes old
    Example: Please edit W6104773: mattress firmness medium -> firm
    Example: Before you send the football boots! I took the ones for artificial turf and we play on grass. Other studs please.
    Example: matte not glossy photo paper, in my order thats not sent yet
    Example: I was too quick at the till. The bike helmet needs to be the youth size, since it's for my daughter, and it has yet to be shipped.
    Example: Has the saucepan left yet? If not, I'd like the version with the glass lid.
    Example: Having looked at the room again, we would like the round table rather than the square one we ordered on Sunday. The status is still pending.
    Example: pink one instead of purple, for the scooter u havent sent
    Example: I put down 2 m curtain length by mistake, should be 2.5 m. Can my order be modified?
    Example: Protein powder in my pending order: chocolate, not strawberry. Strawberry makes me gag.
    Example: change my order to the newer version of the game console before it ships, I'll pay what's missing
    Example: Please let me have the espresso cups in white. Blue was what I ordered on Tuesday, and they haven't been packed.
    Example: Two T-shirts, two mugs, one pending order. Shirts to L, mugs to the 400 ml size, please.
    Example: I chose the ring in size 6 - my girlfriend's is a 7! It ships tomorrow, please switch.
    Example: Your site defaulted to the US plug. Make the heated blanket UK plug before it goes off, cheers
    Example: I don't want it elsewhere or cheaper, only in beige: the armchair in #W5471190, pending.
    Example: wud like the lamp w/ dimmer in my order not w/o
    Example: May I modify the yoga pants I bought yesterday? Petite length would be better for me.
    Example: It isn't shipped, so could the garden table be teak instead of acacia
    Example: My wife just told me that her size is 38 and not 40. So please alter the blouse I ordered for her this noon.
    Example: Please replace the item in my pending order by the same thing in another colour, green if there is one.
    Example: I'm after the left-hand version of the golf club, the right-hand one is in the order. Nothing dispatched so far, right?
    Example: kids bike 16 inch please, not 14. order #W2290634, it says pending
    Example: Turn my fountain pen order into one with a fine nib before it goes out
    Example: As the wallpaper is not yet sent, might I have the washable quality?
    Example: Stupid me took the small litter box. The cat is enormous. Make it the large one while it's still in your warehouse.
    Example: wrong option in my order, it has to be the bluetooth speaker with the handle
    Example: Thanks for the quick confirmation. Reading it I see size 44 on the suit, I need 46. I trust this can be put right before it leaves.
    Example: planner: weekly layout not daily!! clicked wrong a minute ago, correct the order
    Example: Could I downgrade the phone in my open order to the 128 gig one and get the difference back on PayPal?
    Example: i want my order changed: ceramic knife -> steel knife
    Example: The pushchair I've on order, is it too late to have it in charcoal? We've picked black by accident.
    Example: My feet have swollen during the pregnancy; make the sandals in this morning's order a 40 please.
    Example: W7745129: six-string guitar instead of the twelve-string, as long as it's unshipped
    Example: Rather than cancelling I'd like to trade up: the pending coffee maker for the one with the grinder, please.
    Example: The photo frame in the pending order must be 20x30 instead of 13x18, the picture won't fit otherwise
    Example: Just ordered, already regretting the yellow. Make the raincoat navy?
    Example: wanted the 5 person tent but clicked 3 person, order is only a few min old help
    Example: Is changing the scent possible while an order is pending? I'd like rose for the hand cream.
    Example: I asked for long sleeves, or so I thought. Confirmation says short sleeves. Adjust before shipping please
    Example: The scarf in the order you haven't sent yet - can you turn it into a hat?
    Example: Put a blender instead of the juicer in my order, it's still pending, isn't it
    Example: before u pack it: flip flops 9 not 8
    Example: For the order placed at 9 this morning, kindly exchange the A4 sketchpad for A3.
    Example: I know it's not delivered, that's why I'm writing now: king-size duvet please and not the double.
    Example: Adult dog food is what I've ordered; my dog's a puppy. Please change to the puppy version before dispatch.
    Example: Silver watch, not gold. Pending order. Please.
    Example: Do I have to cancel to get another colour or can you simply change the hair clips to the red ones? They're not sent.
    Example: My gift for mum, the teapot that you'll be sending on Monday, should be the one for six cups
    Example: switch my unsent office chair to the one with headrest
    Example: Make it cotton. The bathrobe from order W4002759, I mean, which hasn't gone yet.
    Example: Different lens strength, +2.0 and not +1.5, for the reading glasses I ordered today
    Example: Let's go for the bigger paddling pool after all - the one in my order is the 2 m one and it's awaiting shipment.
    Example: could u pls chnage the colour of the lipstick i orderd 2day
    Example: The order stands, the address stands, the card stands. Only the carpet should be short pile.
    Example: My order isn't shipped till Thursday, so there's time to give me the drill with two batteries instead of one, I guess.
    Example: Update my order please, bass guitar in sunburst
    Example: Is somebody able to open my order #W1126057 again and pick the 24 cm frying pan rather than the 28 cm one?
    Example: The cycling jersey I've ordered will be too tight, everyone says they run small. XL then please, before it's sent.
    Example: all the socks in my new order in black please not white
    Example: Hardly ordered and already a correction: the router with wifi 6, please
    Example: Oh no, I see in the confirmation mail that the gym bag is coming in pink?! Black, please, and quickly, before it's posted.
    Example: Let me revise the order for the fence panels: 1.80 m height in place of 1.50.
    Example: W8260413: fleece blanket. One size up. Not shipped. Thank you.
    Example: Since we're moving to a house with a gas hob, the pending wok should be the gas version and not the induction one.
    Example: nothing's arrived yet so I'm not asking for an exchange, just for the fairy lights in my order in 10 m rather than 5
    Example: Fix: lunch box with compartments (order from today has the plain one)
    Example: It says estimated dispatch tomorrow. Until then, could the coffee table be had in the low version?
    Example: Tablet in my pending order with cellular, not wifi only. Charge the extra to the same card.
    Example: Large instead of XL on the onesie, hasnt shipped
    Example: I was so proud of ordering the blind for the bathroom that I only measured the window afterwards. It should be 90 cm wide and not 80. Your page still says pending, so I hope the wider one can go in the box.
    Example: Hello! Late last night I ordered hiking boots, half asleep, in my husband's size instead of mine. I do want the boots, just in 38 and not in 44. They haven't been packed as far as I can see.
    Example: My daughter is getting new bed sheets for her birthday, with unicorns, so I thought. I see in the confirmation that I picked the tractors. Nothing has shipped, could you change them to the unicorns?
    Example: ok so i ordered the standing desk w the small top bc it was cheaper, but now i got a second monitor from work and it wont fit. can u make it the 160 top, its not shipped, ill pay the diff w my gift card
    Example: We had a family meeting on the colour of the new rug, after I'd ordered it, unfortunately. Four to one against red. If order W5528841 is still in your hands, could it be the grey one?
    Example: I need to be fast, as you say you'll be shipping at noon. The ink cartridges in my order are black, and what my printer's out of is colour. Could somebody switch them to the colour version?
    Example: Dear Sir or Madam, on Thursday I ordered a bathrobe for my wife who's in hospital. The nurse tells me that it should open at the front. As the parcel hasn't left you, kindly replace it by the front-opening model.
    Example: I'm not out to cancel, and I'm not complaining either. The kids' scooter I ordered is for ages 3 to 5, my boy turned six in the meantime, and so I want the next size of the same thing before it goes out.
    Example: Last week I asked if the juicer comes in green, and you said yes. Well, I've gone and ordered it in white, out of pure absent-mindedness. It's the only thing in the order, and it's pending. Make it green?
    Example: The tent I've on order sleeps two, which was fine until my brother decided to come along with his girlfriend. So I'd need the four-person version of it. It's scheduled to leave you on Friday.
    Example: XL not L, order still pending
    Example: unshipped rug: make it blue
    Example: wrong size in open order, need 8
    Example: grey please, order not sent yet
    Example: pending boots: 43 please
    Example: make the mug in my new order black
    Example: bigger size b4 u ship pls
    Example: Order unsent. Lid in red.
    >>> change_items()
    'change items'
    """
    return "change items"
