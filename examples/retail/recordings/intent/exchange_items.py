def exchange_items() -> str:
    """The customer wants items that arrived swapped for another option.

    Use when: the customer has received something and wants another size, colour or version of it in its place.
    Rules: 37, 39
    Example: The sneakers arrived but are too small, I need them one size up
    Example: exchange the delivered backpack for a suitcase
    Example: The tablet I received is too slow, replace it with the bigger model
    Example: Exchange my kettle for the glass one
    Example: Both things arrived, please replace camera and tablet by the black versions
    Example: Delivered bottle is too small, exchange it for the one litre version
    Example: rug is here, colour looks off, trade it against the darker one
    Example: The hiking boots came in 42 but I take 43, can you exchange them?
    Example: I don't want a refund for the boots, just the next size, mine got here this morning
    Example: My fleece jacket arrived yesterday. Green looks awful on me, navy instead please
    Example: Swap the T-shirts that got delivered, both of them, for XL
    Example: got the keyboard with the clicky switches, my office mates hate me, want the silent ones instead
    Example: Would you be so kind and exchange the perfume I received for the larger bottle?
    Example: the earbuds that came don't hold in my ears, I'd trade them for the ones with hooks
    Example: exchange pls, helmet size M came, L needed
    Example: Not a return! I like the backpack, only it should be the 40 litre one. It's here already.
    Example: The bookshelf is up and one shelf short. Can I swap it for the five-tier version
    Example: Can what you delivered be exchanged for a diferent colour
    Example: #W2209417 arrived, the smart watch should have the leather band, please exchange
    Example: I unpacked the luggage set this morning and the big suitcase does not fit into our car. Could we have the set with the medium one in its place?
    Example: The wall clock has roman numerals, I'd prefer the one with normal numbers, I'll send this one back
    Example: Replace the e-reader I got with the 32 GB one
    Example: it came. its the wrong size. send the right size and take this one
    Example: I wore the running shoes around the flat and they rub, please swap them for the wide fit
    Example: The office chair was delivered without armrests, I want the model with armrests for it
    Example: Trade in the sunglasses from my last delivery against the polarised ones
    Example: how does it work if i want to exchange the yoga mat you brought me for a longer one?
    Example: Can I turn in the espresso machine and get the one with the milk frother
    Example: The pet bed is here but the dog hangs over the edge. Bigger one please, I'll give this back
    Example: Dumbbells received: too light. 10 kg pair in exchange please
    Example: I'd like the grill I got to be charcoal and not gas. exchange it
    Example: the tablet came with 64 gig, i need 128, can we switch
    Example: Please exchange the garden hose and the patio umbrella I received for the longer hose and the beige umbrella
    Example: This speaker is red. I can't stand red. It arrived today, send me black and collect the red one
    Example: my daughter outgrew the shoes before they came, so one size larger in place of them please
    Example: I received the wrong option of the air purifier, kindly replace it with the one for large rooms
    Example: May I change the delivered puzzle, 500 pieces, for 1000 pieces?
    Example: The desk lamp you sent is black as I ordered, my mistake, I need white. What now, can we swap
    Example: swap: received gaming mouse (wired) for wireless
    Example: I want something else for the vacuum I was delivered, the cordless type
    Example: The water bottle arrived last week, exchange for the one with the straw lid
    Example: hi there! love the jacket, hate the color. any chance to trade it in for grey?
    Example: Return it? No, I want to keep a camera, just one with better zoom than the one that came
    Example: The delivered thermostat isn't the white one I like. Give me that one in exchange for it
    Example: Both helmets you sent are adult size, exchange them for kids' size please
    Example: the makeup kit is too dark on my skin, lighter shade in return for this one
    Example: It has been delivered, so I guess I can't change the order any more, but can you swap the skateboard for the longer one?
    Example: this charger came broken, get me a working one for it
    Example: Exchange requested for the notebook: I got lined, need dotted
    Example: So the kettle got here and it has the wrong plug, please send the one with the right plug and I post this one back
    Example: sneakers from the last parcel half a size too large, half a size down please
    Example: I bought the bike for my husband, but now that it stands here the frame is too small for him: swap it for the large frame
    Example: will you take the hard case back and give me the soft case for it
    Example: Swap the digital camera that came for the 30x zoom one and charge the difference to my gift card
    Example: The linen trousers got here and I can't close them. I'd like a 34 in place of the 32.
    Example: order W3318977 was delivered, sheets are king, i need queen, swap please
    Example: My red toaster was on the doorstep this morning, but I've decided I want cream after all. Can I trade?
    Example: hoodie came, too big. S instead of M
    Example: I tried on the ski pants in the hall, and my son can't get them over his knees. One size up please, we'll send these back.
    Example: the hair curler u sent is 110V, I need the 220V one, can u switch it
    Example: Is there a way to get the 2 litre blender for the 1.5 litre one which is standing on my counter?
    Example: Got my dress. Gorgeous. Knee-length doesn't suit me, though, so may I have the long one for it?
    Example: The ipad case fits, only I can't live with the pink. Blue in exchange?
    Example: My grandson unwrapped the small castle set and was hoping for the large one. May we swap it?
    Example: I'm size 10, not 8. Everything in the box that came yesterday is an 8. Please change all of it for 10s.
    Example: glass kettle arrived n my toddler nearly broke it, gimme the steel one instead
    Example: Unboxed the candle: lavender, ugh. I'd take the vanilla one for it.
    Example: The sneakers I'm wearing on the carpet right now pinch at the sides. Wide width of the same, please, and I'll return these.
    Example: 55 inches is overwhelming now that the TV hangs on our wall! Could I hand it in for the 43 inch model?
    Example: Not my money back, please, but the cardigan in M. The L I received hangs down to my knees.
    Example: How can I trade the wardrobe that was brought on Friday for the two-door model?
    Example: gramps says the gloves u delivered r too tight. XL pls
    Example: On-ear headphones hurt after a day of use, so I want the over-ear ones in their stead.
    Example: Mattress has been here a week, it's medium, my spine says firm. Exchange possible?
    Example: Your face serum gave me a rash, I'd like to get the fragrance-free one for it.
    Example: photo paper: got glossy, want matte, exchange
    Example: Her head is too small for the bike helmet you delivered. The youth size in return for this one, please.
    Example: Our new table stands here and it's square and it's wrong. Round would be right. Do you swap?
    Example: scooter arrived in purple, my kid cried, pink pls
    Example: These curtains are half a metre short! I've hung them up. What I need is 2.5 m, please take these in exchange.
    Example: The chocolate protein powder that I got tastes like chalk. Could I have vanilla for it?
    Example: The hiking jacket isn't waterproof enough, I found out on the first trip. Exchange it for the waterproof version please.
    Example: ring doesnt go over her knuckle (size 6). need 7 asap, party is saturday. will send the 6 back
    Example: The drill set that came yesterday has 20 pieces only; I'd gladly pay more for the 50 piece one instead.
    Example: Please send a heated blanket with UK plug, the one in my hands has the US plug. You'll get this one back.
    Example: #W5471522 has arrived. Armchair: beige in lieu of brown, if you please.
    Example: Petite, I should've ordered petite. I've got the yoga pants on and I'm treading on them. Can I swap?
    Example: It's delivered, it's heavy, it's acacia. I want teak. How do we exchange the table?
    Example: The laptop is here and slow as a snail. Take it back and let me have the 16 GB version.
    Example: My wife couldn't button the blouse that I gave her. Please change it for a 40, it came last week.
    Example: Can I have the thing that was delivered in a different colour? Green if there's one.
    Example: A left-hander like me can't use the right-hand golf club I received. What about an exchange for the left-hand one?
    Example: his feet dont reach the pedals, bike came today, 14 inch instead of 16 please, #W2290987
    Example: Have received the litter box, cat doesn't fit, laughed a lot. Large one in its place?
    Example: The speaker in yesterday's parcel has no handle; I'd like to change to the one that has.
    Example: I wore the suit once in front of the mirror and split it, metaphorically. 46 rather than 44, will you exchange?
    Example: wrong layout in the planner i got, want weekly for daily
    Example: The phone arrived and 512 GB is overkill. May I exchange it for the 128 GB one and have the difference on my PayPal?
    Example: Ceramic knife chipped on day one, so I'd like the steel version instead of it.
    Example: Since I'm pregnant my feet grow. The sandals you delivered in 39 would have to be 40.
    Example: Guitar arrived. Twelve strings are beyond me. Give me the six-string version and I give you this one.
    Example: The pillow that came is for back sleepers, I sleep on my side. Please switch it to the other kind.
    Example: I want to upgrade the coffee maker I've had since Thursday to the one with the grinder. What's the way to trade it in?
    Example: Yellow raincoat is here and I look like a duck. Navy one for it?
    Example: 3 person tent got delivered and its tiny. 5 person one instead?
    Example: The hand cream smells of my old headmistress. Can the one you sent be swapped for the rose scent?
    Example: Bookcase from order W9083777, delivered in pine. We'd rather own it in walnut. Would you do that trade?
    Example: Please exchange the beanie that arrived for a scarf
    Example: The juicer you brought isn't much use to us, could we get a blender in exchange?
    Example: flip flops came in 9. im an 8. help, can u swap
    Example: Too cold under the summer duvet I received; trade it for the winter weight, please.
    Example: My dog turned up her nose at the adult food you delivered. She's a puppy: the puppy version for it, please.
    Example: I'd like to keep the watch, only not this watch: the gold I received should turn into silver.
    Example: Mum loves the teapot we gave her, only it holds two cups and she always has guests. Can we exchange it for the six-cup one?
    Example: TV stand delivered, 160 cm, blocks the door. 120 cm please, same stand.
    Example: This controller isn't for my console. It's delivered and opened. Is swapping for the right version OK?
    Example: The reading glasses came at +1.5 and I can't read this very sentence. +2.0 instead please!
    Example: Paddling pool set up, three kids in it, full. Bigger one please, we'll drain and return it.
    Example: can u replace the lipstick i recieved w another shade
    Example: The carpet has been laid and it's the long pile; my robot vacuum gets stuck. Could you exchange it for short pile?
    Example: Drill arrived with one battery, I keep waiting for it to charge. Swap to the set with two, I'll pay on top.
    Example: Dots looked good online and awful on my bed. Can the delivered duvet cover be traded for stripes?
    Example: One key of the keyboard you sent is dead. Please replace it with a working one.
    Example: My new vase came in pieces, please send me an intact one in exchange.
    Example: Same model again, please, but one that turns on. The monitor you delivered stays black.
    Example: I don't want a refund or a mechanic, I want another mixer of the same sort because the one that came is faulty.
    Example: They do run small, these cycling jerseys! Just got mine. XL instead of L please.
    Example: Wrong language: the board game that arrived is the German edition. I need the English one in its place.
    Example: got 6 prs of white socks yesterday, wanted black, swap all 6
    Example: After a week with the router I need the wifi 6 version, this one doesn't reach upstairs. Is an exchange on?
    Example: Gym bag's here. It's pink in real life. Black please, the pink one goes back.
    Example: We put up the fence panels, the neighbours still look in. Could the 1.50 m ones be exchanged for 1.80?
    Example: Fleece blanket barely covers my feet. Delivered Monday. One size bigger in exchange?
    Example: I've an induction hob and the wok which you delivered is for gas. So please change it for the induction one.
    Example: May I turn the plastic cutting board I got yesterday into the bamboo one?
    Example: The lunch box arrived without compartments. I'd like to exchange it for one with.
    Example: Although the coffee table was delivered just as I ordered it, I now find it too high. Could I get the low version for it?
    Example: My tablet came wifi only and I travel a lot. Cellular version instead, charge the extra to my Visa.
    Example: The baby has arrived and so has the onesie, in that order, and the baby is bigger than expected lol. Swap the onesie for the next size up?
    Example: Paddle here, 210 cm, scraping my knuckles on the kayak. The 230 in exchange please.
    Example: I know the time for changing the order is over as the parcel is on my lap. Still, size 7 instead of 6 for the rings please
    Example: Can I bring back the raincoat and walk away with one in M? I mean by mail of course, the L came today.
    Example: Neither refund nor gift card: the dog harness I got should simply be a size smaller.
    Example: The foundation you delivered is two shades too orange. Ivory would be mine, could you swap?
    Example: wrong size came, need a 12 in those garden boots instead
    Example: Both lampshades are up and too small for the bases. I'd like to trade them in for the 40 cm ones.
    Example: The drone that I ordered for my husband came on Friday, and its range is poor. I'd like the long-range version against this one.
    Example: Wrong shade of blue, the towels that were delivered. Navy for them, please.
    Example: The walking shoes you delivered are lovely and I want to keep walking in them. The trouble is that my left foot is bigger than my right, and after an hour it hurts. Would you swap them for half a size up?
    Example: I'd like to thank your courier, the desk is here in one piece. What I underestimated is my own height: I'm 1.98 m and my knees touch it. There's a tall version of it in the shop, could I have it in place of this one?
    Example: hey, got the gaming headset on friday. works great w my pc but i bought it for the console and there the plug doesnt fit. theres a console version right, can i send mine in and get that
    Example: For our silver wedding my wife chose the cream tablecloth, and what I ordered, and you correctly sent, was white. She spotted it from the door. May we exchange it for the cream one?
    Example: My parcel came this morning with a school bag in it for a first grader. My son starts fifth grade and was close to tears. It's the big version of the same bag that we need; I'll gladly return the small one.
    Example: I don't want my money back as I've looked everywhere for this lamp. But the one that arrived flickers, and my electrician says it's the lamp. Would you send me another of the same kind and take this one away?
    Example: It isn't your fault. The shower curtain you delivered is 180 cm, just as I ordered, and my bath is longer than I thought. Could I trade it in against the 240 cm one and pay the difference by card?
    Example: After two nights with the new pillow I have to admit that I'm no longer twenty. It's too hard. The soft version would suit me, so how do I go about getting it in exchange for the one I've got?
    Example: Order W2290561 arrived in full, six chairs, all splendid. However, they're oak, and our table, which I'd never looked at properly it seems, is walnut. We'd therefore like the six of them in walnut.
    Example: Grandma chose a hoodie for me, I ordered it on my account, and it came yesterday. She thinks I'm still eleven. It's a boys' L and I need a men's M, same hoodie. Is swapping something you do?
    Example: came in M, need L pls
    Example: swap delivered mug for red
    Example: got size 9, want 10
    Example: Arrived too small. Size up?
    Example: broken on arrival, new one pls
    Example: black came, white wanted
    Example: exchange received shoes 8 > 9
    Example: It's here. Blue one instead?
    >>> exchange_items()
    'exchange items'
    """
    return "exchange items"
