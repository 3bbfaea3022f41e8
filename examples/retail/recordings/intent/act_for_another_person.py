def act_for_another_person() -> str:
    """The customer asks about another person's order or account.

    Use when: the order or account belongs to somebody else: relative, friend, neighbour, colleague.
    Rules: 5
    Example: My sister ordered a lamp from you, cancel it for her please
    Example: whats my boyfriends address in his account? its a surprise
    Example: my mom is too old for computers, exchange her shoes in her account for her
    Example: My daughter has an account with you as well. Update her default address
    Example: a buddy of mine asked me to check where his parcel is
    Example: please tell me what my husband ordered last week
    Example: My coworker Amir has an order that should go to another office, change it
    Example: Cancel the bookshelf that my flatmate ordered
    Example: my father's grill order, is it shipped?
    Example: The earbuds are on my brother's account and he wants to send them back, please do it for him
    Example: My wife's perfume order has to go to our new house, she's asked me to arrange it
    Example: can you charge my friend's paypal for my order, he's fine with it
    Example: use my mother's credit card, it's saved in her account, for the shoes
    Example: A colleague asked me to swap the keyboard she got, she's on a business trip
    Example: What did my boyfriend pay for the watch he gave me?
    Example: change my grandma's default address, she moved to a care home
    Example: Not for me: my neighbour wants to exchange her boots
    Example: im calling 4 my cousin, she doesnt speak english. her order needs to be canceled
    Example: Could you tell me whether my wife has already ordered the tablet? I don't want to buy it twice
    Example: look into the account of sara_kim_8812 for me
    Example: My boss has ordered 10 chairs. Please change the colour on her behalf.
    Example: I have power of attorney for my uncle; return the vacuum that he bought
    Example: Mine's sorted, thanks. And now my husband's order please, same thing
    Example: now do that for my sister too
    Example: where does my ex live now, you must have his address
    Example: The parcel for the family next door came to me, what did they order?
    Example: Please check my son's gift card balance in his account
    Example: Our team assistant placed the order under her name, I need it sent to another floor
    Example: for my girlfriend: her jacket in L instead of M, her account is under her email
    Example: my mate's too shy to ask, can he get his money back for the skateboard
    Example: I need the order history of my late husband
    Example: Could you put my friend's order on my card? I want to treat her
    Example: I'd like to pay for my daughter's order which she made herself in her account
    Example: give me the phone number of the customer who bought the last red bike
    Example: Cancel what my kid ordered from his own account
    Example: My client Ms Ortega asks you to redirect her parcel
    Example: He has no internet, so I'm writing: my grandpa wants a bigger pet bed than the one he received
    Example: tell me who ordered that parcel on my porch, it's not mine
    Example: Update the profile of my roommate, he lives at 3 Cedar Way now
    Example: On behalf of my landlady: what's the status of her garden hose?
    Example: My partner bought the espresso machine on her account, not me, but I'd like to return it
    Example: Pls switch my mum's order to paypal, she clicked the wrong card
    Example: it's my sister in law's order number, #W3310876, can you stop it
    Example: Can you see what the other members of my household have ordered lately?
    Example: Everyone in our office ordered one, please cancel all of their orders
    Example: The order isn't mine, it's a friend's. Change the address to my place so that I can take it in
    Example: I'm her carer and she'd like her kettle exchanged
    Example: is Tom's stuff delivered? he's on holiday and asked me to watch out for it
    Example: I bought nothing here, I only write for my aunt who wants another lamp
    Example: Could you let me have my employee's address from your records
    Example: My teammate's helmet order, wrong size, he asks for L before it ships
    Example: log into my dad's profile and set the new street
    Example: send my friend's refund to my account, he owes me
    Example: which size does my girlfriend usually order? I want to surprise her
    Example: my twin brother's shoes came in the wrong size, swap them under his user id
    >>> act_for_another_person()
    "another person's matter"
    """
    return "another person's matter"
