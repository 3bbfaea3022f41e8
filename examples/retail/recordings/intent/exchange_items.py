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
    >>> exchange_items()
    'exchange items'
    """
    return "exchange items"
