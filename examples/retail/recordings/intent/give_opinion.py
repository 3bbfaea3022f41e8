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
    >>> give_opinion()
    'opinion'
    """
    return "opinion"
