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
    Example: The rain boots I ordered yesterday must go to my daycare job, 14 Willow Street, and not to my flat.
    Example: wrong apt number on W5093318, its 6F not 6E
    Example: I moved last week and the blender that's still on order is addressed to the old place. Just that order needs fixing.
    Example: Can my sofa be delivered to the new house rather than the old one? The profile I'll update myself another day.
    Example: plz send my order 2 my moms, im stayin there
    Example: Could you send the telescope to my cabin in Vermont? I'll be stargazing there all July, so home is no good for this parcel.
    Example: My order has the right street but the wrong town. Portland, Maine is where I live, not Oregon.
    Example: deliver the aquarium to the school where I teach
    Example: Mail the necklace I ordered to my fiancee's address in Tampa, it's her surprise
    Example: Just the drill order, please, goes to the building site: 200 Canal Road
    Example: For #W7734091 the delivery address should be my neighbor in 4B, as I'm away till the 20th.
    Example: Where my order goes needs to change!!
    Example: Next week I start my new job in Phoenix, so the suit I ordered should be waiting for me at the company flat there and not in Tucson.
    Example: would it be ok to have the trampoline delivered at my sister's garden, she's got room
    Example: Not to my house. To the church hall. The folding chairs, that is.
    Example: Hi, I ordered a car seat but it should go to my mother's home because she babysits. Could the shipment be sent there?
    Example: My usual address is fine in general, but this one order, the skis, has to come to the chalet.
    Example: redirect pls: makeup brushes -> 88 Orchard Blvd
    Example: Movers won't get the fridge up to our flat. Please have that delivery brought to our garage at 9 Mill Row instead.
    Example: Please change the ship-to on W2815570 to my PO box.
    Example: Help! I ordered a birthday cake topper and had it sent to my ex's flat by accident. It must come to mine!
    Example: may I have the microscope sent to the lab instead of my house
    Example: The hotel will keep parcels for guests, so please have my swimsuit order sent to the Grand Marina in San Diego.
    Example: Order in, address out of date. Can you fix the address on the order?
    Example: We sold the house sooner than planned, so the lawn chairs on order need to be rerouted to my in-laws until we've found a place.
    Example: Dont ship to 12 Ash St. Ship to 21 Ash St. (the guitar)
    Example: Ship it to Anna's instead. Same town, other street. She'll be home, I won't.
    Example: Is it still possible to alter where a pending order gets delivered? The dog crate should come to the kennel.
    Example: delivery adress for the puzzle mat wrong, need to fix
    Example: My son is at uni and the laptop I bought for him should go straight to his halls of residence.
    Example: The gift basket goes to the wrong floor! It's level 3 on the order, it has to be level 13.
    Example: Please see that W9410625 gets to our Denver branch; the Boulder one has closed.
    Example: I only want the destination of the tyres changed, to the garage that's going to fit them.
    Example: Because of roadworks no van can reach us. Could the dresser be delivered to my uncle at 5 Quay Road?
    Example: i picked the wrong address from the dropdown for the yoga ball
    Example: Could I have the crib delivered to the place we're moving to on the 1st? The account can stay as it is till then.
    Example: the bbq should come to the campsite, pitch 42
    Example: My boss wants no private parcels at work any more. So the shoes I ordered should go to my home now.
    Example: The order was meant for my house in Reno. Why is it headed to Sparks? Change it, please.
    Example: Any chance to have the toy train brought to the locker at the supermarket rather than to our door?
    Example: Send the hiking poles to the post office in Moab instead, I'm on the road till they come.
    Example: After the flood we're living with friends; kindly let the mattress go to them and not to our house.
    Example: Not changing my account, no. It's the armchair order that needs another delivery address.
    Example: You've got my parents' address on that order. It should come to me and my husband: 3 Fox Hollow.
    Example: I'm with my unit abroad from Friday, can the order be sent to the base instead
    Example: the courier keeps failing at my gate, let them leave it with the pharmacy at 10 Main St instead: order W3367702
    Example: Would like my headset sent to the office in building C, not A
    Example: Grandma will get the foot bath directly, so please ship what I ordered to her at 19 Sunset Court.
    Example: One order, one wrong address: #W6672840. Here's what it should say: 4 Ferry Street, Unit 2.
    Example: Springfield is right on my order, but the state is wrong. Massachusetts, please, not Illinois.
    Example: We're moving on Saturday, the wardrobe is delivered on Monday. You see my problem? The wardrobe should come to the new flat.
    Example: Change destination of my hat order to work
    Example: My landlord doesn't accept parcels for me any more, so let the sweater be dropped at the bike shop next door: 52 Pine.
    Example: could ya reroute the surfboard to the beach house
    Example: No need to touch the order's content, simply its delivery address: from Elm Street to Elm Avenue.
    Example: My mum is looking after the kids this month at hers. May the school bags I ordered be sent there?
    Example: What I bought on Sunday should be delivered to a different postcode. SW4, not SW14.
    Example: the order you havent shipped yet is set to go to a house i dont live in, fix it pls
    Example: Kindly have the wine glasses delivered at the venue, as our reception is there on the 12th.
    Example: Of my two homes the order should reach the one in Naples, not the one in Cleveland
    Example: I'm on jury duty and put up in a motel; let the novel be delivered there
    Example: Can u drop the pet food at the vet's instead? i work there
    Example: To save you a trip up the mountain: deliver my stove to the depot in the valley, 1 Station Yard.
    Example: Shipping details on W1540098 lack my company's name and the parcel will be sent back without it. Please add it to the address.
    Example: the parcel with the baby monitor should be going to my studio, Suite 5
    Example: Let the treadmill go to my gym's back door, 8 Iron Street.
    Example: On my order it says Apartment 1, we're Apartment 11. The neighbours keep my parcels, so please sort it!
    Example: Different city for my order, please: I'm in Atlanta through March
    Example: Have you shipped the globe? If you haven't, let it come to my classroom address instead.
    Example: Please amend the recipient address on the lamp order as I'm between flats at the moment; my friend Zoe at 44 Dale Road will take it.
    Example: ship order to gf's place
    Example: They're demolishing my building (long story). The printer on order can't go there; it has to go to 16 Rose Alley.
    Example: How can I get a single order delivered to another address? It's the earrings I bought today.
    Example: Typo alert: 9 Chery Lane, should be Cherry Lane, on the pending order
    Example: Please deliver the bread maker to my daughter's, it's a housewarming present that I bought for her
    Example: Put the warehouse's address on my order, that's where the pallet jack is needed
    Example: The last order went into the system with no unit number. It's unit 22.
    Example: At Easter we're at the lake. I'd like the inflatable boat there, so please change the shipping.
    Example: pls have #W4428816 go to the second address, the one in Austin
    Example: Oh dear, I've sent a present to myself. The vase is for Ms Bell, 60 Castle St. Can my order go to her?
    Example: Wrong. I didn't ask for delivery to 5th Avenue, I asked for 5th Street. Change the order.
    Example: My account details are all correct, but the crockery should be sent to the holiday let for once.
    Example: Let's have the fan heater shipped to my caravan, as it's freezing here
    Example: delivery location change needed, sandals
    Example: Any way to switch my order of the toolkit from home to my workshop in Fulton?
    Example: Would you mind sending the pram to the hospital's family house instead? The baby came early and we're living here for now.
    Example: Same person, same order, other doorstep: take the speakers to 70 Union Square
    Example: The delivery line has Lot 3, must be Lot 8. pending order for fence paint
    Example: Not home in August. The kayak I bought should go to my brother at 9 Creek Road who'll store it for me.
    Example: I forgot to switch the ship-to away from my old dorm for the kettle order
    Example: If the cello hasn't gone out, please let it come to the conservatory, room 12.
    Example: W7020419 to Houston instead of Galveston, thank you kindly
    Example: That order for the heater: can it be delivered to a different house?
    Example: Storm took our roof. Send my order to the motel on Route 9 please
    Example: I'm a teacher and I've ordered thirty paint boxes for my class. Like an idiot I left my home address in, and I live on the fifth floor. Could you have the boxes taken to the school instead, 12 Academy Road?
    Example: We're having the floors done and will be living at my parents' for three weeks. After that we're back, so please leave everything in the account as it is. The only parcel concerned is the mixer, which should go to 9 Plum Street.
    Example: hi so im at my bfs place this whole week bc my flat has no water. i ordered cat litter and food to my flat. can it go to his place instead, same city, the cat is w me
    Example: Order W7730618 is a wedding present and it should be with the couple by the 20th. I'd planned on bringing it myself but can't travel. Could you ship it to their house in Santa Fe in place of mine?
    Example: The last three parcels have vanished from our lobby, and I don't want a fourth to do so. What I ordered today is a watch. Please let it be delivered to my office, where there's a guard at the door.
    Example: You may remember me, I'm the one whose street exists twice in this town. I've picked the wrong one again for my order of light bulbs. North, not South, so could you correct the order before the van goes astray?
    Example: My father had a fall and I've flown over to look after him. Before that I'd ordered myself a laptop stand, which I need here for work. Would you be able to send it to his address in Duluth rather than to mine?
    Example: I gave the neighbours' number as they usually take my parcels, but they've gone on holiday, as I've just learnt. So the order for the curtains would better come to the bakery at 3 High Street, they know me.
    Example: The account has our town address and that's right. But from Friday we'll be at the farm, and the chicken feeder I ordered is needed there anyway. It's 880 County Line Road; would you be so kind as to change the order?
    Example: Following the move of our workshop I've looked through my open orders. The one with the sanding paper has the new address, good. The one with the drill press, W3309915, hasn't; please put 6 Forge Lane on it.
    Example: ship it to my office instead
    Example: wrong street on my order
    Example: W8820394: send to my dorm
    Example: Deliver my order to mum's
    Example: order goes to old flat, help
    Example: new drop-off for my parcel
    Example: Not Dallas, Austin! My order.
    Example: redirect the sofa please
    >>> change_shipping_address()
    'change shipping address'
    """
    return "change shipping address"
