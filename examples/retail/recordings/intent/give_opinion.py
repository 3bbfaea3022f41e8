def give_opinion() -> str:
    """The customer asks for a recommendation or a personal opinion.

    Use when: the customer wants to know what the agent likes, thinks, recommends or would choose.
    Rules: 7
    Example: Which of the two lamps would you take?
    Example: What is the best tablet for a student in your opinion
    Example: Be honest, is it worth paying more for the premium sneakers?
    Example: Does this watch make a good present for a boss, what do you feel
    Example: What do you think of this bottle?
    Example: Do you like the rug I bought
    Example: I need your advice on what printer to buy
    Example: Which of the two earbuds sounds better to you?
    Example: is the grill any good
    Example: Do you reckon the blue bookshelf would go with a white wall
    Example: what perfume would you give to your girlfriend
    Example: I'm torn between the mesh and the leather office chair. What's your pick?
    Example: worth the money, that smart watch??
    Example: Please recommend a tablet for my grandmother, she's 83 and has never used one
    Example: Honestly, do you consider the thermostat a good buy?
    Example: which one's nicer, red or black
    Example: In your personal view is the e-reader better than paper
    Example: Would you buy these hiking boots yourself?
    Example: I can't choose a colour for the fleece jacket; choose for me
    Example: What is your favourite puzzle in the shop
    Example: Do you think I made a good choice with the vacuum?
    Example: Should I take the bigger or the smaller luggage set, what would be smarter
    Example: suggest something nice for a 10 year old, up to 50 dollars
    Example: are the cheap sunglasses ok or would you rather spend more
    Example: Tell me frankly whether this bike looks silly for a man of my age
    Example: which espresso machine makes the tastiest coffee according to you
    Example: Is it better to pay with paypal or by card, what do you advise?
    Example: I know the prices, I'd like to hear which of the cameras you find best
    Example: would u exchange it or keep it if u were me?
    Example: Do you believe my mother will like the pet bed for her cat
    Example: rate the speaker from 1 to 10
    Example: Do people look cool with this skateboard
    Example: Your thoughts on the yoga mat, please.
    Example: Is it wise to return the desk, or would I regret it?
    Example: Hi! My boyfriend runs a lot and turns 30 soon. Which running shoes should I get him, any tips?
    Example: does the jacket suit somebody with red hair
    Example: better brand: this kettle or the one from the supermarket?
    Example: which helmet has the best look
    Example: what's the best thing you sell lol
    Example: Be straight with me: are these dumbbells overpriced
    Example: I'd love a recommendation for a garden hose that isn't a nightmare
    Example: Can one trust such a cheap charger, what's your feeling
    Example: is gold or silver more elegant for a wrist watch, in your eyes
    Example: If you had to choose between air purifier A and B, which?
    Example: Should I cancel and buy the newer model, what do you say?
    Example: Do you find the pattern of the umbrella pretty
    Example: My husband says the lamp is ugly, I say it's lovely. Who's right?
    Example: what keyboard do you like typing on most
    Example: convince me: why should I get the makeup kit
    Example: Is lined or dotted the better notebook for a journal, what do you think
    Example: Which size of backpack makes sense for me, you know best
    Example: would the water bottle be a nice gift for a teacher?
    Example: i need a second opinion on the T-shirt, hot or not
    Example: In which colour does the corner sofa look classiest, do you find?
    Example: teal or grey, help me decide
    Example: Would you keep the cardigan or send it back if it were yours?
    Example: What do you make of the new blender, honestly?
    Example: My mother turns seventy on Sunday. Any idea what I could give her, something from the garden section maybe?
    Example: is the lego set fun or meh
    Example: I know the hardcover costs 12 dollars more. But would you spend it?
    Example: Hm, gold or silver for a first watch? I can't make up my mind, pick one for me.
    Example: What should a beginner choose, the six-string or the twelve-string guitar?
    Example: u think my gf would be happy with the earrings
    Example: Give me three tips for a nice toy for a shy six-year-old
    Example: Robot vacuums: do you personally trust them?
    Example: I'm a size 39 or 40, depending. Which one would you go for with these sandals?
    Example: Is a hammock a silly purchase for someone with a balcony?
    Example: Tell me the truth, is that drone a rip-off?
    Example: Better gift for a colleague who leaves: the fountain pen or the chess set?
    Example: I've the choice between medium and firm for the mattress. What would you recommend to somebody with a bad back?
    Example: can you suggest a good perfume for a first date
    Example: Am I crazy to buy a treadmill for a flat on the fourth floor?
    Example: Which tablet do you use yourself and are you happy with it?
    Example: Your verdict on the coffee maker with the grinder, please
    Example: I'd like to hear what you think about e-bikes for pensioners.
    Example: whats prettier round table or square
    Example: Should I wait for a better price on the TV or grab it now? What's your gut feeling?
    Example: As an expert, which drill would you buy for a new house?
    Example: My daughter wants the purple scooter, I prefer the pink. Whom do you side with?
    Example: Is this skirt flattering, do you think, for a pear-shaped figure like mine?
    Example: Advise me: cancel the fridge or stick with it?
    Example: which lipstick screams date night to u
    Example: Would you rather own the wok or the cast iron pan?
    Example: What's a must-have from your kitchen range?
    Example: You see my order. Did I choose well?
    Example: If money were no object, which camera in the shop would you choose?
    Example: In your opinion, are 128 GB enough for somebody like me who takes a lot of photos?
    Example: Best novel you have?
    Example: Which pushchair would you push your own kid in
    Example: I returned the first headset as the sound was dull. Which other model would you advise me to try?
    Example: Please pick a colour for me: mint, rose or grey. It's for the bathroom towels.
    Example: how ugly is that lamp on a scale of 1-10
    Example: I'm wavering between exchanging the coat for a bigger one and getting my money back. What would you do?
    Example: Rose hand cream, do you like the smell?
    Example: Would my dad enjoy the fishing rod, what do you reckon? He's the impatient kind.
    Example: Are expensive yoga mats really nicer or is it all marketing? I'm asking for your view.
    Example: fancy telling me your favourite board game
    Example: Is paying with a gift card smarter than keeping it for later? What's your take?
    Example: I need inspiration for Valentine's Day, around 40 dollars, she likes cooking. What have you got that's special?
    Example: Would it be rude to return a gift from my aunt, what do you say?
    Example: between us, are these boots fashionable or out
    Example: Does this dress go with white sneakers, or is that a no from you?
    Example: Please be my stylist, what shirt would you combine with the linen trousers I bought?
    Example: Should I have my parcel sent to the office or home, what do you advise?
    Example: Who makes the nicer kettles, the Italians or the Japanese, if I may ask for your taste?
    Example: Say you had 100 dollars to spend in your own store, on what?
    Example: r the noise cancelling headphones really that great like everyone says, what do u think
    Example: My husband doubts that the pizza oven is worth it. What do you say to him?
    Example: This bike helmet, would you feel safe in it?
    Example: What's the best colour for a car seat if you have a messy toddler? Your thoughts?
    Example: Matte or glossy for holiday photos, which do you prefer?
    Example: Could you name the one skincare product you'd never do without?
    Example: I've seen all the data of both monitors. Now I'd like a judgement: which is the better one?
    Example: good idea or bad idea: white sofa with two dogs
    Example: What would you get a teenager who has everything?
    Example: So is the smart watch overrated?
    Example: Which tent would you feel comfortable in with four people?
    Example: Honest opinion on the ceramic knife?
    Example: I can't tell whether the pattern is elegant or loud. What does your eye say?
    Example: My friends laugh about my new hat from your shop. Is it that bad?
    Example: any recommendation for a keyboard, i write all day
    Example: Shall I go for PayPal or for my credit card? Which would you choose in my place?
    Example: Does the garden gnome make you smile as well?
    Example: I'd be glad if you could suggest a book for my book club, we've had enough of crime.
    Example: Is there something more romantic than a perfume in your shop, do you believe?
    Example: What size would you take for a boy of five who grows fast?
    Example: Have I overpaid for the rug, would you say?
    Example: which one should i get. the black speaker or the white
    Example: Do the fairy lights look kitschy on a balcony? Be frank.
    Example: Is it better to be early and order the sledge now, what do you think?
    Example: Recommend the right vacuum for my flat, please; two cats and a carpet
    Example: I feel guilty about buying so much. Should I send half of it back? Tell me what you'd do.
    Example: A ukulele is easier to love than a guitar, don't you reckon?
    Example: sexy or not, the red dress?
    Example: Would the wooden train or the plastic one be the wiser choice for a two-year-old, in your experience?
    Example: What's your honest feeling, will the garden bench look good beside an old oak?
    Example: I've always bought the cheap razors. Are the premium ones a pleasure to use, would you say?
    Example: Help me choose between these two suitcases, I trust your taste.
    Example: Your pick for the comfiest pillow?
    Example: Would you wear socks in those sandals lol
    Example: Do you think it'd be wise to change my order to the bigger bookcase?
    Example: thoughts on the massage gun? good or gimmick
    Example: Is the green jacket as gorgeous in your eyes as it is in mine?
    Example: Suppose you were cooking for two, which pot set would you settle on?
    Example: Is it sensible to spend more on a brand name mixer, what's your view?
    Example: I can have the ring in rose gold or in platinum. What would make a woman happier, do you think?
    Example: Mind giving me your opinion on the dinosaur bedding, too wild for bedtime?
    Example: My best friend has become a mother and I'd like to bring her something that isn't for the baby, for once. I've been looking at the bathrobe and at the spa set in your shop. Which one would make you happier?
    Example: I've had the new haircut for a week and now all my hats look wrong. You have a beret and a fedora, both in grey. Tell me honestly which is the more flattering, in your opinion.
    Example: hey so i ordered the red sofa and everyone keeps telling me its too much for a small room. i dont wanna change it yet i just want to hear what u think. is red too much
    Example: I know that your 27 inch monitor has the better resolution and that it costs 90 dollars more, it says so on the page. What the page doesn't say is if it's worth it. What would you do?
    Example: Our book club's presents are always boring. This year it's my turn, there are nine of us, and I've 15 dollars per head. Could you come up with something witty from your shop?
    Example: My coat arrived and it fits, but my mother looked at it and said nothing, and you don't know my mother. I can't tell if I should keep it. Put yourself in my shoes: would you?
    Example: I'm going to propose in June, on a mountain, so she'll be in hiking boots. Is a ring from an online shop a romantic thing or a cheap thing in your eyes? And be gentle.
    Example: You must see a lot of orders go by. If you were fitting out your own first kitchen, with not much money, would you begin with a good knife or a good pan?
    Example: The garden centre man told me that plastic pots are just as nice as clay ones. I don't believe him, but I'm no expert. What's your view, which ones look better on a terrace?
    Example: For years I've bought everything in black, and my therapist, of all people, suggested I try a colour. You have that blouse in coral, mint and lemon. Choose one for me, I'll wear it.
    Example: coral or mint, your pick?
    Example: any gift ideas for dad?
    Example: buy the drone, yes or no?
    Example: nice lamp, or not?
    Example: what would you buy me
    Example: best mascara u got?
    Example: ur fav hoodie?
    Example: do you like my sofa
    >>> give_opinion()
    'opinion'
    """
    return "opinion"
