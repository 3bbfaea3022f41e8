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
    >>> give_facts()
    'information'
    """
    return "information"
