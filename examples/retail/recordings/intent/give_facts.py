def give_facts() -> str:
    """The customer asks for facts about orders, products or the profile.

    Use when: the customer asks a question of fact: status, price, date, stock, order number or what the profile says.
    Rules: 1, 4
    Example: Has my order left the warehouse yet?
    Example: Do you have this shirt in green as well?
    Example: I can't find my order number, can you look it up for me
    Example: Tell me which payment methods you have stored for me
    Example: What sizes are there for the jacket and which are in stock
    Example: track my desk
    Example: What is the email address on my account
    Example: Is the bookshelf shipped yet?
    Example: How much did the grill cost me
    Example: whats the trackng status of my order
    Example: Which of the two earbuds is cheaper?
    Example: Is the perfume in stock in the 50 ml bottle
    Example: Could you tell me which of my orders are still open?
    Example: Does the office chair come with armrests?
    Example: I'm not asking to cancel, I only want to know if the order has gone out
    Example: what's my default address in your system at the moment
    Example: When did you send the refund for the shoes I returned?
    Example: Good day, may I ask on which card the smart watch was charged?
    Example: order number of the tablet please
    Example: How many colors do you have the backpack in
    Example: What material is the pet bed made of
    Example: Did my return of the thermostat go through
    Example: My order says pending. What does that mean, is it packed?
    Example: I bought something in April and forgot what it was. Can you look?
    Example: Do you sell the running shoes in a wide fit?
    Example: was my gift card used for the last order or the paypal
    Example: Tell me the price difference between the 64 and the 128 GB tablet
    Example: What address is the vacuum going to?
    Example: is the water bottle 500 or 750 ml, the one I ordered
    Example: what was the reason noted for my cancelled order
    Example: Which size did I order?! I can't remember if it was M or L
    Example: The website doesn't show it, so please check whether the red bike is available
    Example: How long will it take until the money for the cancelled lamp is on my card
    Example: please list everything I have bought this year
    Example: #W6190453, where is it?
    Example: is the puzzle 500 or 1000 pieces
    Example: Have you received the boots I sent back to you?
    Example: Are there any sunglasses with polarised lenses in your range
    Example: what's the total of my pending order incl everything
    Example: I've been home all day and no one came. Where's my espresso machine?
    Example: Which zip code do you have for me
    Example: how many watts has the charger
    Example: Can you look up when I ordered the keyboard? I need the date for my notes
    Example: Do you have my paypal on file or just the credit card?
    Example: did the exchange of the jacket get registered, I haven't got any mail
    Example: Before I choose: what variants of the air purifier exist
    Example: What's the item id of the black speaker
    Example: How heavy are the dumbbells in my last order
    Example: Yesterday it said processed, today delivered, but there is nothing here. What does your system show?
    Example: Which options are there for the desk lamp, and what do they cost?
    Example: user id? i forgot mine
    Example: Is my kettle coming this week?
    Example: are both parcels in the same order or are those two orders
    Example: Where's the desk and when will it be here?
    Example: Did the blender leave your warehouse today or is it still pending?
    Example: what date did i buy the lego set
    Example: In which colours is the corner sofa sold?
    Example: I moved last week and can't remember if I told you. Which address does my account show?
    Example: Could you check whether my order for the running belt counts as shipped? I won't change anything, I'm just nervous.
    Example: Size of the jeans in my last order?
    Example: How many gift cards are linked to my account, and with how much money on them?
    Example: when is my puppy bed gonna get here
    Example: Is the cardigan still available in M?
    Example: Which of my cards did you charge for order W4410736?
    Example: My wife asks what I paid for the armchair. I bought it in March, can you tell me?
    Example: I've a parcel here and no idea which order it belongs to. Which of my orders was delivered this week?
    Example: hi whats the order id for my mattress
    Example: Is this tea kettle made of glass or steel? The page doesn't say.
    Example: Was it the 128 or the 256 GB phone that I ordered on Monday?
    Example: Where does it say my rug is being sent? I'd like to be sure that the address is right.
    Example: Do you carry left-handed scissors?
    Example: Any news on #W7745301?
    Example: I'm wondering whether the exchange of my hiking boots has been recorded.
    Example: Under which email am I registered? I have three.
    Example: What's in the parcel that's coming on Friday?
    Example: price of the 65 inch tv pls
    Example: The bike: which frame sizes exist, and which ones can be had right now?
    Example: I got a mail saying cancelled. Which order of mine is that about?
    Example: Does the drill come with one battery or with two?
    Example: How much dearer is the hardcover than the paperback?
    Example: Would you tell me the zip code that's saved in my profile
    Example: Are my two chairs still in the status pending, or have they moved on to processed?
    Example: why is the tent order cancelled?? i never did that, what does it say there
    Example: My mother-in-law keeps asking: has the present I bought for her been shipped? It's the foot bath on my account.
    Example: Is the navy raincoat cheaper than the yellow one?
    Example: Have you got the sandals in half sizes?
    Example: To which of my payment methods did the money for the returned printer go?
    Example: Which orders did I place in the second half of last year?
    Example: is paypal one of my saved payment methods
    Example: What does return requested stand for in my order overview?
    Example: I ordered something for the kitchen, a pan I believe, or a pot. Which was it?
    Example: How old is my order for the fish tank? I've lost track of the days.
    Example: The stroller in black: in stock or sold out?
    Example: User ID, please, for my own notes.
    Example: Do the fairy lights run on batteries?
    Example: When exactly was my cancellation of the treadmill put through?
    Example: giftcard, anything left on it??
    Example: Which is the lighter of the two laptops, in kilos?
    Example: Sorry to bother you. I wonder if the books I sent back have reached you.
    Example: What other scents is the hand cream available in?
    Example: Did I order one or two of the bar stools? My memory's not what it was.
    Example: The speaker in my order, does it have bluetooth?
    Example: Whose name is on the profile, mine in full or just the initials?
    Example: I don't want to exchange anything yet. First I'd like to know what sizes the suit comes in.
    Example: Is my order late? It was meant for Tuesday according to my notes, what does yours say?
    Example: Please read out the last four digits of the card I've saved.
    Example: Does the board game exist in English?
    Example: My package says delivered but my porch is bare. On what day was it handed over according to your data?
    Example: Tracking number for the coffee table, if you'd be so kind
    Example: What are the measurements of the round table?
    Example: has anything been refunded to my visa this month by you
    Example: Was the order with the perfume sent to my office or my home?
    Example: I want to know what the cheapest headphones in your range cost.
    Example: Which reason did I give when I cancelled the bookcase?
    Example: How long is money on its way when it goes back to a credit card?
    Example: For my insurance I need the date on which the e-bike was delivered.
    Example: Can you tell from my account whether I've bought this lipstick before, and in which shade?
    Example: weight of the kettlebells in W8807719?
    Example: Next question: do the boots come with wool lining?
    Example: Where's the parcel with the yarn right now?
    Example: I'd like a list of my orders with their current status.
    Example: Before I decide whether to keep it, what did the lamp cost me?
    Example: You've sent me two confirmation mails. Do I have one order or two?
    Example: whats the cheapest option for the office chair
    Example: Did my address change from last week go through? I'd like to see what's stored now.
    Example: What time did you receive my order of the drum kit?
    Example: How much of the order was paid by gift card?
    Example: Which product id does the yoga mat have?
    Example: My husband says our sofa comes tomorrow, I say Thursday. I ordered it, so you can tell me: who's right?
    Example: Is W9912035 a real order number of mine?
    Example: Could I hear which items of the delivered order I've already sent in for a return?
    Example: do u still have size 11 in the trail shoes
    Example: I'd be interested in the battery life given for the smart watch.
    Example: Just checking the delivery date of the crib for the baby, born yesterday, who's sleeping in a drawer.
    Example: Once more please, the street you've on record for me?
    Example: How wide is the 120 litre backpack?
    Example: Between the two vacuum models, what's the difference in price?
    Example: I'm on the train without my papers: is there an order on my account for a fan?
    Example: Who's the courier bringing my fridge, and when is it due?
    Example: I was told 5 to 7 days for my refund for the chess set. Which day was it sent off?
    Example: Status W3308451
    Example: Which gift card did I use up on the spa set, the one from Christmas or the one from my birthday?
    Example: My daughter's birthday is on the 8th. Will the doll I ordered be here by then, by what you can see?
    Example: May I ask what the order total would have been without the candles, i.e. what they cost?
    Example: are the earrings real silver
    Example: Of the mugs I bought, how many colours are there in all?
    Example: It says processed on my order. Since when?
    Example: Any sizes left of the raincoat in navy?
    Example: I've come home from three weeks' holiday and there are four of your boxes in my hall. I'm trying to work out if anything's still missing. Could you tell me which of my orders are delivered and which aren't yet?
    Example: My son swears I bought him the 256 GB phone and I believe that it was the smaller one. The box has gone. Please settle this for us: what's written in my order from last November?
    Example: hey quick q. i sent back the jeans like 2 weeks ago and havent seen any money, i dont wanna complain, just wondering what day the refund went out
    Example: We're thinking of moving to a smaller place and I've got to plan the furniture. You sold me a corner sofa, W2208714. Would you look up its exact width and depth for me?
    Example: My bank shows a charge of 84.50 with your name next to it, from the 17th. I'm not disputing it, I've just lost the overview. To which order does it belong?
    Example: I might order a second pushchair one day, I might not. For now it would be enough to know if the grey version of the one I have is still in your range, and at what price.
    Example: I moved in with my girlfriend and changed my address with a dozen companies, so I've lost count. Please check whether I did it with you too: is it Cole Street or Bay Street that you've got as my default?
    Example: For my expense report I have to list when each thing was bought and for how much. All I'm missing is the desk lamp and the chair. Could I get the two prices and the date from you?
    Example: Good morning, the tracking page has been showing me the same line for four days, left the depot. I've no wish to cancel anything. Can you see on your side where the parcel with the school bag is?
    Example: I got a gift card from you in spring, used a part of it for towels, and since then I've lost the slip. What's the remaining amount, please?
    Example: where's my stuff
    Example: is the rug in stock?
    Example: my order no. pls
    Example: any update on the sofa?
    Example: what colors, the hoodie?
    Example: did u ship it yet
    Example: Price of the blue tent?
    Example: whats my saved address
    >>> give_facts()
    'information'
    """
    return "information"
